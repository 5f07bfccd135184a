"""What another rule file would change: both are applied to the last days; nothing is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from graph.commands.groups import detect
from graph.database import Database
from graph.domain.copies import received_key
from graph.domain.enums import Level
from graph.domain.escalation import evaluate, highest
from graph.domain.evidence import GroupEvidence
from graph.domain.groups import Neighbourhood, assign
from graph.domain.rules import RuleSet
from graph.domain.spaces import EmbeddingSpace
from graph.progress import Progress, silent
from graph.queries import escalation as queries
from graph.queries.escalation import OnRecord
from graph.queries.groups import GroupCriteria
from graph.queries.spaces import active_space
from ingest.escalation.escalator import BATCH, criteria_of
from similarity.encoding import Calibration

#: Changed cases that are named.
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One case that the other file evaluates differently."""

    reference: str
    before: Level
    after: Level
    rules: tuple[str, ...]


@dataclass(slots=True)
class Preview:
    """Of the last days: on how many cases each rule fires, by either file, and what changes."""

    complaints: int = 0
    since: datetime | None = None
    fired_before: Counter[str] = field(default_factory=Counter)
    fired_after: Counter[str] = field(default_factory=Counter)
    groups_before: int = 0
    groups_after: int = 0
    levels: Counter[tuple[Level, Level]] = field(default_factory=Counter)
    examples: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return sum(count for (before, after), count in self.levels.items() if before != after)


@dataclass(slots=True)
class _Side:
    """One rule set: what fired on each case, and the neighbourhoods of its group rule."""

    rules: RuleSet
    criteria: GroupCriteria | None
    fired: dict[str, set[str]] = field(default_factory=dict)
    neighbourhoods: list[tuple[Neighbourhood, GroupEvidence | None]] = field(default_factory=list)
    groups: int = 0

    async def see(self, database: Database, records: Sequence[OnRecord], now: datetime) -> None:
        for record in records:
            verdict = evaluate(self.rules, replace(record.facts, now=now))
            self.fired[record.facts.id] = {one.rule.code for one in verdict.fired}
        if self.criteria is not None:
            targets = [(record.facts.id, record.facts.received_at) for record in records]
            result = await detect(database.read, self.criteria, targets, on_record=False)
            self.neighbourhoods += result.neighbourhoods

    def finish(self) -> None:
        """Find the events among all neighbourhoods; members before the period are left out."""
        if self.criteria is None:
            return
        events = assign(self.criteria.rule, self.neighbourhoods, [])
        self.groups = len(events)
        for identity in {member for event in events for member in event.members}:
            if identity in self.fired:
                self.fired[identity].add(self.criteria.rule.code)

    def level(self, identity: str) -> Level:
        known = self.rules.by_code
        return highest(known[code].level for code in self.fired[identity])


async def preview(
    database: Database,
    before: RuleSet,
    after: RuleSet,
    *,
    days: int,
    now: datetime,
    progress: Progress = silent,
) -> Preview:
    """Apply both to the complaints of the last days, counted back from the newest one."""
    result = Preview()
    newest = await queries.newest_receipt(database)
    if newest is None:
        return result
    result.since = min(newest, now) - timedelta(days=days)
    space = await active_space(database)
    sides = [_Side(rules, _criteria(rules, space)) for rules in (before, after)]
    references: dict[str, str] = {}
    key = received_key(result.since)
    while batch := await queries.received_after(database, key, limit=BATCH):
        records = await queries.cases(database.read, [identity for identity, _ in batch])
        references |= {record.facts.id: record.reference for record in records}
        for side in sides:
            await side.see(database, records, now)
        key = batch[-1][1]
        progress("judge", len(references), None)
    for side in sides:
        side.finish()
    _compare(result, sides[0], sides[1], references)
    return result


def _criteria(rules: RuleSet, space: EmbeddingSpace | None) -> GroupCriteria | None:
    if rules.group is None or space is None:
        return None
    return criteria_of(rules.group, space, Calibration.from_list(space.calibration))


def _compare(result: Preview, before: _Side, after: _Side, references: Mapping[str, str]) -> None:
    result.complaints = len(references)
    result.groups_before, result.groups_after = before.groups, after.groups
    for identity, reference in references.items():
        result.fired_before.update(before.fired[identity])
        result.fired_after.update(after.fired[identity])
        levels = before.level(identity), after.level(identity)
        result.levels[levels] += 1
        if levels[0] is not levels[1] and len(result.examples) < EXAMPLES:
            rules = before.fired[identity] ^ after.fired[identity]
            result.examples.append(Change(reference, *levels, tuple(sorted(rules))))
