"""Legal time limits: when a case must be registered, decided or reviewed, and when to warn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from graph.domain.calendars import Calendar
from graph.domain.enums import TimePrecision
from graph.domain.moments import Moment
from graph.errors import InvalidInputError

#: Years before and after the present one whose days are compared; see ``Terms``.
_YEARS_BEFORE, _YEARS_AFTER = 2, 3


@dataclass(frozen=True, slots=True)
class Suspension:
    """A pause of a time limit that is over."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """As an ISO 8601 interval, which is how it is stored."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        start, end = text.split("/")
        return cls(datetime.fromisoformat(start), datetime.fromisoformat(end))


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due, and when it counts as due soon."""

    due_at: datetime
    due_soon_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What all deadlines rest on: the limits in words, and each year's days as a short hash.

    Kept in the graph beside the deadlines, it tells when these must be computed again.
    """

    limits: str
    years: Mapping[int, str]

    def differs(self, other: "Terms") -> bool:
        """Whether one deadline may come out otherwise; years that only one knows tell nothing."""
        common = self.years.keys() & other.years.keys()
        return self.limits != other.limits or any(
            self.years[year] != other.years[year] for year in common
        )

    def covers(self, other: "Terms") -> bool:
        return other.years.keys() <= self.years.keys()


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Days of ``calendar`` from receipt, reopening or the request of a review.

    ``due_soon_share``: the part of the time after which a case is due soon.
    """

    register_hours: int = 24
    decide_days: int = 15
    complex_days: int = 30
    review_days: int = 30
    extension_days: int = 30
    due_soon_share: float = 0.8
    calendar: Calendar = field(default_factory=lambda: Calendar(ZoneInfo("Asia/Shanghai")))

    def deadline(
        self,
        start: datetime,
        days: int,
        *,
        extended: int = 0,
        suspensions: Sequence[Suspension] = (),
        own: datetime | None = None,
    ) -> Deadline:
        """The end of ``days`` from ``start``, or of ``own``, a date that a person has set.

        ``extended``: days that are added; what the suspensions cost of the calendar's time is
        added, too. The result rests on these alone, in whatever order they came about.
        """
        calendar = self.calendar
        lost = sum((calendar.between(s.start, s.end) for s in suspensions), timedelta(0))
        if own is None:
            allowed = (days + extended) * calendar.hours
            due_at = calendar.after(start, days + extended, lost)
        else:
            allowed = calendar.between(start, own) + extended * calendar.hours
            due_at = calendar.after(own, extended, lost)
        return Deadline(due_at, calendar.after(start, 0, allowed * self.due_soon_share + lost))

    def registered_late(self, received: Moment, recorded_at: datetime) -> bool | None:
        """Whether the first registration took too long; None if only the date is known."""
        if received.precision is TimePrecision.DAY:
            return None
        return recorded_at - received.at > timedelta(hours=self.register_hours)

    def check_extension(self, extended: int, days: int) -> None:
        """Raises InvalidInputError for a time that the rules do not give."""
        left = self.extension_days - extended
        if not 1 <= days <= left:
            raise InvalidInputError(
                f"days: this case can be extended by {left} more days at most."
                if left > 0
                else "days: this case has been extended as far as the rules allow.",
                path=["days"],
            )

    def check_own(self, start: datetime, due_at: datetime) -> None:
        """Raises InvalidInputError for a date that a person cannot set for a round."""
        latest = self.calendar.after(start, self.complex_days + self.extension_days)
        if due_at <= start:
            reason = "dueAt is over: give a time that is still to come."
        elif due_at > latest:
            reason = f"dueAt is too late: the rules give time until {self._shown(latest)}."
        elif not self.calendar.fits(due_at):
            reason = (
                "dueAt lies outside of business hours: the nearest time on a working day is "
                f"{self._shown(self.calendar.after(due_at))}."
            )
        else:
            return
        raise InvalidInputError(reason, path=["dueAt"])

    def terms(self, now: datetime) -> Terms:
        """What deadlines rest on, with the days of the years around ``now``."""
        calendar = self.calendar
        year = now.astimezone(calendar.zone).year
        return Terms(
            f"{self.decide_days}, {self.complex_days}, {self.review_days} days of "
            f"{calendar.opens} to {calendar.closes} in {calendar.zone.key}, "
            f"due soon after {self.due_soon_share}",
            {
                each: calendar.digest(each)
                for each in range(year - _YEARS_BEFORE, year + _YEARS_AFTER + 1)
            },
        )

    def _shown(self, at: datetime) -> str:
        return at.astimezone(self.calendar.zone).isoformat(timespec="minutes")
