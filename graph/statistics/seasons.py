"""How many complaints the calendar alone brings: factors of weekdays and months. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, pvariance
from typing import TypeAlias

from graph.domain.periods import Bucket

#: Weeks of history from which weekdays are told apart, and years for months.
_WEEKS, _YEARS = 8, 2
_WEEK, _YEAR = 7, 364


@dataclass(frozen=True, slots=True)
class Seasons:
    """The weight of a day is that of its weekday (Monday first) times that of its month.

    All weights are 1 where the past is too short to tell them.
    """

    weekdays: tuple[float, ...] = (1.0,) * 7
    months: tuple[float, ...] = (1.0,) * 12

    def weight(self, bucket: Bucket) -> float:
        """What the calendar lets expect in a bucket, in mean days."""
        return sum(self.weekdays[d.weekday()] * self.months[d.month - 1] for d in bucket.days)


#: Complaints by weekday (0: Monday) and month (1 to 12).
Counts: TypeAlias = Mapping[tuple[int, int], int]


def learnt_from(first: date, end: date) -> Bucket:
    """The latest whole years (of 52 weeks) of the past, or whole weeks of a short one.

    So no weekday is counted more often than another, and no month is favoured by a trend.
    """
    known = (end - first).days
    length = _YEAR if known >= _YEARS * _YEAR else _WEEK
    return Bucket(end - timedelta(days=max(0, known // length * length)), end)


def seasons(counts: Counts, past: Bucket) -> Seasons:
    """Learn the weights from a past that ``learnt_from`` gave.

    A month's weight is shrunk towards 1 as far as its differences are noise (Efron & Morris 1975):
    two years say little about a month of few complaints.
    """
    weekdays = _weekdays(counts, past)
    if len(past.days) < _YEARS * _YEAR:
        return Seasons(weekdays)
    return Seasons(weekdays, _months(counts, weekdays, past))


def _weekdays(counts: Counts, past: Bucket) -> tuple[float, ...]:
    sums = [sum(n for (day, _), n in counts.items() if day == weekday) for weekday in range(_WEEK)]
    total = sum(sums)
    if len(past.days) < _WEEKS * _WEEK or not total:
        return (1.0,) * _WEEK
    # Half a complaint more for each: a weekday without complaints is rare, not impossible.
    return tuple((each + 0.5) / (total + 0.5 * _WEEK) * _WEEK for each in sums)


def _months(counts: Counts, weekdays: tuple[float, ...], past: Bucket) -> tuple[float, ...]:
    results = [sum(n for (_, m), n in counts.items() if m == month) for month in range(1, 13)]
    weights = [0.0] * 12
    for day in past.days:
        weights[day.month - 1] += weekdays[day.weekday()]
    rate = sum(results) / sum(weights)
    if not rate:
        return (1.0,) * 12
    expected = [weight * rate for weight in weights]
    raw = [count / mean for count, mean in zip(results, expected, strict=True)]
    noise = fmean(1 / mean for mean in expected)
    spread = pvariance(raw, 1.0)
    kept = max(0.0, 1 - noise / spread) if spread else 0.0
    return tuple(1 + kept * (each - 1) for each in raw)
