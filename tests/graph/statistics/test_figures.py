"""Figures: exact coverage where it can be computed, and silence where little is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from graph.statistics.figures import mean, quantile, quantile_places, share

COUNTS = st.integers(1, 400)
QUANTILES = st.sampled_from([0.1, 0.5, 0.9])


@given(COUNTS, QUANTILES, st.integers(0, 2**32 - 1))
def test_a_quantile_is_numpy_s(count: int, wanted: float, seed: int) -> None:
    values = np.sort(np.random.default_rng(seed).lognormal(size=count))
    places = quantile_places(count, wanted)
    found = quantile(places, [float(values[place]) for place in places.needed], count)
    assert found.value == pytest.approx(np.quantile(values, wanted), rel=1e-12)
    assert found.low is None or found.low <= found.value
    assert found.high is None or found.high >= found.value


@given(COUNTS, QUANTILES)
def test_the_interval_of_a_quantile_covers_it(count: int, wanted: float) -> None:
    places = quantile_places(count, wanted)
    # The number of values below the true quantile is binomial.
    below = 0.0 if places.low is None else float(binom.cdf(places.low, count, wanted))
    above = 0.0 if places.high is None else float(binom.sf(places.high, count, wanted))
    assert below <= 0.025 + 1e-9
    assert above <= 0.025 + 1e-9


def test_so_few_give_no_interval() -> None:
    one = quantile_places(1, 0.5)
    assert (one.low, one.high) == (None, None)
    assert mean(3.0, 0.0, 1).low is None
    assert share(0, 0) is None


@given(st.integers(0, 200), st.integers(1, 200))
def test_a_share_lies_in_its_interval(hits: int, more: int) -> None:
    found = share(hits, hits + more)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
