"""Texts out of cells that hold HTML, as web systems export what people have typed there."""

import html
import re
from html.parser import HTMLParser


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: After these a new line begins.
_BLOCKS = _words(
    """
    address article blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6
    header hr li main ol p pre section table tbody thead tr ul
    """
)
_INLINE = _words(
    """
    a abbr b big center code em font i img ins label mark q s small span strike strong sub sup
    td th tt u
    """
)
#: What is in these is no text.
_SILENT = frozenset(("script", "style", "head", "title"))
_NAMES = "|".join(sorted(_BLOCKS | _INLINE | _SILENT, key=len, reverse=True))
_TAG = re.compile(
    rf"<(?:/(?:{_NAMES})\s{{0,9}}|(?:{_NAMES})(?:[\s/][^<>]{{0,2000}})?)>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_SPACES = re.compile(r"[ \t\u00a0]+")
_AROUND_LINES = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """The text without tags of HTML, with a new line for each block, and characters for entities.

    What only looks like a tag (``<redacted>``, ``a < b``) stays, and so does a text without HTML.
    """
    if _TAG.search(text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    else:
        return text
    text = _AROUND_LINES.sub("\n", _SPACES.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()


class _Reader(HTMLParser):
    """Collects ``parts`` of the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag not in _INLINE:
            self.parts.append(self.get_starttag_text() or "")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag not in _INLINE:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
