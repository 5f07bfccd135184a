"""Measures against their definitions, and what must hold of them whatever the predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.classification.linear import acceptance
from ingest.classification.metrics import (
    accuracy,
    accuracy_at_coverage,
    by_class,
    expected_calibration_error,
    interval,
    mcnemar,
)

PREDICTIONS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60)


def arrays(rows: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([r for r, _ in rows]), np.array([c for _, c in rows], dtype=float)


@given(PREDICTIONS)
def test_measures_lie_between_0_and_1_and_intervals_around_what_is_usual(
    rows: list[tuple[bool, float]],
) -> None:
    right, confidence = arrays(rows)
    for measure in (accuracy, accuracy_at_coverage, expected_calibration_error):
        assert 0 <= measure(right, confidence) <= 1


@given(PREDICTIONS)
def test_the_whole_coverage_is_the_accuracy(rows: list[tuple[bool, float]]) -> None:
    right, confidence = arrays(rows)
    assert accuracy_at_coverage(right, confidence, 1.0) == accuracy(right, confidence)


@given(PREDICTIONS)
def test_one_bin_compares_the_means(rows: list[tuple[bool, float]]) -> None:
    right, confidence = arrays(rows)
    expected = abs(right.mean() - confidence.mean())
    assert expected_calibration_error(right, confidence, 1) == pytest.approx(expected)


def test_the_surest_four_of_five_count() -> None:
    right = np.array([True, True, False, True, False])
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.1])
    assert accuracy_at_coverage(right, confidence) == 0.75


def test_perfect_confidence_has_no_error() -> None:
    right = np.array([True] * 10 + [False] * 10)
    assert expected_calibration_error(right, right.astype(float), 2) == 0


def test_bins_have_equal_mass() -> None:
    # Two bins of two: |1 - .95| and |.5 - .55|, half of the rows each.
    right = np.array([True, True, True, False])
    confidence = np.array([0.95, 0.95, 0.6, 0.5])
    assert expected_calibration_error(right, confidence, 2) == pytest.approx(0.05)


def test_an_interval_holds_its_value_and_narrows_with_more_rows() -> None:
    few = interval(accuracy, np.array([True, False] * 20), np.ones(40), 1)
    many = interval(accuracy, np.array([True, False] * 200), np.ones(400), 1)
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_mcnemar_is_the_binomial_test_of_what_differs() -> None:
    ours = np.array([True] * 8 + [False] * 2 + [True] * 5)
    theirs = np.array([False] * 8 + [True] * 2 + [True] * 5)
    found = mcnemar(ours, theirs)
    # 2 * (C(10,0) + C(10,1) + C(10,2)) / 2^10
    assert (found.only_ours, found.only_theirs, found.p) == (8, 2, pytest.approx(0.109375))
    assert mcnemar(ours, ours).p == 1.0


def test_a_class_that_was_never_told_has_no_precision() -> None:
    scores = by_class(["a", "a", "b"], ["a", "a", "a"], np.array([0.9, 0.4, 0.8]), 0.5)
    first, second = scores
    assert (first.name, first.rows, first.predicted, first.recall) == ("a", 2, 3, 1.0)
    assert (first.coverage, first.accepted_accuracy) == (0.5, 1.0)
    assert (second.name, second.precision, second.recall, second.gap) == ("b", None, 0.0, None)
    assert first.gap == pytest.approx(0.7 - 2 / 3)


@given(PREDICTIONS, st.floats(0.5, 1))
def test_what_is_accepted_is_right_as_often_as_wanted(
    rows: list[tuple[bool, float]], target: float
) -> None:
    right, confidence = arrays(rows)
    # Without ties: with them the last of equals decides.
    confidence = confidence + np.arange(len(confidence)) * 2.0
    least = acceptance(confidence, right, target, fewest=3)
    if least is not None:
        accepted = confidence >= least
        assert accepted.sum() >= 3
        assert right[accepted].mean() >= target
