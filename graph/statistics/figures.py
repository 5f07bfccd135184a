"""Figures with their uncertainty: shares, means and quantiles. Pure.

Where too little is known for an interval its ends are None: a figure never looks surer than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt

import scipy

#: What an interval covers, and what lies outside on either side.
CONFIDENCE = 0.95
_TAIL = (1 - CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval; an end is None where so few say nothing about it.

    ``count``: of how many.
    """

    value: float
    low: float | None
    high: float | None
    count: int


def share(hits: int, count: int) -> Figure | None:
    """A share (0..1) with Wilson's score interval (Wilson 1927); None of nothing."""
    if count == 0:
        return None
    result = scipy.stats.binomtest(hits, count)
    interval = result.proportion_ci(CONFIDENCE, method="wilson")
    value = hits / count
    # Rounding may leave an end a hair inside of a share of 0 or 1.
    return Figure(value, min(value, float(interval.low)), max(value, float(interval.high)), count)


def mean(value: float, deviation: float, count: int) -> Figure:
    """A mean with Student's interval; ``deviation``: the sample's standard deviation."""
    if count < 2:
        return Figure(value, None, None, count)
    reach = float(scipy.stats.t.ppf(1 - _TAIL, count - 1)) * deviation / sqrt(count)
    return Figure(value, value - reach, value + reach, count)


@dataclass(frozen=True, slots=True)
class QuantilePlaces:
    """Where a quantile and its interval stand in a sorted list (from 0).

    The quantile lies ``part`` of the way from ``below`` to ``above`` (linear interpolation);
    the ends are places of order statistics, None where the list is too short for them.
    """

    below: int
    above: int
    part: float
    low: int | None
    high: int | None

    @property
    def needed(self) -> list[int]:
        """The places that have to be read."""
        ends = (self.below, self.above, self.low, self.high)
        return [end for end in ends if end is not None]


def quantile_places(count: int, quantile: float) -> QuantilePlaces:
    """Places for a list of ``count`` > 0 values.

    The interval between two order statistics covers the quantile whatever the distribution is
    (David & Nagaraja 2003, section 7.1): the ranks are binomial quantiles.
    """
    position = (count - 1) * quantile
    below = floor(position)
    # Ranks count from 1, places from 0.
    low = int(scipy.stats.binom.ppf(_TAIL, count, quantile)) - 1
    high = int(scipy.stats.binom.ppf(1 - _TAIL, count, quantile))
    return QuantilePlaces(
        below=below,
        above=min(below + 1, count - 1),
        part=position - below,
        low=low if low >= 0 else None,
        high=high if high < count else None,
    )


def quantile(places: QuantilePlaces, values: Sequence[float], count: int) -> Figure:
    """The quantile from the values at ``places.needed``, in that order."""
    at = dict(zip(places.needed, values, strict=True))
    below, above = at[places.below], at[places.above]
    return Figure(
        value=below + places.part * (above - below),
        low=None if places.low is None else at[places.low],
        high=None if places.high is None else at[places.high],
        count=count,
    )
