"""Counts of the whole bank for those who may not open its cases: fixed tables without small cells.

Months of the calendar that are over, by one facet at a time, each at one depth: nothing can be
chosen by which one table would differ from another by a few people.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from graph.database import Database
from graph.domain.periods import Bucket, Interval, buckets, midnight
from graph.errors import InvalidInputError
from graph.insight.calendar import Calendar
from graph.insight.cohort import Cohort
from graph.insight.facets import Grouping
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.trees import Facet, shape, widest_depth
from graph.statistics.suppression import THRESHOLD, Cell, shown

MOST_MONTHS = 120
_USUAL_MONTHS = 24
_FIRST = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey IS NOT NULL
RETURN c.receivedAt AS at ORDER BY c.receivedKey LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class MonthlySeries:
    """``counts``: one for each month, None where it is hidden."""

    code: str | None
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class MonthlyCounts:
    """``months``: first days; the series with most published complaints first."""

    months: tuple[date, ...]
    series: tuple[MonthlySeries, ...]


@dataclass(frozen=True, slots=True)
class Months:
    """The months from the one of ``since`` to that of ``until``; None: as far as there are any."""

    since: date | None = None
    until: date | None = None


async def monthly_counts(
    database: Database,
    facet: Facet | None,
    months: Months,
    key: bytes,
    zone: ZoneInfo,
    now: datetime,
) -> MonthlyCounts:
    """Complaints of each month that is over, duplicates left out; four statements.

    ``key``: of the installation; it puts the codes of a facet into an order without meaning.

    Raises:
        InvalidInputError: more than 120 months.
    """
    span = await _span(database, months, zone, now)
    starts = tuple(bucket.start for bucket in span)
    totals = await _cells(database, None, span, zone)
    groups = totals
    if facet is not None:
        trees = await shape(database)
        grouping = Grouping.of(facet, trees, widest_depth(trees.get(facet, ())))
        groups = await _cells(database, grouping, span, zone)
    codes = sorted({code for code, _ in groups}, key=lambda code: (code is None, code or ""))
    order = sorted(range(len(codes)), key=lambda index: _meaningless(key, facet, codes[index]))
    columns = []
    for start in starts:
        line = [groups.get((code, start), Cell()) for code in codes]
        few = totals.get((None, start), Cell()).people < THRESHOLD
        open_ = [False] * len(line) if few else shown(line, order)
        columns.append([c.count if told else None for c, told in zip(line, open_, strict=True)])
    series = [
        MonthlySeries(code, tuple(column[index] for column in columns))
        for index, code in enumerate(codes)
    ]
    series.sort(key=lambda one: -sum(count or 0 for count in one.counts))
    return MonthlyCounts(starts, tuple(series))


async def _span(
    database: Database, months: Months, zone: ZoneInfo, now: datetime
) -> Sequence[Bucket]:
    rows = await database.read(_FIRST)
    over = Interval.MONTH.start_of(now.astimezone(zone).date())
    last = Interval.MONTH.after(over, -1)
    if months.until is not None:
        last = min(last, Interval.MONTH.start_of(months.until))
    if not rows:
        return ()
    first = Interval.MONTH.start_of(rows[0]["at"].astimezone(zone).date())
    since = Interval.MONTH.after(last, 1 - _USUAL_MONTHS)
    if months.since is not None:
        since = Interval.MONTH.start_of(months.since)
    span = buckets(Interval.MONTH, max(first, since), last)
    if len(span) > MOST_MONTHS:
        raise InvalidInputError(
            f"That is more than {MOST_MONTHS} months: take a shorter period.", path=["from"]
        )
    return span


async def _cells(
    database: Database, grouping: Grouping | None, span: Sequence[Bucket], zone: ZoneInfo
) -> Mapping[tuple[str | None, date], Cell]:
    if not span:
        return {}
    starts = [bucket.start for bucket in span]
    calendar = Calendar.of(starts, span[-1].end, zone)
    bounds = (midnight(starts[0], zone), midnight(span[-1].end, zone))
    cohort = Cohort(EVERY_COMPLAINT, *bounds)
    statement = f"""
    CYPHER 25
    {cohort.match}
    {"WITH *, null AS g" if grouping is None else grouping.unwound("g")}
    {calendar.numbered("bucket")}
    RETURN g, bucket, count(*) AS count, count(DISTINCT c.customerId)
      + count(CASE WHEN c.customerId IS NULL THEN 1 END) AS people
    """
    rows = await database.read(
        statement,
        **cohort.parameters,
        **(grouping.parameters("g") if grouping else {}),
        **calendar.parameters("bucket"),
    )
    return {(row["g"], starts[row["bucket"]]): Cell(row["count"], row["people"]) for row in rows}


def _meaningless(key: bytes, facet: Facet | None, code: str | None) -> bytes:
    return hmac.digest(key, f"{facet}:{code}".encode(), "sha256")
