"""The odds ratio of a two by two table, exactly: Fisher's conditional estimate. Pure.

The same figures as ``scipy.stats.contingency.odds_ratio``, which takes seconds where a table holds
thousands: there every trial of a ratio sums the distribution anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, log

import numpy as np
import scipy

#: No table that fits in a graph has a ratio whose logarithm lies further out.
_FARTHEST = 700.0
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """``low`` and ``high``: the ends of its interval; infinite where nothing bounds it."""

    value: float
    low: float
    high: float


def odds_ratio(first: tuple[int, int], second: tuple[int, int], confidence: float) -> OddsRatio:
    """Of the table with these two rows; no row and no column may be empty.

    The first cell given all margins has Fisher's noncentral hypergeometric distribution (Fisher
    1935, Cornfield 1956): the estimate makes its mean the count that was seen, each end of the
    interval leaves half of the rest in one tail.
    """
    (seen, beside), (below, _) = first, second
    row, column, total = seen + beside, seen + below, sum(first) + sum(second)
    support = np.arange(max(0, row + column - total), min(row, column) + 1)
    weights = -(
        scipy.special.gammaln(support + 1) + scipy.special.gammaln(row - support + 1)
        + scipy.special.gammaln(column - support + 1)
        + scipy.special.gammaln(total - row - column + support + 1)
    )  # fmt: skip
    tail = (1 - confidence) / 2
    lowest, highest = seen == support[0], seen == support[-1]

    def chances(ratio: float) -> np.ndarray:
        raw = weights + ratio * support
        result = np.exp(raw - raw.max())
        return np.asarray(result / result.sum())

    def mean(ratio: float) -> float:
        return float(chances(ratio) @ support) - seen

    def above(ratio: float) -> float:
        return float(chances(ratio)[support >= seen].sum()) - tail

    def under(ratio: float) -> float:
        return tail - float(chances(ratio)[support <= seen].sum())

    # About where it lies: each end is looked for outwards from there.
    middle = log((seen + 0.5) * (second[1] + 0.5) / ((beside + 0.5) * (below + 0.5)))
    return OddsRatio(
        value=0.0 if lowest else inf if highest else _root(mean, middle),
        low=0.0 if lowest else _root(above, middle),
        high=inf if highest else _root(under, middle),
    )


def _root(rising: Callable[[float], float], middle: float) -> float:
    """Where a rising function of the ratio's logarithm is 0, as a ratio."""
    reach = 1.0
    while rising(middle - reach) > 0 and reach < _FARTHEST:
        reach *= 2
    low, reach = middle - reach, 1.0
    while rising(middle + reach) < 0 and reach < _FARTHEST:
        reach *= 2
    return exp(float(scipy.optimize.brentq(rising, low, middle + reach, xtol=_CLOSE, rtol=_CLOSE)))
