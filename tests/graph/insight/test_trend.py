"""Trends against pandas."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from graph.database import Database, metered
from graph.domain.filters import ComplaintFilter
from graph.domain.periods import Interval, midnight
from graph.errors import InvalidInputError
from graph.insight.cohort import Cohort
from graph.insight.trend import Series, TrendRequest, trend
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.trees import Facet
from tests.graph.insight.world import BRANCHES, CAUSES, NOW, World, fill, random_rows
from tests.support.graph import wipe

pytestmark = pytest.mark.graph

ZONE = ZoneInfo("Asia/Shanghai")
_FREQUENCY = {
    Interval.DAY: "D", Interval.WEEK: "W-SUN", Interval.MONTH: "M", Interval.QUARTER: "Q",
    Interval.YEAR: "Y",
}  # fmt: skip
SINCE = datetime(2025, 3, 1, tzinfo=ZONE)


async def asked(world: World, request: TrendRequest, **period: datetime) -> list[Series]:
    found = await trend(world.database, Cohort(EVERY_COMPLAINT, **period), None, request, ZONE, NOW)
    return [] if found is None else list(found.series)


def expected(table: pd.DataFrame, interval: Interval) -> dict[date, int]:
    days = table.received.dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    starts = days.dt.to_period(_FREQUENCY[interval]).dt.start_time.dt.date
    return dict(starts.value_counts())


@pytest.mark.parametrize("interval", list(Interval))
async def test_every_bucket_is_there_with_its_count(world: World, interval: Interval) -> None:
    (found,) = await asked(world, TrendRequest(interval), since=SINCE)
    counts = expected(world.counted, interval)
    assert found.points[0].bucket.start <= SINCE.date() < found.points[0].bucket.end
    assert {p.bucket.start: p.count for p in found.points if p.count} == {
        day: n for day, n in counts.items() if day >= found.points[0].bucket.start
    }
    assert all(
        one.bucket.end == other.bucket.start
        for one, other in zip(found.points, found.points[1:], strict=False)
    )
    assert [p.complete for p in found.points[:-1]] == [True] * (len(found.points) - 1)


async def test_groups_are_counted_apart(world: World) -> None:
    table = world.counted
    provinces = table.branch.map(lambda b: BRANCHES[b][1] if b in BRANCHES else "")
    causes = table.causes.map(lambda some: sorted({CAUSES[c][0] for c in some}) or [""]).explode()
    departments = table.departments.explode()
    for facet, depth, groups in (
        (Facet.BRANCH, 1, provinces),
        (Facet.ROOT_CAUSE, 0, causes),
        (Facet.DEPARTMENT, None, departments),
        (Facet.CHANNEL, None, table.channel),
        (Facet.LEVEL, None, table.level),
        (Facet.OUTCOME, None, table.outcome.fillna("")),
        (Facet.TYPE, None, table.type.fillna("")),
    ):
        request = TrendRequest(Interval.YEAR, facet, depth)
        found = await asked(world, request, since=datetime(2024, 1, 1, tzinfo=UTC))
        counts = {str(code): n for code, n in groups.value_counts().items()}
        assert {each.code or "": each.total for each in found} == counts, facet
        assert [each.total for each in found] == sorted(counts.values(), reverse=True)


async def test_rates_are_by_the_size_of_the_branch(world: World) -> None:
    found = await asked(world, TrendRequest(Interval.MONTH, Facet.BRANCH, 2), since=SINCE)
    sizes = {"N1": 12, "N2": 8, "S1": 10}
    for each in found:
        for point in each.points:
            if each.code is None:
                assert point.per_outlets is None
            else:
                outlets = sizes[each.code]
                assert point.per_outlets == pytest.approx(1000 * point.count / outlets)
                assert point.per_customers == pytest.approx(1e7 * point.count / (outlets * 1e4))
    (whole,) = await asked(world, TrendRequest(Interval.MONTH), since=SINCE)
    assert whole.points[0].per_outlets == pytest.approx(1000 * whole.points[0].count / 30)


async def test_a_filter_that_cuts_a_branch_leaves_no_rate(world: World) -> None:
    cut = ComplaintFilter(branches=("N1",))
    request = TrendRequest(Interval.MONTH, Facet.BRANCH, 1)
    found = await trend(world.database, Cohort(EVERY_COMPLAINT), cut, request, ZONE, NOW)
    assert found is not None
    assert {point.per_outlets for each in found.series for point in each.points} == {None}


async def test_the_last_complete_bucket_is_compared(world: World) -> None:
    (found,) = await asked(world, TrendRequest(Interval.MONTH))
    counts = expected(world.counted, Interval.MONTH)
    assert found.last is not None
    assert found.last.start == date(2026, 4, 1)
    assert found.against_before is not None
    assert (found.against_before.count, found.against_before.before) == (
        counts[date(2026, 4, 1)], counts[date(2026, 3, 1)],
    )  # fmt: skip
    assert found.against_year_before is not None
    assert found.against_year_before.before == counts[date(2025, 4, 1)]


async def test_the_period_used_and_older_complaints_are_said(world: World) -> None:
    for interval, since, older in (
        (Interval.DAY, None, True),
        (Interval.MONTH, None, False),
        (Interval.MONTH, SINCE, True),
        (Interval.YEAR, None, False),
    ):
        found = await trend(
            world.database,
            Cohort(EVERY_COMPLAINT, since=since),
            None,
            TrendRequest(interval),
            ZONE,
            NOW,
        )
        assert found is not None
        (series,) = found.series
        assert found.since == series.points[0].bucket.start
        assert found.until == series.points[-1].bucket.end
        first = midnight(found.since, ZONE)
        assert found.older == (world.table.received < first).any() == older


@pytest.mark.parametrize("interval", list(Interval))
async def test_an_unfinished_bucket_is_never_compared(world: World, interval: Interval) -> None:
    """Asked on the day of a complaint, which is not over: nor is its week, month or year."""
    asked_at = world.table.received.sort_values().iloc[-40].to_pydatetime() + timedelta(minutes=1)
    today = asked_at.astimezone(ZONE).date()
    found = await trend(
        world.database, Cohort(EVERY_COMPLAINT), None, TrendRequest(interval), ZONE, asked_at
    )
    assert found is not None
    (series,) = found.series
    assert series.points[-1].bucket.start <= today < series.points[-1].bucket.end
    assert [p.complete for p in series.points] == [p.bucket.end <= today for p in series.points]
    assert not series.points[-1].complete
    assert series.last is None or series.last.end <= today


async def test_a_future_period_is_empty_and_a_long_one_refused(world: World) -> None:
    future = datetime(2031, 1, 1, tzinfo=UTC)
    assert await asked(world, TrendRequest(), since=future) == []
    with pytest.raises(InvalidInputError, match="800"):
        await asked(world, TrendRequest(Interval.DAY), since=datetime(2015, 1, 1, tzinfo=UTC))


async def test_the_number_of_statements_is_constant(world: World) -> None:
    costs = set()
    for first in (1, 50):
        with metered() as meter:
            await asked(world, TrendRequest(Interval.WEEK, Facet.ROOT_CAUSE, 1, first))
        costs.add(meter.statements)
    assert costs == {6}


# Last: it empties the graph of the other tests.
async def test_changes_allow_for_what_the_counts_always_varied(database: Database) -> None:
    """A complaint in every group of six of one moment: the same share tells less."""
    rows = random_rows(480, 11)
    grouped = [{**row, "received": rows[n - n % 6]["received"]} for n, row in enumerate(rows)]
    spreads = []
    for told in (rows, grouped):
        await wipe(database)
        world = await fill(database, [{**row, "duplicate": False} for row in told])
        (series,) = await asked(world, TrendRequest(Interval.WEEK))
        assert series.against_before is not None
        spreads.append(series.against_before.spread)
    assert spreads[0] == 1
    assert spreads[1] > 2.5
