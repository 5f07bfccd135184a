"""Hotspots: combinations of product, cause, branch, month … above expectation."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from graph.database import Database
from graph.domain.periods import Interval, midnight
from graph.errors import InvalidInputError
from graph.insight.calendar import Calendar
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.insight.facets import Grouping, narrowing
from graph.queries.trees import Facet, Shape, shape, usual_depth
from graph.statistics.cells import Cells
from graph.statistics.excess import Excess, blocks_of, excesses

MOST_DIMENSIONS = 4


class HotspotDimension(StrEnum):
    """What a hotspot can be told by: what a complaint is about, and where, when and how."""

    PRODUCT = "PRODUCT"
    TYPE = "TYPE"
    ROOT_CAUSE = "ROOT_CAUSE"
    DEPARTMENT = "DEPARTMENT"
    BRANCH = "BRANCH"
    CHANNEL = "CHANNEL"
    MONTH = "MONTH"


_D = HotspotDimension
USUAL = (_D.PRODUCT, _D.ROOT_CAUSE, _D.BRANCH, _D.MONTH)
#: They describe what it is about, and are tied to each other by nature.
_CONTENT = frozenset({_D.PRODUCT, _D.TYPE, _D.ROOT_CAUSE, _D.DEPARTMENT})


@dataclass(frozen=True, slots=True)
class Hotspot:
    """``codes``: in the order asked for; a month is its first day."""

    codes: Mapping[HotspotDimension, str]
    excess: Excess
    narrowing: Narrowing


async def hotspots(
    database: Database,
    cohort: Cohort,
    dimensions: Sequence[HotspotDimension],
    zone: ZoneInfo,
    first: int = 20,
) -> list[Hotspot]:
    """The hotspots of a period, most excess complaints first; two statements.

    Trees are looked at on the deepest depth that nine of ten complaints reach. A complaint with
    two causes or departments counts once under each, and once in everything wider.

    Raises:
        InvalidInputError: fewer than two dimensions, more than four, or one twice.
    """
    if not 2 <= len(dimensions) <= MOST_DIMENSIONS or len(set(dimensions)) < len(dimensions):
        raise InvalidInputError(
            f"`dimensions` takes two to {MOST_DIMENSIONS} different ones.", path=["dimensions"]
        )
    cells = await _cells(database, cohort, dimensions, await shape(database), zone)
    candidates = list(blocks_of([str(d) for d in dimensions], frozenset(map(str, _CONTENT))))
    # Statistics over thousands of combinations take a while: not on the event loop.
    hits = await asyncio.to_thread(excesses, cells, candidates, first)
    return [_hotspot(each, dimensions, cohort, zone) for each in hits]


async def _cells(
    database: Database,
    cohort: Cohort,
    dimensions: Sequence[HotspotDimension],
    trees: Shape,
    zone: ZoneInfo,
) -> Cells:
    """Complaints by all that each has, every one in one cell.

    The database counts the cells, and hands them over as columns: a row for each would take longer
    than counting them. Adding them up is arithmetic.
    """
    months = Calendar.months_until(_newest(zone), zone)
    names = [f"d{number}" for number in range(len(dimensions))]
    clauses: list[str] = []
    parameters: dict[str, Any] = {}
    for name, dimension in zip(names, dimensions, strict=True):
        if dimension is _D.MONTH:
            clauses.append(months.numbered(name))
            parameters |= months.parameters(name)
            continue
        facet = Facet(dimension)
        grouping = Grouping.of(facet, trees, usual_depth(trees.get(facet, ())))
        clauses.append(grouping.listed(name))
        parameters |= grouping.parameters(name)
    statement = f"""
    CYPHER 25
    {cohort.match}
    {" ".join(clauses)}
    WITH {", ".join(names)}, count(*) AS n
    RETURN {", ".join(f"collect({name}) AS {name}" for name in names)},
      collect(n) AS n
    """
    row = (await database.read(statement, **cohort.parameters, **parameters))[0]
    columns = [row[name] for name in names]
    if _D.MONTH in dimensions:
        place = dimensions.index(_D.MONTH)
        columns[place] = [[months.starts[number].isoformat()] for number in columns[place]]
    return await asyncio.to_thread(Cells, [str(each) for each in dimensions], columns, row["n"])


def _newest(zone: ZoneInfo) -> date:
    """No complaint is of a later day than tomorrow."""
    return (datetime.now(UTC) + timedelta(days=2)).astimezone(zone).date()


def _hotspot(
    each: Excess, dimensions: Sequence[HotspotDimension], cohort: Cohort, zone: ZoneInfo
) -> Hotspot:
    key = dict(each.key)
    codes = {dimension: key[dimension] for dimension in dimensions if dimension in key}
    since, until = cohort.since, cohort.until
    if _D.MONTH in codes:
        month = date.fromisoformat(codes[_D.MONTH])
        start, end = midnight(month, zone), midnight(Interval.MONTH.after(month), zone)
        since = start if since is None else max(start, since)
        until = end if until is None else min(end, until)
    opened = narrowing(
        {Facet(dimension): code for dimension, code in codes.items() if dimension is not _D.MONTH},
        received_from=since,
        received_to=until_inclusive(until),
    )
    assert opened is not None  # every dimension is a field of the filter
    return Hotspot(codes, each, opened)
