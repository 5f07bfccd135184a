"""Counts over time, by any facet: every bucket, rates, and whether the last one has changed."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from graph.database import Database
from graph.domain.filters import ComplaintFilter
from graph.domain.periods import Bucket, Interval, buckets, midnight
from graph.errors import InvalidInputError
from graph.insight.calendar import Calendar
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.insight.exposure import Exposure, exposures
from graph.insight.facets import Grouping, largest, narrowing
from graph.queries.conditions import EVERY_COMPLAINT, within
from graph.queries.trees import Facet, Shape, shape, widest_depth
from graph.statistics.changes import Change, change, score, with_verdicts
from graph.statistics.dispersion import dispersion
from graph.statistics.seasons import Seasons, learnt_from, seasons

MOST_BUCKETS = 800
#: How far back a trend goes that does not say it.
_USUAL_LENGTH = {
    Interval.DAY: 90, Interval.WEEK: 53, Interval.MONTH: 24, Interval.QUARTER: 12, Interval.YEAR: 5,
}  # fmt: skip
#: What the calendar is learnt from.
_HISTORY = timedelta(weeks=3 * 52)

Counts: TypeAlias = Mapping[tuple[str | None, date], int]

_EXTENT = """
CYPHER 25
CALL () { MATCH (c:Complaint) WHERE c.receivedKey IS NOT NULL AND %(bounds)s
  RETURN c.receivedAt AS first ORDER BY c.receivedKey LIMIT 1 }
CALL () { MATCH (c:Complaint) WHERE c.receivedKey IS NOT NULL AND %(bounds)s
  RETURN c.receivedAt AS last ORDER BY c.receivedKey DESC LIMIT 1 }
