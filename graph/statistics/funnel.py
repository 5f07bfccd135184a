"""Branches against what alike cases let expect, with limits that forgive small ones. Pure.

Funnel plots (Spiegelhalter 2005): the limits are those of a branch where nothing but chance is at
work, so the smaller a branch is, the wider they lie.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import exp, sqrt

from scipy.stats import binom, norm

#: Fewer cases than this tell nothing.
FEWEST = 10
#: Of branches where nothing is the matter, so many lie outside of the inner and outer limits.
_INNER, _OUTER = 0.05, 0.002


class FunnelVerdict(StrEnum):
    WITHIN = "WITHIN"
    HIGH = "HIGH"
    LOW = "LOW"
    VERY_HIGH = "VERY_HIGH"
    VERY_LOW = "VERY_LOW"
    TOO_LITTLE = "TOO_LITTLE"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a branch lies: all in one unit (a share, days, or money).

    ``expected``: what the same cases had had elsewhere. Limits: inner 95 %, outer 99.8 %; None
    where there are too few cases.
    """

    count: int
    value: float | None
    expected: float | None
    inner_low: float | None = None
    inner_high: float | None = None
    outer_low: float | None = None
    outer_high: float | None = None
    verdict: FunnelVerdict = FunnelVerdict.TOO_LITTLE


def share_place(count: int, hits: int, expected: float) -> Place:
    """A share; ``expected``: hits that alike cases let expect.

    The limits are those of a binomial of the same mean: of cases whose chances differ the spread
    is smaller, so they lie a little too wide.
    """
    if count == 0:
        return Place(0, None, None)
    target = min(1.0, expected / count)
    limits = [_quantile(count, target, end) for end in _ends()]
    return _judged(count, hits / count, target, limits)


def _quantile(count: int, chance: float, wanted: float) -> float:
    """A binomial quantile as a share, interpolated between its steps (appendix A.1.1)."""
    if chance in (0.0, 1.0):
        return chance
    rank = float(binom.ppf(wanted, count, chance))
    reached, step = float(binom.cdf(rank, count, chance)), float(binom.pmf(rank, count, chance))
    part = (reached - wanted) / step if step else 0.0
    return min(1.0, max(0.0, (rank - part) / count))


def mean_place(count: int, total: float, expected: float, variance: float) -> Place:
    """A geometric mean; ``total``, ``expected``: sums of logarithms, of the branch and as alike
    cases let expect; ``variance``: the sum of the variances of the single logarithms.
    """
    if count == 0:
        return Place(0, None, None)
    target = expected / count
    reach = [float(norm.ppf(end)) * sqrt(max(variance, 0.0)) / count for end in _ends()]
    limits = [exp(target + each) for each in reach]
    return _judged(count, exp(total / count), exp(target), limits)


def _ends() -> tuple[float, ...]:
    return _INNER / 2, 1 - _INNER / 2, _OUTER / 2, 1 - _OUTER / 2


def _judged(count: int, value: float, expected: float, limits: list[float]) -> Place:
    if count < FEWEST:
        return Place(count, value, expected)
    low, high, lowest, highest = limits
    verdict = FunnelVerdict.WITHIN
    if value > high:
        verdict = FunnelVerdict.VERY_HIGH if value > highest else FunnelVerdict.HIGH
    elif value < low:
        verdict = FunnelVerdict.VERY_LOW if value < lowest else FunnelVerdict.LOW
    return Place(count, value, expected, low, high, lowest, highest, verdict)
