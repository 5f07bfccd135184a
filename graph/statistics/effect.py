"""Whether a fix worked: the complaints of a cause before and after, against all other causes. Pure.

Difference in differences on the odds: what befalls all complaints alike (a season, a campaign, a
new channel) moves both, and cancels out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import NDArray

from graph.statistics.odds import odds_ratio

#: Days whose complaints are counted together.
BIN = timedelta(days=30)
#: Of the interval, and of the test whether the cause was on its way already.
CONFIDENCE = 0.95
#: A shorter time after the fix tells nothing, however few the complaints.
SHORTEST = timedelta(days=30)
#: Newton's steps until the fit stands still, and how still that is.
_STEPS, _STILL = 50, 1e-10


class EffectVerdict(StrEnum):
    FELL = "FELL"
    NO_EVIDENCE = "NO_EVIDENCE"
    ROSE = "ROSE"
    TOO_EARLY = "TOO_EARLY"


@dataclass(frozen=True, slots=True)
class Spans:
    """What is compared: ``before`` ends where the work began, ``after`` begins a delay later.

    ``full``: all days asked for have passed since the fix.
    """

    before: tuple[datetime, datetime]
    after: tuple[datetime, datetime]
    full: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Complaints of some days, of the cause and of all others.

    ``day``: the middle of these days, counted from when the fix took hold.
    """

    day: float
    after: bool
    own: int
    others: int


@dataclass(frozen=True, slots=True)
class Effect:
    """``ratio``: how many times the cause's odds among all complaints are what they were.

    1 is no change; with its 95 % interval, None where nothing can be computed. ``expected``:
    complaints of the cause to be expected afterwards had nothing changed. ``trend``: the cause was
    already rising or falling before, and ``ratio`` is what is left beside that.
    """

    verdict: EffectVerdict
    own_before: int
    own_after: int
    others_before: int
    others_after: int
    expected: float | None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    trend: bool = False


def spans(
    started: datetime, completed: datetime, *, days: int, delay: int, newest: datetime
) -> Spans:
    """As many days before the work began as after the fix took hold, up to the newest complaint."""
    length = timedelta(days=days)
    begins = completed + timedelta(days=delay)
    ends = begins + length
    return Spans(
        (started - length, started), (begins, min(ends, max(begins, newest))), newest >= ends
    )


def effect(bins: Sequence[Bin], spans: Spans) -> Effect:
    """What the counts say of a fix."""
    before = [each for each in bins if not each.after]
    after = [each for each in bins if each.after]
    own = sum(each.own for each in before), sum(each.own for each in after)
    others = sum(each.others for each in before), sum(each.others for each in after)
    expected = own[0] * others[1] / others[0] if others[0] else None
    ratio, low, high = _ratio(own, others)
    trend = False
    if ratio is not None and own[1] and rising_or_falling(before):
        ratio, low, high = beside_the_trend(bins)
        trend = True
    return Effect(
        _verdict(own, others, spans, low, high),
        own[0], own[1], others[0], others[1], expected, ratio, low, high, trend,
    )  # fmt: skip


def _ratio(
    own: tuple[int, int], others: tuple[int, int]
) -> tuple[float | None, float | None, float | None]:
    """The conditional maximum likelihood odds ratio, and its exact interval (Fisher 1935).

    An upper end without bound is None.
    """
    if not sum(own) or not min(sum(others), own[0] + others[0], own[1] + others[1]):
        return None, None, None
    result = odds_ratio((own[1], own[0]), (others[1], others[0]), CONFIDENCE)
    return _finite(result.value), result.low, _finite(result.high)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _verdict(
    own: tuple[int, int],
    others: tuple[int, int],
    spans: Spans,
    low: float | None,
    high: float | None,
) -> EffectVerdict:
    if not spans.full and not _has_power(own, others, spans):
        return EffectVerdict.TOO_EARLY
    if high is not None and high < 1:
        return EffectVerdict.FELL
    if low is not None and low > 1:
        return EffectVerdict.ROSE
    return EffectVerdict.NO_EVIDENCE


def _has_power(own: tuple[int, int], others: tuple[int, int], spans: Spans) -> bool:
    """Whether not a single complaint since the fix would be evidence by now."""
    if spans.after[1] - spans.after[0] < SHORTEST:
        return False
    _, _, high = _ratio((own[0], 0), others)
    return high is not None and high < 1


def rising_or_falling(bins: Sequence[Bin]) -> bool:
    """Whether a cause's part of all complaints has a trend (Cochran 1954, Armitage 1955)."""
    own, total, day = _columns(bins)
    every = total.sum()
    if len(bins) < 3 or not 0 < own.sum() < every:
        return False
    share = own.sum() / every
    centred = day - (total @ day) / every
    spread = share * (1 - share) * (total @ centred**2)
    statistic = (own @ centred) / np.sqrt(spread)
    return bool(2 * scipy.stats.norm.sf(abs(statistic)) < 1 - CONFIDENCE)


def beside_the_trend(
    bins: Sequence[Bin],
) -> tuple[float | None, float | None, float | None]:
    """The step of the odds at the fix beside a steady trend, with Wald's interval.

    An interrupted time series: logistic regression on the day and on whether the fix is there, by
    Newton's method (McCullagh & Nelder 1989). None where the fit does not settle.
    """
    own, total, day = _columns(bins)
    after = np.array([each.after for each in bins], dtype=np.float64)
    design = np.column_stack([np.ones_like(day), day / 100, after])
    beta = np.zeros(3)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-design @ beta))
        information = design.T * (total * chance * (1 - chance)) @ design
        if not np.isfinite(information).all() or np.linalg.cond(information) > 1 / _STILL:
            return None, None, None
        step = np.linalg.solve(information, design.T @ (own - total * chance))
        beta = beta + step
        if np.abs(step).max() < _STILL:
            error = np.sqrt(np.linalg.inv(information)[2, 2])
            reach = scipy.stats.norm.isf((1 - CONFIDENCE) / 2) * error
            low, high = np.exp([beta[2] - reach, beta[2] + reach])
            return float(np.exp(beta[2])), float(low), float(high)
    return None, None, None


def _columns(
    bins: Sequence[Bin],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    own = np.array([each.own for each in bins], dtype=np.float64)
    total = own + np.array([each.others for each in bins], dtype=np.float64)
    return own, total, np.array([each.day for each in bins], dtype=np.float64)
