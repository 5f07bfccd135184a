"""Hotspots on the graph: the counts are pandas', and what is planted opens to its complaints."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from graph.database import Database, metered
from graph.errors import InvalidInputError
from graph.insight import hotspots as module
from graph.insight.cohort import Cohort
from graph.insight.hotspots import USUAL, HotspotDimension, hotspots
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.trees import shape
from tests.graph.insight.world import World, fill, random_rows

pytestmark = pytest.mark.graph

ZONE = ZoneInfo("Asia/Shanghai")
D = HotspotDimension


async def test_the_counts_are_those_of_an_independent_computation(world: World) -> None:
    dimensions = (D.TYPE, D.CHANNEL, D.MONTH)
    cells = await module._cells(
        world.database, Cohort(EVERY_COMPLAINT), dimensions, await shape(world.database), ZONE
    )
    counts = cells.added_up(3)
    table = world.counted.copy()
    local = table.received.dt.tz_convert(str(ZONE)).dt.tz_localize(None)
    table["MONTH"] = local.dt.to_period("M").dt.start_time.dt.date.astype(str)
    table = table.rename(columns={"type": "TYPE", "channel": "CHANNEL"})
    for some in (["TYPE"], ["CHANNEL"], ["TYPE", "CHANNEL"], ["TYPE", "CHANNEL", "MONTH"]):
        expected = table.groupby(some).size()
        expected = expected[expected >= 3]
        found = {key: n for key, n in counts.items() if {name for name, _ in key} == set(some)}
        assert sorted(found.values()) == sorted(expected.tolist()), some
    assert counts[frozenset()] == len(table)


async def test_random_complaints_have_none(world: World) -> None:
    """One bank in twenty may have one (test_excess counts them); this has none."""
    assert await hotspots(world.database, Cohort(EVERY_COMPLAINT), USUAL, ZONE) == []


async def test_a_future_period_has_none(world: World) -> None:
    assert (
        await hotspots(
            world.database,
            Cohort(EVERY_COMPLAINT, since=datetime(2031, 1, 1, tzinfo=UTC)),
            USUAL,
            ZONE,
        )
        == []
    )


@pytest.mark.parametrize("wrong", [(), (D.TYPE,), (D.TYPE, D.TYPE), tuple(D)[:5]])
async def test_dimensions_that_make_no_sense_are_refused(
    world: World, wrong: tuple[HotspotDimension, ...]
) -> None:
    with pytest.raises(InvalidInputError):
        await hotspots(world.database, Cohort(EVERY_COMPLAINT), wrong, ZONE)


async def test_it_costs_two_statements(world: World) -> None:
    with metered() as meter:
        await hotspots(world.database, Cohort(EVERY_COMPLAINT), USUAL, ZONE)
    assert meter.statements == 2


# Last: it empties the graph of the other tests.
async def test_what_is_planted_is_found(database: Database) -> None:
    rows = random_rows(500, 9)
    private = {"type": "PRIVACY", "branch": "N1", "duplicate": False}
    more = [{**row, **private, "number": 500 + n} for n, row in enumerate(random_rows(130, 10))]
    await fill(database, [*rows, *more])
    found = await hotspots(database, Cohort(EVERY_COMPLAINT), (D.TYPE, D.BRANCH, D.CHANNEL), ZONE)
    # A quarter of the complaints do not tell more than N or S.
    assert [dict(each.codes) for each in found] == [{D.TYPE: "PRIVACY", D.BRANCH: "N"}]
    opened = found[0].narrowing
    assert (opened.types, opened.branches) == (("PRIVACY",), ("N",))
