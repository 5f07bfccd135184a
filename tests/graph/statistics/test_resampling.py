import numpy as np
import pytest

from graph.statistics.resampling import bootstrap_interval


def test_the_interval_of_a_mean_is_that_of_large_samples() -> None:
    values = np.random.default_rng(1).normal(size=1_000)
    low, high = bootstrap_interval(np.mean, values, seed=1)
    wide = 1.96 * values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx((values.mean() - wide, values.mean() + wide), abs=0.01)


def test_rows_are_drawn_together() -> None:
    values = np.arange(100.0)
    difference = bootstrap_interval(lambda a, b: (a - b).mean(), values, values - 1, seed=1)
    assert difference == pytest.approx((1, 1))


def test_one_row_leaves_nothing_to_draw() -> None:
    assert bootstrap_interval(np.mean, np.array([0.5]), seed=1) == (0.5, 0.5)


def test_rows_that_are_equal_have_no_width() -> None:
    assert bootstrap_interval(np.mean, np.ones(5), seed=1) == (1, 1)
