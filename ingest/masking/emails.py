"""E-mail addresses, also written as ``name (at) host dot com`` or with full-width signs."""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.reading import Reading, Span

_LONGEST_LOCAL = 64
_LETTER = r"A-Za-z0-9\u00c0-\u024f\u0400-\u04ff"
_LOCAL = re.compile(rf"[{_LETTER}._%+\-']")
_AT = re.compile(
    r"\s?(?:@|[\[(<{]\s?at\s?[\])>}]|#at#|\sat\s(?=[\w-]{1,63}\sdot\s|(?:gmail|qq|163|126|outlook|hotmail|yahoo|icloud)\.))\s?",
    re.IGNORECASE,
)
_SPELT = (
    "(at",
    "[at",
    "<at",
    "{at",
    "( at",
    "[ at",
    "#at#",
    " dot ",
    " at gmail",
    " at qq",
    " at 163",
    " at 126",
    " at outlook",
    " at hotmail",
    " at yahoo",
    " at icloud",
)
_ENDINGS = r"(?:com|cn|net|org)\b"
_DOT = (
    rf"(?:[,，](?={_ENDINGS})|\s?[.。](?:\s(?={_ENDINGS}))?"
    r"|\s?[\[(<{]\s?dot\s?[\])>}]\s?|\sdot\s)"
)
_HOST = re.compile(
    rf"(?:[{_LETTER}\-]{{1,63}}{_DOT}){{1,6}}(?:[A-Za-z]{{2,24}}|[\u0400-\u04ff]{{2,24}}|中国|公司|网络)"
    r"|[\u4e00-\u9fff]{1,10}\.(?:com|cn|net|中国|公司)"
    # The few hosts that people name without their ending.
    r"|(?:qq|163|126|139|189|sina|sohu|gmail|outlook|hotmail|yahoo|foxmail|aliyun|icloud|msn)(?![\w.-])",
    re.IGNORECASE,
)


def find(reading: Reading) -> Iterator[Span]:
    """Every address: a host after the sign, and what can be a mailbox before it."""
    if "@" not in reading.folded and not any(sign in reading.lowered for sign in _SPELT):
        return
    for sign in _AT.finditer(reading.folded):
        host = _HOST.match(reading.folded, sign.end())
        start = _local_start(reading.folded, sign.start())
        if host and start < sign.start():
            yield Span(start, host.end(), MaskKind.EMAIL)


def _local_start(folded: str, end: int) -> int:
    start = end
    while start > max(0, end - _LONGEST_LOCAL) and _LOCAL.match(folded[start - 1]):
        start -= 1
    return start
