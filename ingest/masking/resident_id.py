"""Mainland China's resident identity numbers, GB 11643-1999: 18 digits, older ones 15.

Six digits of region, the birth date, three of sequence, and in the long form an ISO 7064
MOD 11-2 check digit.
"""

import re
from datetime import date

from stdnum import numdb
from stdnum.cn import ric

from graph.domain.placeholders import MaskKind
from ingest.masking.labels import Label
from ingest.masking.reading import Reading, Span
from ingest.masking.separators import GAP, WIDE_GAP

# 9: permanent residents from abroad; 81-83: residents from Hong Kong, Macau and Taiwan.
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "90",
        "91",
        "92",
        "93",
        "94",
        "95",
        "96",
        "97",
        "98",
        "99",
    ]
)
#: People write a multiplication sign or an asterisk for the X.
_LONG = re.compile(rf"[1-9](?:{WIDE_GAP}\d){{16}}{WIDE_GAP}(?:\d(?!\d)|[Xx×*])")
_SHORT = re.compile(rf"[1-9](?:{GAP}\d){{14}}(?!\d)")
#: Whatever stands after words such as 身份证, a digit too few or too many included.
_NAMED = re.compile(
    rf"\d(?:{GAP}\d){{12,19}}(?!\d)(?:{GAP}[Xx×*](?![A-Za-z]))?"
    r"|(?!(?:19|20)\d\d[01]\d[0-3]\d(?!\d))\d{7,12}(?!\d)[Xx]?"
)
_LIST_SIGNS = re.compile(r"[,/]")
_NOT_DIGITS = re.compile(r"[^\dX]")
_OLDEST_BIRTH, _YOUNGEST_BIRTH = 1900, 2099
# Without a right check digit, only the birth years of people who may hold an account.
_LIKELY_BIRTHS = range(1920, 2016)


def at(reading: Reading, start: int) -> Span | None:
    """The identity number that starts at the digit ``start``, however it is grouped."""
    if match := _LONG.match(reading.folded, start):
        number = compact(match[0])
        strong = _has_region_and_birth(number) and number[-1] == ric.calc_check_digit(number)
        # A right number is one even after 编号; no order number is right by chance.
        likely = _is_likely(number) and not _LIST_SIGNS.search(match[0])
        if strong or (likely and not reading.is_order(start, match.end())):
            return Span(start, match.end(), MaskKind.ID_NUMBER)
    label = reading.label(start)
    if label is not None and label.label is Label.ID:
        match = _NAMED.match(reading.folded, start)
        return Span(start, match.end(), MaskKind.ID_NUMBER) if match else None
    match = _SHORT.match(reading.folded, start)
    if match and is_short(compact(match[0])) and not reading.is_order(start, match.end()):
        return Span(start, match.end(), MaskKind.ID_NUMBER)
    return None


def compact(number: str) -> str:
    """Digits and the check letter X alone, whatever sign was written for it."""
    return _NOT_DIGITS.sub("", number.upper().replace("×", "X").replace("*", "X"))


def is_long(number: str) -> bool:
    """Whether 18 characters have a province, a date and the right check digit."""
    return (
        len(number) == 18
        and number[:17].isdigit()
        and _has_region_and_birth(number)
        and number[-1] == ric.calc_check_digit(number)
    )


def is_short(number: str) -> bool:
    """Whether 15 digits have a county that exists and a date; they have no check digit."""
    if len(number) != 15 or not number.isdigit() or number[:2] not in _PROVINCES:
        return False
    return bool(_birth(f"19{number[6:12]}") and numdb.get("cn/loc").info(number[:6])[-1][1])


def lengthen(short: str) -> str:
    """The 18 characters of a 15-digit number, which belong to the same person."""
    number = f"{short[:6]}19{short[6:]}"
    return number + ric.calc_check_digit(number + "0")


def _has_region_and_birth(number: str) -> bool:
    if number[:2] not in _PROVINCES:
        return False
    birth = _birth(number[6:14])
    return birth is not None and _OLDEST_BIRTH <= birth.year <= _YOUNGEST_BIRTH


def _is_likely(number: str) -> bool:
    birth = _birth(number[6:14]) if number[:2] in _PROVINCES else None
    return birth is not None and birth.year in _LIKELY_BIRTHS


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
