"""Odds ratios are scipy's, whatever the table."""

from math import inf, isinf

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio as slow

from graph.statistics.odds import odds_ratio

CELL = st.integers(0, 60)


@settings(deadline=None, max_examples=60)
@given(a=CELL, b=CELL, c=CELL, d=CELL)
def test_it_is_what_scipy_finds(a: int, b: int, c: int, d: int) -> None:
    assume(min(a + b, c + d, a + c, b + d) > 0)
    found, known = odds_ratio((a, b), (c, d), 0.95), slow([[a, b], [c, d]], kind="conditional")
    ends = known.confidence_interval(0.95)
    for one, other in (
        (found.value, known.statistic), (found.low, ends.low), (found.high, ends.high)
    ):  # fmt: skip
        assert one == pytest.approx(other, rel=1e-6) or (isinf(one) and isinf(other))


def test_large_tables_keep_their_symmetry() -> None:
    there = odds_ratio((9000, 9500), (21000, 20000), 0.95)
    back = odds_ratio((9500, 9000), (20000, 21000), 0.95)
    assert there.value * back.value == pytest.approx(1, rel=1e-9)
    assert there.low * back.high == pytest.approx(1, rel=1e-9)
    assert there.low < there.value < there.high < inf
    assert there.value == pytest.approx(9000 * 20000 / (9500 * 21000), rel=1e-3)
