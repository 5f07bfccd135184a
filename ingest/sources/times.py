"""Cells as times: the ways in which tables write them.

``FieldError`` for what is no time; its reason shows only what looks like one.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from graph.domain.moments import moment
from graph.errors import InvalidInputError
from ingest.sources.record import Cell, FieldError, as_text

_T = TypeVar("_T")

_LONGEST_SHOWN = 40
_EXCEL_EPOCH = datetime(1899, 12, 30)
#: 31 December 9999.
_LAST_SERIAL = 2_958_466

#: Year first, as Chinese and ISO dates are: 2019-04-25, 2019/4/25 9:32:09, 2019年4月25日9时32分,
#: 2019-04-25 下午 3:20, 2019-04-25T09:32:09+08:00 (时, 点 and 分 are colons by then).
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?"
    r"(?:(?:(?<=日)|\s*T|\s)\s*(?P<half>上午|下午)?\s*(?P<hour>\d{1,2}):"
    r"(?:(?P<minute>\d{1,2})(?::(?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?)?"
    r"\s*(?P<am_pm>[AP]M)?\s*(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_COLONS = str.maketrans({"时": ":", "時": ":", "点": ":", "點": ":", "分": ":", "秒": ""})
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)")
_HAS_TIME = re.compile(r"%[HIMSfpXcs]")


def as_time(cell: Cell, formats: tuple[str, ...], zone: ZoneInfo) -> datetime | date:
    """A date where only a date is given; else an aware time, in ``zone`` unless it says another."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=zone)
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and 1 <= cell <= _LAST_SERIAL and "unix" not in formats:
        return _from_serial(cell, zone)
    text = as_text(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    for name in formats:
        named = _NAMED.get(name)
        result = named(text, zone) if named else _by_pattern(text, name, zone)
        if result is not None:
            return result
    raise FieldError(f"{shown_time(text)} is no time in the format {' or '.join(formats)}")


def check_time(value: datetime | date, zone: ZoneInfo, now: datetime, what: str) -> None:
    """Refuse what the graph would refuse: before 1970, or more than a day ahead of ``now``."""
    try:
        moment(value, zone, now=now, what=what)
    except InvalidInputError as error:
        raise FieldError(error.message.rstrip(".")) from error
    except OverflowError as error:
        raise FieldError(f"{what} is before 1970 or lies in the future") from error


def shown_time(text: str) -> str:
    """What should be a time, for a message; nothing with other letters, no long number."""
    if len(text) > _LONGEST_SHOWN or not re.fullmatch(r"[-\d\s:/.,TZ+年月日时点分秒]+", text):
        return f"a value of {len(text)} characters"
    return "a long number" if re.search(r"\d{9}", text) else repr(text)


def check_format(name: str) -> None:
    """Raises ``ValueError`` for what is neither a named format nor a pattern of ``strptime``."""
    if name in _NAMED:
        return
    if "%" not in name:
        raise ValueError(f"{name} is no format of times; use {', '.join(_NAMED)} or %Y-%m-%d")
    try:
        datetime.strptime("", name)
    except ValueError as error:
        if "does not match" not in str(error):
            raise ValueError(f"{name} is no pattern of times: {error}") from error


def _auto(text: str, zone: ZoneInfo) -> datetime | date | None:
    match = _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text.translate(_COLONS))
    return _or_none(partial(_matched, match, zone)) if match else None


def _matched(match: re.Match[str], zone: ZoneInfo) -> datetime | date:
    """Raises ``ValueError`` for the 30th of February and the like."""
    parts = match.groupdict()
    day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    if parts.get("hour") is None:
        return day
    hour = int(parts["hour"])
    half = (parts["half"] or parts["am_pm"] or "").upper()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half in {"下午", "PM"} else 0)
    micro = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    wall = time(hour, int(parts["minute"] or 0), int(parts["second"] or 0), micro)
    offset = parts["offset"]
    return datetime.combine(day, wall, tzinfo=_offset(offset) if offset else zone)


def _or_none(make: Callable[[], _T]) -> _T | None:
    try:
        return make()
    except ValueError:
        return None


def _offset(text: str) -> tzinfo:
    if text in {"Z", "z"}:
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _excel(text: str, zone: ZoneInfo) -> datetime | date | None:
    serial = _or_none(lambda: float(text))
    if serial is None or not 1 <= serial <= _LAST_SERIAL:
        return None
    return _from_serial(serial, zone)


def _from_serial(serial: float, zone: ZoneInfo) -> datetime | date:
    """Days since the end of 1899, as Excel counts them from March 1900 on."""
    if serial.is_integer():
        return (_EXCEL_EPOCH + timedelta(days=serial)).date()
    return (_EXCEL_EPOCH + timedelta(seconds=round(serial * 86_400))).replace(tzinfo=zone)


def _unix(text: str, _zone: ZoneInfo, *, per_second: int = 1) -> datetime | None:
    if not re.fullmatch(r"\d{1,16}(\.\d{1,9})?", text):
        return None
    try:
        return datetime.fromtimestamp(float(Decimal(text) / per_second), UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _by_pattern(text: str, pattern: str, zone: ZoneInfo) -> datetime | date | None:
    time = _or_none(lambda: datetime.strptime(text, pattern))
    if time is None:
        return None
    if not _HAS_TIME.search(pattern):
        return time.date()
    return time if time.tzinfo else time.replace(tzinfo=zone)


_NAMED: Mapping[str, Callable[[str, ZoneInfo], datetime | date | None]] = MappingProxyType(
    {
        "auto": _auto,
        "excel": _excel,
        "unix": _unix,
        "unix_ms": partial(_unix, per_second=1000),
    }
)
