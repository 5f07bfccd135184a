"""Texts out of cells that hold HTML, as web systems export what people have typed there."""

import html
import re
from collections.abc import Iterator


def _any(names: str) -> str:
    """Longest first, so that ``b`` does not hide ``br``."""
    return "|".join(sorted(names.split(), key=len, reverse=True))


#: After these a new line begins.
_BLOCKS = """
    address article blockquote body br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6
    header hr html li main ol p pre section table tbody thead tr ul
"""
_CELLS = "td th"
_INLINE = """
    a abbr b big center code em font i img ins label mark q s small span strike strong sub sup tt u
"""
#: Attributes by which a tag is one of HTML; ``<address street="…">`` is somebody's own words.
_ATTRIBUTES = """
    align alt bgcolor border cellpadding cellspacing cite class color colspan contenteditable dir
    download face height hidden href id lang name nowrap rel role rowspan size spellcheck src
    srcset start style tabindex target title translate type valign value width xmlns
"""
_ATTRIBUTE = (
    rf"\s+(?:{_any(_ATTRIBUTES)}|(?:aria|data)-[\w-]{{1,50}}|on[a-z]{{1,30}}|xml(?:ns)?:[a-z]{{1,20}})"
    r"(?:\s{0,9}=\s{0,9}(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\"'<>]{1,2000}))?(?=[\s/>])"
)


def _tags(names: str) -> re.Pattern[str]:
    return re.compile(
        rf"</(?:{_any(names)})\s{{0,9}}>|<(?:{_any(names)})(?:{_ATTRIBUTE}){{0,30}}\s{{0,9}}/?>",
        re.IGNORECASE,
    )


_TAG = _tags(_BLOCKS + _CELLS + _INLINE)
_BLOCK, _CELL, _WITHIN = _tags(_BLOCKS), _tags(_CELLS), _tags(_INLINE)
#: What nobody sees of a page, from its begin to its end.
_UNSEEN = tuple(
    (re.compile(begin, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for begin, end in (
        ("<!--", "-->"),
        ("<!doctype(?=[ >])", ">"),
        *(
            (rf"<{name}(?:{_ATTRIBUTE}){{0,30}}\s{{0,9}}>", rf"</{name}\s{{0,9}}>")
            for name in ("script", "style", "head")
        ),
    )
)
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_SPACES = re.compile(r"[ \t\u00a0]+")
_AROUND_LINES = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """The text without tags of HTML, with a new line for each block, and characters for entities.

    What only looks like a tag (``<redacted>``, ``a < b``, XML, ``<title>`` in a sentence) stays,
    and so does a text without HTML.
    """
    if _TAG.search(text):
        for begin, end in _UNSEEN:
            text = "".join(_seen(text, begin, end))
        for pattern, instead in ((_BLOCK, "\n"), (_CELL, " "), (_WITHIN, "")):
            text = pattern.sub(instead, text)
    elif not _ENTITY.search(text):
        return text
    text = _AROUND_LINES.sub("\n", _SPACES.sub(" ", html.unescape(text)))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def _seen(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> Iterator[str]:
    """What is not between them; what begins and never ends is seen, as all after it would go."""
    at = 0
    while (first := begin.search(text, at)) and (last := end.search(text, first.end())):
        yield text[at : first.start()]
        at = last.end()
    yield text[at:]
