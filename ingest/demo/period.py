"""The demo bank's two years: how many complaints a day draws, and at what time they come in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from graph.domain.enums import Channel

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 730
# Monday first. Counters are closed on Sundays, and people complain when they are back at work.
_WEEKDAYS = (1.25, 1.15, 1.1, 1.05, 1.05, 0.8, 0.6)
# January first: little around the Spring Festival, more after it and in late autumn.
_MONTHS = (1.02, 0.86, 1.1, 1.03, 0.98, 1.0, 1.02, 1.0, 0.98, 0.96, 1.05, 1.0)
#: First and last hour (local) at which a channel takes complaints.
_HOURS = {Channel.BRANCH: (9, 16), Channel.PHONE: (8, 21), Channel.LETTER: (9, 16)}
_ANY_HOUR = (7, 23)


@dataclass(frozen=True, slots=True)
class Period:
    """``DAYS`` days that end with ``last``."""

    last: date

    @property
    def first(self) -> date:
        return self.last - timedelta(days=DAYS - 1)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=ZONE)

    def days_before_end(self, days: int) -> date:
        return self.last - timedelta(days=days)

    def month_before_end(self, months: int) -> tuple[date, date]:
        """First and last day of the calendar month so many months before the last day's."""
        index = self.last.year * 12 + self.last.month - 1 - months
        first = date(index // 12, index % 12 + 1, 1)
        following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
        return first, following - timedelta(days=1)

    def share(self, start: date, end: date) -> float:
        """The expected share of all complaints from ``start`` to ``end``, both included."""
        days = ((start + timedelta(days=n)) for n in range((end - start).days + 1))
        return sum(weight(day) for day in days) / sum(self._weights)

    @property
    def _weights(self) -> tuple[float, ...]:
        return tuple(weight(self.first + timedelta(days=n)) for n in range(DAYS))

    def draw(self, start: date | None = None, end: date | None = None) -> "DayDraw":
        """Draws of days from ``start`` to ``end``, both included; by default the whole period."""
        first, last = start or self.first, end or self.last
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return DayDraw(first, tuple(accumulate(weight(day) for day in days)))


@dataclass(frozen=True, slots=True)
class DayDraw:
    """Days drawn by weekday and month."""

    first: date
    cumulated: tuple[float, ...]

    def __call__(self, random: Random) -> date:
        days = random.choices(range(len(self.cumulated)), cum_weights=self.cumulated)[0]
        return self.first + timedelta(days=days)


def weight(day: date) -> float:
    """How many complaints a day draws, against the mean of 1."""
    return _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]


def moment_of(day: date, channel: Channel, random: Random) -> datetime:
    """A time of day at which the channel takes complaints, to the second."""
    first, last = _HOURS.get(channel, _ANY_HOUR)
    hour = round(random.triangular(first, last, (first + last) / 2 - 1))
    at = time(hour, random.randrange(60), random.randrange(60), tzinfo=ZONE)
    return datetime.combine(day, at)
