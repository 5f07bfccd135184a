"""What every reader of a format gives: records of named cells, before any meaning is read."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self, TypeAlias

#: What no text may hold: halves of surrogate pairs, as which Python keeps bytes that could not be
#: decoded, and the noncharacter by which ``documents`` marks them.
BROKEN = re.compile("[\ud800-\udfff\ufdd0]")

#: Text files give strings; a sheet also numbers, dates and truth values; JSON also lists.
Cell: TypeAlias = str | float | bool | date | datetime | tuple[str, ...]

#: Excel keeps 15 digits of a number; a longer one is not the number that was typed.
_EXACT = 10.0**15
#: How Office files write a carriage return in a text (ECMA-376, ST_Xstring); it survives in tables
#: that were made from sheets.
_RETURN = "_x000D_"
_LINE_END = re.compile(rf"{_RETURN}\n?")
#: Longer values are cut in ``Row.raw`` (characters).
RAW_CHARACTERS = 500
#: The name under which a row that has no columns yet shows its text in ``Row.raw``.
WHOLE_ROW = "row"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a record, or one of its fields, cannot be taken: the field's name (``row``: all of it),
    the reason, which is the same for all such values, and the value.
    """

    field: str
    reason: str
    value: str = dataclasses.field(default="", repr=False)


class Spoiled(str):
    """A cell with characters that no text may have; ``reason``: which."""

    __slots__ = ("reason",)
    reason: str

    @classmethod
    def of(cls, text: str, reason: str) -> Self:
        result = cls(text)
        result.reason = reason
        return result

    def __reduce__(self) -> tuple[object, ...]:
        return Spoiled.of, (str(self), self.reason)

    def mended(self) -> str:
        """The text with the replacement character (U+FFFD) for each such character."""
        return BROKEN.sub("\ufffd", self.replace("\0", "\ufffd"))


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file. ``line`` is the first physical line in text files, the number of
    the record in JSON, the number of the row in a sheet; all count from 1.
    """

    line: int
    cells: Mapping[str, Cell] = field(repr=False)
    flaw: Flaw | None = None
    #: In JSON: where further records may lie in this one.
    places: tuple[str, ...] = ()

    @classmethod
    def unreadable(cls, line: int, text: str, reason: str) -> Self:
        """A record that has no columns; ``text``: as it stands in the file."""
        return cls(line, {WHOLE_ROW: text.strip()}, Flaw(WHOLE_ROW, reason))


def with_spoiled(cells: dict[str, Cell]) -> dict[str, Cell]:
    """The cells, those that no text may be as ``Spoiled``; changes them in place."""
    for name, cell in cells.items():
        text = "\n".join(cell) if isinstance(cell, tuple) else cell
        if not isinstance(text, str):
            continue
        if "\0" in text:
            cells[name] = Spoiled.of(text, "holds NUL characters")
        elif not text.isascii() and BROKEN.search(text):
            cells[name] = Spoiled.of(text, "holds bytes that are not of the encoding")
    return cells


class FieldError(Exception):
    """A value that cannot be taken as it is.

    ``reason``: a sentence without its subject, and without the value, so that equal problems can
    be counted; ``field``: empty where the caller knows it; ``instead``: what can be taken.
    """

    def __init__(
        self, reason: str, field: str = "", *, value: str = "", instead: object = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.value = value
        self.instead = instead


def as_text(cell: Cell) -> str:
    """The cell as a person sees it, without surrounding space; numbers without ``.0``.

    Raises:
        FieldError: a number that Excel has rounded, or characters that no text may have.
    """
    if isinstance(cell, Spoiled):
        raise FieldError(cell.reason, instead=cell.mended().strip())
    if isinstance(cell, str):
        return (_LINE_END.sub("\n", cell) if _RETURN in cell else cell).strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if abs(cell) >= _EXACT:
            raise FieldError(
                "is a number of more than 15 digits, which Excel has rounded: format the column "
                "as text and type it again"
            )
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, tuple):
        return ", ".join(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()


class Raw(Mapping[str, str]):
    """Cells as read, for the rejects file: short, and always encodable. Made when looked at,
    because hardly any row is.
    """

    __slots__ = ("_cells",)

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self._cells = cells

    def __getitem__(self, name: str) -> str:
        return _shown(self._cells[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


def _shown(cell: Cell) -> str:
    if isinstance(cell, tuple):
        cell = ", ".join(cell)
    text = cell if isinstance(cell, str) else str(cell)
    if len(text) > RAW_CHARACTERS:
        text = f"{text[:RAW_CHARACTERS]}…"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
