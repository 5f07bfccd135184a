"""Times as the graph keeps them: UTC, with the precision in which they were given."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from graph.domain.enums import TimePrecision
from graph.errors import InvalidInputError

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
#: Clocks of source systems differ; more than a day ahead is a mistake.
TOLERANCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time in UTC, and whether only its date was given."""

    at: datetime
    precision: TimePrecision = TimePrecision.SECOND


def moment(value: datetime | date, zone: ZoneInfo, *, now: datetime, what: str) -> Moment:
    """A checked moment; a date is midnight in the business zone.

    Raises:
        InvalidInputError: for a naive time, one before 1970 or more than a day ahead.
    """
    if isinstance(value, datetime):
        result = Moment(_utc(value, what))
    else:
        midnight = datetime.combine(value, time(), tzinfo=zone)
        result = Moment(midnight.astimezone(UTC), TimePrecision.DAY)
    if result.at < EARLIEST:
        raise InvalidInputError(f"{what} is before 1970: {value.isoformat()}.", path=[what])
    if result.at > now + TOLERANCE:
        raise InvalidInputError(f"{what} lies in the future: {value.isoformat()}.", path=[what])
    return result


def instant(value: datetime | date, zone: ZoneInfo) -> datetime:
    """The instant in UTC, unchecked; a date is midnight in the zone."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    return datetime.combine(value, time(), tzinfo=zone).astimezone(UTC)


def _utc(value: datetime, what: str) -> datetime:
    if value.tzinfo is None:
        raise InvalidInputError(
            f"{what} has no time zone: {value.isoformat()}; add an offset such as +08:00.",
            path=[what],
        )
    return value.astimezone(UTC)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970 of an aware time, exact (no floating point)."""
    return (at - EARLIEST) // timedelta(milliseconds=1)
