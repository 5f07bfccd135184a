"""The pipeline's last step: evaluate complaints by the rules, find group events, raise levels."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from graph.commands.deadlines import overdue_cases, overdue_evaluated
from graph.commands.escalation import Alert, raise_alerts
from graph.commands.groups import detect, group_alerts
from graph.commands.linking import link_claimed
from graph.commands.locks import Kind, lock, widening
from graph.commands.waiting import (
    Claim,
    Work,
    claim_next,
    claim_these,
    complete,
    lock_held,
)
from graph.commands.withdrawal import withdraw
from graph.database import Database, Reader, Transaction
from graph.domain.case import Case
from graph.domain.escalation import Fired, Verdict, evaluate, levels_after
from graph.domain.evidence import CaseFacts
from graph.domain.rules import GroupRule, OverdueRule, RepeatRule, RuleSet
from graph.domain.spaces import EmbeddingSpace
from graph.queries import escalation as queries
from graph.queries.escalation import OnRecord
from graph.queries.groups import GroupCriteria, later_near
from similarity.encoding import Calibration
from similarity.spaces import SpaceBook

#: Complaints evaluated at once.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Escalated:
    """What one look at some complaints raised: ids of new or grown alerts."""

    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be raised or withdrawn, by what was on record when it was read.

    ``own``: complaints on which a rule fires by themselves, or does not any more; ``targets``:
    those that complete or join a group; ``covered``: all that their groups would cover newly.
    """

    own: tuple[str, ...] = ()
    targets: tuple[tuple[str, datetime], ...] = ()
    covered: frozenset[str] = frozenset()

    @property
    def calm(self) -> bool:
        """There is nothing to raise or to withdraw."""
        return not (self.own or self.targets)


