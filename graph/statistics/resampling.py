"""Intervals by resampling. Pure."""

from collections.abc import Callable
from typing import Any

import scipy
from numpy.typing import NDArray

_RESAMPLES = 2_000


def bootstrap_interval(
    statistic: Callable[..., Any], *data: NDArray[Any], seed: int
) -> tuple[float, float]:
    """The ends of the 95 % percentile interval of a statistic of rows (Efron 1979).

    ``data``: what ``statistic`` takes, arrays of one length, whose rows are drawn together. A
    statistic that takes an ``axis``, as numpy's do, is asked about many draws at once.
    """
    if len(data[0]) < 2:  # nothing to draw from: scipy refuses that
        return (float(statistic(*data)),) * 2
    low, high = scipy.stats.bootstrap(
        data, statistic, paired=True, n_resamples=_RESAMPLES, method="percentile", rng=seed
    ).confidence_interval
    return float(low), float(high)
