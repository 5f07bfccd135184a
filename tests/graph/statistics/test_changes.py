"""Comparisons of counts: exact, and silent on noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from graph.statistics.changes import ChangeVerdict, change, with_verdicts


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.2, 5.0))
def test_the_ratio_lies_in_its_interval(count: int, before: int, calendar: float) -> None:
    found = change(count, before, calendar)
    if count + before == 0:
        assert found.ratio is found.probability is None
        return
    assert found.low is not None
    ratio = float("inf") if found.ratio is None else found.ratio
    high = float("inf") if found.high is None else found.high
    assert found.low <= ratio * (1 + 1e-9)
    assert ratio <= high * (1 + 1e-9)


def test_a_plain_doubling_is_the_binomial_test() -> None:
    found = change(60, 30, 1.0)
    assert found.ratio == 2.0
    assert found.probability == pytest.approx(binomtest(60, 90, 0.5).pvalue)


def test_verdicts_are_silent_on_noise() -> None:
    chance = np.random.default_rng(3)
    wrong = 0
    for _ in range(200):
        pairs = chance.poisson(40, (10, 2))
        found = with_verdicts([change(int(a), int(b), 1.0) for a, b in pairs])
        wrong += any(c is not None and c.verdict is not ChangeVerdict.NO_EVIDENCE for c in found)
    assert wrong <= 0.08 * 200


def test_few_complaints_tell_too_little() -> None:
    few, none, many = with_verdicts([change(9, 0, 1.0), None, change(90, 30, 1.0)])
    assert few is not None
    assert few.verdict is ChangeVerdict.TOO_LITTLE
    assert none is None
    assert many is not None
    assert many.verdict is ChangeVerdict.ROSE
