"""Shares that rise: the tail, the windows, and silence where nothing has happened."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.integrate import quad
from scipy.stats import beta, binom

from graph.statistics.rises import PERIOD, Criterion, Rise, Shares, episodes, rising_tail

WEEKS = 104
SURGE = Criterion(windows=(4, 13), probability=0.05, points=0.1)
GROWTH = Criterion(windows=(12, 16, 24), probability=0.05, ratio=1.5, fewest=10, steady=True)
COUNTS = arrays.arrays(np.int64, st.integers(0, 120), elements=st.integers(0, 60))


def drawn(total: int, share: float, seed: int) -> Shares:
    sizes = np.full(WEEKS, total)
    return Shares(np.random.default_rng(seed).binomial(sizes, share), sizes)


def found(shares: list[Shares], test: Criterion) -> dict[int, list[Rise]]:
    result: dict[int, list[Rise]] = {}
    for number, episode in episodes(shares, test, range(52, WEEKS)):
        result.setdefault(number, []).append(episode.peak)
    return result


def test_the_tail_integrates_the_binomial_over_what_is_known_of_the_share() -> None:
    def by_hand(own: int, total: int, past: int, of: int) -> float:
        known = beta(past, of - past)
        return float(quad(lambda p: binom.sf(own - 1, total, p) * known.pdf(p), 0, 1)[0])

    for own, total, past, of in ((5, 20, 3, 40), (30, 100, 40, 400), (0, 10, 2, 9)):
        assert rising_tail(own, total, past, of) == pytest.approx(by_hand(own, total, past, of))


def test_with_a_long_past_the_tail_is_the_binomial_s() -> None:
    assert rising_tail(30, 100, 1e9, 1e10) == pytest.approx(binom.sf(29, 100, 0.1), rel=1e-3)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.floats(1, 9))
def test_more_is_never_more_probable_and_spread_makes_it_less_surprising(
    total: int, own: int, spread: float
) -> None:
    own = min(own, total)
    assert rising_tail(own, total, 8, 80) >= rising_tail(min(own + 1, total), total, 8, 80)
    if own > total * 0.2:
        assert rising_tail(own, total, 80, 800, spread) >= rising_tail(own, total, 80, 800)


def test_a_surge_is_found_at_its_branch_and_where_it_began() -> None:
    shares = [drawn(12, 0.1, seed) for seed in range(8)]
    own = shares[3].own.copy()
    own[88:] = np.random.default_rng(99).binomial(12, 0.4, WEEKS - 88)
    shares[3] = Shares(own, shares[3].total)
    (number,) = found(shares, SURGE)
    assert number == 3
    ((_, episode),) = episodes(shares, SURGE, range(52, WEEKS))
    assert 88 <= episode.first < 96
    assert episode.last == WEEKS - 1
    assert episode.peak.own / episode.peak.total > 0.25
    assert episode.peak.past_own / episode.peak.past_total < 0.15


def test_what_went_on_is_no_surge_though_it_is_high() -> None:
    assert found([drawn(12, 0.4, 1), drawn(12, 0.05, 2)], SURGE) == {}


def test_a_small_branch_is_forgiven() -> None:
    sizes = np.zeros(WEEKS, dtype=np.int64)
    sizes[::4] = 1
    own = sizes.copy()
    own[:96] = 0
    assert found([Shares(own, sizes), drawn(30, 0.1, 1)], SURGE) == {}


def test_chance_alone_raises_less_than_it_may() -> None:
    """Of 40 years of ten branches, 2 may show a false surge; growth of causes alike."""
    surges = growth = 0
    for year in range(40):
        shares = [drawn(8, 0.12, year * 10 + branch) for branch in range(10)]
        surges += len(found(shares, SURGE))
        causes = [drawn(55, 0.04, -year * 10 + 10_000 + cause) for cause in range(10)]
        growth += len(found(causes, GROWTH))
    assert surges <= 5
    assert growth <= 5


def test_subjects_that_are_much_alike_tell_what_to_expect_of_one() -> None:
    """As the demo bank's planted surge (seed 1, 26 of 113 after 42 of 416): a branch's own past
    leaves that unsure, seven branches of the same share do not.
    """
    weeks, sizes = np.arange(WEEKS), np.full(WEEKS, 8)
    tenth = np.where(weeks % 5 == 0, 0, 1)
    surged = np.where(weeks < WEEKS - 13, tenth, 2)
    surged[-2:] = 1
    alike = [Shares(tenth, sizes) for _ in range(7)]
    assert found([Shares(surged, sizes), *alike], SURGE).keys() == {0}
    # Where branches differ much, the others tell nothing of one.
    others = [Shares(np.minimum(sizes, tenth + n), sizes) for n in range(7)]
    assert found([Shares(surged, sizes), *others], SURGE) == {}


def test_a_cause_that_grows_is_found() -> None:
    shares = [drawn(55, 0.04, seed) for seed in range(20)]
    rising = np.where(np.arange(WEEKS) < 80, 0.03, 0.03 + 0.004 * (np.arange(WEEKS) - 80))
    shares[5] = Shares(np.random.default_rng(7).binomial(55, rising), np.full(WEEKS, 55))
    assert set(found(shares, GROWTH)) == {5}


def test_a_burst_of_one_month_does_not_grow() -> None:
    own = np.full(WEEKS, 1)
    own[80 : 80 + PERIOD] = 15
    shares = [Shares(own, np.full(WEEKS, 55))]
    assert found(shares, GROWTH) == {}
    assert found(shares, Criterion(windows=(12,), probability=0.05, ratio=1.5, fewest=10)) != {}


def test_a_past_that_always_varied_says_less() -> None:
    weeks, sizes = np.arange(WEEKS), np.full(WEEKS, 40)
    last = slice(WEEKS - PERIOD, WEEKS)
    steady, swinging = np.full(WEEKS, 4), np.where((weeks // PERIOD) % 2 == 0, 1, 7)
    steady[last] = swinging[last] = 8
    test = Criterion(windows=(PERIOD,), probability=0.05, points=0.05)
    assert set(found([Shares(steady, sizes)], test)) == {0}
    ended = [
        episode for _, episode in episodes([Shares(swinging, sizes)], test, range(WEEKS - 1, WEEKS))
    ]
    assert ended == []


def test_a_young_graph_says_nothing() -> None:
    sizes = np.concatenate([np.zeros(85, dtype=np.int64), np.full(19, 20)])
    assert found([Shares(np.where(np.arange(WEEKS) > 95, 20, 0), sizes)], SURGE) == {}
    short = [Shares(np.full(20, 9), np.full(20, 10))]
    assert list(episodes(short, SURGE, range(20))) == []
    assert list(episodes([], SURGE, range(52, WEEKS))) == []


@settings(deadline=None, max_examples=60)
@given(COUNTS, COUNTS)
def test_any_counts_give_episodes_within_the_weeks(own: np.ndarray, more: np.ndarray) -> None:
    size = min(len(own), len(more))
    shares = [Shares(own[:size], own[:size] + more[:size])]
    for test in (SURGE, GROWTH):
        for number, episode in episodes(shares, test, range(size)):
            assert number == 0
            assert 0 <= episode.peak.first < episode.peak.look < size
            assert episode.first <= episode.peak.look <= episode.last
            assert 0 <= episode.peak.probability < test.probability
            assert episode.peak.own > episode.peak.expected
