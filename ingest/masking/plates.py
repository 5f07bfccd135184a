"""Vehicle plates of mainland China, GA 36-2018: ordinary, new energy, police, learner ..."""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.reading import Reading, Span

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
#: No I and no O; new-energy plates have a character more.
_PLATE = re.compile(
    rf"[{_PROVINCES}]\s?[A-HJ-NP-Za-hj-np-z][ .·•\-]?"
    r"(?=[A-Za-z]{0,3}\d|[A-HJ-NP-Z]{4}\d)"
    r"(?:[A-HJ-NP-Za-hj-np-z0-9]{5,6}|[A-HJ-NP-Za-hj-np-z0-9]{4}[挂学警港澳领使试超])(?![A-Za-z0-9])"
)
_NAMED = re.compile(
    r"(?:license plate|plate number|number plate|tag number|registration number)"
    r"(?:\s(?:is|was|no\.?|number))?\s?[:#]?\s?([A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_HAS_DIGIT = re.compile(r"\d")


def find(reading: Reading) -> Iterator[Span]:
    """Chinese plates anywhere, others behind words such as "license plate"."""
    if reading.has_chinese:
        for match in _PLATE.finditer(reading.folded):
            if not reading.is_order(match.start(), match.end()):
                yield Span(match.start(), match.end(), MaskKind.PLATE)
    if "plate" not in reading.lowered and "number" not in reading.lowered:
        return
    for match in _NAMED.finditer(reading.folded):
        if _HAS_DIGIT.search(match[1]):
            yield Span(match.start(1), match.end(1), MaskKind.PLATE)
