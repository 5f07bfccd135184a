"""Over-dispersion: how much more figures vary than by chance alone. Pure.

One estimate for funnels, changes and rises: the mean square of winsorised z-scores (D. J.
Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24,
2005, section 4). Winsorising keeps the few that really stand out from hiding themselves. For
figures of different subjects the excess is a random effect between them ("Handling over-dispersion
of performance indicators", Quality and Safety in Health Care 14, 2005).
"""

from functools import lru_cache
from math import inf, sqrt

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

#: The part of the scores at each end that is drawn in.
_WINSORISED = 0.1
#: Fewer scores tell nothing of a spread.
_FEWEST = 5


def winsorised(scores: ArrayLike) -> NDArray[np.float64]:
    """The scores with the extreme tenth at each end set to the value where it begins."""
    values = np.asarray(scores, dtype=np.float64)
    low, high = np.quantile(values, [_WINSORISED, 1 - _WINSORISED])
    return np.clip(values, low, high)


def mean_square(scores: ArrayLike) -> float:
    """The estimate of how many times the variance is that of chance alone; about 1 by chance.

    What winsorising takes from normal scores of the same number is given back.
    """
    values = np.asarray(scores, dtype=np.float64)
    drawn_in = float((winsorised(values) ** 2).mean()) / _kept(len(values))
    # Scores without tails have nothing that could be taken from them.
    return min(drawn_in, float((values**2).mean()))


@lru_cache(maxsize=256)
def _kept(number: int) -> float:
    normal = scipy.stats.norm.ppf((np.arange(1, number + 1) - 0.375) / (number + 0.25))
    return float((winsorised(normal) ** 2).mean() / (normal**2).mean())


def dispersion(scores: ArrayLike) -> float:
    """How many times the variance is that of chance alone; 1 unless it is evidently more.

    The mean square of n scores has a standard deviation of the root of 2/n by chance: two of these
    above 1 are evident.
    """
    number = len(np.asarray(scores))
    if number < _FEWEST:
        return 1.0
    result = mean_square(scores)
    return result if result > 1 + 2 * sqrt(2 / number) else 1.0


def widened(probability: float, spread: float) -> float:
    """A two-sided p-value where the variance is ``spread`` times that of chance."""
    return float(2 * scipy.stats.norm.sf(scipy.stats.norm.isf(probability / 2) / sqrt(spread)))


def wide_confidence(confidence: float, spread: float) -> float:
    """Of the interval that is wider by the root of ``spread`` than that of ``confidence``."""
    return float(
        1 - 2 * scipy.stats.norm.sf(scipy.stats.norm.isf((1 - confidence) / 2) * sqrt(spread))
    )


def prior_weight(hits: ArrayLike, counts: ArrayLike) -> float:
    """How many complaints the share of all is worth for the share of one subject.

    The shares of subjects are drawn around that of all; the variance between them is DerSimonian
    and Laird's of the winsorised scores, at the upper end (one standard deviation) of what so few
    subjects tell. Infinite where they differ no more than by chance.
    """
    own, total = np.asarray(hits, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    share = own.sum() / total.sum() if total.sum() else 0.0
    known = total > 0
    number = int(np.count_nonzero(known))
    if number < _FEWEST or not 0 < share < 1:
        return 0.0
    variances = share * (1 - share) / total[known]
    upper = mean_square((own / np.maximum(total, 1) - share)[known] / np.sqrt(variances))
    upper += sqrt(2 / number)
    weights = 1 / variances
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    between = (number * upper - (number - 1)) / scale
    return max(0.0, share * (1 - share) / between - 1) if between > 0 else inf
