"""Cells as times: the ways in which tables write them.

Whether 03/04/2024 is a day in March or in April is never guessed from the cell: it is a property
of its column (``orders_in``).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from babel import Locale
from dateutil.parser import parser, parserinfo

from graph.domain.moments import moment
from graph.errors import InvalidInputError
from ingest.chinese import number
from ingest.sources.record import Cell, FieldError, as_text
from ingest.sources.words import DayPart, Words, any_of, default_words, fold

_T = TypeVar("_T")

_EXCEL_EPOCH = datetime(1899, 12, 30)
#: The calendar of workbooks that began on an old Macintosh (ECMA-376, ``date1904``).
_MAC_EPOCH = datetime(1904, 1, 1)
#: Whose names of days of the week are known.
_LANGUAGES = ("en", "zh", "zh_Hant", "de", "fr", "es", "pt")
#: 31 December 9999.
_LAST_SERIAL = 2_958_466
_EARLIEST_YEAR = 1970
#: Longer texts (characters) are no times, and not looked through for one.
_LONGEST = 100

#: Times that differ in year, month and day.
_DEFAULTS = (datetime(2004, 2, 3), datetime(2011, 5, 7))
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*(?:年|[-/.]|\s)\s*(?P<month>\d{1,2})\s*(?:月|[-/.]|\s)\s*(?P<day>\d{1,2})"
    r"(?:\s*[日号]|\.(?!\d)|(?!\d))"
)
_DAY_OR_MONTH = re.compile(r"\s*\d{4}[-/.](?P<second>\d{1,2})[-/.](?P<third>\d{1,2})(?!\d)")
_MONTHS = 12
_DAYS = 31
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})\s*[-/. ]\s*(?P<second>\d{1,2})\s*[-/. ]\s*(?P<third>\d{4})(?!\d)"
)
_SHORT = re.compile(
    r"(?P<first>\d{1,2})\s*[-/.年]\s*(?P<second>\d{1,2})\s*[-/.月]\s*(?P<third>\d{1,2})\s*[日号]?(?!\d)"
)
_WITHOUT_SEPARATORS = re.compile(r"(?P<digits>\d{8}|\d{6})(?!\d)")
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"[t -]?(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.?(?P<fraction>\d{3}))?)?"
    r"\s*(?P<offset>z|[+-]\d\d:?\d\d)?"
)
#: Years of reigns and of the Republic: the year before the first, and the last, as far as over.
_ERAS: Mapping[str, tuple[int, date, date]] = MappingProxyType(
    {
        name: era
        for names, era in (
            (("民国", "中华民国"), (1911, date(1912, 1, 1), date.max)),
            (("令和", "r"), (2018, date(2019, 5, 1), date.max)),
            (("平成", "h"), (1988, date(1989, 1, 8), date(2019, 4, 30))),
            (("昭和", "s"), (1925, date(1926, 12, 25), date(1989, 1, 7))),
        )
        for name in names
    }
)
_ERA = re.compile(
    rf"(?P<era>{any_of(_ERAS)})\s*(?P<year>\d{{1,3}}|元)\s*[年/.-]\s*(?P<month>\d{{1,2}})"
    r"\s*[月/.-]\s*(?P<day>\d{1,2})\s*日?(?!\d)"
)
#: A year of three digits can only be one of the Republic.
_REPUBLIC = re.compile(
    r"(?P<year>1\d\d)\s*[年/.-]\s*(?P<month>\d{1,2})\s*[月/.-]\s*(?P<day>\d{1,2})\s*日?(?!\d)"
)
_NUMERAL = "〇零○一二三四五六七八九十廿卅壹贰叁肆伍陆柒捌玖拾百"
_NUMERALS = re.compile(rf"[{_NUMERAL}]+(?=[年月日号点时分秒])|(?<=[年月])[{_NUMERAL}]+$")
#: What systems write where there is no time.
_FILLER = re.compile(
    r"0{1,4}([-/.])0{1,2}\1(?:0{4}|0{1,2})(?:[ t].*)?|0|0{8,14}|9{8}(?:9{6})?"
    r"|(?:0001|1753|1899|1900|2099|9999)[-/.](?:0?1|12)[-/.](?:0?[01]|30|31)"
    r"(?:[ t](?:0?0:00|23:59).*)?"
    r"|(?:0?1|30|31)[-/.](?:0?1|12)[-/.](?:0001|1899|1900|2099|9999)"
    r"(?:[ t](?:0?0:00|12:00:00 am|23:59).*)?"
    r"|(?:0001|1900|9999)(?:0101|1231)(?:\d{6})?|1970-01-01[ t]0[08]:00(?::00)?.*"
)
_RANGE = re.compile(
    r"\d{4}.*(?:~|—|–|至|到|\bto\b|\s-\s).*\d{4}|(?:\d[-/年月.]?){6,}日?\s*(?:~|—|至|到)\s*\d"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}\s*-\s*\d{4}[-/]"
)
_EPOCH_DOCUMENT = re.compile(r"/date\((\d{1,15})(?:[+-]\d{4})?\)/")
_WEEK_DATE = re.compile(r"\d{4}-?w\d\d-?\d")
#: Zones that mean one offset only.
_ZONES: Mapping[str, str] = MappingProxyType(
    {
        "北京时间": "+08:00",
        "中国标准时间": "+08:00",
        "hkt": "+08:00",
        "jst": "+09:00",
        "gmt": "+00:00",
        "utc": "+00:00",
    }
)
#: A year, a quarter or a month.
_PERIOD = re.compile(
    r"(?:fy\s*)?\d{4}年?(?:\s*[-/. ]?\s*(?:q[1-4]|h[12]|\d{1,2}月?|[上下]半年|第?[一二三四]季度))?"
    r"|q[1-4]\s*[-/ ]?\s*\d{4}|[a-z]{3,9}\.?[-/ ,]+\d{4}|\d{1,2}[-/]\d{4}"
)
_HAS_TIME = re.compile(r"%[HIMSfpXcs]")
_HALF_HOURS = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, "钟": 0}
#: Around the one time of a cell: a label before it, a remark behind it, words of clocks.
_AROUND = re.compile(
    r"^[^\d:]*[^\d\s:a-z]\s*:\s*(?=\d)|\((?!utc|gmt|[+-]?\d)[^()]*\)$|\[[^\[\]]*\]$|[;。.]$|^(?:the|on)\s+"
)
_CLOCK_WORDS = re.compile(r"\b(?:uhr|hrs?|às|as|um|at|h)\b")


class DateOrder(StrEnum):
    """What stands first in a date that does not begin with a year of four digits."""

    DMY = "DMY"
    MDY = "MDY"
    YMD = "YMD"


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """How a column of times is written.

    ``formats``: tried one after the other; ``order``: of dates that may be read in two ways (None:
    they are refused); ``zone``: of times that name none; ``latest_year``: two-digit years are not
    later; ``from_1904``: the workbook counts days from 1904; ``day_second``: behind a year of four
    digits the day stands before the month (None: in some dates, and what may be read in two ways is
    refused).
    """

    formats: tuple[str, ...]
    zone: ZoneInfo
    latest_year: int
    order: DateOrder | None = None
    from_1904: bool = False
    day_second: bool | None = False


def as_time(cell: Cell, column: TimeColumn, words: Words) -> datetime | date | None:
    """A date where only a date is given; else an aware time, in the column's zone unless it says
    another; None where systems write that there is no time, such as 0000-00-00.

    Raises:
        FieldError: it is no time, a range of them, or may be read in two ways.
    """
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=column.zone)
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and 1 <= cell <= _LAST_SERIAL and "unix" not in column.formats:
        return _from_serial(cell, column)
    text = as_text(cell)
    if len(text) > _LONGEST:
        raise FieldError("is no time, but a text")
    folded = fold(text)
    if _FILLER.fullmatch(folded):
        return None
    if _RANGE.search(folded):
        raise FieldError("is a range of times, not one")
    for name in column.formats:
        result = _in_format(text, name, column, words)
        if result is not None:
            return result
    raise FieldError(f"is no time in the format {' or '.join(column.formats)}")


def check_time(value: datetime | date, zone: ZoneInfo, now: datetime, what: str) -> None:
    """Refuse what the graph would refuse: before 1970, or more than a day ahead of ``now``."""
    try:
        moment(value, zone, now=now, what=what)
    except InvalidInputError as error:
        reason = "is before 1970" if "before 1970" in error.message else "lies in the future"
        raise FieldError(reason) from error
    except OverflowError as error:
        raise FieldError("is before 1970 or lies in the future") from error


def check_format(name: str) -> None:
    """Raises ``ValueError`` for what is neither a named format nor a pattern of ``strptime``."""
    if name == "auto" or name in _NAMED:
        return
    if "%" not in name:
        named = ", ".join(("auto", *_NAMED))
        raise ValueError(f"{name} is no format of times; use {named} or %Y-%m-%d")
    try:
        datetime.strptime("", name)
    except ValueError as error:
        if "does not match" not in str(error):
            raise ValueError(f"{name} is no pattern of times: {error}") from error


def orders_in(text: str, latest_year: int) -> list[DateOrder]:
    """The orders in which the text can be read, if it is a date that does not begin with a year of
    four digits; none where all of them give one day.
    """
    bare = _bare(text[:_LONGEST])
    match = _YEAR_LAST.match(bare) or _SHORT.match(bare)
    if match is None or "年" in match[0]:
        return []
    parts = match["first"], match["second"], match["third"]
    days = {order: _or_none(partial(_ordered, parts, order, latest_year)) for order in DateOrder}
    orders = [order for order, day in days.items() if day is not None]
    # 05/05/2024 is one day in any order.
    return orders if len({days[order] for order in orders}) > 1 or len(orders) == 1 else []


def day_second_in(text: str) -> bool | None:
    """Whether the day stands before the month in a date that begins with a year of four digits, as
    in 2017-14-01; None where the text does not show it.
    """
    match = _DAY_OR_MONTH.match(text)
    if match is None:
        return None
    second, third = int(match["second"]), int(match["third"])
    if max(second, third) > _DAYS or min(second, third) > _MONTHS:
        return None
    return second > _MONTHS if max(second, third) > _MONTHS else None


def is_period(text: str) -> bool:
    """Whether the text names a range of days, a month, a quarter or a year."""
    folded = fold(text[:_LONGEST])
    return bool(_RANGE.search(folded) or _PERIOD.fullmatch(folded))


def column_order(seen: Mapping[DateOrder, int]) -> DateOrder | None:
    """The order of a column by how often each was seen; None where none or both were."""
    orders = [order for order in DateOrder if seen.get(order)]
    return orders[0] if len(orders) == 1 else None


def _in_format(text: str, name: str, column: TimeColumn, words: Words) -> datetime | date | None:
    if name == "auto":
        return _auto(text, column, words)
    if name in _NAMED:
        return _NAMED[name](text, column)
    return _by_pattern(text, name, column)


def _auto(text: str, column: TimeColumn, words: Words) -> datetime | date | None:
    folded, weekday = _without_weekday(fold(text).removeprefix("'").strip('="'))
    folded = _with_offset(_AROUND.sub("", folded).strip())
    if match := _EPOCH_DOCUMENT.fullmatch(folded):
        return _unix(match[1], column, per_second=1000)
    if _WEEK_DATE.fullmatch(folded):
        return _or_none(partial(date.fromisoformat, folded.upper()))
    bare = _with_digits(folded)
    result = _numeric(bare, column, words) or _with_month_name(bare, column, words)
    if result is not None and weekday is not None and result.weekday() != weekday:
        raise FieldError("names another day of the week than that of its date")
    return result


def _numeric(bare: str, column: TimeColumn, words: Words) -> datetime | date | None:
    if match := _COMPACT.fullmatch(bare):
        return _or_none(partial(_compact, match, column))
    # 09:30 2024-03-05: the time may stand first.
    if match := re.fullmatch(r"(\D*\d{1,2}:\d\d(?::\d\d)?)\s+(\d.*)", bare):
        bare = f"{match[2]} {match[1]}"
    for pattern, read in _DATES:
        match = pattern.match(bare)
        if match is None:
            continue
        day = _or_none(partial(read, match, column))
        if day is not None and (result := _with_time(day, bare[match.end() :], column, words)):
            return result
    return None


def _with_offset(folded: str) -> str:
    """With the offset of a zone that means one only, at the end."""
    text = re.sub(r"\((?:utc|gmt)\s*([+-])", r"\1", folded).rstrip(")")
    text = re.sub(r"\b(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?!\d|:)", r"\g<1>\g<2>:00", text)
    text = re.sub(r"\b(?:utc|gmt)\s*(?=[+-]\d)", "", text)
    for name, offset in _ZONES.items():
        if re.search(rf"(?<![a-z]){name}(?![a-z])", text):
            bare = re.sub(rf"\s*\(?{name}\)?\s*", " ", text).strip()
            return bare if re.search(r"[+-]\d\d:?\d\d$", bare) else f"{bare}{offset}"
    return text


def _with_digits(folded: str) -> str:
    """With digits for numerals, hyphens for dashes, and am and pm in one spelling."""
    text = re.sub(r"[‐‑–−]", "-", re.sub(r",(?!\d)|(?<!\d),", " ", folded)).replace("_", " ")
    text = _NUMERALS.sub(lambda m: _digits(m[0]), text)
    text = re.sub(r"\b([ap])\.?\s?m\b\.?", r"\1m", text)
    text = re.sub(r"(\d{4}):(?=\d\d:)", r"\1 ", text)
    text = re.sub(r"(\d\d)\.(\d\d)\.(\d\d)(\.\d+)(?=\D|$)", r"\1:\2:\3\4", text)
    return re.sub(r"\s+", " ", text).strip()


def _digits(numeral: str) -> str:
    """Chinese numerals as digits: 二〇二四 one by one, 十五 as a number."""
    one_by_one = len(numeral) > 1 and not re.search("[十百拾廿卅]", numeral)
    try:
        return "".join(str(number(part)) for part in (numeral if one_by_one else [numeral]))
    except ValueError:
        return numeral


def _bare(text: str) -> str:
    """The folded text without names of days of the week."""
    return _without_weekday(fold(text))[0]


def _without_weekday(text: str) -> tuple[str, int | None]:
    """The text without the name of a day of the week, and its number (Monday is 0)."""
    names = _weekdays()
    pattern = _weekday_pattern()
    match = pattern.search(text)
    if match is None:
        return text, None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    return re.sub(r"\s+", " ", rest).strip(" ,"), names[match["name"]]


def _with_time(day: date, rest: str, column: TimeColumn, words: Words) -> datetime | date | None:
    rest = re.sub(r"^-(?=\d\d[.:-]\d\d[.:-]\d\d)", "", _CLOCK_WORDS.sub("", rest).strip(" ,"))
    rest = re.sub(r"^(\d\d)-(\d\d)-(\d\d)$", r"\1:\2:\3", rest)
    # 3月5日上午: the hour is not said, the day is.
    if not rest or rest in words.day_parts:
        return day
    if match := re.fullmatch(r"(\d\d)(\d\d)(\d\d)?", rest):
        rest = ":".join(filter(None, match.groups()))
    match = _clock(words).fullmatch(rest)
    return _or_none(partial(_at, day, match, column, words)) if match else None


def _at(day: date, match: re.Match[str], column: TimeColumn, words: Words) -> datetime:
    """Raises ``ValueError`` for hour 25 and the like."""
    parts = match.groupdict()
    hour = int(parts["hour"])
    part = parts["before"] or parts["after"]
    if part is None and parts["minute"] is None and parts["half"] is None and not parts["mark"]:
        raise ValueError(parts["hour"])
    minute = _HALF_HOURS[parts["half"]] if parts["half"] else int(parts["minute"] or 0)
    days = 0
    if part:
        hour = _twenty_four(hour, words.day_parts[part], spoken=parts["mark"] in {"点", "时"})
    elif hour == 24 and minute == 0 and not int(parts["second"] or 0):
        # Midnight at the day's end (ISO 8601).
        hour, days = 0, 1
    micro = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    wall = time(hour, minute, int(parts["second"] or 0), micro)
    return datetime.combine(day + timedelta(days=days), wall, tzinfo=_zone(parts["offset"], column))


def _twenty_four(hour: int, part: DayPart, *, spoken: bool) -> int:
    """The hour of 24 of an hour in a part of the day; ``spoken``: not of a digital clock.

    People also write 下午15:00: an hour above 12 stands as it is where it is in that part.

    Raises:
        ValueError: there is no such hour, or it may be of two days: 晚上12点.
    """
    if hour > 23 or (hour > 12 and part is DayPart.MORNING):
        raise ValueError(hour)
    if hour == 0 and (part is DayPart.EVENING or not (spoken or part is DayPart.SMALL_HOURS)):
        raise ValueError(hour)
    if hour > 12:
        return hour
    match part:
        case DayPart.MORNING:
            if hour == 12 and spoken:
                raise ValueError(hour)
            return hour % 12
        case DayPart.SMALL_HOURS:
            return hour % 12
        case DayPart.NOON:
            return hour if hour >= 10 else hour + 12
        case DayPart.AFTERNOON:
            return hour % 12 + 12
        case DayPart.EVENING:
            if hour == 12 or hour < 5:
                raise ValueError(hour)
            return hour + 12


def _year_first(match: re.Match[str], column: TimeColumn) -> date:
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    if column.day_second is False or "月" in match[0]:
        return date(year, month, day)
    if column.day_second is None and month != day and max(month, day) <= _MONTHS:
        raise FieldError("may be read in two ways: put %Y-%m-%d or %Y-%d-%m first in date_formats")
    if column.day_second or month > _MONTHS:
        month, day = day, month
    return date(year, month, day)


def _by_order(match: re.Match[str], column: TimeColumn) -> date:
    """A date whose parts may stand in several orders: that of the column, or the only one that
    gives a day that is no later than this year.
    """
    parts = match["first"], match["second"], match["third"]
    if "年" in match[0]:
        if len(parts[0]) == 1 or int(parts[0]) > column.latest_year % 100:
            # A year of a reign that is not named; 1999, or the year 99 of the Republic.
            raise ValueError(parts[0])
        return _ordered(parts, DateOrder.YMD, column.latest_year)
    if column.order is not None:
        return _ordered(parts, column.order, column.latest_year)
    days: dict[date, None] = {}
    for order in DateOrder:
        if (day := _or_none(partial(_ordered, parts, order, column.latest_year))) is not None:
            days[day] = None
    if len(days) > 1:
        raise FieldError("may be read in two ways: set order to DMY, MDY or YMD")
    if not days:
        raise ValueError(match[0])
    return next(iter(days))


def _ordered(parts: Sequence[str], order: DateOrder, latest_year: int) -> date:
    by_letter = dict(zip(order.value, parts, strict=True))
    written = by_letter["Y"]
    if len(written) == 3:
        raise ValueError(written)
    year = int(written) if len(written) == 4 else _full_year(int(written), latest_year)
    if not _EARLIEST_YEAR <= year <= latest_year:
        raise ValueError(year)
    return date(year, int(by_letter["M"]), int(by_letter["D"]))


def _without_separators(match: re.Match[str], column: TimeColumn) -> date:
    """20240305, and 240305 or 05032024 where the column's order says so."""
    digits = match["digits"]
    readings = {
        DateOrder.YMD: (digits[:-4], digits[-4:-2], digits[-2:]),
        DateOrder.DMY: (digits[:2], digits[2:4], digits[4:]),
        DateOrder.MDY: (digits[:2], digits[2:4], digits[4:]),
    }
    if len(digits) == 8 and _EARLIEST_YEAR <= int(digits[:4]) <= column.latest_year + 1:
        return date(*map(int, readings[DateOrder.YMD]))
    if column.order is not None:
        return _ordered(readings[column.order], column.order, column.latest_year)
    if len(digits) == 6:
        raise ValueError(digits)
    days = {
        _or_none(partial(_ordered, r, order, column.latest_year)) for order, r in readings.items()
    } - {None}
    if len(days) != 1:
        raise ValueError(digits)
    result = days.pop()
    assert result is not None
    return result


