"""WeChat and QQ numbers, behind the words for them."""

import re
from collections.abc import Iterator

from ingest.masking.kinds import MaskKind
from ingest.masking.reading import Reading, Span

_ACCOUNT = re.compile(
    r"(?:微信号?|wechat(?:\s?id)?|weixin|威信|薇信|v信|扣扣|QQ(?:号码?)?|(?<![a-z])(?:vx|wx)|加[vVqQ])"
    r"[\s:是为号(\[“\"'#]{0,4}(?:is\s)?"
    r"(?P<account>[A-Za-z][A-Za-z0-9_\-]{5,19}|\d{5,11})(?![A-Za-z0-9_@]|\s?(?:元|块|万|年|%))",
    re.IGNORECASE,
)
_WORDS = ("微信", "威信", "薇信", "v信", "扣扣", "wechat", "weixin", "qq", "vx", "wx", "加v", "加q")
_TELLING = re.compile(r"[0-9_:号]")


def find(reading: Reading) -> Iterator[Span]:
    """``微信号：zhang_2020``, ``QQ 12345678``; a mere word after "wechat" is none."""
    if not any(word in reading.lowered for word in _WORDS):
        return
    for match in _ACCOUNT.finditer(reading.folded):
        if _TELLING.search(match[0]):
            yield Span(match.start("account"), match.end("account"), MaskKind.SOCIAL_ACCOUNT)
