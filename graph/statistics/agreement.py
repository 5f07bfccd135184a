"""How far people agree beyond chance: Cohen's kappa, of pairs and as their mean. Pure.

``scikit-learn`` has the same kappa of one pair, which tests hold this against; here every draw of a
bootstrap needs it anew, of every pair of a session.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graph.statistics.figures import CONFIDENCE, Figure

_DRAWS = 2_000
_TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
#: In fewer of the draws the figure is not defined often enough for an interval.
_DEFINED = 0.5
Pairs = Sequence[tuple[int, int]]
_Floats = NDArray[np.float64]


def disagreement(values: int, *, ordered: bool) -> _Floats:
    """What each pair of values (0, 1, …) counts as disagreement, 0..1.

    Ordered ones by the square of how far they lie apart (Cohen 1968), others all alike.
    """
    places = np.arange(values)
    apart = np.abs(places[:, None] - places[None, :]).astype(float)
    made: _Floats = np.square(apart / max(values - 1, 1)) if ordered else (apart > 0).astype(float)
    return made


def kappa(
    ratings: NDArray[np.int64], weights: _Floats, pairs: Pairs, *, seed: int = 1
) -> Figure | None:
    """The mean of kappa over pairs of raters, with a bootstrap interval over cases (Efron 1979).

    ``ratings``: raters × cases, values as in ``weights`` (``disagreement``). None where it is not
    defined: of no pair, or where each gives one and the same value to all, so that chance alone
    would agree as well. ``count`` of the figure: the pairs.
    """
    cases = ratings.shape[1]
    drawn = np.random.default_rng(seed).multinomial(cases, [1 / cases] * cases, size=_DRAWS)
    # The first row is the sample itself.
    draws = np.vstack([np.ones(cases, dtype=np.int64), drawn]) / cases
    values = _means(ratings, weights, pairs, draws)
    if not np.isfinite(values[0]):
        return None
    defined = values[1:][np.isfinite(values[1:])]
    if cases < 2 or len(defined) < _DEFINED * _DRAWS:
        return Figure(float(values[0]), None, None, len(pairs))
    low, high = np.quantile(defined, _TAILS)
    return Figure(float(values[0]), float(low), float(high), len(pairs))


def _means(ratings: NDArray[np.int64], weights: _Floats, pairs: Pairs, draws: _Floats) -> _Floats:
    """Of each draw the mean over those pairs of which kappa is defined; NaN where none is."""
    # Which part of a draw's cases each rater gives each value: raters × draws × values.
    shares = [draws @ (each[:, None] == np.arange(len(weights))) for each in ratings]
    total, defined = np.zeros(len(draws)), np.zeros(len(draws))
    for first, second in pairs:
        observed = draws @ weights[ratings[first], ratings[second]]
        expected = np.einsum("dk,kl,dl->d", shares[first], weights, shares[second])
        known = expected > 0
        total[known] += 1 - observed[known] / expected[known]
        defined += known
    means: _Floats = np.full(len(draws), np.nan)
    return np.divide(total, defined, out=means, where=defined > 0)