def _era(match: re.Match[str], column: TimeColumn) -> date:
    before, first, last = _ERAS[match["era"]]
    year = 1 if match["year"] == "元" else int(match["year"])
    day = date(before + year, int(match["month"]), int(match["day"]))
    if not first <= day <= last:
        raise ValueError(match["era"])
    return day


def _republic(match: re.Match[str], column: TimeColumn) -> date:
    return date(_ERAS["民国"][0] + int(match["year"]), int(match["month"]), int(match["day"]))


def _full_year(year: int, latest: int) -> int:
    """The year of a year of two digits: the latest one that is no later than ``latest``."""
    century = latest // 100 * 100
    return year + (century if year <= latest % 100 else century - 100)


def _compact(match: re.Match[str], column: TimeColumn) -> datetime | date:
    """Raises ``ValueError`` for the 30th of February and the like."""
    parts = match.groupdict()
    day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    micro = int((parts["fraction"] or "0").ljust(6, "0"))
    wall = time(int(parts["hour"]), int(parts["minute"]), int(parts["second"] or 0), micro)
    return datetime.combine(day, wall, tzinfo=_zone(parts["offset"], column))


def _or_none(make: Callable[[], _T]) -> _T | None:
    try:
        return make()
    except (ValueError, ArithmeticError, KeyError):
        # Of dates that are none, and of the libraries that read numerals and names of months.
        return None


