"""Lines of a text file: decoding, the encoding that a file turns out to have, line ends."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.errors import SourceError
from ingest.sources.files import Meter, opened, sample
from ingest.sources.record import BROKEN

#: Encodings a mapping may name; the value is the codec that reads it. GB18030 contains the others
#: of mainland China, and files called GB2312 are often GBK.
ENCODINGS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "utf-16": "utf-16",
    "latin-1": "latin-1",
    "cp1252": "cp1252",
}
#: Longer lines are no rows (characters); what follows up to the line's end is skipped.
LONGEST_LINE = 1_000_000

_FEWEST_BAD_LINES = 3
_TELLING_CHARACTERS = 16


@contextmanager
def text_lines(
    path: Path, encoding: str, meter: Meter | None = None, *, header: bool = True
) -> Iterator["TextLines"]:
    """The lines of the file; with a ``header`` the first one must be valid in the encoding.

    Raises:
        SourceError: the file cannot be opened, or is in another encoding altogether.
    """
    head = sample(path)
    codec = ENCODINGS[encoding]
    _check_encoding(head, encoding, path.name, header=header)
    errors = "surrogatepass" if codec == "utf-16" else "surrogateescape"
    newline = "\n" if "\n" in head.decode(codec, "replace") else "\r"
    with opened(path, meter) as stream:
        text = io.TextIOWrapper(stream, codec, errors=errors, newline=newline)
        yield TextLines(text, path.name)


class TextLines:
    """Physical lines with their ends, and what was wrong with any line so far."""

    def __init__(self, text: io.TextIOWrapper, name: str) -> None:
        self._text = text
        self._name = name
        self._first = True
        #: Some line so far held bytes that are not of the encoding.
        self.broken = False
        #: Some line so far held NUL characters.
        self.nul = False

    def next(self) -> tuple[str, bool] | None:
        """The next line and whether it is whole (not cut at ``LONGEST_LINE``); None at the end."""
        line = self._read()
        if self._first:
            self._first = False
            line = line.removeprefix("\ufeff")
        if not line:
            return None
        if "\0" in line:
            self.nul = True
        if not line.isascii() and not self.broken:
            self.broken = BROKEN.search(line) is not None
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            return line, True
        self._skip_rest()
        return line, False

    def _read(self) -> str:
        try:
            return self._text.readline(LONGEST_LINE)
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{self._name} ends in the middle of a character; get the whole file again."
            ) from error

    def _skip_rest(self) -> None:
        while (part := self._read()) and not part.endswith(("\n", "\r")):
            pass


def _check_encoding(head: bytes, encoding: str, name: str, *, header: bool) -> None:
    """Refuse a file that is in another encoding; a few broken lines are no reason to."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and encoding != "utf-16":
        raise _wrong_encoding(name, encoding, "utf-16")
    codec = ENCODINGS[encoding]
    if codec == "utf-16":
        if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise _wrong_encoding(name, encoding, _guess(head))
    elif codec == "utf-8":
        if _mostly_broken(head, codec, header=header):
            raise _wrong_encoding(name, encoding, _guess(head))
    elif _is_utf8(head) or _mostly_broken(head, codec, header=header):
        raise _wrong_encoding(name, encoding, _guess(head))


def _wrong_encoding(name: str, encoding: str, guess: str | None) -> SourceError:
    seems = f"it seems to be {guess}: " if guess else ""
    return SourceError(
        f"{name} is not in {encoding}; {seems}convert it to UTF-8, or name its encoding "
        "under [file] of a mapping."
    )


def _whole_lines(head: bytes) -> list[bytes]:
    # The sample may end inside a character; its last line is left out unless it is the only one.
    lines = head.replace(b"\r", b"\n").split(b"\n")
    return lines[:-1] if len(lines) > 1 else lines


def _mostly_broken(head: bytes, codec: str, *, header: bool = True) -> bool:
    lines = [line for line in _whole_lines(head) if line.strip()]
    telling = [line for line in lines if not line.isascii()]
    broken = [line for line in telling if not _decodes(line, codec)]
    if header and broken and broken[0] is lines[0]:
        return True
    # A few stray bytes in a file of mostly plain letters are a matter of their rows.
    many = len(broken) >= max(_FEWEST_BAD_LINES, len(lines) // 10)
    return many and 2 * len(broken) > len(telling)


def _is_utf8(head: bytes) -> bool:
    """Whether it can hardly be anything but UTF-8: many characters, all of them valid."""
    try:
        text = b"\n".join(_whole_lines(head)).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(not character.isascii() for character in text) >= _TELLING_CHARACTERS


def _guess(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return next((name for name in ("utf-8", "gb18030") if not _mostly_broken(head, name)), None)


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
