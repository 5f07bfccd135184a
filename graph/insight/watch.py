"""What many complaints say together and no single one: surges, growing causes, new topics.

The database counts complaints by week; ``rises`` and ``topics`` judge. Whenever one looks, the
same complaints give the same sightings.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from graph.database import Database, Row
from graph.domain.enums import CatalogueKind
from graph.domain.evidence import Evidence, RiseEvidence, TopicEvidence
from graph.domain.periods import Interval, midnight
from graph.domain.rules import GrowthRule, SurgeRule, TopicRule, WatchRule
from graph.domain.sightings import Sighting, Subject
from graph.insight.calendar import Calendar
from graph.insight.cohort import Cohort
from graph.insight.facets import Grouping
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.escalation import newest_receipt
from graph.queries.trees import Facet, Shape, shape, usual_depth
from graph.statistics.rises import PAST, PERIOD, Counts, Criterion, Episode, Shares, episodes
from graph.statistics.topics import Age, NewTopic, new_topics

#: Weeks at whose end is looked: the last year.
LOOKS = 52
#: Of the share of complaints whose cause is usually known, so much must be known of a week. In
#: younger weeks only what is decided quickly has a cause, which is no fair sample.
_KNOWN_SHARE = 0.8
_IN_A_GROUP = "EXISTS { (c)<-[:COVERS]-(:Alert) }"
_TOPICS = """
CYPHER 25
MATCH (k:Cluster) WHERE k.retiredAt IS NULL
MATCH (k)<-[:MEMBER_OF]-(c:Complaint)
WHERE c.duplicate = false AND c.receivedAt < $until
WITH k, c, c.receivedAt >= $since AS lately
WITH k.id AS cluster, count(*) AS size, sum(CASE WHEN lately THEN 1 ELSE 0 END) AS recent,
  count(DISTINCT CASE WHEN lately THEN coalesce(c.customerId, c.id) END) AS customers
RETURN cluster, size, recent, customers ORDER BY cluster
"""
_TEXTS = """
CYPHER 25
MATCH (c:Complaint)
WHERE c.narrative IS NOT NULL AND c.duplicate = false AND c.receivedAt < $until
RETURN count(*) AS total, count(CASE WHEN c.receivedAt >= $since THEN 1 END) AS recent
"""


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks that are counted: ``count`` of them from the Monday ``first`` on."""

    first: date
    count: int
    zone: ZoneInfo

    @classmethod
    def before(cls, asof: datetime, zone: ZoneInfo) -> "Weeks":
        """The complete weeks before a moment, as many as any look needs."""
        longest = LOOKS + PAST + 52
        end = Interval.WEEK.start_of(asof.astimezone(zone).date())
        return cls(end - timedelta(weeks=longest), longest, zone)

    @property
    def looks(self) -> range:
        return range(self.count - LOOKS, self.count)

    def begin(self, number: int) -> datetime:
        """The first moment of a week; of the one after the last: the end of all."""
        return midnight(self.day(number), self.zone)

    def day(self, number: int) -> date:
        return self.first + timedelta(weeks=number)

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(
            [self.day(n) for n in range(self.count)], self.day(self.count), self.zone
        )


async def watch(
    database: Database, rules: Iterable[WatchRule], zone: ZoneInfo, now: datetime
) -> list[Sighting]:
    """All that the rules see in the last year, up to the newest complaint; at most six statements.

    In the order of rules, and of the time when they came to hold.
    """
    newest = await newest_receipt(database)
    if newest is None:
        return []
    # The day of the newest complaint counts as complete: sources often tell no more than the day.
    asof = min(now, newest + timedelta(days=1))
    weeks = Weeks.before(asof, zone)
    trees = await shape(database)
    result: list[Sighting] = []
    for rule in rules:
        if isinstance(rule, SurgeRule):
            result += await _surges(database, rule, weeks, trees)
        elif isinstance(rule, GrowthRule):
            result += await _growth(database, rule, weeks, trees)
        elif isinstance(rule, TopicRule):
            result += await _topics(database, rule, asof, zone)
    return result


async def _surges(
    database: Database, rule: SurgeRule, weeks: Weeks, trees: Shape
) -> list[Sighting]:
    grouping = Grouping.of(Facet.BRANCH, trees, usual_depth(trees.get(Facet.BRANCH, ())))
    rows = await _counted(database, grouping, weeks, "c.level <> 'GREEN'", _IN_A_GROUP)
    own, total = _table(rows, "own", weeks), _table(rows, "total", weeks)
    grouped = _table(rows, "apart", weeks)
    criterion = Criterion(
        windows=rule.weeks, probability=rule.probability, points=rule.points, fewest=rule.fewest
    )
    # A branch with less than a complaint a week is too small to tell anything.
    busy = [code for code in sorted(total) if total[code][-LOOKS:].sum() >= LOOKS]
    shares = [Shares(own[code], total[code]) for code in busy]
    # A group event raises all that it covers: that alone is no surge of each of its branches.
    alone = [Shares(own[code] - grouped[code], total[code] - grouped[code]) for code in busy]

    def growing() -> list[tuple[int, Episode]]:
        also = list(episodes(alone, criterion, weeks.looks))
        return [
            (number, episode)
            for number, episode in episodes(shares, criterion, weeks.looks)
            if any(number == one and each.meets(episode) for one, each in also)
        ]

    risen = await asyncio.to_thread(growing)
    return _sightings(rule, CatalogueKind.BRANCH, busy, risen, weeks, max(criterion.windows))


