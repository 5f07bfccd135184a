"""Times and decimals on the wire; what cannot be one is refused without repeating it."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import NewType
from zoneinfo import ZoneInfo

import strawberry

from graph.errors import InvalidInputError

#: A time with its offset, or a date alone (then midnight in the business zone).
TimeOrDate = NewType("TimeOrDate", date)

#: A place in the order of all events: more than GraphQL's Int holds.
Position = NewType("Position", int)

_LAST_POSITION = 2**62
_LARGEST = Decimal(10) ** 15
_DATE = len("2026-01-31")
#: Years of which every moment has a day in every zone, and decades before and after it.
_FIRST_YEAR, _LAST_YEAR = 1000, 9000


def in_zone(value: date | None, zone: ZoneInfo, name: str) -> datetime | None:
    """A time, or a date's midnight in the business zone.

    Raises:
        InvalidInputError: a time without an offset.
    """
    if value is None:
        return None
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), tzinfo=zone).astimezone(UTC)
    if value.tzinfo is None:
        raise InvalidInputError(f"{name} has no offset: add one such as +08:00.", path=[name])
    return value.astimezone(UTC)


def _parse_time(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("a DateTime is a string such as 2026-01-31T09:30:00+08:00")
    try:
        parsed = _time(value)
    except (ValueError, OverflowError) as error:
        raise ValueError("a DateTime looks like 2026-01-31T09:30:00+08:00") from error
    if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
        raise ValueError(f"a DateTime lies in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return parsed


def _time(text: str) -> date:
    if len(text) <= _DATE:
        return date.fromisoformat(text)
    parsed = datetime.fromisoformat(text)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed


def _parse_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a Decimal is a number or a string such as 129.50")
    try:
        parsed = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("a Decimal is a number or a string such as 129.50") from error
    # Bounded before anyone computes with it: 1e999999999 would fill the memory.
    digits, exponent = parsed.as_tuple()[1:]
    if not isinstance(exponent, int) or parsed.adjusted() > _LARGEST.adjusted():
        raise ValueError(f"a Decimal lies between -{_LARGEST:,} and {_LARGEST:,}")
    if exponent < -20 or len(digits) > 40:
        raise ValueError("a Decimal has at most 20 decimals")
    if abs(parsed) > _LARGEST:
        raise ValueError(f"a Decimal lies between -{_LARGEST:,} and {_LARGEST:,}")
    return parsed


def _parse_position(value: object) -> int:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    # Bounded before it is read: a number of a million digits would take minutes.
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(_LAST_POSITION)):
        raise ValueError("a Position is a string of digits, as it came in an answer")
    return min(int(text), _LAST_POSITION)


def _time_text(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError("a stored time is a datetime")
    return value.astimezone(UTC).isoformat()


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description=(
        "A point in time in ISO 8601 with its offset, such as `2026-01-31T09:30:00+08:00`. "
        "Answers are in UTC. Where an input says so, a date alone (`2026-01-31`) means midnight "
        "in the business zone. A time without an offset is refused."
    ),
    specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    serialize=_time_text,
    parse_value=_parse_time,
)
DECIMAL = strawberry.scalar(
    name="Decimal",
    description="An exact decimal number, as a string in answers; a number or a string as input.",
    serialize=str,
    parse_value=_parse_decimal,
)
POSITION = strawberry.scalar(
    name="Position",
    description="A place in the order of all events of the bank, as a string of digits: larger "
    "than an Int, and exact in any language. Send it back as it came.",
    serialize=str,
    parse_value=_parse_position,
)
