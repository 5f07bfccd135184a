"""Days, weeks, months, quarters and years of the business zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_WEEK = 7


class Interval(StrEnum):
    """The length of the buckets of a trend; weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"

    @property
    def months(self) -> int:
        """How many months it has; 0 for days and weeks."""
        return {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}.get(self, 0)

    @property
    def shortest(self) -> int:
        """The days that it has at least."""
        return {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 28, Interval.QUARTER: 90}.get(
            self, 365
        )

    def start_of(self, day: date) -> date:
        """The first day of the bucket that a day lies in."""
        if self is Interval.DAY:
            return day
        if self is Interval.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(month=day.month - (day.month - 1) % self.months, day=1)

    def after(self, start: date, count: int = 1) -> date:
        """The first day of the bucket that is ``count`` after the one that begins at ``start``."""
        if not self.months:
            return start + timedelta(days=count * (1 if self is Interval.DAY else _WEEK))
        months = start.year * 12 + start.month - 1 + count * self.months
        return date(months // 12, months % 12 + 1, 1)

    def year_before(self, start: date) -> date:
        """The first day of the bucket to compare with: days and weeks keep their weekdays."""
        if not self.months:
            return start - timedelta(weeks=52)
        return start.replace(year=start.year - 1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The days from ``start`` up to ``end``, which is not in it."""

    start: date
    end: date

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days)]


def buckets(interval: Interval, first: date, last: date) -> list[Bucket]:
    """All buckets from the one of ``first`` to the one of ``last``, without gaps."""
    results = []
    start = interval.start_of(first)
    while start <= last:
        end = interval.after(start)
        results.append(Bucket(start, end))
        start = end
    return results


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The day's first moment in the zone, in UTC (the driver takes no other zone safely)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
