"""The pipeline's last step: judge complaints by the rules, find group events, raise the levels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from graph.commands.escalation import Alert, done, lock, raise_alerts
from graph.commands.groups import candidates, look, settle_groups
from graph.commands.linking import link_these
from graph.commands.withdrawal import withdraw
from graph.database import Database, Reader, Transaction
from graph.domain.case import Case
from graph.domain.escalation import Fired, judge, settle
from graph.domain.evidence import CaseFacts
from graph.domain.groups import Star
from graph.domain.rules import GroupRule, OverdueRule, RepeatRule, RuleSet
from graph.domain.spaces import EmbeddingSpace
from graph.progress import Progress, silent
from graph.queries import escalation as queries
from graph.queries.escalation import OnRecord
from graph.queries.groups import Matter, later_near
from similarity.encoding import Calibration
from similarity.spaces import SpaceBook

#: Complaints judged at once.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Escalated:
    """What one look at some complaints raised: ids of new or grown alerts."""

    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be raised: alerts on cases themselves, and complaints that may complete a group.

    ``waiting``: complaints that were marked to be looked at.
    """

    own: tuple[Alert, ...]
    grown: tuple[Star, ...]
    waiting: tuple[str, ...]
    #: Alerts that no longer hold (a repeat that people, or a row that came again, corrected).
    stale: tuple[tuple[str, str], ...] = ()

    @property
    def calm(self) -> bool:
        """There is nothing to raise or to withdraw."""
        return not (self.own or self.grown or self.stale)

    @property
    def touched(self) -> set[str]:
        """Complaints that may be raised."""
        of_groups = {member.id for star in self.grown for member in star.members}
        stale = {complaint for complaint, _ in self.stale}
        return {alert.raised_for for alert in self.own} | of_groups | stale


