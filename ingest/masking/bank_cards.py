"""Bank card numbers: 13 to 19 digits that pass Luhn (ISO/IEC 7812) under a known issuer prefix."""

import re

from stdnum import luhn

from graph.domain.placeholders import MaskKind
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
_FOUR = 4
_FIRST_OF_TWO = (4, 6)
_AMERICAN_EXPRESS = ([4, 6, 5], [4, 6, 4])
#: They may divide two numbers, where blanks and dashes divide the groups of one.
_LIST_SIGNS = re.compile(r"[,/]")
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
    label = reading.label(start)
    # 卡号 says so itself: a digit may be mistyped, the issuer unknown.
    named = label is not None and label.label is Label.CARD and label.firm
    candidates = [one for one in _candidates(match) if not _is_list(reading, start, *one)]
    for end, groups in candidates:
        as_one = named or _is_grouped_as_one(groups)
        if as_one and is_issued("".join(groups)) and not _is_something_else(reading, start, end):
            return Span(start, end, MaskKind.BANK_CARD)
    if named and candidates:
        return Span(start, candidates[0][0], MaskKind.BANK_CARD)
    for end, groups in candidates:
        if _is_card_beside_words(reading, start, end, groups):
            return Span(start, end, MaskKind.BANK_CARD)
    return None


def is_issued(number: str) -> bool:
    """Whether digits pass Luhn and begin as the cards of a scheme that issues this length."""
    issued = any(len(number) in lengths and prefix.match(number) for prefix, lengths in _ISSUERS)
    return issued and luhn.is_valid(number)


def _candidates(match: re.Match[str]) -> list[tuple[int, list[str]]]:
    """Where a number of 13 digits or more may end, the longest first: another may follow it."""
    candidates, groups, digits = [], [], 0
    for group in _GROUPS.finditer(match[0]):
        groups.append(group[0])
        digits += len(group[0])
        if digits >= _FEWEST_DIGITS:
            candidates.append((match.start() + group.end(), groups.copy()))
    return candidates[::-1]


def _is_card_beside_words(reading: Reading, start: int, end: int, groups: list[str]) -> bool:
    digits = "".join(groups)
    return (
        _is_grouped_as_one(groups)
        and not _NO_CARD.fullmatch(digits)
        and _has_card_words(reading, start, end)
        and luhn.is_valid(digits)
        and not _is_something_else(reading, start, end)
    )


def _is_something_else(reading: Reading, start: int, end: int) -> bool:
    # 存款6222...: the word alone makes no amount of so many digits; 元 or ¥ does.
    return reading.is_order(start, end) or is_amount(reading.folded, start, end, None)


def _is_list(reading: Reading, start: int, end: int, groups: list[str]) -> bool:
    """Whether commas or slashes divide numbers, and not the fours of one card."""
    fours = all(len(group) == _FOUR for group in groups[:-1])
    return not fours and _LIST_SIGNS.search(reading.folded, start, end) is not None


def _is_grouped_as_one(groups: list[str]) -> bool:
    """Whether the groups look like one number: equal ones, as on the card, or digit by digit."""
    sizes = [len(group) for group in groups]
    first, last = sizes[0], sizes[-1]
    if len(set(sizes[:-1])) <= 1 and (first >= _SMALLEST_GROUP or last == first == 1):
        return last <= first or len(sizes) == 1 or (len(sizes) == 2 and first in _FIRST_OF_TWO)
    return sizes in _AMERICAN_EXPRESS


def _has_card_words(reading: Reading, start: int, end: int) -> bool:
    beside = reading.folded[max(0, start - _BESIDE) : start] + "\n"
    beside += reading.folded[end : end + _BESIDE // 2]
    return _CARD_WORDS.search(beside) is not None
