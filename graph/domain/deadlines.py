"""Legal time limits: when a case must be registered and decided, and when to warn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from graph.domain.enums import TimePrecision
from graph.domain.moments import Moment
from graph.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Days that count where a rule asks for working days; ``counts`` knows the calendar."""

    zone: ZoneInfo
    counts: Callable[[date], bool]

    def after(self, start: datetime, days: int) -> datetime:
        """The same time of day, ``days`` working days later."""
        local = start.astimezone(self.zone)
        while days > 0:
            local += timedelta(days=1)
            days -= self.counts(local.date())
        return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Days from receipt (or reopening) to the answer; calendar days unless ``calendar`` is given.

    ``due_soon_share``: the part of the time after which a case is due soon.
    """

    register_hours: int = 24
    decide_days: int = 15
    complex_days: int = 30
    extension_days: int = 30
    due_soon_share: float = 0.8
    calendar: WorkingDays | None = field(default=None)

    def due_at(
        self,
        start: datetime,
        *,
        complex_case: bool = False,
        extended: int = 0,
        paused: timedelta = timedelta(0),
    ) -> datetime:
        """The end of the time to decide; ``extended`` in days, ``paused`` does not count."""
        days = (self.complex_days if complex_case else self.decide_days) + extended
        if self.calendar is not None:
            return self.calendar.after(start, days) + paused
        return start + timedelta(days=days) + paused

    def due_soon_at(self, start: datetime, due_at: datetime) -> datetime:
        return start + (due_at - start) * self.due_soon_share

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