class Escalator:
    """Applies one rule set to the graph. Everything it does may be done again."""

    def __init__(self, database: Database, book: SpaceBook, rules: RuleSet) -> None:
        self.rules = rules
        self._database = database
        self._book = book

    @property
    def matter(self) -> Matter | None:
        """The group rule in the terms of the active space; None without such a rule."""
        rule = self.rules.group
        if rule is None:
            return None
        opened = self._book.active
        return matter_of(rule, opened.space, opened.calibration)

    def fires(self, case: Case) -> bool:
        """Whether a rule fires on what a case itself says; texts are left for later."""
        return bool(judge(self.rules, _facts_of(case)).fired)

    async def follow_up(self, ids: Sequence[str]) -> Escalated:
        """Link complaints that were stored or have changed, and escalate what they call for.

        A calm complaint takes one transaction. What is to be raised is looked at again in a second
        one, which locks all that it raises, in one order.
        """

        async def work(transaction: Transaction) -> Findings:
            await link_these(transaction, self._book.active.space, ids)
            findings = await self.look(transaction.run, ids)
            if findings.calm and findings.waiting:
                await done(transaction, findings.waiting)
            return findings

        findings = await self._database.write(work)
        return Escalated() if findings.calm else await self.write(findings)

    async def escalate(self, ids: Sequence[str], *, now: datetime | None = None) -> Escalated:
        """Judge complaints that are stored and linked, and those that one of them may complete.

        ``now``: also what time alone brings; without it only what is on record counts, so that
        the same rows give the same levels whenever they are read.
        """
        return await self.write(await self.look(self._database.read, ids, now=now))

    async def look(
        self, read: Reader, ids: Sequence[str], *, now: datetime | None = None
    ) -> Findings:
        """What ``escalate`` would raise; nothing is written."""
        matter = self.matter
        records = await queries.cases(read, ids)
        if matter is not None:
            followed = [(r.facts.id, r.facts.received_at) for r in records if r.followed]
            near = await later_near(read, matter, followed) if followed else []
            later = sorted(set(near) - set(ids))
            records += await queries.cases(read, later) if later else []
        return await self._look(read, records, matter, now)

    async def escalate_all(self, progress: Progress = silent) -> int:
        """Judge everything that waits, oldest first; how many complaints that were."""
        total = await queries.pending_count(self._database)
        count = 0
        while batch := await queries.pending(self._database, BATCH):
            await self._judge(batch, self.matter, None)
            count += len(batch)
            progress("escalate", count, max(total, count))
        return count

    async def escalate_due(self, now: datetime) -> Escalated:
        """What only time or another process brings: overdue cases, and groups looked for again.

        Any number of processes may do it at once: each alert and event is written once.
        """
        await self.escalate_all()
        raised: list[str] = []
        overdue = any(isinstance(rule, OverdueRule) for rule in self.rules.rules)
        after = ""
        while overdue and (
            batch := await queries.overdue(self._database, now, after=after, limit=BATCH)
        ):
            raised += (await self._judge([one for one, _ in batch], None, now)).alerts
            after = batch[-1][1]
        matter, after = self.matter, ""
        since = now - timedelta(days=matter.rule.days) if matter else now
        while matter and (
            batch := await queries.received_since(self._database, since, after=after, limit=BATCH)
        ):
            raised += (await self._judge([one for one, _ in batch], matter, now)).alerts
            after = batch[-1][1]
        return Escalated(tuple(dict.fromkeys(raised)))

    async def write(self, findings: Findings) -> Escalated:
        """Write what was found, in one transaction that locks what it raises."""
        if findings.calm and not findings.waiting:
            return Escalated()
        matter, touched, seen = self.matter, findings.touched, datetime.now(UTC)

        async def work(transaction: Transaction) -> tuple[str, ...]:
            alerts = list(findings.own)
            if touched:
                await lock(transaction, touched)
            if matter is not None and findings.grown:
                alerts += await settle_groups(transaction, matter, findings.grown)
            if findings.waiting:
                await done(transaction, findings.waiting)
            if findings.stale:
                complaints = sorted({complaint for complaint, _ in findings.stale})
                await withdraw(transaction, complaints, [a for _, a in findings.stale], seen)
            if alerts:
                await raise_alerts(transaction, alerts, seen)
            return tuple(alert.id for alert in alerts)

        return Escalated(await self._database.write(work))

    async def _judge(
        self, ids: Sequence[str], matter: Matter | None, now: datetime | None
    ) -> Escalated:
        """One batch, without those that it may complete."""
        read = self._database.read
        return await self.write(await self._look(read, await queries.cases(read, ids), matter, now))

    async def _look(
        self, read: Reader, records: Sequence[OnRecord], matter: Matter | None, now: datetime | None
    ) -> Findings:
        own = [alert for record in records for alert in self._new(record, now)]
        grown: list[Star] = []
        if matter is not None:
            targets = [(record.facts.id, record.facts.received_at) for record in records]
            found = await look(read, matter, targets)
            grown = await candidates(read, matter, found)
        waiting = tuple(record.facts.id for record in records if record.pending)
        stale = tuple(pair for record in records for pair in self._stale(record))
        return Findings(tuple(own), tuple(grown), waiting, stale)

    def _stale(self, record: OnRecord) -> Iterator[tuple[str, str]]:
        """Alerts about repeats that are none any more: (complaint, alert)."""
        facts = record.facts
        for rule in self.rules.rules:
            alert = f"{facts.id}.{rule.code}"
            known = isinstance(rule, RepeatRule) and alert in record.alerts
            if known and rule.evidence(facts) is None:
                yield facts.id, alert

    def _new(self, record: OnRecord, now: datetime | None) -> Iterator[Alert]:
        """Alerts that are not on record, or on whose account the level is to rise."""
        facts = replace(record.facts, now=now)
        for fired in judge(self.rules, facts).fired:
            alert = _alert(facts, fired)
            settled = settle(record.standing, alert.level, raises=facts.open)
            if record.alerts.get(alert.id) != alert.evidence or settled != record.standing:
                yield alert


def matter_of(rule: GroupRule, space: EmbeddingSpace, calibration: Calibration) -> Matter:
    """A group rule in the terms of a space."""
    return Matter(
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
    """What a case says before it is stored; its texts are judged when it is."""
    return CaseFacts(
        id=case.id,
        key="",
        received_at=case.received.at,
        status=case.status,
        channel=case.channel,
        amount=case.amount,
        severity=case.severity,
        vulnerable=bool(case.vulnerable),
    )
