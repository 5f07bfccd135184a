"""Numbers written in Chinese numerals, as a call is taken down: 幺三八零零一三八〇〇〇."""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.bank_cards import is_issued
from ingest.masking.reading import Reading, Span
from ingest.masking.resident_id import is_long

_NUMERALS = "〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_VALUES = str.maketrans(_NUMERALS, "0012345678912123456789")
_RUN = re.compile(rf"[{_NUMERALS}](?:[ \-]?[{_NUMERALS}Xx]){{10,18}}")
_MOBILE = re.compile(r"1[3-9]\d{9}")


def find(reading: Reading) -> Iterator[Span]:
    """Mobiles, identity numbers and cards; a number of another form may be anything."""
    for run in _RUN.finditer(reading.folded):
        digits = run[0].translate(_VALUES).replace(" ", "").replace("-", "").upper()
        kind = _kind(digits)
        if kind is not None and not reading.is_order(run.start(), run.end()):
            yield Span(run.start(), run.end(), kind)


def _kind(digits: str) -> MaskKind | None:
    if _MOBILE.fullmatch(digits):
        return MaskKind.MOBILE
    if is_long(digits):
        return MaskKind.ID_NUMBER
    return MaskKind.BANK_CARD if is_issued(digits) else None
