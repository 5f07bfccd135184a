"""Where cases wait: the time in each step, open cases counted in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from graph.database import Database, Row
from graph.domain.enums import OPEN_STATUSES, CaseStatus
from graph.domain.steps import TIMED
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.insight.facets import Grouping, largest, narrowing
from graph.insight.measures import ANSWERED, SPENT
from graph.queries.trees import Facet, shape, widest_depth
from graph.statistics.figures import Figure, share
from graph.statistics.survival import DayCount, Survival, survival, waiting_time

#: The whole way from receipt to the first answer, beside the steps.
_WHOLE = -1
#: The first answer is late by the deadline of the first round, whatever is due since.
_FIRST_LATE = "coalesce(c.firstDueAt, c.dueAt) < c.decidedAt"


@dataclass(frozen=True, slots=True)
class StepTime:
    """``status`` None: from receipt to the first answer. Times in days, open cases counted in.

    ``overdue``: of the whole way the share answered late or open after its deadline, of a step
    the share of those waiting in it that are after theirs. ``curve``: the share that takes longer.
    """

    status: CaseStatus | None
    ended: int
    waiting: int
    median: Figure | None
    p90: Figure | None
    overdue: Figure | None
    curve: tuple[Survival, ...]


class _Cell(NamedTuple):
    """Complaints of a group in a step that took as many whole days.

    ``with_deadline``: those of them with a deadline, ``late`` those beyond it.
    """

    day: int
    ended: bool
    waits: bool
    cases: int
    with_deadline: int
    late: int


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A group's steps, the whole way first."""

    code: str | None
    steps: tuple[StepTime, ...]
    narrowing: Narrowing | None


async def bottlenecks(
    database: Database,
    cohort: Cohort,
    facet: Facet,
    depth: int | None,
    first: int,
    now: datetime,
) -> list[Bottleneck]:
    """The largest groups first, those of nothing known left out; three statements."""
    trees = await shape(database)
    usual = widest_depth(trees.get(facet, ()))
    grouping = Grouping.of(facet, trees, usual if depth is None else depth)
    codes = await largest(database, cohort, grouping, first)
    rows = await database.read(
        _statement(cohort, grouping), **_parameters(cohort, grouping, codes, now)
    )
    # Intervals for every step of every group: not on the event loop.
    return await asyncio.to_thread(_waiting, rows, codes, facet, cohort)


def _waiting(
    rows: Sequence[Row], codes: Sequence[str | None], facet: Facet, cohort: Cohort
) -> list[Bottleneck]:
    by_group: dict[str | None, list[Row]] = {}
    for row in rows:
        by_group.setdefault(row["g"], []).append(row)
    return [
        Bottleneck(code, _steps(by_group[code]), _opened(facet, code, cohort))
        for code in codes
        if code in by_group
    ]


def _parameters(
    cohort: Cohort, grouping: Grouping, codes: Sequence[str | None], now: datetime
) -> dict[str, object]:
    return {
        **cohort.parameters,
        **grouping.parameters("g"),
        "codes": [code for code in codes if code is not None],
        "withNone": None in codes,
        "now": now,
        "open": sorted(OPEN_STATUSES),
        "statuses": list(TIMED),
    }


def _statement(cohort: Cohort, grouping: Grouping) -> str:
    """The whole way is counted of all at once, steps only where a case has any: few do.

    Days are whole ones; time is kept in milliseconds, of which whole days are one division.
    """
    chosen = f"""
      {grouping.unwound("g")}
      WITH * WHERE g IN $codes OR (g IS NULL AND $withNone)
    """
    cells = """
      WITH g, step, day, ended, waits, count(*) AS count,
        count(late) AS with_deadline, count(CASE WHEN late THEN 1 END) AS late
      RETURN g, step, collect([day, ended, waits, count, with_deadline, late]) AS cells
    """
    return f"""
    CYPHER 25
    CALL () {{
      {cohort.match}
      {chosen}
      WITH g, c, c.status IN $open AND NOT c.decided AS waits
      WITH g, c, waits, CASE WHEN waits THEN $now.epochMillis - c.receivedAt.epochMillis
        ELSE {SPENT} END AS spent
      WITH g, {_WHOLE} AS step, waits, {ANSWERED} AS ended,
        CASE WHEN spent < 0 AND NOT waits THEN 0 ELSE spent / 86400000 END AS day,
        CASE WHEN waits THEN c.dueAt < $now ELSE {_FIRST_LATE} END AS late, spent
      WHERE spent IS NOT NULL AND (spent >= 0 OR NOT waits)
      {cells}
    UNION ALL
      {cohort.match} AND (c.statusSince IS NOT NULL OR c.stepSeconds IS NOT NULL)
      {chosen}
      UNWIND range(0, {len(TIMED) - 1}) AS step
      WITH g, c, step, c.status = $statuses[step] AND c.statusSince IS NOT NULL AS waits
      WITH g, c, step, waits, CASE
        WHEN waits THEN ($now.epochMillis - c.statusSince.epochMillis) / 1000.0
          + CASE WHEN coalesce(c.stepSeconds[step], -1) < 0 THEN 0 ELSE c.stepSeconds[step] END
        WHEN c.stepSeconds[step] >= 0 THEN c.stepSeconds[step] END AS seconds
      WITH * WHERE seconds >= 0
      WITH g, step, waits, NOT waits AS ended, toInteger(floor(seconds / 86400.0)) AS day,
        CASE WHEN waits THEN c.dueAt < $now ELSE {_FIRST_LATE} END AS late
      {cells}
    }}
    RETURN g, step, cells
    """


def _steps(rows: Sequence[Row]) -> tuple[StepTime, ...]:
    by_step = {int(row["step"]): [_Cell(*cell) for cell in row["cells"]] for row in rows}
    return tuple(_step(step, by_step[step]) for step in sorted(by_step))


def _step(step: int, cells: Sequence[_Cell]) -> StepTime:
    days = _days(cells)
    # The deadline is one of the whole way: a step that is over was neither late nor in time.
    with_deadline = [cell for cell in cells if step == _WHOLE or cell.waits]
    return StepTime(
        status=None if step == _WHOLE else TIMED[step],
        ended=sum(each.ended for each in days.values()),
        waiting=sum(cell.cases for cell in cells if cell.waits),
        median=waiting_time(days, 0.5),
        p90=waiting_time(days, 0.9),
        overdue=share(
            sum(cell.late for cell in with_deadline),
            sum(cell.with_deadline for cell in with_deadline),
        ),
        curve=tuple(survival(days)),
    )


def _days(cells: Sequence[_Cell]) -> Mapping[int, DayCount]:
    results: dict[int, DayCount] = {}
    for cell in cells:
        known = results.get(cell.day, DayCount())
        ended = cell.cases if cell.ended else 0
        results[cell.day] = DayCount(known.ended + ended, known.waiting + cell.cases - ended)
    return results


def _opened(facet: Facet, code: str | None, cohort: Cohort) -> Narrowing | None:
    return narrowing(
        {facet: code}, received_from=cohort.since, received_to=until_inclusive(cohort.until)
    )
