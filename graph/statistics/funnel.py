"""Branches against what alike cases let expect, with limits that forgive small ones. Pure.

Funnel plots (Spiegelhalter 2005): the limits are those of a branch where nothing but chance is at
work, so the smaller a branch is, the wider they lie. Where branches vary more than chance lets
them, whatever the reason, the limits are wider by the root of that (see ``dispersion``): what
stands out stands out among branches as they are.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, sqrt

import scipy

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
    where there are too few cases. ``spread``: how many times the variance of all branches is that
    of chance alone, which the limits allow for.
    """

    count: int
    value: float | None
    expected: float | None
    inner_low: float | None = None
    inner_high: float | None = None
    outer_low: float | None = None
    outer_high: float | None = None
    verdict: FunnelVerdict = FunnelVerdict.TOO_LITTLE
    spread: float = 1.0


def share_score(count: int, hits: float, expected: float) -> float | None:
    """How many standard deviations a share lies off; None where that cannot be said."""
    target = min(1.0, expected / count) if count else 0.0
    deviation = sqrt(count * target * (1 - target))
    return (hits - expected) / deviation if count >= FEWEST and deviation else None


def mean_score(count: int, total: float, expected: float, variance: float) -> float | None:
    """The same of a mean."""
    return (total - expected) / sqrt(variance) if count >= FEWEST and variance > 0 else None


def share_place(count: int, hits: int, expected: float, spread: float = 1.0) -> Place:
    """A share; ``expected``: hits that alike cases let expect.

    The limits are those of a binomial of the same mean: of cases whose chances differ the spread
    is smaller, so they lie a little too wide.
    """
    if count == 0:
        return Place(0, None, None)
    target = min(1.0, expected / count)
    limits = [_quantile(count, target, end) for end in _ends()]
    wider = [min(1.0, max(0.0, target + sqrt(spread) * (each - target))) for each in limits]
    return _with_limits(Place(count, hits / count, target, spread=spread), wider)


def _quantile(count: int, chance: float, probability: float) -> float:
    """A binomial quantile as a share, interpolated between its steps (appendix A.1.1)."""
    if chance in (0.0, 1.0):
        return chance
    rank = float(scipy.stats.binom.ppf(probability, count, chance))
    reached, step = (
        float(scipy.stats.binom.cdf(rank, count, chance)),
        float(scipy.stats.binom.pmf(rank, count, chance)),
    )
    part = (reached - probability) / step if step else 0.0
    return min(1.0, max(0.0, (rank - part) / count))


def mean_place(
    count: int, total: float, expected: float, variance: float, spread: float = 1.0
) -> Place:
    """A geometric mean; ``total``, ``expected``: sums of logarithms, of the branch and as alike
    cases let expect; ``variance``: the sum of the variances of the single logarithms.
    """
    if count == 0:
        return Place(0, None, None)
    target = expected / count
    deviation = sqrt(spread * max(variance, 0.0)) / count
    limits = [exp(target + float(scipy.stats.norm.ppf(end)) * deviation) for end in _ends()]
    return _with_limits(Place(count, exp(total / count), exp(target), spread=spread), limits)


def _ends() -> tuple[float, ...]:
    return _INNER / 2, 1 - _INNER / 2, _OUTER / 2, 1 - _OUTER / 2


def _with_limits(place: Place, limits: list[float]) -> Place:
    if place.count < FEWEST or place.value is None:
        return place
    low, high, lowest, highest = limits
    verdict = FunnelVerdict.WITHIN
    if place.value > high:
        verdict = FunnelVerdict.VERY_HIGH if place.value > highest else FunnelVerdict.HIGH
    elif place.value < low:
        verdict = FunnelVerdict.VERY_LOW if place.value < lowest else FunnelVerdict.LOW
    return replace(
        place, inner_low=low, inner_high=high, outer_low=lowest, outer_high=highest, verdict=verdict
    )
