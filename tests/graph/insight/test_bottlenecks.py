"""Bottlenecks on the graph: pandas' counts of the whole way, and the steps of the desk."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from graph.commands.desk import StepRequest, take_step
from graph.database import Database, metered
from graph.domain.desk import Taking
from graph.domain.desk.handling import Classify, Dispatch, Investigate
from graph.domain.enums import CaseStatus
from graph.insight.bottlenecks import bottlenecks
from graph.insight.cohort import Cohort
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.trees import Facet
from graph.statistics.survival import DayCount, survival, waiting_time
from tests.graph.insight.world import NOW, World, catalogue
from tests.support.graph import case, put

pytestmark = pytest.mark.graph


async def test_the_whole_way_is_that_of_an_independent_computation(world: World) -> None:
    found = await bottlenecks(
        world.database, Cohort(EVERY_COMPLAINT), Facet.DEPARTMENT, None, 20, NOW
    )
    table = world.counted.explode("departments")
    assert {each.code for each in found} == {"CARDS", "CREDIT"}
    for each in found:
        group = table[table.departments == each.code]
        open_ = ~group.decided
        days = group.days.where(group.decided, (NOW - group.received).dt.total_seconds() / 86_400)
        due = group.received + timedelta(days=15)
        late = group.decidedAt.where(group.decided, pd.Timestamp(NOW)) > due
        counts = pd.DataFrame({"day": np.floor(days), "ended": group.answered})
        expected = {
            int(day): DayCount(int(part.ended.sum()), int((~part.ended).sum()))
            for day, part in counts.groupby("day")
        }
        whole = each.steps[0]
        assert whole.status is None
        assert whole.ended == int(group.answered.sum())
        assert whole.waiting == int(open_.sum())
        assert whole.overdue is not None
        assert whole.overdue.count == len(group)
        assert whole.overdue.value == pytest.approx(late.mean(), abs=1e-9)
        assert whole.median == waiting_time(expected, 0.5)
        assert whole.p90 == waiting_time(expected, 0.9)
        assert whole.curve == tuple(survival(expected))


async def test_a_future_period_has_none(world: World) -> None:
    cohort = Cohort(EVERY_COMPLAINT, since=datetime(2031, 1, 1, tzinfo=UTC))
    assert await bottlenecks(world.database, cohort, Facet.BRANCH, None, 20, NOW) == []


async def test_it_costs_three_statements(world: World) -> None:
    with metered() as meter:
        await bottlenecks(world.database, Cohort(EVERY_COMPLAINT), Facet.ROOT_CAUSE, 1, 20, NOW)
    assert meter.statements == 3


# Last: it empties the graph of the other tests.
async def test_steps_at_the_desk_are_timed(database: Database) -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    await put(database, [case(1), case(2)], catalogue())
    identity = case(1).id
    received = case(1).received.at
    steps = (Classify(type="FRAUD"), Dispatch(lead="CARDS"), Investigate())
    for number, step in enumerate(steps, start=1):
        taking = Taking(start + timedelta(days=number), "li")
        await take_step(database, StepRequest(identity, number, step), taking)
    now = start + timedelta(days=9)
    found = await bottlenecks(database, Cohort(EVERY_COMPLAINT), Facet.CHANNEL, None, 20, now)
    steps_found = {step.status: step for step in found[0].steps}

    assert steps_found[None].waiting == 2
    assert steps_found[CaseStatus.DISPATCHED].ended == 1
    assert steps_found[CaseStatus.DISPATCHED].median is not None
    assert steps_found[CaseStatus.DISPATCHED].median.value == pytest.approx(1.5)
    assert steps_found[CaseStatus.INVESTIGATING].waiting == 1
    assert steps_found[CaseStatus.INVESTIGATING].median is None
    assert steps_found[CaseStatus.INVESTIGATING].overdue is not None
    assert steps_found[CaseStatus.INVESTIGATING].overdue.value == 1.0
    assert steps_found[CaseStatus.REGISTERED].waiting == 1
    days = (start + timedelta(days=1) - received).days
    assert steps_found[CaseStatus.REGISTERED].ended == 1
    assert steps_found[CaseStatus.REGISTERED].median is not None
    assert days <= steps_found[CaseStatus.REGISTERED].median.value <= days + 1
