"""Over-dispersion is estimated: none of chance alone, the right size where there is some."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from graph.statistics.dispersion import (
    dispersion,
    mean_square,
    prior_weight,
    wide_confidence,
    widened,
    winsorised,
)


@pytest.mark.parametrize("number", [8, 30, 200])
@pytest.mark.parametrize("spread", [1.0, 4.0])
def test_the_estimate_is_unbiased(number: int, spread: float) -> None:
    chance = np.random.default_rng(1)
    found = [mean_square(chance.normal(0, sqrt(spread), number)) for _ in range(600)]
    assert np.mean(found) == pytest.approx(spread, rel=0.12)


def test_chance_alone_is_seldom_taken_for_more() -> None:
    chance = np.random.default_rng(2)
    found = [dispersion(chance.normal(0, 1, 30)) for _ in range(400)]
    assert np.mean(np.array(found) > 1) < 0.1
    assert dispersion(chance.normal(0, 2, 30)) > 2
    assert dispersion([9.0, -9.0, 9.0, -9.0]) == 1  # four tell nothing


def test_a_few_that_stand_out_do_not_hide_themselves() -> None:
    scores = np.concatenate([norm.ppf((np.arange(40) + 0.5) / 40), [12.0, 15.0]])
    assert dispersion(scores) == 1
    assert (scores**2).mean() > 9


@settings(deadline=None)
@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(-50, 50)))
def test_winsorised_scores_lie_among_the_others(scores: np.ndarray) -> None:
    found = winsorised(scores)
    assert scores.min() - 1e-9 <= found.min() <= found.max() <= scores.max() + 1e-9
    assert dispersion(scores) >= 1


def test_probabilities_and_intervals_grow_with_the_spread() -> None:
    assert widened(0.01, 1.0) == pytest.approx(0.01)
    assert widened(2 * norm.sf(4.0), 4.0) == pytest.approx(2 * norm.sf(2.0))
    assert wide_confidence(0.95, 1.0) == pytest.approx(0.95)
    assert norm.isf((1 - wide_confidence(0.95, 4.0)) / 2) == pytest.approx(2 * norm.isf(0.025))


def test_subjects_that_differ_tell_less_of_each_other() -> None:
    chance = np.random.default_rng(3)
    sizes = np.full(60, 2_000)

    def weight(deviation: float) -> float:
        shares = np.clip(chance.normal(0.2, deviation, 60), 0.01, 0.99)
        return prior_weight(chance.binomial(sizes, shares), sizes)

    # A beta distribution of this deviation has share (1 - share) / deviation² - 1 complaints.
    assert 0.5 * 63 < weight(0.05) < 2 * 63
    assert weight(0.02) < weight(0.0)
    assert prior_weight([10, 10, 10, 10, 10, 10] * 20, [100] * 120) == inf
    assert prior_weight([1, 2], [10, 10]) == prior_weight([0] * 9, [5] * 9) == 0
    assert prior_weight([], []) == 0