def _zone(text: str | None, column: TimeColumn) -> tzinfo:
    if text is None:
        return column.zone
    if text == "z":
        return UTC
    hours, _, minutes = re.sub(r"^(\d\d?):?(\d\d)?$", r"\1:\2", text.strip("+- ")).partition(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if "-" in text else offset)


def _excel(text: str, column: TimeColumn) -> datetime | date | None:
    """A day, with the time of day behind the point or, of a column of its own, beside it."""
    numbers = [_or_none(partial(float, part)) for part in text.split()]
    days = numbers[0] if numbers else None
    if days is None or not 1 <= days <= _LAST_SERIAL or len(numbers) > 2:
        return None
    if len(numbers) == 2:
        part = numbers[1]
        if part is None or not days.is_integer() or not 0 <= part < 1:
            return None
        days += part
        # Midnight is a time where a column says the time.
        return _from_serial(days, column) if part else _at_midnight(days, column)
    return _from_serial(days, column)


def _at_midnight(serial: float, column: TimeColumn) -> datetime:
    day = _from_serial(serial, column)
    return datetime(day.year, day.month, day.day, tzinfo=column.zone)


def _from_serial(serial: float, column: TimeColumn) -> datetime | date:
    """Days since the end of 1899, as Excel counts them from March 1900 on, or since 1904."""
    epoch = _MAC_EPOCH if column.from_1904 else _EXCEL_EPOCH
    if serial.is_integer():
        return (epoch + timedelta(days=serial)).date()
    return (epoch + timedelta(seconds=round(serial * 86_400))).replace(tzinfo=column.zone)


