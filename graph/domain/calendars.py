"""Time that counts: every hour of every day, or business hours on working days. Pure.

A limit in days runs on its own calendar, in local wall time. Between closing and the next opening
no time passes, so a deadline never lies there: what arrives in between counts as arrived at
closing, what arrives before opening on a working day as at opening.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def every_day(day: date) -> bool:
    """The calendar of calendar days."""
    del day
    return True


class _Place(NamedTuple):
    """A counting day, and a time since its midnight within business hours."""

    day: date
    time: timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that count in a zone, and their hours, as times since midnight by the clock.

    The default counts calendar days: all days, all hours.
    """

    zone: ZoneInfo
    counts: Callable[[date], bool] = every_day
    opens: timedelta = timedelta(0)
    closes: timedelta = _DAY

    @property
    def hours(self) -> timedelta:
        """What a day has."""
        return self.closes - self.opens

    def after(self, start: datetime, days: int = 0, time: timedelta = timedelta(0)) -> datetime:
        """So many days and so much time that counts later, in UTC.

        A wall time that the clock skips is the first moment after it; of one that comes twice it
        is the first.
        """
        place = self._place(_wall(start, self.zone))
        more, rest = divmod(time, self.hours)
        moved = place.time + rest
        if moved > self.closes:
            more, moved = more + 1, moved - self.hours
        return self._instant(_Place(self._later(place.day, days + more), moved))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The time that counts from ``start`` to ``end``; nothing if that is no later."""
        if end <= start:
            return timedelta(0)
        first, last = (self._place(_reading(at, self.zone)) for at in (start, end))
        days = (first.day + n * _DAY for n in range(1, (last.day - first.day).days + 1))
        return sum(map(self.counts, days)) * self.hours + last.time - first.time

    def fits(self, at: datetime) -> bool:
        """Whether a deadline may lie there."""
        wall = _wall(at, self.zone)
        return self._place(wall) == (wall.date(), wall - _midnight(wall.date()))

    def digest(self, year: int) -> str:
        """The days of a year that count, as a short hash: another calendar has another."""
        first = date(year, 1, 1)
        length = (date(year + 1, 1, 1) - first).days
        bits = "".join("01"[self.counts(first + n * _DAY)] for n in range(length))
        return sha256(bits.encode()).hexdigest()[:16]

    def _place(self, wall: datetime) -> _Place:
        day = wall.date()
        if not self.counts(day):
            return _Place(self._earlier(day), self.closes)
        return _Place(day, min(max(wall - _midnight(day), self.opens), self.closes))

    def _later(self, day: date, count: int) -> date:
        while count > 0:
            day += _DAY
            count -= self.counts(day)
        return day

    def _earlier(self, day: date) -> date:
        while not self.counts(day):
            day -= _DAY
        return day

    def _instant(self, place: _Place) -> datetime:
        wall = _midnight(place.day) + place.time
        first, second = (
            wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        # In a gap the earlier offset leads to the later instant; the clock jumps between the two.
        return first if first <= second else _jump(second, first, self.zone)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _reading(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows, but never less than before: set back, it waits for the time it had.

    So two spans that meet cost together what the whole span costs.
    """
    local = at.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    repeated = local.replace(fold=0).astimezone(UTC)
    jump = _jump(repeated, at.astimezone(UTC), zone)
    return _wall(jump, zone) + (at - repeated)


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The whole second between two instants at which the clock is set forward or back."""
    low = low.replace(microsecond=0)
    before = low.astimezone(zone).utcoffset()
    seconds = range(int((high - low).total_seconds()) + 1)
    place = bisect_left(
        seconds,
        True,
        key=lambda n: (low + timedelta(seconds=n)).astimezone(zone).utcoffset() != before,
    )
    return low + timedelta(seconds=place)
