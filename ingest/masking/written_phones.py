"""Telephone numbers as their countries write them, by Google's library of numbers.

Only numbers in the groups of their country count: other numbers have other groups.
"""

import re
from collections.abc import Iterator, Sequence

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType

from graph.domain.placeholders import MaskKind
from ingest.masking.phones import is_service
from ingest.masking.reading import Reading, Span

#: The countries whose numbers are looked for without their code, by the script of the text.
_ENGLISH = ("US", "GB", "AU", "IN", "SG", "IE", "NZ", "ZA", "KE", "NG", "MY")
_TRADITIONAL = ("HK", "TW", "MO")
#: In groups, or beginning with 00 or a plus: a plain run of digits may be anything.
_CANDIDATE = re.compile(r"(?:\+|\()?\d(?:[ ()/.-]{0,2}\d){6,14}")
_GROUPED = re.compile(r"[ ()/.+-]")
#: Numbers that firms and authorities publish.
_PUBLIC = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
    }
)
_ABROAD = re.compile(r"(?<!\d)00(?=[1-9]\d{1,2}[ -]?\d)")
_BLANKS = str.maketrans({"/": "-"})


def find(reading: Reading) -> Iterator[Span]:
    """``07700 900142``, ``(02)2736-5518``, ``00852-6123 8841``."""
    text = reading.folded
    if not any(_GROUPED.search(match[0]) for match in _CANDIDATE.finditer(text)):
        return
    regions: Sequence[str] = () if reading.has_chinese else _ENGLISH
    if reading.is_traditional:
        regions = _TRADITIONAL
    yield from _in_regions(reading, text.translate(_BLANKS), regions)
    for match in _ABROAD.finditer(text):
        # The library reads a plus; two zeros are as long as a plus and a blank.
        rest = text[: match.start()] + " +" + text[match.end() :]
        yield from _in_regions(reading, rest, ("ZZ",))


def _in_regions(reading: Reading, text: str, regions: Sequence[str]) -> Iterator[Span]:
    for region in (*regions, "ZZ"):
        for match in PhoneNumberMatcher(text, region, Leniency.STRICT_GROUPING, max_tries=200):
            start, end = match.start, match.end
            digits = phonenumbers.national_significant_number(match.number)
            grouped = re.search(r"\d[ ()-]+\d", text[start:end]) or text[start] == "+"
            if not grouped or is_service(digits) or reading.is_order(start, end):
                continue
            if reading.is_amount(start, end) or phonenumbers.number_type(match.number) in _PUBLIC:
                continue
            yield Span(start, end, MaskKind.PHONE)
