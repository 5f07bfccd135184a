"""Passports and other papers whose numbers begin with letters."""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.labels import Label
from ingest.masking.reading import Reading, Span

#: China's ordinary passports: E or G and eight digits; since 2012 a letter may follow the E.
_CHINESE = re.compile(r"(?:[EGeg]\d{8}|[Ee][A-HJ-NP-Za-hj-np-z]\d{7})(?![A-Za-z0-9])")
#: Behind words: service and diplomatic passports, other countries', travel permits, Hong Kong's
#: ``A123456(7)``.
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Z0-9]{0,4}\d)[A-Z]{0,3}\d{5,10}(?:\(?[0-9A-Z]\)?)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_KINDS = {Label.PASSPORT: MaskKind.PASSPORT, Label.ID: MaskKind.ID_NUMBER}
_PAPERS = (
    "护照",
    "证",
    "身份",
    "社保",
    "医保",
    "sfz",
    "passport",
    "licen",
    " id",
    "itin",
    "identity",
)
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")


def find(reading: Reading) -> Iterator[Span]:
    """Chinese passports anywhere, the numbers of other papers after the word for them."""
    if not reading.has_long_number:
        return
    for match in _CHINESE.finditer(reading.folded):
        start, end = match.span()
        inside = (
            start and reading.folded[start - 1].isascii() and reading.folded[start - 1].isalnum()
        )
        if not inside and not reading.is_order(start, end):
            yield Span(start, end, MaskKind.PASSPORT)
    if not any(word in reading.lowered for word in _PAPERS):
        return
    for match in _NAMED.finditer(reading.folded):
        label = reading.label(match.start())
        kind = _KINDS.get(label.label) if label is not None else None
        if kind is MaskKind.ID_NUMBER and match[0][0].isdigit():
            continue  # digits alone, perhaps the first of several groups: see ``resident_id``
        if kind is not None and not _DATE.match(match[0]):
            yield Span(match.start(), match.end(), kind)