async def _growth(
    database: Database, rule: GrowthRule, weeks: Weeks, trees: Shape
) -> list[Sighting]:
    grouping = Grouping.of(Facet.ROOT_CAUSE, trees, usual_depth(trees.get(Facet.ROOT_CAUSE, ())))
    own = _table(await _counted(database, grouping, weeks, "true"), "own", weeks)
    everything = await _counted(database, None, weeks, "size(c.rootCauseCodes) > 0")
    known = _table(everything, "own", weeks).get("", _none(weeks))
    total = _table(everything, "total", weeks).get("", _none(weeks))
    criterion = Criterion(
        windows=tuple(PERIOD * periods for periods in rule.periods),
        probability=rule.probability,
        ratio=rule.ratio,
        fewest=rule.fewest,
        steady=True,
    )
    causes = [code for code in sorted(own) if own[code][-LOOKS:].sum() >= rule.fewest]
    shares = [Shares(own[code], known) for code in causes]
    looks = range(weeks.looks.start, _weeks_known(known, total))
    risen = await asyncio.to_thread(lambda: list(episodes(shares, criterion, looks)))
    return _sightings(rule, CatalogueKind.ROOT_CAUSE, causes, risen, weeks, max(criterion.windows))


def _weeks_known(known: Counts, total: Counts) -> int:
    """How many weeks there are up to the last one whose causes are known as usual."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = known / total
    known_shares = shares[total > 0]
    usual = float(np.median(known_shares)) if len(known_shares) else 0.0
    fair = np.flatnonzero((total > 0) & (shares >= _KNOWN_SHARE * usual))
    return int(fair[-1]) + 1 if len(fair) else 0


async def _topics(
    database: Database, rule: TopicRule, until: datetime, zone: ZoneInfo
) -> list[Sighting]:
    """Of clusters as they are: what came up this week is not held back until it is over."""
    since = until - timedelta(weeks=rule.weeks)
    rows = await database.read(_TOPICS, since=since, until=until)
    ages = [Age(row["cluster"], row["recent"], row["size"], row["customers"]) for row in rows]
    texts = (await database.read(_TEXTS, since=since, until=until))[0]
    results = new_topics(
        ages, texts["recent"], texts["total"],
        share=rule.share, fewest=rule.fewest, probability=rule.probability,
    )  # fmt: skip
    day = since.astimezone(zone).date()
    return [
        Sighting(
            rule,
            Subject("Cluster", topic.age.cluster),
            until,
            until,
            timedelta(weeks=rule.weeks),
            _topic_evidence(topic, day),
        )
        for topic in results
    ]


async def _counted(
    database: Database,
    grouping: Grouping | None,
    weeks: Weeks,
    own: str,
    apart: str = "false",
) -> Sequence[Row]:
    """Complaints of each week and group, those of them that ``own`` tells, and of these those that
    ``apart`` tells (both are constants).
    """
    cohort = Cohort(EVERY_COMPLAINT, since=weeks.begin(0), until=weeks.begin(weeks.count))
    statement = f"""
    CYPHER 25
    {cohort.match}
    {weeks.calendar.numbered("week")}
    {grouping.unwound("g") if grouping else "WITH *, '' AS g"}
    WITH c, g, week WHERE g IS NOT NULL
    RETURN g, week, count(*) AS total, count(CASE WHEN {own} THEN 1 END) AS own,
      count(CASE WHEN {own} AND {apart} THEN 1 END) AS apart
    """
    more = grouping.parameters("g") if grouping else {}
    return await database.read(
        statement, **cohort.parameters, **more, **weeks.calendar.parameters("week")
    )


def _none(weeks: Weeks) -> Counts:
    return np.zeros(weeks.count, dtype=np.int64)


def _table(rows: Sequence[Row], name: str, weeks: Weeks) -> Mapping[str, Counts]:
    table: dict[str, Counts] = defaultdict(lambda: _none(weeks))
    for row in rows:
        table[row["g"]][row["week"]] += row[name]
    return table


def _sightings(
    rule: WatchRule,
    kind: CatalogueKind,
    codes: Sequence[str],
    risen: Iterable[tuple[int, Episode]],
    weeks: Weeks,
    pause: int,
) -> list[Sighting]:
    results = [
        Sighting(
            rule,
            Subject(kind.value, codes[number]),
            weeks.begin(episode.first + 1),
            weeks.begin(episode.last + 1),
            timedelta(weeks=pause),
            _rise_evidence(episode, weeks),
        )
        for number, episode in risen
    ]
    return sorted(results, key=lambda each: (each.at, each.subject.key))


def _rise_evidence(episode: Episode, weeks: Weeks) -> Evidence:
    peak = episode.peak
    last = weeks.day(peak.look + 1) - timedelta(days=1)
    rise = RiseEvidence(
        own=peak.own,
        total=peak.total,
        past_own=peak.past_own,
        past_total=peak.past_total,
        expected=round(peak.expected, 2),
        probability=float(f"{peak.probability:.3g}"),
        since=weeks.day(peak.first).isoformat(),
        until=last.isoformat(),
    )
    return Evidence(rise=rise)


def _topic_evidence(topic: NewTopic, since: date) -> Evidence:
    result = TopicEvidence(
        recent=topic.age.recent,
        size=topic.age.size,
        expected=round(topic.expected, 2),
        probability=float(f"{topic.probability:.3g}"),
        since=since.isoformat(),
    )
    return Evidence(topic=result)
