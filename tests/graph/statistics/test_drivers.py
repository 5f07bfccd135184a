"""Drivers are found when planted, and not in noise."""

import math

import numpy as np
import pytest
from scipy.stats import fisher_exact
from scipy.stats.contingency import relative_risk

from graph.statistics.drivers import Count, DriverKind, drivers, ratio


def count(inside: int, inside_known: int, outside: int, outside_known: int, value="25") -> Count:
    return Count(DriverKind.DAY_OF_MONTH, value, inside, inside_known, outside, outside_known)


def test_the_statement_date_is_found_by_itself() -> None:
    rest = [count(1, 100, 90, 2900, value=str(day)) for day in range(1, 21)]
    found = drivers([*rest, count(80, 100, 100, 2900)])
    assert [(d.value, d.count) for d in found] == [("25", 80)]
    assert found[0].share == pytest.approx(0.8)
    assert found[0].low < found[0].lift < found[0].high


def test_figures_are_scipys() -> None:
    (found,) = drivers([count(30, 100, 200, 2000)])
    expected = relative_risk(30, 100, 200, 2000)
    interval = expected.confidence_interval(0.95)
    assert found.lift == pytest.approx(expected.relative_risk, rel=1e-12)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.p == pytest.approx(
        fisher_exact([[30, 70], [200, 1800]], alternative="greater").pvalue, rel=1e-9
    )


def test_noise_has_no_drivers() -> None:
    chance = np.random.default_rng(1)
    false = 0
    for _ in range(200):
        inside = chance.multinomial(200, np.ones(30) / 30)
        outside = chance.multinomial(5000, np.ones(30) / 30)
        false += bool(
            drivers(
                [
                    count(int(a), 200, int(b), 5000, value=str(n))
                    for n, (a, b) in enumerate(zip(inside, outside, strict=True))
                ]
            )
        )
    assert false <= 6  # 1 % of 200 are 2


def test_few_complaints_and_no_rest_tell_nothing() -> None:
    assert drivers([]) == []
    assert drivers([count(4, 4, 0, 1000)]) == []
    assert drivers([count(10, 10, 0, 0)]) == []
    lift, low, high = ratio(10, 10, 0, 1000)
    assert 1 < low < lift < high < math.inf