RETURN first, last
"""


@dataclass(frozen=True, slots=True)
class TrendRequest:
    """``facet`` None: one series of all. ``first``: so many groups, the largest ones."""

    interval: Interval = Interval.MONTH
    facet: Facet | None = None
    depth: int | None = None
    first: int = 10


@dataclass(frozen=True, slots=True)
class Point:
    """A bucket; ``complete``: it was over when the newest complaint was received."""

    bucket: Bucket
    count: int
    complete: bool
    per_outlets: float | None = None
    per_customers: float | None = None
    narrowing: Narrowing | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """``last``: the bucket compared, the last complete one; None where there is none."""

    code: str | None
    points: tuple[Point, ...]
    last: Bucket | None = None
    against_before: Change | None = None
    against_year_before: Change | None = None

    @property
    def total(self) -> int:
        return sum(point.count for point in self.points)


@dataclass(frozen=True, slots=True)
class Trend:
    """The days that are shown, ``[since, until)``, and whether there are complaints before them."""

    since: date
    until: date
    older: bool
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """What is shown, what is compared, and which days are known and over: [first, end)."""

    shown: tuple[Bucket, ...]
    first: date
    end: date
    zone: ZoneInfo

    @property
    def last(self) -> Bucket | None:
        complete = [b for b in self.shown if b.end <= self.end and b.start >= self.first]
        return complete[-1] if complete else None

    def known(self, bucket: Bucket) -> bool:
        return bucket.start >= self.first


async def trend(
    database: Database, cohort: Cohort, filters: ComplaintFilter | None, request: TrendRequest,
    zone: ZoneInfo, now: datetime,
) -> Trend | None:  # fmt: skip
    """Series, the largest first; None where there are no complaints. Six statements.

    The cohort's period is widened to whole buckets; left out, it ends with the newest complaint and
    is as long as is usual for the interval.

    Raises:
        InvalidInputError: more than 800 buckets.
    """
    span = await _span(database, cohort, request.interval, zone, now)
    if not span.shown:
        return None
    grouping = None
    if request.facet is not None:
        grouping = _grouping(await shape(database), request.facet, request.depth)
    whole = replace(cohort, since=midnight(span.shown[0].start, zone), until=_end(span))
    codes: list[str | None] = [None]
    if grouping is not None:
        codes = await largest(database, whole, grouping, request.first)
    reaching = _reaching_back(whole, span, request.interval)
    counts = await _counts(database, reaching, grouping, codes, span, request.interval)
    sizes = await _sizes(database, filters, request.facet, codes)
    learnt = await _seasons(database, span)

    def compared() -> tuple[Series, ...]:
        series = [_series(code, span, counts, sizes, request) for code in codes]
        return tuple(_compared(series, span, counts, learnt, request.interval))

    # Each series with tests of its own: not on the event loop.
    made = await asyncio.to_thread(compared)
    begin, end = span.shown[0].start, span.shown[-1].end
    return Trend(begin, end, span.first < begin, made)


async def _span(
    database: Database, cohort: Cohort, interval: Interval, zone: ZoneInfo, now: datetime
) -> _Span:
    bounds = within(cohort.narrowed.scope)
    rows = await database.read(_EXTENT % {"bounds": bounds.predicate}, **bounds.parameters)
    if not rows:
        return _Span((), date.min, date.min, zone)
    first = rows[0]["first"].astimezone(zone).date()
    newest = min(rows[0]["last"], now).astimezone(zone).date()
    last = newest
    if cohort.until is not None:
        last = min(newest, (cohort.until - timedelta(microseconds=1)).astimezone(zone).date())
    if cohort.since is not None:
        since = cohort.since.astimezone(zone).date()
    else:
        since = max(first, interval.after(interval.start_of(last), 1 - _USUAL_LENGTH[interval]))
    if (last - since).days / interval.shortest > MOST_BUCKETS:
        raise InvalidInputError(
            f"That is more than {MOST_BUCKETS} buckets: take a longer interval or a shorter "
            "period.",
            path=["interval"],
        )
    # The day of the newest complaint is over, unless it is today.
    end = min(newest + timedelta(days=1), now.astimezone(zone).date())
    return _Span(tuple(buckets(interval, since, last)), first, end, zone)


def _end(span: _Span) -> datetime:
    return midnight(span.shown[-1].end, span.zone)


def _grouping(trees: Shape, facet: Facet, depth: int | None) -> Grouping:
    usual = widest_depth(trees.get(facet, ()))
    return Grouping.of(facet, trees, usual if depth is None else depth)


def _reaching_back(cohort: Cohort, span: _Span, interval: Interval) -> Cohort:
    """The same with the buckets that the last one is compared with."""
    if span.last is None:
        return cohort
    before = interval.year_before(span.last.start)
    earliest = min(before, interval.after(span.last.start, -1), span.shown[0].start)
    return replace(cohort, since=midnight(earliest, span.zone))


async def _counts(
    database: Database, cohort: Cohort, grouping: Grouping | None, codes: Sequence[str | None],
    span: _Span, interval: Interval,
) -> Counts:  # fmt: skip
    assert cohort.since is not None
    assert cohort.until is not None
    first = cohort.since.astimezone(span.zone).date()
    starts = [bucket.start for bucket in buckets(interval, first, span.shown[-1].start)]
    calendar = Calendar.of(starts, span.shown[-1].end, span.zone)
    statement = f"""
    CYPHER 25
    {cohort.match}
    {"WITH *, null AS g" if grouping is None else grouping.unwound("g")}
    WITH * WHERE g IN $codes OR (g IS NULL AND $withNone)
    {calendar.numbered("bucket")}
    WITH g, bucket, count(*) AS n
    RETURN g, collect(bucket) AS buckets, collect(n) AS counts
    """
    parameters = {
        **cohort.parameters,
        **(grouping.parameters("g") if grouping else {}),
        **calendar.parameters("bucket"),
        "codes": [code for code in codes if code is not None],
        "withNone": None in codes,
    }
    rows = await database.read(statement, **parameters)
    return {
        (row["g"], starts[bucket]): count
        for row in rows
        for bucket, count in zip(row["buckets"], row["counts"], strict=True)
    }


async def _sizes(
    database: Database, filters: ComplaintFilter | None, facet: Facet | None,
    codes: Sequence[str | None],
) -> Mapping[str | None, Exposure]:  # fmt: skip
    """Each group's size: its own for branches, else that of all branches let in."""
    if facet is Facet.BRANCH:
        known = [code for code in codes if code is not None]
        results = await exposures(database, filters, known)
        return {code: results[code] for code in known if code in results}
    whole = (await exposures(database, filters, [])).get(None, Exposure())
    return dict.fromkeys(codes, whole)


