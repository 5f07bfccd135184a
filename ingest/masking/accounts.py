"""Account numbers: whatever stands after words such as 账号, and IBANs anywhere."""

import re
from collections.abc import Iterator

from stdnum import iban

from graph.domain.placeholders import MaskKind
from ingest.masking.labels import Label
from ingest.masking.reading import Reading, Span
from ingest.masking.separators import GAP

#: Five digits at least: the last four (尾号1234) tell two accounts of a customer apart, and stay.
_NUMBER = re.compile(rf"\d(?:{GAP}\d){{4,29}}(?!\d)")
_DATE = re.compile(r"(?:19|20)\d\d[ \-.]?(?:0?[1-9]|1[0-2])[ \-.]?(?:0?[1-9]|[12]\d|3[01])(?!\d)")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2} ?[A-Z0-9]{4}")
_CHARACTERS = re.compile(r" ?[A-Z0-9]")
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34


def at(reading: Reading, start: int) -> Span | None:
    """The account number whose first digit is at ``start``; letters in front belong to it."""
    label = reading.label(start)
    if label is None or label.label is not Label.ACCOUNT:
        return None
    match = _NUMBER.match(reading.folded, start)
    if match is None or (not label.firm and _DATE.match(reading.folded, start)):
        return None
    return Span(start, match.end(), MaskKind.ACCOUNT)


def find(reading: Reading) -> Iterator[Span]:
    """IBANs, ISO 13616, with their check digits."""
    for match in _IBAN_START.finditer(reading.folded):
        start = match.start()
        for end in _iban_ends(reading.folded, start):
            if iban.is_valid(reading.folded[start:end], check_country=False):
                yield Span(start, end, MaskKind.ACCOUNT)
                break


def _iban_ends(folded: str, start: int) -> list[int]:
    """Where it may end, the longest first: a word in capitals may follow the number."""
    ends, position = [], start
    for length in range(1, _LONGEST_IBAN + 1):
        match = _CHARACTERS.match(folded, position)
        if match is None:
            break
        position = match.end()
        if length >= _SHORTEST_IBAN and not folded[position : position + 1].isalnum():
            ends.append(position)
    return ends[::-1]
