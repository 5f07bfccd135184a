"""Bank card numbers: 13 to 19 digits that pass Luhn (ISO/IEC 7812) under a known issuer prefix."""

import re

from stdnum import luhn

from ingest.masking.kinds import MaskKind
from ingest.masking.labels import Label, is_amount
from ingest.masking.reading import Reading, Span
from ingest.masking.separators import WIDE_GAP

_NUMBER = re.compile(rf"\d(?:{WIDE_GAP}\d){{12,18}}(?!\d)")
_GROUPS = re.compile(r"\d+")
_CARD_WORDS = re.compile(
    r"卡|银联|visa|master\s?card|amex|american express|\bcard|credit|debit", re.IGNORECASE
)
#: What may pass Luhn near a card: a mobile with its country code, a time to the second.
_NO_CARD = re.compile(
    r"(?:00)?861[3-9]\d{9}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[0-2]\d[0-5]\d\d*"
)
_BESIDE = 12
_FEWEST_DIGITS = 13
_SMALLEST_GROUP = 3
#: Scheme prefixes and the lengths in use; the four-digit ones are old cards of Chinese banks.
_ISSUERS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = (
    (re.compile(r"62|81"), frozenset(range(16, 20))),  # UnionPay
    (re.compile(r"4"), frozenset({16, 19})),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720"), frozenset({16})),
    (re.compile(r"3[47]"), frozenset({15})),  # American Express
    (re.compile(r"35(?:2[89]|[3-8]\d)"), frozenset(range(16, 20))),  # JCB
    (re.compile(r"3(?:0[0-59]|[689])"), frozenset({14, 16, 19})),  # Diners Club
    (re.compile(r"6011|64[4-9]|65"), frozenset(range(16, 20))),  # Discover
    (re.compile(r"9558|9559|6013|6029|6037|6058|6091|6858|6887|9400|9843"), frozenset({16, 19})),
)


def at(reading: Reading, start: int) -> Span | None:
    """The card number that starts at the digit ``start``."""
    match = _NUMBER.match(reading.folded, start)
    if match is None:
        return None
    ends = _ends(match)
    for is_card in (_is_issued_card, _is_named_card, _is_card_beside_words):
        for end in ends:
            if is_card(reading, start, end):
                return Span(start, end, MaskKind.BANK_CARD)
    return None


def is_issued(number: str) -> bool:
    """Whether digits pass Luhn and begin as the cards of a scheme that issues this length."""
    return luhn.is_valid(number) and any(
        len(number) in lengths and prefix.match(number) for prefix, lengths in _ISSUERS
    )


def _ends(match: re.Match[str]) -> list[int]:
    """Where a number of 13 digits or more may end, the longest first: another may follow it."""
    ends, digits = [], 0
    for group in _GROUPS.finditer(match[0]):
        digits += len(group[0])
        if digits >= _FEWEST_DIGITS:
            ends.append(match.start() + group.end())
    return ends[::-1]


def _is_issued_card(reading: Reading, start: int, end: int) -> bool:
    groups = _GROUPS.findall(reading.folded[start:end])
    return (
        is_issued("".join(groups))
        and (_is_grouped_as_one(groups) or _is_named_card(reading, start, end))
        and not _is_something_else(reading, start, end)
    )


def _is_named_card(reading: Reading, start: int, end: int) -> bool:
    """卡号 says so itself: a digit may be mistyped, the issuer unknown."""
    label = reading.label(start)
    return label is not None and label.label is Label.CARD and label.firm


def _is_card_beside_words(reading: Reading, start: int, end: int) -> bool:
    digits = "".join(_GROUPS.findall(reading.folded[start:end]))
    return (
        luhn.is_valid(digits)
        and not _NO_CARD.fullmatch(digits)
        and _has_card_words(reading, start, end)
        and not _is_something_else(reading, start, end)
    )


def _is_something_else(reading: Reading, start: int, end: int) -> bool:
    # 存款6222...: the word alone makes no amount of so many digits; 元 or ¥ does.
    return reading.is_order(start, end) or is_amount(reading.folded, start, end, None)


def _is_grouped_as_one(groups: list[str]) -> bool:
    """Whether the groups look like one number: ``4-4-4-4``, or each digit by itself."""
    return all(len(group) >= _SMALLEST_GROUP for group in groups[:-1]) or (
        all(len(group) == 1 for group in groups)
    )


def _has_card_words(reading: Reading, start: int, end: int) -> bool:
    beside = reading.folded[max(0, start - _BESIDE) : start] + "\n"
    beside += reading.folded[end : end + _BESIDE // 2]
    return _CARD_WORDS.search(beside) is not None