def _unix(text: str, _column: TimeColumn, *, per_second: int = 1) -> datetime | None:
    if not re.fullmatch(r"\d{1,16}(\.\d{1,9})?", text):
        return None
    try:
        return datetime.fromtimestamp(float(Decimal(text) / per_second), UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _by_pattern(text: str, pattern: str, column: TimeColumn) -> datetime | date | None:
    """By ``strptime``, whose names are English, as nothing here sets the process's locale."""
    plain = re.sub(r"\b([ap])\.\s?m\.?", r"\1m", text, flags=re.IGNORECASE)
    result = _or_none(lambda: datetime.strptime(plain, pattern))
    if result is None:
        return None
    if not _HAS_TIME.search(pattern):
        return result.date()
    return result if result.tzinfo else result.replace(tzinfo=column.zone)


def _with_month_name(text: str, column: TimeColumn, words: Words) -> datetime | date | None:
    """A date with the name of its month, as 5-Mar-24 or Mar 5, 2024 3:20 PM, by dateutil."""
    if not re.search(r"[^\W\d]{3}", text):
        return None
    named = _parser(column.latest_year, tuple(words.months.items()))
    # What the text leaves out is taken from the default: where two differ, it left out too much.
    first, second = (_or_none(partial(_parse, named, text, d)) for d in _DEFAULTS)
    if first is None or first != second:
        return None
    if not re.search(r"\d\s*(?:[:h]|[ap]\.?m)", text):
        return first.date()
    return first if first.tzinfo else first.replace(tzinfo=column.zone)


def _parse(named: parser, text: str, default: datetime) -> datetime:
    result: datetime = named.parse(text, default=default)
    return result


@cache
def _parser(latest_year: int, months: tuple[tuple[str, int], ...]) -> parser:
    by_number = [tuple(name for name, n in months if n == number) for number in range(1, 13)]

    class Names(parserinfo):  # type: ignore[misc]
        MONTHS = by_number
        JUMP = [*parserinfo.JUMP, "de", "of", "er"]  # noqa: RUF012

        def convertyear(self, year: int, century_specified: bool = False) -> int:
            return year if century_specified or year > 99 else _full_year(year, latest_year)

    return parser(Names())


@cache
def _weekdays() -> Mapping[str, int]:
    """Names of days of the week, Monday 0; none that is also the name of a month."""
    results = {f"({name})": number for number, name in enumerate("一二三四五六日")}
    results |= {f"({name})": number for number, name in enumerate("月火水木金土日")}
    results |= {f"礼拜{name}": number for number, name in enumerate("一二三四五六天")}
    results |= {"星期天": 6, "周天": 6}
    for language in reversed(_LANGUAGES):
        days: Mapping[str, Any] = Locale.parse(language).days["format"]
        for width in ("wide", "abbreviated"):
            results |= {fold(name).rstrip("."): number for number, name in days[width].items()}
    months = default_words().months
    return {name: number for name, number in results.items() if name not in months}


@cache
def _weekday_pattern() -> re.Pattern[str]:
    names = _weekdays()
    latin = any_of(name for name in names if name.isascii() or "-" in name)
    others = any_of(name for name in names if not name.isascii())
    return re.compile(rf"[(\[]?(?P<name>(?<![^\W\d])(?:{latin})(?![^\W\d])|{others})\.?[)\]]?,?")


@cache
def _clock_of(parts: frozenset[str]) -> re.Pattern[str]:
    named = any_of(parts)
    return re.compile(
        rf"(?:t\s*|at\s+)?(?P<before>{named})?\s*(?P<hour>\d{{1,2}})\s*"
        r"(?:(?P<mark>[:.点时h])\s*(?:(?P<half>半|一刻|三刻|整|钟)|(?P<minute>\d{1,2})?\s*"
        r"(?:[:.分m]\s*(?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?\s*[秒s]?)?)?))?"
        rf"\s*(?P<after>{named})?\s*(?P<offset>z|[+-]\d\d?(?::?\d\d)?)?"
    )


def _clock(words: Words) -> re.Pattern[str]:
    return _clock_of(frozenset(words.day_parts))


_Read: TypeAlias = Callable[[re.Match[str], TimeColumn], date]
_DATES: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (_ERA, _era),
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _by_order),
    (_REPUBLIC, _republic),
    (_SHORT, _by_order),
    (_WITHOUT_SEPARATORS, _without_separators),
)
_NAMED: Mapping[str, Callable[[str, TimeColumn], datetime | date | None]] = MappingProxyType(
    {"excel": _excel, "unix": _unix, "unix_ms": partial(_unix, per_second=1000)}
)
