"""Kappa against figures worked out by hand and against scikit-learn."""

from itertools import combinations
from random import Random

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from graph.statistics.agreement import disagreement, kappa

PAIR = [(0, 1)]


def table(cells: list[list[int]]) -> np.ndarray:
    """Two raters' values of a table: how often the first says the row, the second the column."""
    pairs = [
        (row, column)
        for row, counts in enumerate(cells)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]
    return np.array(pairs).T


def test_a_table_worked_out_by_hand() -> None:
    """Of 50: 35 the same, .7; by chance .5 * .6 + .5 * .4 = .5; (.7 - .5) / (1 - .5) = .4."""
    found = kappa(table([[20, 5], [10, 15]]), disagreement(2, ordered=False), PAIR)
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.4 < found.high
    assert found.count == 1


def test_squares_worked_out_by_hand() -> None:
    """Three levels of ten cases; off by one costs 1/4, off by two 1.

    Observed: one off by one, one off by two: (1/4 + 1) / 10 = .125. The first says 4, 3, 3, the
    second 4, 4, 2; by chance (4*4/4 + 4*2 + 3*4/4 + 3*2/4 + 3*4 + 3*4/4) / 100 = .315.
    """
    ratings = table([[3, 1, 0], [0, 3, 0], [1, 0, 2]])
    found = kappa(ratings, disagreement(3, ordered=True), PAIR)
    assert found is not None
    assert found.value == pytest.approx(1 - 0.125 / 0.315)
    # Not ordered: .8 the same, by chance (4*4 + 3*4 + 3*2) / 100 = .34.
    plain = kappa(ratings, disagreement(3, ordered=False), PAIR)
    assert plain is not None
    assert plain.value == pytest.approx((0.8 - 0.34) / (1 - 0.34))


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_it_is_scikit_learn_s_kappa(seed: int, ordered: bool) -> None:
    random = Random(seed)
    values, cases, raters = random.randint(2, 6), random.randint(5, 40), random.randint(2, 5)
    ratings = np.array(
        [[random.randrange(values) for _ in range(cases)] for _ in range(raters)], dtype=np.int64
    )
    pairs = list(combinations(range(raters), 2))
    found = kappa(ratings, disagreement(values, ordered=ordered), pairs)
    weights = "quadratic" if ordered else None
    known = [
        cohen_kappa_score(ratings[a], ratings[b], labels=list(range(values)), weights=weights)
        for a, b in pairs
    ]
    assert found is not None
    assert found.value == pytest.approx(np.mean(known))
    assert found.count == len(pairs)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def test_where_everybody_always_says_one_thing_it_tells_nothing() -> None:
    same = np.zeros((2, 6), dtype=np.int64)
    assert kappa(same, disagreement(3, ordered=False), PAIR) is None
    assert kappa(same, disagreement(3, ordered=False), []) is None
    # A pair of which it is defined stands for itself.
    other = np.array([[0] * 6, [0] * 6, [0, 1, 0, 1, 0, 1]])
    found = kappa(other, disagreement(2, ordered=False), [(0, 1), (0, 2)])
    assert found is not None
    assert found.value == pytest.approx(0)


def test_all_right_is_one_and_of_one_case_no_interval_is_told() -> None:
    ratings = np.array([[0, 1, 2, 1], [0, 1, 2, 1]])
    found = kappa(ratings, disagreement(3, ordered=True), PAIR)
    assert found is not None
    assert (found.value, found.high) == (1, 1)
    single = kappa(np.array([[0], [1]]), disagreement(2, ordered=False), PAIR)
    assert single is not None
    assert (single.value, single.low, single.high) == (0, None, None)


def test_the_interval_covers_what_it_should() -> None:
    """Of 200 pairs of raters with a known kappa about 95 in 100 intervals hold it."""
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        truth = rng.integers(0, 2, 60)
        # Repeats the first in 7 of 10 cases, else draws: kappa is .7 of a fair coin.
        other = np.where(rng.random(60) < 0.7, truth, rng.integers(0, 2, 60))
        found = kappa(np.array([truth, other]), disagreement(2, ordered=False), PAIR)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.7 <= found.high
    assert 180 <= covered <= 198