class Escalator:
    """Applies one rule set to the graph. Everything it does may be done again."""

    def __init__(self, database: Database, book: SpaceBook, rules: RuleSet) -> None:
        self.rules = rules
        self._database = database
        self._book = book

    @property
    def criteria(self) -> GroupCriteria | None:
        """The group rule in the terms of the active space; None without such a rule."""
        rule = self.rules.group
        if rule is None:
            return None
        opened = self._book.active
        return criteria_of(rule, opened.space, opened.calibration)

    @property
    def _overdue_days(self) -> list[int]:
        """Days beyond the deadline after which a rule about overdue cases fires."""
        return [rule.days for rule in self.rules.rules if isinstance(rule, OverdueRule)]

    def fires(self, case: Case) -> bool:
        """Whether a rule fires on what a case itself says; texts are left for later."""
        return bool(evaluate(self.rules, _facts_of(case)).fired)

    def evaluate(self, case: Case) -> Verdict:
        """What the rules say of a case by itself before it is stored, its texts included."""
        facts = replace(_facts_of(case), subject=case.subject, narrative=case.narrative)
        return evaluate(self.rules, facts)

    async def follow_up(self, ids: Sequence[str], token: str | None = None) -> Escalated:
        """Link complaints that were stored or have changed, and escalate what they call for.

        ``token``: under which the caller claims, and has claimed what it stored itself.
        """
        claim = await claim_these(self._database, list(Work), ids, token=token)
        if claim is None:
            return Escalated()
        await link_claimed(self._database, self._book.active.space, claim)
        return await self.escalate_claimed(claim)

    async def escalate(self, ids: Sequence[str], *, now: datetime | None = None) -> Escalated:
        """Raise what the rules say about complaints that are stored and linked.

        ``now``: also what time alone brings; without it only what is on record counts, so that
        the same rows give the same levels whenever they are read.
        """
        return await self._raise(await self.detect(self._database.read, ids, now=now), now)

    async def escalate_claimed(self, claim: Claim) -> Escalated:
        """The same for what was claimed; the marks go in the transaction that raises."""
        findings = await self.detect(self._database.read, claim.ids)
        return await self._raise(findings, None, claim)

    async def escalate_next(self) -> int:
        """Apply the rules to the oldest that wait; how many complaints (0: none is free)."""
        claim = await claim_next(self._database, Work.ESCALATE, BATCH)
        if claim is None:
            return 0
        await self.escalate_claimed(claim)
        return len(claim.ids)

    async def escalate_due(self, now: datetime) -> Escalated:
        """What only time brings: overdue cases.

        Any number of processes may do it at once: each alert and event is written once.
        """
        raised: list[str] = []
        while ids := await overdue_cases(self._database, now, BATCH):
            records = await queries.cases(self._database.read, ids)
            own = tuple(r.facts.id for r in records if self._differs(r, now))
            raised += (await self._raise(Findings(own), now, overdue=ids)).alerts
        return Escalated(tuple(dict.fromkeys(raised)))

    async def detect(
        self, read: Reader, ids: Sequence[str], *, now: datetime | None = None
    ) -> Findings:
        """What is to be raised about these complaints, and about later ones near them."""
        criteria = self.criteria
        records = await queries.cases(read, ids)
        if criteria is None:
            own = (record.facts.id for record in records if self._differs(record, now))
            return Findings(tuple(own))
        followed = [(r.facts.id, r.facts.received_at) for r in records if r.followed]
        near = await later_near(read, criteria, followed) if followed else []
        later = sorted(set(near) - set(ids))
        records += await queries.cases(read, later) if later else []
        own = (record.facts.id for record in records if self._differs(record, now))
        received = {record.facts.id: record.facts.received_at for record in records}
        detection = await detect(read, criteria, list(received.items()))
        events = detection.events()
        covered = frozenset(identity for event in events for identity in event.added)
        targets = {
            neighbourhood.centre.id: neighbourhood.centre.at
            for neighbourhood, _ in detection.neighbourhoods
            if covered & {member.id for member in neighbourhood.members}
        }
        return Findings(tuple(own), tuple(sorted(targets.items())), covered)

    async def _raise(
        self,
        findings: Findings,
        now: datetime | None,
        claim: Claim | None = None,
        overdue: Sequence[str] = (),
    ) -> Escalated:
        """Write what is still so once everything concerned is locked, in one transaction."""
        ids = claim.ids if claim else tuple(overdue)
        if findings.calm and not ids:
            return Escalated()
        criteria, seen = self.criteria, datetime.now(UTC)

        async def work(transaction: Transaction, locked: frozenset[str]) -> tuple[str, ...]:
            mine: Collection[str] = ()
            if claim:
                mine = await lock_held(transaction, Work.ESCALATE, claim, locked)
            else:
                await lock(transaction, Kind.COMPLAINT, locked)
            records = await queries.cases(transaction.run, findings.own) if findings.own else []
            alerts = [alert for record in records for alert in self._new(record, now)]
            stale = {a: r.facts.id for r in records for a in self._stale(r)}
            if criteria is not None and findings.targets:
                alerts += await group_alerts(transaction, criteria, findings.targets)
            await complete(transaction, Work.ESCALATE, list(mine))
            if overdue and now is not None:
                await overdue_evaluated(transaction, overdue, self._overdue_days, now)
            await lock(transaction, Kind.ALERT, {*stale, *(alert.id for alert in alerts)})
            if stale:
                await withdraw(transaction, sorted(set(stale.values())), sorted(stale), seen)
            if alerts:
                await raise_alerts(transaction, alerts, seen)
            return tuple(alert.id for alert in alerts)

        concerned = {*ids, *findings.own, *findings.covered}
        return Escalated(await widening(self._database, concerned, work))

    def _differs(self, record: OnRecord, now: datetime | None) -> bool:
        """Whether the alerts on record are not what the rules say."""
        return any(self._new(record, now)) or any(self._stale(record))

    def _stale(self, record: OnRecord) -> Iterator[str]:
        """Alerts about repeats that are none any more: people, or its source, corrected that."""
        for rule in self.rules.rules:
            alert = f"{record.facts.id}.{rule.code}"
            known = isinstance(rule, RepeatRule) and alert in record.alerts
            if known and rule.evidence(record.facts) is None:
                yield alert

    def _new(self, record: OnRecord, now: datetime | None) -> Iterator[Alert]:
        """Alerts that are not on record, or on whose account the level is to rise."""
        facts = replace(record.facts, now=now)
        for fired in evaluate(self.rules, facts).fired:
            alert = _alert(facts, fired)
            levels = levels_after(record.levels, alert.level, raises=facts.open)
            if record.alerts.get(alert.id) != alert.evidence or levels != record.levels:
                yield alert


def criteria_of(rule: GroupRule, space: EmbeddingSpace, calibration: Calibration) -> GroupCriteria:
    """A group rule in the terms of a space."""
    return GroupCriteria(
        rule,
        space,
        same_product=calibration.cosine(rule.likeness),
        otherwise=calibration.cosine(rule.likeness_without_product),
    )


def _alert(case: CaseFacts, fired: Fired) -> Alert:
    rule, evidence = fired.rule, fired.evidence
    late = timedelta(days=evidence.days_late or 0)
    return Alert(
        id=f"{case.id}.{rule.code}",
        kind=rule.kind,
        rule=rule.code,
        level=rule.level,
        chain=rule.chain,
        at=evidence.due_at + late if evidence.due_at else case.received_at,
        evidence=evidence.to_json(),
        raised_for=case.id,
    )


def _facts_of(case: Case) -> CaseFacts:
    """What a case says before it is stored; its texts are evaluated when it is."""
    return CaseFacts(
        id=case.id,
        key="",
        received_at=case.received.at,
        status=case.status,
        channel=case.channel,
        amount=case.amount,
        severity=case.severity,
        vulnerable=case.vulnerable,
    )
