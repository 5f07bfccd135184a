"""Waiting times: scipy's Kaplan-Meier curve, and silence where it does not reach."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from graph.statistics.survival import DayCount, survival, waiting_time

DAYS = st.dictionaries(
    st.integers(0, 60), st.builds(DayCount, st.integers(0, 9), st.integers(0, 9)), max_size=25
)


@given(DAYS)
def test_the_curve_is_scipy_s(days: dict[int, DayCount]) -> None:
    ended = [day for day, each in days.items() for _ in range(each.ended)]
    waiting = [day for day, each in days.items() for _ in range(each.waiting)]
    found = survival(days)
    if not ended:
        assert found == []
        return
    expected = ecdf(CensoredData(uncensored=ended, right=waiting)).sf
    at = dict(zip(expected.quantiles.tolist(), expected.probabilities.tolist(), strict=True))
    for each in found:
        assert each.share == pytest.approx(at[each.day], abs=1e-9)
        if each.low is not None and each.high is not None:
            assert 0 <= each.low <= each.share <= each.high <= 1


def test_waiting_cases_make_it_longer() -> None:
    over = {3: DayCount(50), 8: DayCount(50)}
    waiting = {3: DayCount(50), 8: DayCount(50, 60)}
    plain, censored = waiting_time(over, 0.5), waiting_time(waiting, 0.5)
    assert plain is not None
    assert censored is not None
    assert plain.value == 4.0
    assert censored.value > 8
    assert waiting_time(waiting, 0.9) is None


def test_without_open_cases_it_is_the_quantile_of_the_days() -> None:
    values = np.random.default_rng(4).gamma(2, 5, 4_000)
    floors, counts = np.unique(values.astype(int), return_counts=True)
    days = {int(day): DayCount(int(n)) for day, n in zip(floors, counts, strict=True)}
    for wanted in (0.5, 0.9):
        found = waiting_time(days, wanted)
        assert found is not None
        assert found.value == pytest.approx(np.quantile(values, wanted), rel=0.02)
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high


@pytest.mark.parametrize("days", [{}, {4: DayCount(0, 3)}])
def test_nothing_is_said_of_nothing(days: dict[int, DayCount]) -> None:
    assert waiting_time(days, 0.5) is None


def test_one_case_has_no_interval() -> None:
    found = waiting_time({4: DayCount(1)}, 0.5)
    assert found is not None
    assert found.low is found.high is None
