"""Shares that have risen against their own past: surges at branches, causes that grow. Pure.

Everything is counted by weeks. A *look* is the end of a week: what is found there rests on that
week and those before it, so that a past year can be looked through as it would have been seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from graph.statistics.dispersion import dispersion, prior_weight

#: Weeks of one period: each has every weekday equally often.
PERIOD = 4
#: Weeks of the past that a window is held against, and the fewest that tell anything.
PAST, SHORTEST_PAST = 52, 26
#: What is known of a share before its past is counted: so many complaints at the share of all at
#: least, more where subjects are much alike.
_PRIOR = 4.0
#: So many independent looks are the 52 of a year worth, each through a few windows that overlap,
#: where one complaint in fourteen repeats another. Chosen by simulation (docs/alerts.md).
_LOOKS = 40

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """``own`` complaints out of ``total`` in each week, the oldest week first."""

    own: Counts
    total: Counts

    @property
    def begins(self) -> int:
        """The first week of which anything is known."""
        return int(np.argmax(self.total > 0)) if self.total.any() else len(self.total)


@dataclass(frozen=True, slots=True)
class Criterion:
    """When a share has risen.

    ``windows``: lengths in weeks, of whole periods where ``steady``: then each of a window's
    periods must show it. ``points`` and ``ratio``: how much more than the past at least;
    ``fewest``: complaints in the window. ``probability``: of a false rise of any subject in a
    year.
    """

    windows: tuple[int, ...]
    probability: float
    points: float = 0.0
    ratio: float = 1.0
    fewest: int = 5
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Rise:
    """A share of the weeks ``first`` to ``look`` (numbers of weeks, both in it) that has risen.

    ``expected``: complaints that the past leads to expect; ``probability``: of so many by chance.
    """

    look: int
    first: int
    own: int
    total: int
    past_own: int
    past_total: int
    expected: float
    probability: float


@dataclass(frozen=True, slots=True)
class Episode:
    """Looks at which a share had risen, without a long pause; ``peak``: the least probable."""

    first: int
    last: int
    peak: Rise

    def meets(self, other: "Episode") -> bool:
        """Whether both held at some look, or between two at which they did."""
        return self.first <= other.last and other.first <= self.last


def episodes(
    shares: Sequence[Shares], criterion: Criterion, looks: range
) -> Iterator[tuple[int, Episode]]:
    """(number of the subject, episode) for all subjects that are looked at together.

    What has too short a past, or too few complaints, has not risen.
    """
    together = _Together(shares, criterion)
    for number, each in enumerate(shares):
        result = [rise for search in looks if (rise := together.risen(each, search))]
        for episode in _joined(result, max(criterion.windows)):
            yield number, episode


def _joined(results: Sequence[Rise], pause: int) -> Iterator[Episode]:
    """Rises of one subject as episodes: until it has not held for as long as a window."""
    items: list[Rise] = []
    for rise in results:
        if items and rise.look - items[-1].look > pause:
            yield _episode(items)
            items = []
        items.append(rise)
    if items:
        yield _episode(items)


def _episode(items: Sequence[Rise]) -> Episode:
    peak = min(items, key=lambda rise: (rise.probability, rise.look))
    return Episode(items[0].look, items[-1].look, peak)


class _Together:
    """Subjects that are looked at together: what all of them say about each."""

    def __init__(self, shares: Sequence[Shares], criterion: Criterion) -> None:
        self._own = np.array([each.own for each in shares])
        self._total = np.array([each.total for each in shares])
        self._criterion = criterion
        self._bound = criterion.probability / max(1, len(shares)) / _LOOKS
        self._commons: dict[int, _Common] = {}

    def risen(self, each: Shares, search: int) -> Rise | None:
        """The least probable of the windows that end at a look, if it is improbable enough."""
        results = [self._compared(each, search, window) for window in self._criterion.windows]
        risen = [rise for rise in results if rise is not None and rise.probability < self._bound]
        return min(risen, key=lambda rise: rise.probability, default=None)

    def _compared(self, each: Shares, search: int, window: int) -> Rise | None:
        criterion, first = self._criterion, search - window + 1
        begins = max(each.begins, first - PAST)
        if first - begins < SHORTEST_PAST:
            return None
        now, past = slice(first, search + 1), slice(begins, first)
        own, total = int(each.own[now].sum()), int(each.total[now].sum())
        past_own, past_total = int(each.own[past].sum()), int(each.total[past].sum())
        common = self._common(first)
        known_own = past_own + common.weight * common.share
        known_total = past_total + common.weight
        expected = known_own / known_total * total
        least = max(expected + criterion.points * total, expected * criterion.ratio)
        if own < max(criterion.fewest, least):
            return None
        if criterion.steady and not _steady(each, now, known_own / known_total, criterion.ratio):
            return None
        # A year alone tells little of one subject: half of it is learnt from all together.
        single = dispersion(scores(each.own[past], each.total[past]))
        spread = (single + common.spread) / 2
        probability = rising_tail(own, total, known_own, known_total, spread)
        return Rise(search, first, own, total, past_own, past_total, expected, probability)

    def _common(self, first: int) -> "_Common":
        if first not in self._commons:
            past = slice(max(0, first - PAST), first)
            self._commons[first] = _common(self._own[:, past], self._total[:, past])
        return self._commons[first]


@dataclass(frozen=True, slots=True)
class _Common:
    """What a past of all subjects says of each.

    ``share``: of all; ``weight``: complaints of that share which a subject's own past is worth more
    by (the less subjects differ, the more); ``spread``: how many times the variance from period to
    period is that of chance alone.
    """

    share: float
    weight: float
    spread: float


def _common(owns: Counts, totals: Counts) -> _Common:
    """``owns`` and ``totals``: subjects by weeks of the past."""
    own, total = owns.sum(axis=1), totals.sum(axis=1)
    every = int(total.sum())
    # The share of all is not known better than by all that there are.
    weight = min(max(_PRIOR, prior_weight(own, total)), max(_PRIOR, float(every)))
    return _Common(float(own.sum()) / max(1, every), weight, dispersion(scores(owns, totals)))


def _steady(each: Shares, now: slice, share: float, ratio: float) -> bool:
    """Whether each period of the window has more than the past leads to expect.

    Without its largest period the window must still have risen: a burst of one month does not
    grow.
    """
    own = each.own[now].reshape(-1, PERIOD).sum(axis=1)
    expected = each.total[now].reshape(-1, PERIOD).sum(axis=1) * share
    others = np.arange(len(own)) != int(np.argmax(own - expected))
    return bool(np.all(own > expected) and own[others].sum() >= ratio * expected[others].sum())


def rising_tail(
    own: int, total: int, past_own: float, past_total: float, spread: float = 1.0
) -> float:
    """P(X >= own) of ``total`` complaints, where the share is only known from a past.

    X is beta-binomial: a binomial whose share has the past's Beta posterior (Gelman et al.,
    Bayesian Data Analysis, 3rd ed., section 2.4). ``spread``: how many times the variance is that
    of chance alone; all counts are divided by it (quasi-likelihood, McCullagh & Nelder 1989).
    """
    shown, of = int(own / spread), max(int(own / spread), round(total / spread))
    a, b = past_own / spread, (past_total - past_own) / spread
    # Summed up: scipy's own tail is 1 less the rest, and so 0 where it is small.
    return min(1.0, float(scipy.stats.betabinom.pmf(np.arange(shown, of + 1), of, a, b).sum()))


def scores(own: Counts, total: Counts) -> NDArray[np.float64]:
    """How many standard deviations the share of each period lies off that of the whole past.

    Weeks are the last axis: of one subject, or of several at once.
    """
    weeks = own.shape[-1] // PERIOD * PERIOD
    periods = (*own.shape[:-1], -1, PERIOD)
    counts = own[..., own.shape[-1] - weeks :].reshape(periods).sum(axis=-1)
    sizes = total[..., own.shape[-1] - weeks :].reshape(periods).sum(axis=-1)
    share = counts.sum(axis=-1, keepdims=True) / np.maximum(1, sizes.sum(axis=-1, keepdims=True))
    variance = sizes * share * (1 - share)
    number = np.count_nonzero(variance > 0, axis=-1, keepdims=True)
    items = (variance > 0) & (number > 1)
    # One of the periods is taken up by the share itself.
    factor = np.broadcast_to(number / np.maximum(1, number - 1), items.shape)[items]
    return np.asarray((counts - sizes * share)[items] * np.sqrt(factor / variance[items]))
