"""Ratios of counts to expectations, drawn towards 1 as far as the numbers are small. Pure.

The gamma-Poisson shrinker of DuMouchel (1999): true ratios are drawn from a mixture of two gamma
distributions, one around 1 for the many combinations where nothing is the matter, a wide one for
the others. All combinations together tell the mixture (empirical Bayes).
"""

from dataclasses import dataclass

import numpy as np
import scipy

_TAIL = 0.025
#: A share of 0 or 1 of either part could never be left again.
_LEAST_SHARE = 0.001
#: The mixture is told by at most so many combinations: more say the same.
_ENOUGH = 1_500
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Mixture:
    """``share`` of the ratios come from the wide part; the other part has the mean 1."""

    usual_shape: float = 20.0
    wide_shape: float = 1.0
    wide_rate: float = 0.5
    share: float = 0.05

    @property
    def parts(self) -> tuple[tuple[float, float, float], ...]:
        """Shape, rate and share of each part."""
        usual = (self.usual_shape, self.usual_shape, 1 - self.share)
        return usual, (self.wide_shape, self.wide_rate, self.share)


def fitted(observed: np.ndarray, expected: np.ndarray, fewest: int) -> Mixture:
    """The mixture of most likelihood, of counts that are only seen from ``fewest`` on."""
    if len(observed) > _ENOUGH:
        chosen = np.linspace(0, len(observed) - 1, _ENOUGH).astype(int)
        observed, expected = observed[chosen], expected[chosen]
    unseen = np.arange(fewest)

    def loss(values: np.ndarray) -> float:
        mixture = _mixture(values)
        seen = _likelihood(mixture, observed, expected)
        missed = sum(_likelihood(mixture, np.full(len(expected), n), expected) for n in unseen)
        total = np.log(seen + 1e-300) - np.log(np.maximum(1 - missed, 1e-12))
        return -float(total.sum())

    start = np.log([20.0, 1.0, 0.5, 0.05])
    # Few combinations say little of a mixture: a weak pull back to the start keeps it sane.
    best = scipy.optimize.minimize(
        lambda v: loss(v) + float(((v - start) ** 2).sum()) / 8,
        start,
        method="Nelder-Mead",
        options={"maxiter": 150, "xatol": 1e-2, "fatol": 1e-2},
    )
    return _mixture(best.x)


def _mixture(values: np.ndarray) -> Mixture:
    usual, shape, rate, share = np.exp(np.clip(values, -7, 7))
    bounded = min(max(float(share), _LEAST_SHARE), 0.5)
    return Mixture(max(float(usual), 1.0), float(shape), float(rate), bounded)


def _likelihood(mixture: Mixture, observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.asarray(sum(_weighted(mixture, observed, expected)))


def _weighted(mixture: Mixture, observed: np.ndarray, expected: np.ndarray) -> list[np.ndarray]:
    """Of each part: its share times the probability of the counts (negative binomial)."""
    return [
        share
        * np.exp(
            scipy.special.gammaln(shape + observed)
            - scipy.special.gammaln(shape)
            - scipy.special.gammaln(observed + 1)
            + shape * np.log(rate / (rate + expected))
            + observed * np.log(expected / (rate + expected))
        )
        for shape, rate, share in mixture.parts
    ]  # fmt: skip


def shrink(
    observed: np.ndarray, expected: np.ndarray, mixture: Mixture
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posterior means of the ratios, and the ends of their 95 % credible intervals."""
    weighted = np.array(_weighted(mixture, observed, expected))
    weights = weighted / np.maximum(weighted.sum(axis=0), 1e-300)
    shapes = np.array([shape + observed for shape, _, _ in mixture.parts])
    rates = np.array([rate + expected for _, rate, _ in mixture.parts])
    means = (weights * shapes / rates).sum(axis=0)
    return means, *(_quantile(weights, shapes, rates, end) for end in (_TAIL, 1 - _TAIL))


def _quantile(
    weights: np.ndarray, shapes: np.ndarray, rates: np.ndarray, probability: float
) -> np.ndarray:
    """Of the mixture, by bisection between the quantiles of its parts."""
    ends = scipy.special.gammaincinv(shapes, probability) / rates
    low, high = ends.min(axis=0), ends.max(axis=0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        below = (
            1 - (weights * scipy.special.gammaincc(shapes, rates * middle)).sum(axis=0)
            < probability
        )
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)
