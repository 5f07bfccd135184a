"""How a file is to be read, from its bytes and its first rows: a part of ``suggest``."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from graph.errors import SourceError
from ingest.sources.delimited import physical_lines
from ingest.sources.files import inner_name, refuse_other_formats, sample
from ingest.sources.mapping import FileKeys
from ingest.sources.opening import DELIMITERS, FORMATS, format_of, open_records
from ingest.sources.record import Cell, FieldError, as_text
from ingest.sources.sheets import first_rows
from ingest.sources.text import guess_encodings, sample_text

#: Keys of a table of the mapping, and what they are set to.
Keys: TypeAlias = dict[str, str | int]

_SEPARATORS = ",;\t|"
#: What a file is read in whose bytes show nothing.
_USUAL_ENCODING = "cp1252"
#: Rows among which the header is looked for.
_HEAD = 40
#: So many rows with several cells make a sheet a table.
_FEWEST_TABLE_ROWS = 3


def file_keys(path: Path) -> tuple[Keys, dict[str, str]]:
    """The keys of [file] that the file needs, and why."""
    keys: Keys = {}
    why: dict[str, str] = {}
    refuse_other_formats(path)
    form = _format(path)
    if Path(inner_name(path)).suffix.lower() not in FORMATS:
        keys["format"], why["format"] = form, "by its content"
    if form in DELIMITERS:
        encoding, *others = guess_encodings(path) or (_USUAL_ENCODING,)
        if encoding != "utf-8":
            keys["encoding"], why["encoding"] = encoding, _by_bytes(others)
        text = sample_text(path, encoding)
        delimiter = _delimiter(text)
        if delimiter != DELIMITERS[form]:
            keys["delimiter"], why["delimiter"] = delimiter, "it divides most lines alike"
        rows: list[Sequence[Cell]] = list(islice(_rows(text, delimiter), _HEAD))
    elif form == "xlsx":
        sheets = first_rows(path, _HEAD)
        sheet = _table_among(sheets)
        if sheet != next(iter(sheets)):
            keys["sheet"], why["sheet"] = sheet, "the first sheet that holds a table"
        rows = list(sheets[sheet])
    else:
        if form == "json" and (place := _place_of_records(path)):
            keys["records"], why["records"] = place, "the list in the document"
        return keys, why
    header = _header_row(rows)
    if header > 1:
        keys["header_row"], why["header_row"] = header, "the first row as wide as most"
    return keys, why


def _table_among(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> str:
    """The first sheet, or the first behind it that is a table while that is a cover."""
    filled = {
        name: sum(sum(bool(text_of(cell)) for cell in row) > 1 for row in rows)
        for name, rows in sheets.items()
    }
    enough = min(_FEWEST_TABLE_ROWS, max(filled.values()))
    return next(name for name, rows in filled.items() if rows >= enough)


def _by_bytes(others: Sequence[str]) -> str:
    if not others:
        return "by its bytes"
    return f"by its bytes, of which few tell; look at the texts: it may be {' or '.join(others)}"


def _format(path: Path) -> str:
    try:
        return format_of(path)
    except SourceError:
        head = sample(path, 4096).lstrip()
        if head.startswith((b"[", b"{")):
            return "json" if head.startswith(b"[") else "jsonl"
        return "csv"


def _place_of_records(path: Path) -> str | None:
    """Where the records are in a file that is one document."""
    with open_records(path, FileKeys()) as opened:
        records = list(islice(opened.records, 2))
    return records[0].places[0] if len(records) == 1 and records[0].places else None


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(physical_lines(text), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error:
        return


def _delimiter(text: str) -> str:
    """The sign by which most rows have one number of columns, the more the better."""

    def fit(sign: str) -> tuple[float, int]:
        """How much of the text its rows are that are as wide as most; of equal ones the wider."""
        rows = [row for row in islice(_rows(text, sign), 100) if row]
        widths = Counter(len(row) for row in rows)
        whole = widths.total()
        widths.pop(1, None)
        width, times = max(widths.items(), key=lambda item: item[::-1], default=(0, 0))
        # What divides only some of the rows stands in their cells.
        return (times * width * times / whole, width) if width else (0, 0)

    return max(_SEPARATORS, key=fit)


def _header_row(rows: Sequence[Sequence[Cell]]) -> int:
    """The number of the first row that is as wide as most, from 1."""
    widths = [sum(bool(text_of(cell)) for cell in row) for row in rows]
    wide = sorted(width for width in widths if width)
    usual = wide[len(wide) // 2] if wide else 0
    return next((n for n, width in enumerate(widths, 1) if 2 * width > usual and width > 1), 1)


def text_of(cell: Cell) -> str:
    try:
        return as_text(cell)
    except FieldError:
        return ""
