"""The pipeline's last step: judge complaints by the rules, find group events, raise the levels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from graph.commands.escalation import Alert, done, lock, raise_alerts
from graph.commands.groups import candidates, look, settle_groups
from graph.database import Database, Transaction
from graph.domain.case import Case
from graph.domain.escalation import Fired, judge, settle
from graph.domain.evidence import CaseFacts
from graph.domain.groups import Star
from graph.domain.rules import GroupRule, OverdueRule, RuleSet
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

    async def escalate(self, ids: Sequence[str], *, now: datetime | None = None) -> Escalated:
        """Judge complaints that are stored and linked, and those that one of them may complete.

        ``now``: also what time alone brings; without it only what is on record counts, so that
        the same rows give the same levels whenever they are read.
        """
        matter = self.matter
        records = await queries.cases(self._database, ids)
        if matter is not None and records:
            moments = [(record.facts.id, record.facts.received_at) for record in records]
            later = set(await later_near(self._database.read, matter, moments)) - set(ids)
            if later:
                records += await queries.cases(self._database, sorted(later))
        return await self._judge(records, matter, now)

    async def escalate_all(self, progress: Progress = silent) -> int:
        """Judge everything that waits, oldest first; how many complaints that were."""
        total = await queries.pending_count(self._database)
        count = 0
        while batch := await queries.pending(self._database, BATCH):
            await self._judge(await queries.cases(self._database, batch), self.matter, None)
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
            records = await queries.cases(self._database, [one for one, _ in batch])
            raised += (await self._judge(records, None, now)).alerts
            after = batch[-1][1]
        matter, after = self.matter, ""
        since = now - timedelta(days=matter.rule.days) if matter else now
        while matter and (
            batch := await queries.received_since(self._database, since, after=after, limit=BATCH)
        ):
            records = await queries.cases(self._database, [one for one, _ in batch])
            raised += (await self._judge(records, matter, now)).alerts
            after = batch[-1][1]
        return Escalated(tuple(dict.fromkeys(raised)))

    async def _judge(
        self, records: Sequence[OnRecord], matter: Matter | None, now: datetime | None
    ) -> Escalated:
        """One batch: read, look for groups, and write what is new in one transaction."""
        own = [alert for record in records for alert in self._new(record, now)]
        grown: list[Star] = []
        if matter is not None:
            targets = [(record.facts.id, record.facts.received_at) for record in records]
            found = await look(self._database.read, matter, targets)
            grown = await candidates(self._database.read, matter, found)
        waiting = [record.facts.id for record in records if record.pending]
        if not (own or grown or waiting):
            return Escalated()
        touched = {alert.raised_for for alert in own}
        touched |= {member.id for star in grown for member in star.members}
        seen = datetime.now(UTC)

        async def work(transaction: Transaction) -> tuple[str, ...]:
            alerts = list(own)
            if touched:
                await lock(transaction, touched)
            if matter is not None and grown:
                alerts += await settle_groups(transaction, matter, grown)
            if waiting:
                await done(transaction, waiting)
            if alerts:
                await raise_alerts(transaction, alerts, seen)
            return tuple(alert.id for alert in alerts)

        return Escalated(await self._database.write(work))

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
