"""Branches compared: the figures are pandas', small ones are forgiven."""

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from graph.database import metered
from graph.insight.branches import branch_comparison
from graph.insight.cohort import Cohort
from graph.queries.conditions import EVERY_COMPLAINT
from graph.statistics.dispersion import dispersion
from graph.statistics.funnel import FunnelVerdict, mean_place, mean_score, share_place, share_score
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
    found = await branch_comparison(world.database, Cohort(EVERY_COMPLAINT), 2, "CNY", 50)
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
    cohort = Cohort(EVERY_COMPLAINT, since=datetime(2031, 1, 1, tzinfo=UTC))
    assert await branch_comparison(world.database, cohort, None, "CNY", 50) == []


@graph
async def test_it_costs_two_statements(world: World) -> None:
    with metered() as meter:
        await branch_comparison(world.database, Cohort(EVERY_COMPLAINT), None, "CNY", 50)
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


def test_limits_allow_for_branches_that_vary_more_than_by_chance() -> None:
    narrow, wide = share_place(400, 60, 40.0), share_place(400, 60, 40.0, spread=4.0)
    assert narrow.verdict is FunnelVerdict.VERY_HIGH
    assert wide.verdict is FunnelVerdict.WITHIN
    assert narrow.outer_high is not None
    assert wide.outer_high == pytest.approx(0.1 + 2 * (narrow.outer_high - 0.1))
    plain, spread = mean_place(50, 60.0, 50.0, 20.0), mean_place(50, 60.0, 50.0, 20.0, spread=4.0)
    assert plain.verdict is FunnelVerdict.HIGH
    assert spread.verdict is FunnelVerdict.WITHIN
    assert (plain.spread, spread.spread) == (1.0, 4.0)


def test_the_spread_is_estimated_from_all_branches() -> None:
    """Forty branches whose true shares differ: most lie within once that is allowed for."""
    chance = np.random.default_rng(9)
    sizes = chance.integers(200, 800, 40)
    hits = chance.binomial(sizes, np.clip(chance.normal(0.2, 0.06, 40), 0.02, 0.9))
    scores = [share_score(int(n), float(h), 0.2 * n) for n, h in zip(sizes, hits, strict=True)]
    spread = dispersion([score for score in scores if score is not None])
    assert spread > 4

    def outside(allowed: float) -> int:
        places = [
            share_place(int(n), int(h), 0.2 * n, allowed) for n, h in zip(sizes, hits, strict=True)
        ]
        return sum(place.verdict is not FunnelVerdict.WITHIN for place in places)

    assert outside(1.0) > 15
    assert outside(spread) <= 5
    assert share_score(0, 0, 0.0) is mean_score(9, 1.0, 1.0, 1.0) is None