async def _seasons(database: Database, span: _Span) -> Seasons:
    """From all complaints, whatever the filter, before the bucket that is compared."""
    end = span.last.start if span.last else span.shown[0].start
    past = learnt_from(max(span.first, end - _HISTORY), end)
    cohort = Cohort(
        EVERY_COMPLAINT, since=midnight(past.start, span.zone), until=midnight(past.end, span.zone)
    )
    # Of no past nothing is found, with as many statements.
    days = past.days or [past.start]
    calendar = Calendar.of(days, days[-1] + timedelta(days=1), span.zone)
    statement = f"""
    CYPHER 25
    {cohort.match}
    {calendar.numbered("day")}
    WITH day, count(*) AS n
    RETURN collect(day) AS days, collect(n) AS counts
    """
    parameters = {**cohort.parameters, **calendar.parameters("day")}
    row = (await database.read(statement, **parameters))[0]
    counts: Counter[tuple[int, int]] = Counter()
    for number, count in zip(row["days"], row["counts"], strict=True):
        counts[days[number].weekday(), days[number].month] += count
    return seasons(counts, past)


def _series(
    code: str | None, span: _Span, counts: Counts, sizes: Mapping[str | None, Exposure],
    request: TrendRequest,
) -> Series:  # fmt: skip
    size = sizes.get(code, Exposure())
    codes = {} if request.facet is None else {request.facet: code}
    points = []
    for bucket in span.shown:
        count = counts.get((code, bucket.start), 0)
        since, until = midnight(bucket.start, span.zone), midnight(bucket.end, span.zone)
        opened = narrowing(
            codes,
            received_from=since,
            received_to=until_inclusive(until),
        )
        points.append(
            Point(
                bucket=bucket,
                count=count,
                complete=bucket.end <= span.end,
                per_outlets=size.per_outlets(count),
                per_customers=size.per_customers(count),
                narrowing=opened,
            )
        )
    return Series(code, tuple(points), span.last)


def _compared(
    series: Sequence[Series], span: _Span, counts: Counts, learnt: Seasons, interval: Interval
) -> list[Series]:
    """The last complete bucket of each against the one before and the one a year before."""
    last = span.last
    if last is None:
        return list(series)

    spread = _spread(series, span, counts, learnt, interval)

    def against(start: date) -> list[Change | None]:
        other = Bucket(start, interval.after(start))
        if not span.known(other):
            return [None] * len(series)
        calendar = learnt.weight(last) / learnt.weight(other)
        return with_verdicts(
            [
                change(
                    counts.get((s.code, last.start), 0),
                    counts.get((s.code, start), 0),
                    calendar,
                    spread,
                )
                for s in series
            ]
        )

    before = against(interval.after(last.start, -1))
    year = against(interval.year_before(last.start))
    return [
        replace(each, against_before=one, against_year_before=other)
        for each, one, other in zip(series, before, year, strict=True)
    ]


def _spread(
    series: Sequence[Series], span: _Span, counts: Counts, learnt: Seasons, interval: Interval
) -> float:
    """How much more than by chance counts changed from bucket to bucket, before the last one."""
    assert span.last is not None
    begin = interval.start_of(
        max(span.first, min((start for _, start in counts), default=span.first))
    )
    past = [
        bucket
        for bucket in buckets(interval, begin, span.last.start)
        if span.known(bucket) and bucket.start < span.last.start
    ]
    scores = [
        score(
            counts.get((each.code, later.start), 0),
            counts.get((each.code, earlier.start), 0),
            learnt.weight(later) / learnt.weight(earlier),
        )
        for each in series
        for earlier, later in pairwise(past)
    ]
    return dispersion([each for each in scores if each is not None])
