"""Days and periods that a text names, with their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from graph.domain.answers import Period, PeriodUnit
from ingest.drafting.numbers import NUMBER, value_of

_MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?",
    "aug(?:ust)?", "sep(?:t(?:ember)?)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_MONTH = rf"(?:{'|'.join(_MONTHS)})\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_Z = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_Y = r"(?:(?:19|20)\d\d|[一二][零〇九][零〇一二三四五六七八九]{2}|\d\d(?=年))"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PART = r"(?:上旬|中旬|下旬|初|底|末|中)"
_YEAR = r"(?:19|20)\d\d"
_NUMBERED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d)(?P<y>{_Y})年(?:(?P<m>{_Z})月(?:份|(?P<d>{_Z})[日号]|{_PART})?)?"
        r"(?!\s*(?:期|利率|费|以来|内|前的?存))",
        rf"(?<![\d个年])(?P<m>{_Z})月(?:(?P<d>{_Z})[日号]?|份|{_PART})(?!\d)",
        rf"(?P<this>本|当)月(?P<d>{_Z})[日号]",
        rf"(?<![\d月+])(?P<d>{_Z})[日号](?=之?前|以前|到账|起(?!\d))",
        rf"(?<![\d.])(?P<y>{_YEAR})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?!\d)",
        rf"(?<![\d./])(?P<d>\d{{1,2}})(?P<s>[/.])(?P<m>\d{{1,2}})(?P=s)(?P<y>{_YEAR})(?!\d)",
        rf"\b(?P<d>{_DAY})(?:\sof)?\s(?P<name>{_MONTH})(?:,?\s(?P<y>{_YEAR}))?\b",
        rf"\b(?P<name>{_MONTH})\s(?P<d>{_DAY})\b(?!\s?(?:days|%))(?:,?\s(?P<y>{_YEAR})\b)?",
        rf"\b(?P<name>{_MONTH}),?\s(?P<y>{_YEAR})\b",
        r"\b(?:by|before|until|in|during|since|end\sof|of|from)\s"
        r"(?:the\send\sof\s|early\s|late\s|mid-)?"
        r"(?P<name>(?-i:[A-Z])[a-z]{2,8})\b\.?(?!\s\w+ing\b)",
        r"\b(?:in|by|before|since|until|of|during)\s(?P<y>20\d\d)\b"
        r"(?!\s?(?:yuan|customers|cases|rmb))",
        r"\b(?:by|before|until|on|from)\sthe\s(?P<d>\d{1,2}(?:st|nd|rd|th))\b",
    )
)
_TODAY = re.compile(r"即日|今[日天]|本日|当日|\btoday\b", re.IGNORECASE)
_OFFSETS = {
    "明天": 1, "明日": 1, "后天": 2, "后日": 2, "大后天": 3, "昨天": -1, "昨日": -1,
    "前天": -2, "tomorrow": 1, "yesterday": -1,
}  # fmt: skip
_PAST = re.compile(r"上|去|\blast\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?P<day>大后天|明[天日](?!确)|后[天日](?!续)|昨[天日]|前天|\btomorrow\b|\byesterday\b)"
    r"|(?:下个?|本|这个?|上个?|当)(?:周|星期|礼拜)[一二三四五六日天末]?(?:之?内|之?前|以前|底)?"
    r"|(?<!\w)(?:周|星期)[一二三四五六日末](?:之?前|以前)?"
    r"|(?:下个?|上个?)月(?:初|中旬?|底|末|上旬|下旬|内)?"
    r"|(?:本|当|这个?)月(?:初|中旬|底|末|上旬|下旬|内)|月[底末](?:之?前)?"
    r"|(?:本|今|明|下|去|上)(?:一)?年(?:度|底|末|初|内|年底)?|年[底末内](?:之?前)?"
    r"|[下本上](?:个|一)?季度(?:末|内)?"
    r"|(?:春节|国庆|元旦|中秋|五一|端午|清明)(?:节|假期)?(?:之?前|之?后|期间)"
    rf"|\b(?:next|this|last|coming|following)\s(?:week|month|quarter|year|{_WEEKDAY})\b"
    rf"|\b(?:by|before|on|until)\s(?:the\s)?(?:next\s|this\s|coming\s)?{_WEEKDAY}\b"
    r"|\b(?:the\s)?end\sof\s(?:the|this|next)\s(?:week|month|quarter|year|day)\b"
    r"|\bmonth-?end\b|\byear-?end\b"
    r"|\bby\s(?:christmas|new\syear|easter)\b",
    re.IGNORECASE,
)
_UNITS = (
    (
        r"个?(?:工作日|营业日|交易日)|个?工作天"
        r"|(?:working|business|trading|banking)\s?-?days?\b",
        "WORKING_DAYS",
        1,
    ),
    (r"个?(?:自然日|日历日|日历天)|(?:calendar|consecutive)\sdays?\b", "DAYS", 1),
    (
        r"(?<=\+\d)日|(?<=\+\s\d)日|天|日(?!元|期|均|常|子|光|程|志|息)|-?days?\b|d\b",
        "DAYS",
        1,
    ),
    (r"fortnights?\b", "DAYS", 14),
    (r"个?(?:星期|礼拜)|周(?!岁|年|边|转|知|到|六|日)|-?weeks?\b", "DAYS", 7),
    (r"个?季度|quarters?\b", "MONTHS", 3),
    (r"月(?<=个半月)|个月|个?自然月|月(?=之?内|以内)|-?months?\b", "MONTHS", 1),
    (
        r"个?年(?!费|化|利|报|龄|级|纪|度|检|审|前三|期|[初底末])|周年|-?years?\b(?!\s?old)",
        "MONTHS",
        12,
    ),
    (
        r"个?小时(?!客服|热线|服务|在线|电话|人工|自助)|个?钟头"
        r"|-?hours?\b(?!\s(?:hotline|service|customer|help|a\sday))|hrs?\b",
        "HOURS",
        1,
    ),
    (r"分钟|-?minutes?\b|mins?\b", "MINUTES", 1),
)
_UNIT = "|".join(f"(?P<u{at}>{pattern})" for at, (pattern, _, _) in enumerate(_UNITS))
_PERIOD = re.compile(
    rf"(?:(?P<low>{NUMBER})\s?(?:-|~|至|到|或|to|or)\s?)?"
    rf"(?P<count>(?<!第)(?<!月){NUMBER}|半|数|几"
    r"|\bhalf\san?\b|\ban?\b|\bone\b|\ba\sfew\b|\bseveral\b|\ba\scouple\sof\b)"
    rf"(?P<more>[多余来几])?(?:\s?\(\d+\))?\s?(?P<half>个半)?(?:{_UNIT})(?P<halves>半(?!年|个))?",
    re.IGNORECASE,
)
_VAGUE = frozenset({"数", "几", "a few", "several", "a couple of"})


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or as much of it as is named.

    ``unknown``: one that cannot be placed; ``past``: it lies before the text all the same.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    unknown: bool = False
    past: bool = False

    def is_one_of(self, days: frozenset[date]) -> bool:
        return not self.unknown and any(self._fits(each) for each in days)

    def says_no_more_than(self, other: "Day") -> bool:
        """Whether all that is named is named there."""
        return not self.unknown and all(
            mine in (None, theirs)
            for mine, theirs in (
                (self.year, other.year),
                (self.month, other.month),
                (self.day, other.day),
            )
        )

    def _fits(self, known: date) -> bool:
        return (
            self.year in (None, known.year)
            and self.month in (None, known.month)
            and self.day in (None, known.day)
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A period; None: so many, without saying how many."""

    start: int
    end: int
    period: Period | None


