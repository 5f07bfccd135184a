"""Lines of a text file: decoding, the encoding that a file turns out to have, line ends."""

import codecs
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from charset_normalizer import CharsetMatch, from_bytes

from graph.errors import SourceError
from ingest.sources.alphabets import (
    MOST_OF_ONE_ALPHABET,
    OTHER_PAGES,
    latin_pages,
    other_pages,
)
from ingest.sources.files import SAMPLE_BYTES, Meter, opened, sample
from ingest.sources.record import BROKEN

#: Code pages of Windows: Central Europe, Cyrillic, Western Europe, Greek, Turkish, Hebrew, Arabic,
#: Baltic, Vietnamese, Thai.
WINDOWS_PAGES = (
    *(f"cp{number}" for number in range(1250, 1259)),
    "cp874",
)
#: Encodings a mapping may name; the value is the codec that reads it. GB18030 contains the others
#: of mainland China, and files called GB2312 are often GBK; Big5-HKSCS contains Big5.
ENCODINGS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-16": "utf-16",
    "latin-1": "latin-1",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    **{name: name for name in WINDOWS_PAGES},
}
#: Longer lines are no rows (characters); what follows up to the line's end is skipped.
LONGEST_LINE = 1_000_000

_GUESS_BYTES = 1 << 16
_SINGLE_BYTES = b" ,;|\t\"'"
#: What charset-normalizer calls the encodings, by the name in a mapping, the usual ones first.
_BY_FREQUENCY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gb18030": ("gb18030", "gbk", "gb2312", "hz"),
        "big5": ("big5", "big5hkscs", "cp950"),
        "cp1252": ("cp1252", "latin_1", "iso8859_15", "iso8859_1"),
        "cp1250": ("cp1250", "iso8859_2"),
        "cp1251": ("cp1251",),
        "shift_jis": ("cp932", "shift_jis", "shift_jis_2004", "shift_jisx0213"),
        "euc-kr": ("cp949", "euc_kr", "johab"),
        **{name: (name,) for name in WINDOWS_PAGES[3:]},
    }
)
_NAMES = {codec: name for name, codecs_ in _BY_FREQUENCY.items() for codec in codecs_}
_EAST_ASIAN = frozenset({"gb18030", "big5", "shift_jis", "euc-kr"})
_WIDE = re.compile(r"[\u2e80-\uffef]")
_WIDE_IN_WORD = re.compile(r"(?<=[A-Za-z])[\u2e80-\uffef]|[\u2e80-\uffef](?=[A-Za-z])")
_AMONG_LATIN = 4
_NEARLY = 0.05
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


def sample_text(path: Path, encoding: str) -> str:
    """The beginning of the file as text; what is not of the encoding is replaced."""
    return sample(path).decode(ENCODINGS[encoding], "replace").removeprefix("\ufeff")


def guess_encodings(path: Path) -> tuple[str, ...]:
    """The encodings that the beginning of the file shows, the best first: several where too little
    tells them apart, none where none fits.
    """
    return _guess(sample(path))


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
        raise _wrong_encoding(name, encoding, ["utf-16"])
    codec = ENCODINGS[encoding]
    if codec == "utf-16":
        if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise _wrong_encoding(name, encoding, _guess(head))
    elif codec == "utf-8":
        if _mostly_broken(head, codec, header=header):
            raise _wrong_encoding(name, encoding, _guess(head))
    elif _is_utf8(head) or _mostly_broken(head, codec, header=header):
        raise _wrong_encoding(name, encoding, _guess(head))


def _wrong_encoding(name: str, encoding: str, guesses: Sequence[str]) -> SourceError:
    seems = f"it seems to be {' or '.join(guesses)}: " if guesses else ""
    return SourceError(
        f"{name} is not in {encoding}; {seems}convert it to UTF-8, or name its encoding "
        "under [file] of a mapping."
    )


def _whole_lines(head: bytes, most: int = SAMPLE_BYTES) -> list[bytes]:
    """The lines of the first ``most`` bytes; none of them ends inside a character.

    The last one may, so it is left out. An only one is cut behind its last byte that is no part of
    a longer character in any encoding: a space, a comma, a quote.
    """
    lines = head[:most].replace(b"\r", b"\n").split(b"\n")
    if len(lines) > 1:
        return lines[:-1]
    end = max(lines[0].rfind(sign) for sign in _SINGLE_BYTES) if len(head) >= most else -1
    return lines if end < 0 else [lines[0][: end + 1]]


def _mostly_broken(head: bytes, codec: str, *, header: bool = True) -> bool:
    lines = [line for line in _whole_lines(head) if line.strip()]
    telling = [line for line in lines if not line.isascii()]
    broken = [line for line in telling if not _decodes(line, codec)]
    if header and broken and broken[0] is lines[0]:
        return True
    # A few stray bytes in a file of mostly plain letters are a matter of their rows.
    many = len(broken) >= max(_FEWEST_BAD_LINES, len(lines) // 10)
    # In a short file they are no few.
    many = many or (header and 2 * len(broken) >= len(lines) - 1)
    return many and 2 * len(broken) > len(telling)


def _is_utf8(head: bytes) -> bool:
    """Whether it can hardly be anything but UTF-8: many characters, all of them valid."""
    try:
        text = b"\n".join(_whole_lines(head)).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(not character.isascii() for character in text) >= _TELLING_CHARACTERS


def _guess(head: bytes) -> tuple[str, ...]:
    """The encodings that fit, the best first; several where too little tells them apart."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if not _mostly_broken(head, "utf-8") and (
        _is_ascii_or_utf8(head) or not latin_pages(head, MOST_OF_ONE_ALPHABET)
    ):
        return ("utf-8",)
    text = b"\n".join(_whole_lines(head, _GUESS_BYTES))
    if pages := latin_pages(text):
        return pages
    by_order = _by_order_of_letters(text)
    if by_order in _EAST_ASIAN:
        return (by_order,)
    # Names of many languages are of no single alphabet.
    pages = (
        other_pages(text) if by_order in OTHER_PAGES else latin_pages(text, MOST_OF_ONE_ALPHABET)
    )
    return pages or ((by_order,) if by_order else ())


def _by_order_of_letters(text: bytes) -> str | None:
    """The encoding that fits best by how ordinary its letters and their order are
    (charset-normalizer), and among equals the one that is met most.
    """
    matches = list(from_bytes(text, enable_fallback=False))
    best = [m for m in matches if _is_as_good(m, matches[0])]
    # Encodings that give the same text are one match.
    names = {
        _NAMES[codec]
        for match in best
        for codec in (match.encoding, *match.could_be_from_charset)
        if codec in _NAMES and _is_plausible(match, _NAMES[codec])
    }
    return next((name for name in _BY_FREQUENCY if name in names), None)


def _is_ascii_or_utf8(head: bytes) -> bool:
    """Whether some line shows that the file is UTF-8, or none that it is not."""
    telling = [line for line in _whole_lines(head) if not line.isascii()]
    return not telling or any(_decodes(line, "utf-8") for line in telling)


def _is_as_good(match: CharsetMatch, best: CharsetMatch) -> bool:
    return match.chaos <= best.chaos + _NEARLY and match.coherence >= best.coherence - 2 * _NEARLY


def _is_plausible(match: CharsetMatch, name: str) -> bool:
    """Whether East Asian characters stand among their like. Accented letters of another encoding
    read as such stand between Latin letters.
    """
    if name not in _EAST_ASIAN:
        return True
    wide = len(_WIDE.findall(str(match)))
    return _AMONG_LATIN * len(_WIDE_IN_WORD.findall(str(match))) <= wide


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
