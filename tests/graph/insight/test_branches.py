"""Branches compared: the figures are pandas', small ones are forgiven."""

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from graph.database import metered
from graph.insight.branches import branch_comparison
from graph.insight.scope import Scope
from graph.statistics.funnel import FunnelVerdict, mean_place, share_place
from tests.graph.insight.world import BRANCHES, PRODUCTS, World

graph = pytest.mark.graph


def expected(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Count, sum, and what the kinds let expect, by branch; missing values do not count."""
    known = table[table[column].notna()].copy()
    known[column] = known[column].astype(float)
    kinds = known.groupby("kind")[column]
    known["expected"] = kinds.transform("mean")
    known["variance"] = kinds.transform("var").fillna(0.0)
    return known.groupby("code").agg(
        count=(column, "size"), total=(column, "sum"), expected=("expected", "sum"),
        variance=("variance", "sum"),
    )  # fmt: skip


@graph
async def test_the_figures_are_those_of_an_independent_computation(world: World) -> None:
    found = await branch_comparison(world.database, Scope(), 2, "CNY", 50)
    table = world.counted.copy()
    table["code"] = table.branch.map(
        lambda b: BRANCHES[b][2] if b in BRANCHES and len(BRANCHES[b]) > 2 else None
    )
    family = table["product"].map(lambda p: PRODUCTS[p][0] if p in PRODUCTS else "")
    table["kind"] = family + "/" + table.type.fillna("")
    table = table[table.code.notna()]
    table["escalated"] = table.level != "GREEN"
    table["repeat"] = table.repeats.where(table.customer.notna()).astype(object)
    table["compensated"] = table.paid.notna().where(table.answered).astype(object)
    table["log"] = np.log(table.days.clip(lower=1 / 24)).where(table.answered)
    table["logPaid"] = np.log(table.paid.astype(float) * table["round"])

    assert {each.code for each in found} == set(table.code)
    for each in found:
        for place, column in (
            (each.escalation, "escalated"), (each.repeats, "repeat"),
            (each.compensated, "compensated"),
        ):  # fmt: skip
            row = expected(table, column).loc[each.code]
            assert place.count == row["count"], column
            assert place.value == pytest.approx(row.total / row["count"], abs=1e-9), column
            assert place.expected == pytest.approx(row.expected / row["count"], abs=1e-9), column
        for place, column in ((each.days, "log"), (each.amount, "logPaid")):
            row = expected(table, column).loc[each.code]
            assert place.count == row["count"], column
            assert place.value == pytest.approx(math.exp(row.total / row["count"]), rel=1e-9)
            assert place.expected == pytest.approx(math.exp(row.expected / row["count"]), rel=1e-9)
            if place.inner_high is not None:
                reach = 1.959963984540054 * math.sqrt(row.variance) / row["count"]
                assert place.inner_high == pytest.approx(place.expected * math.exp(reach), rel=1e-7)


@graph
async def test_a_future_period_has_no_branches(world: World) -> None:
    scope = Scope(since=datetime(2031, 1, 1, tzinfo=UTC))
    assert await branch_comparison(world.database, scope, None, "CNY", 50) == []


@graph
async def test_it_costs_two_statements(world: World) -> None:
    with metered() as meter:
        await branch_comparison(world.database, Scope(), None, "CNY", 50)
    assert meter.statements == 2


@pytest.mark.parametrize(("count", "chance"), [(15, 0.1), (60, 0.3), (400, 0.05)])
def test_limits_hold_what_they_say(count: int, chance: float) -> None:
    outside = sum(
        float(binom.pmf(hits, count, chance))
        for hits in range(count + 1)
        if share_place(count, hits, chance * count).verdict is not FunnelVerdict.WITHIN
    )
    assert outside <= 0.07


def test_the_same_share_is_forgiven_a_small_branch() -> None:
    assert share_place(20, 5, 2.0).verdict is FunnelVerdict.HIGH
    assert share_place(15, 3, 1.5).verdict is FunnelVerdict.WITHIN
    assert share_place(2_000, 400, 200.0).verdict is FunnelVerdict.VERY_HIGH
    assert share_place(9, 9, 0.9).verdict is FunnelVerdict.TOO_LITTLE


@pytest.mark.parametrize("expected_hits", [0.0, 40.0])
def test_certain_shares_have_no_width(expected_hits: float) -> None:
    place = share_place(40, int(expected_hits), expected_hits)
    assert place.verdict is FunnelVerdict.WITHIN


def test_nothing_is_said_of_nothing() -> None:
    assert share_place(0, 0, 0.0).value is None
    assert mean_place(0, 0.0, 0.0, 0.0).verdict is FunnelVerdict.TOO_LITTLE
