"""Addresses in English texts: house number and street, post office boxes; the town stays."""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.reading import Reading, Span

_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Circle|Cir|Place|Pl"
    r"|Terrace|Ter|Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl|Way|Loop|Crescent|Close|Alley|Plaza|Grove|Row|Mansions|Gardens|Mews|Hill|Quay|Walk|Rise"
    r"|ROAD|STREET|AVENUE|DRIVE|LANE|COURT|WAY)"
)
_WORD = r"(?:[A-ZÀ-ÞĀ-Ž][\w'’]{0,20}\.?|\d{1,3}(?:st|nd|rd|th|ST|ND|RD|TH))"
_UNIT = (
    r"(?:,?\s?(?:Apt|Apartment|Unit|Suite|Ste|Floor|Fl|Room|Rm|#)\.?\s?#?\s?[A-Za-z0-9\-]{1,6})?"
)
_STREET = re.compile(
    rf"\d{{1,6}}[A-Za-z]?\s(?:{_WORD}\s){{1,4}}?{_SUFFIX}\b\.?"
    rf"(?:\s(?:N|S|E|W|NE|NW|SE|SW)\b\.?)?{_UNIT}"
    # Town, state and ZIP name the house as well when they follow directly.
    r"(?:,?\s(?:[A-Z][a-z]{2,20}\s?){1,3},\s[A-Z]{2}\s\d{5}(?:-\d{4})?)?"
)
#: A branch is named after its street; where it is, is no secret.
_BRANCH = re.compile(r",?\s(?:[A-Z]\w{1,30},?\s){0,2}(?:branch|ATM|store|office)\b", re.IGNORECASE)
#: Behind words for a home: up to the end of the clause, if a number is in it.
_HOME = re.compile(
    r"\b(?:address is|address:|residence:|i live(?: in)?(?! at)|i'm at|reside at|write to)"
    r"[\s:]{1,4}(?P<address>(?=[^.;\n]{0,40}\d)[^.;\n]{5,70}?)"
    r"(?=[.;\n]|,? (?:and|but|since|where|which|is|u |no )|$)",
    re.IGNORECASE,
)
#: Of Britain and of Ireland, which name a few doors, and a unit of Singapore.
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[AC-FHKNPRTV-Y]\d[0-9W] [0-9AC-FHKNPRTV-Y]{4})(?!\w)"
    r"|(?<!\w)#\d{2}-\d{2,4}(?!\w)"
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
            is_branch = _BRANCH.match(reading.folded, match.end())
            if not is_branch and not _goes_on_before(reading.folded, match.start()):
                yield Span(match.start(), match.end(), MaskKind.ADDRESS)
    for pattern, name in ((_HOME, "address"), (_POSTCODE, 0)):
        for match in pattern.finditer(reading.folded):
            yield Span(match.start(name), match.end(name), MaskKind.ADDRESS)
    if "box" in reading.lowered:
        for match in _BOX.finditer(reading.folded):
            yield Span(match.start(), match.end(), MaskKind.ADDRESS)
    if any(word in reading.lowered for word in _WORDS):
        for match in _LOWER.finditer(reading.folded):
            yield Span(match.start("address"), match.end("address"), MaskKind.ADDRESS)


def _goes_on_before(folded: str, start: int) -> bool:
    """Whether the house number is the end of something else: ``$12``, ``1,200``."""
    return start > 0 and (folded[start - 1].isalnum() or folded[start - 1] in ".$,_")
