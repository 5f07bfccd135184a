"""Addresses in English texts: house number and street, post office boxes; the town stays."""

import re
from collections.abc import Iterator

from ingest.masking.kinds import MaskKind
from ingest.masking.reading import Reading, Span

_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Circle|Cir|Place|Pl"
    r"|Terrace|Ter|Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl|Way|Loop|Crescent|Close|Alley|Plaza)"
)
_WORD = r"(?:[A-Z][A-Za-z'’]{0,20}\.?|\d{1,3}(?:st|nd|rd|th|ST|ND|RD|TH))"
_UNIT = (
    r"(?:,?\s?(?:Apt|Apartment|Unit|Suite|Ste|Floor|Fl|Room|Rm|#)\.?\s?#?\s?[A-Za-z0-9\-]{1,6})?"
)
_STREET = re.compile(
    rf"\d{{1,6}}[A-Za-z]?\s(?:{_WORD}\s){{1,4}}?{_SUFFIX}\b\.?"
    rf"(?:\s(?:N|S|E|W|NE|NW|SE|SW)\b\.?)?{_UNIT}"
    # Town, state and ZIP name the house as well when they follow directly.
    r"(?:,?\s(?:[A-Z][a-z]{2,20}\s?){1,3},\s[A-Z]{2}\s\d{5}(?:-\d{4})?)?"
)
_HOUSE = re.compile(r"\d[A-Za-z]? [A-Z0-9]")
_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s?#?\s?\d{1,8}", re.IGNORECASE)
_LOWER = re.compile(
    rf"(?:live at|lives at|living at|address is|address:|reside at|residing at|sent to|mailed to)\s"
    rf"(?P<address>\d{{1,6}}\s(?:[A-Za-z0-9.']{{1,20}}\s){{1,4}}?{_SUFFIX}\b\.?{_UNIT})",
    re.IGNORECASE,
)
_WORDS = ("live", "living", "address", "resid", "sent to", "mailed to")


def find(reading: Reading) -> Iterator[Span]:
    """``12 Main Street, Apt 4``, ``P.O. Box 123``; in small letters only after "live at" etc."""
    if _HOUSE.search(reading.folded):
        for match in _STREET.finditer(reading.folded):
            if not _goes_on_before(reading.folded, match.start()):
                yield Span(match.start(), match.end(), MaskKind.ADDRESS)
    if "box" in reading.lowered:
        for match in _BOX.finditer(reading.folded):
            yield Span(match.start(), match.end(), MaskKind.ADDRESS)
    if any(word in reading.lowered for word in _WORDS):
        for match in _LOWER.finditer(reading.folded):
            yield Span(match.start("address"), match.end("address"), MaskKind.ADDRESS)


def _goes_on_before(folded: str, start: int) -> bool:
    """Whether the house number is the end of something else: ``$12``, ``1,200``."""
    return start > 0 and (folded[start - 1].isalnum() or folded[start - 1] in ".$,_")
