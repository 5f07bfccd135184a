"""Telephone numbers: mainland mobiles and landlines, North America, and abroad with a ``+``.

Numbers that a bank publishes (400, 800, 95588, toll-free) belong to nobody and stay.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from graph.domain.placeholders import MaskKind
from ingest.masking.labels import Label
from ingest.masking.reading import Reading, Span
from ingest.masking.separators import GAP, WIDE_GAP

_MOBILE = re.compile(
    rf"(?:(?:00{GAP})?86\)?{GAP}|0)?(?P<number>1{WIDE_GAP}[3-9](?:{WIDE_GAP}\d){{9}})(?!\d)"
)
#: How the eleven digits may be grouped where no word such as 手机 says what they are.
_MOBILE_GROUPS = frozenset({"11", "344", "335", "353", "38", "74", "434", "443", "1" * 11})
_COMMA = re.compile(r"[,/]")
_EXTENSION = r"(?:\s?(?:转|分机|-|ext\.?|x)\s?\d{1,5}(?!\d))?"
_LANDLINE = re.compile(
    r"(?:(?:00)?86[ \-)]{0,2}0?)?(?P<area>010|02[0-9]|0[3-9]\d{2}|(?<=86[ -])(?:10|2\d|[3-9]\d{2}))"
    rf"(?P<gap>[)]?[ \-]{{0,2}})(?P<local>\d{{7,8}}|\d{{3,4}}[ -]\d{{4}})(?!\d){_EXTENSION}",
    re.IGNORECASE,
)
_NORTH_AMERICA = re.compile(
    r"(?:1[ .\-]{0,2}\(?)?(?P<area>[2-9]\d{2})"
    r"(?:\)[ .\-]{0,2}\d{3}[ .\-]{1,2}| ?[.\-] ?\d{3} ?[.\-] ?)\d{4}(?!\d)"
    r"(?:\s?(?:ext\.?|x|extension)\s?\d{1,6})?",
    re.IGNORECASE,
)
_ABROAD = re.compile(r"[1-9](?:[ \-.()]{0,2}\d){6,14}(?!\d)")
#: After a word such as 电话: whatever a person may dial.
_NAMED = re.compile(rf"\d(?:[ \-.()]{{0,2}}\d){{6,13}}(?!\d){_EXTENSION}", re.IGNORECASE)
_DATE = re.compile(r"(?:19|20)\d\d[-.]?(?:0?[1-9]|1[0-2])[-.]?(?:0?[1-9]|[12]\d|3[01])(?!\d)")
_SERVICE = re.compile(
    r"(?:86)?(?:400|800)\d{7}|(?:0\d{2,3})?(?:95|96|12)\d{3,4}|1010\d{4}|106\d{5,17}"
)
_TOLL_FREE = frozenset({"400", "800", "833", "844", "855", "866", "877", "888", "900"})
_NOT_DIGITS = re.compile(r"\D")
_GROUPS = re.compile(r"\d+")


def at(reading: Reading, start: int) -> Span | None:
    """The telephone number whose first digit is at ``start``."""
    for find in (_mobile, _landline, _abroad, _north_america, _named):
        if span := find(reading, start):
            return _with_opening(reading, span)
    return None


def is_service(digits: str) -> bool:
    """Whether a bank, a regulator or an operator publishes the number: it belongs to nobody."""
    return bool(_SERVICE.fullmatch(digits))


def _mobile(reading: Reading, start: int) -> Span | None:
    match = _MOBILE.match(reading.folded, start)
    if match is None:
        return None
    end = match.end()
    label = reading.label(start)
    if label is not None and label.label is Label.PHONE and not _COMMA.search(match["number"]):
        return Span(start, end, MaskKind.MOBILE)
    groups = "".join(str(len(group)) for group in _GROUPS.findall(match["number"]))
    if groups not in _MOBILE_GROUPS or reading.is_amount(start, end):
        return None
    # 取消订单 13812345678: a bare 订单 does not make an order number of a mobile.
    if reading.is_order(start, end) and (label is None or label.firm):
        return None
    return Span(start, end, MaskKind.MOBILE)


def _landline(reading: Reading, start: int) -> Span | None:
    match = _LANDLINE.match(reading.folded, start)
    if match is None or reading.is_order(start, match.end()):
        return None
    local = _digits(match["local"])
    label = reading.label(start)
    named = label is not None and label.label is Label.PHONE
    # No local number begins with 0 or 1; what looks like one may be a code.
    likely = local[0] in "23456789" and not _DATE.fullmatch(local)
    if (
        not (named or likely)
        or local[0] == "0"
        or _SERVICE.fullmatch(local)
        or reading.is_amount(start, match.end())
    ):
        return None
    return Span(start, match.end(), MaskKind.LANDLINE)


def _abroad(reading: Reading, start: int) -> Span | None:
    if reading.folded[start - 1 : start] != "+":
        return None
    match = _ABROAD.match(reading.folded, start)
    if match is None or reading.is_order(start, match.end()):
        return None
    number = _parse(f"+{_digits(match[0])}")
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    kind = phonenumbers.number_type(number)
    if kind in {PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE}:
        return None
    return Span(start, match.end(), _KINDS.get(kind, MaskKind.PHONE))


def _north_america(reading: Reading, start: int) -> Span | None:
    match = _NORTH_AMERICA.match(reading.folded, start)
    if match is None or match["area"] in _TOLL_FREE or reading.is_order(start, match.end()):
        return None
    return Span(start, match.end(), MaskKind.PHONE)


def _named(reading: Reading, start: int) -> Span | None:
    label = reading.label(start)
    if label is None or label.label is not Label.PHONE:
        return None
    match = _NAMED.match(reading.folded, start)
    if match is None or _DATE.match(reading.folded, start):
        return None
    digits = _digits(match[0])
    if not digits.strip("0"):
        return None  # 0000-00000000: somebody else has masked it
    toll_free = len(digits) in {10, 11} and digits.removeprefix("1")[:3] in _TOLL_FREE
    if toll_free or _SERVICE.fullmatch(digits):
        return None
    kind = MaskKind.LANDLINE if len(digits) in {7, 8} else MaskKind.PHONE
    return Span(start, match.end(), kind)


def _with_opening(reading: Reading, span: Span) -> Span:
    """Take in the plus sign and the opening bracket of ``+86 ...`` and ``(010) ...``."""
    start = span.start
    inside = reading.folded[start : span.end]
    if reading.folded[start - 1 : start] == "(" and ")" in inside:
        start -= 1
    if reading.folded[start - 1 : start] == "+":
        start -= 1
        if reading.folded[start - 1 : start] == "(" and ")" in inside:
            start -= 1
    return Span(start, span.end, span.kind)


def _parse(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", text)


_KINDS = {
    PhoneNumberType.MOBILE: MaskKind.MOBILE,
    PhoneNumberType.FIXED_LINE: MaskKind.LANDLINE,
}
