"""The three measures against pandas, and against bad input."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.database import metered
from graph.domain.filters import ComplaintFilter
from graph.domain.scope import WHOLE_BANK
from graph.errors import InvalidInputError
from graph.insight.cohort import Cohort
from graph.insight.measures import measures
from graph.queries.conditions import EVERY_COMPLAINT, Covered, compile_filter
from tests.graph.insight.world import NOW, World

pytestmark = pytest.mark.graph

SINCE, UNTIL = datetime(2025, 2, 1, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)


async def test_they_are_those_of_an_independent_computation(world: World) -> None:
    found = await measures(world.database, Cohort(EVERY_COMPLAINT, since=SINCE, until=UNTIL), NOW)
    table = world.counted
    table = table[(table.received >= SINCE) & (table.received < UNTIL)]
    answered = table[table.answered]
    known = table[table.customer.notna()]
    right = (
        (answered["round"] == 1) & (answered.review != False) & ~answered.repeated  # noqa: E712
    )

    assert found.total == len(table)
    assert found.waiting == int((~table.decided).sum())
    assert found.unsettled == int((answered.decidedAt > NOW - timedelta(days=30)).sum())
    assert found.handling is not None
    assert found.handling.median.count == len(answered)
    assert found.handling.median.value == pytest.approx(answered.days.median(), abs=1e-9)
    assert found.handling.mean.value == pytest.approx(answered.days.mean(), abs=1e-9)
    assert found.handling.p90.value == pytest.approx(answered.days.quantile(0.9), abs=1e-9)
    assert found.repeat_rate is not None
    assert found.repeat_rate.count == len(known)
    assert found.repeat_rate.value == pytest.approx(known.repeats.mean(), abs=1e-9)
    assert found.first_time_right is not None
    assert found.first_time_right.count == int(answered.customer.notna().sum())
    assert found.first_time_right.value == pytest.approx(
        right[answered.customer.notna()].mean(), abs=1e-9
    )


async def test_a_figure_opens_to_its_complaints(world: World) -> None:
    found = await measures(world.database, Cohort(EVERY_COMPLAINT, since=SINCE, until=UNTIL), NOW)
    opened = found.narrowing
    wanted = ComplaintFilter(
        received_from=opened.received_from,
        received_to=opened.received_to,
        duplicate=opened.duplicate,
    )
    narrowed = compile_filter(wanted, Covered(), WHOLE_BANK, now=NOW)
    rows = await world.database.read(
        f"MATCH (c:Complaint) WHERE {narrowed.predicate} RETURN count(*) AS n",
        **narrowed.parameters,
    )
    assert rows[0]["n"] == found.total


@pytest.mark.parametrize("since", [datetime(2031, 1, 1, tzinfo=UTC), UNTIL])
async def test_an_empty_or_future_period_has_nothing_to_tell(world: World, since: datetime) -> None:
    found = await measures(world.database, Cohort(EVERY_COMPLAINT, since=since, until=since), NOW)
    assert found.total == 0
    assert found.handling is found.repeat_rate is found.first_time_right is None


async def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Cohort(EVERY_COMPLAINT, since=UNTIL, until=SINCE)


async def test_it_costs_two_statements(world: World) -> None:
    with metered() as meter:
        await measures(world.database, Cohort(EVERY_COMPLAINT), NOW)
    assert meter.statements == 2