def days(text: str, today: date) -> Iterator[Day]:
    """Days that a text names as someone writes it on ``today``, not in order."""
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        return all(match.end() <= start or match.start() >= end for start, end in taken)

    for pattern in _NUMBERED:
        for match in pattern.finditer(text):
            if free(match) and (named := _named(match, today)) is not None:
                taken.append(match.span())
                yield named
    for match in _TODAY.finditer(text):
        if free(match):
            taken.append(match.span())
            yield _on(match, today)
    for match in _RELATIVE.finditer(text):
        if free(match):
            taken.append(match.span())
            offset = _OFFSETS.get((match["day"] or "").casefold())
            if offset is None:
                past = _PAST.search(match[0]) is not None
                yield Day(match.start(), match.end(), unknown=True, past=past)
            else:
                yield _on(match, today + timedelta(days=offset))


def _on(match: re.Match[str], day: date) -> Day:
    return Day(match.start(), match.end(), day.year, day.month, day.day)


def _named(match: re.Match[str], today: date) -> Day | None:
    """None for what is none: a month of a name that is no month's."""
    parts = match.groupdict()
    month = _number(parts.get("m"))
    if parts.get("name"):
        month = _month(parts["name"])
        if month is None:
            return None
    if parts.get("this"):
        month = today.month
    year, day = _number(parts.get("y")), _number(parts.get("d"))
    if year is not None and year < 100:
        year += 2000
    if month is not None and month > 12 and day is not None and day <= 12:
        month, day = day, month
    return Day(match.start(), match.end(), year, month, day)


def _month(name: str) -> int | None:
    plain = name.casefold().rstrip(".")
    for number, pattern in enumerate(_MONTHS, start=1):
        if re.fullmatch(pattern, plain):
            return number
    return None


def _number(text: str | None) -> int | None:
    if not text:
        return None
    digits = re.match(r"\d+", text)
    if digits:
        return int(digits[0])
    if re.fullmatch(r"[一二][零〇九]..", text):
        return int("".join(str("零一二三四五六七八九".index(c.replace("〇", "零"))) for c in text))
    value = value_of(text)
    return None if value is None else int(value)


def spans(text: str) -> Iterator[Span]:
    """Periods, both ends of a range as two."""
    for match in _PERIOD.finditer(text):
        which = next(at for at in range(len(_UNITS)) if match[f"u{at}"])
        _, unit, worth = _UNITS[which]
        counts = [_count(match["count"])]
        if match["low"]:
            counts.append(value_of(match["low"]))
        for count in counts:
            if count is None or match["more"]:
                yield Span(match.start(), match.end(), None)
                continue
            extra = Decimal("0.5") if match["half"] or match["halves"] else Decimal(0)
            yield Span(match.start(), match.end(), _period((count + extra) * worth, unit))


def _count(text: str) -> Decimal | None:
    plain = " ".join(text.casefold().split())
    if plain in _VAGUE:
        return None
    if plain == "半" or plain.startswith("half"):
        return Decimal("0.5")
    if plain in ("a", "an", "one"):
        return Decimal(1)
    return value_of(text)


def _period(count: Decimal, unit: str) -> Period:
    """Whole days of hours, half a month as fifteen days: what people take for the same."""
    if unit == "HOURS" and count % 24 == 0:
        return Period(count / 24, PeriodUnit.DAYS)
    if unit == "MONTHS" and count == Decimal("0.5"):
        return Period(Decimal(15), PeriodUnit.DAYS)
    return Period(count, PeriodUnit(unit))
