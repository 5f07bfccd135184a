"""XLSX sheets as records.

The reader cannot stream: it holds all cells of the sheet, about one and a half times the size of
the unpacked workbook, so workbooks larger than ``LARGEST_WORKBOOK`` are refused.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

from defusedxml import ElementTree
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from graph.errors import SourceError
from ingest.sources.files import SAMPLE_BYTES, is_old_workbook, opened
from ingest.sources.header import Header
from ingest.sources.mapping import FileKeys
from ingest.sources.record import Cell, Record, as_text, with_spoiled

#: Bytes of the unpacked workbook.
LARGEST_WORKBOOK = 512 << 20

_Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_INSTEAD = "save the sheet as CSV UTF-8 and import that"


@contextmanager
def sheet_records(path: Path, keys: FileKeys, used: Collection[str]) -> Iterator["SheetRecords"]:
    """The records of one sheet: of its name or its number from 1, else of the first one that has
    all columns that are read.

    Raises:
        SourceError: no XLSX workbook, too large, encrypted, or without that sheet or a header.
    """
    with _unpacked(path) as (workbook, file):
        yield _chosen(workbook, keys, used, path.name, file)


class SheetRecords:
    """The rows of a sheet.

    ``header_row`` 0: the first row with content. A formula gives its stored result, a cell with
    an error nothing; all cells of a merged range have its value.
    """

    def __init__(
        self, sheet: CalamineSheet, keys: FileKeys, used: Collection[str], name: str, file: BinaryIO
    ) -> None:
        self._name = sheet.name
        self._file = file
        self._used = used
        self._merged = _merged(sheet)
        self._rows = self._filled(sheet)
        self._seen: set[str] = set()
        names = keys.columns or self._header(keys.header_row, name)
        self.header = Header(names, name, used)
        self.from_1904 = _counts_from_1904(file)
        self.others: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Record]:
        for number, row in self._rows:
            if not row:
                continue
            cells = self.header.cells(row)
            self._seen.update(name for name in self._used if cells.get(name, "") != "")
            yield Record(number, with_spoiled(cells))

    def notes(self) -> Iterator[str]:
        """What is to be said of the sheet, after its last row."""
        yield from self.others
        if empty := [
            name for name in self.header.names if name in self._used and name not in self._seen
        ]:
            formulas = _formulas_without_result(self._file, self._name)
            if formulas:
                yield (
                    f"{', '.join(empty)}: no cell has a value, and {formulas:,} formulas of the "
                    "sheet have no stored result. Open the workbook, save it, and import it again."
                )

    def _filled(self, sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
        """Rows by number; an empty list for those without content."""
        values: dict[tuple[int, int], Cell] = {}
        for number, row in enumerate(sheet.iter_rows(), 1):
            if not any(value != "" for value in row) and number - 1 not in self._merged:
                yield number, []
                continue
            cells = [_cell(value) for value in row]
            for column, origin in self._merged.get(number - 1, ()):
                if origin == (number - 1, column):
                    values[origin] = cells[column] if column < len(cells) else ""
                elif column < len(cells):
                    cells[column] = values.get(origin, "")
            blank = all(value == "" or str(value).isspace() for value in cells)
            yield number, [] if blank else cells

    def _header(self, header_row: int, name: str) -> list[str]:
        for number, row in self._rows:
            names = [as_text(value) for value in row]
            if number >= header_row and any(names):
                return names
        raise SourceError(f"{name} has no header row; there is nothing to import.")


def _merged(sheet: CalamineSheet) -> dict[int, list[tuple[int, tuple[int, int]]]]:
    """By row: the columns that belong to a merged range, and its first cell."""
    results: dict[int, list[tuple[int, tuple[int, int]]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, bottom + 1):
            results.setdefault(row, []).extend((c, (top, left)) for c in range(left, right + 1))
    return results


def _counts_from_1904(file: BinaryIO) -> bool:
    with zipfile.ZipFile(file) as archive:
        root = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    properties = root.find("{*}workbookPr")
    return properties is not None and properties.get("date1904", "") in {"1", "true"}


def _formulas_without_result(file: BinaryIO, sheet: str) -> int:
    """How many formulas of the sheet have no stored result, as programs write them that do not
    calculate.
    """
    with zipfile.ZipFile(file) as archive:
        root = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        for entry in root.iterfind("{*}sheets/{*}sheet"):
            if entry.get("name") == sheet:
                target = targets.get(
                    next((v for k, v in entry.items() if k.endswith("}id")), ""), ""
                )
                break
        else:
            return 0
        with archive.open(target.lstrip("/") if target.startswith("/") else f"xl/{target}") as data:
            return sum(
                cell.find("{*}f") is not None and not cell.findtext("{*}v")
                for _, cell in ElementTree.iterparse(data)
                if cell.tag.endswith("}c")
            )


def _cell(value: _Value) -> Cell:
    """A cell that a mapping can read: numbers as float, times of day and durations as text."""
    if isinstance(value, bool | str | datetime | date):
        return value
    if isinstance(value, int | float):
        return float(value)
    return str(value)


def first_rows(path: Path, count: int) -> dict[str, list[list[Cell]]]:
    """The first rows of each sheet that is shown, as they stand, by its name."""
    with _unpacked(path) as (workbook, _):
        shown = [s for s in workbook.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        sheets = [s for s in shown or workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
        return {
            sheet.name: [
                [_cell(value) for value in row]
                for row in islice(_sheet(workbook, sheet.name, path.name).iter_rows(), count)
            ]
            for sheet in sheets
        }


def _chosen(
    workbook: CalamineWorkbook, keys: FileKeys, used: Collection[str], name: str, file: BinaryIO
) -> SheetRecords:
    """The sheet that the mapping names, or the first one that has what it reads."""
    sheets = [each for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    names = [each.name for each in sheets]
    hidden = [each.name for each in sheets if each.visible != SheetVisibleEnum.Visible]
    if keys.sheet is None:
        candidates = [n for n in names if n not in hidden] + hidden
    elif isinstance(keys.sheet, int):
        candidates = names[keys.sheet - 1 : keys.sheet]
    else:
        candidates = [keys.sheet] if keys.sheet in names else []
    if not candidates:
        raise SourceError(
            f"{name} has no sheet {keys.sheet}; it has {', '.join(names)}: set sheet under [file]."
        )
    first: SheetRecords | SourceError | None = None
    for candidate in candidates:
        try:
            records = SheetRecords(_sheet(workbook, candidate, name), keys, used, name, file)
        except SourceError as error:
            first = first or error
            continue
        first = first if isinstance(first, SheetRecords) else records
        if all(column in records.header for column in used):
            records.others = _other_sheets(candidate, names, hidden)
            return records
    if isinstance(first, SheetRecords):
        return first
    assert isinstance(first, SourceError)
    raise first


def _other_sheets(chosen: str, names: Sequence[str], hidden: Sequence[str]) -> tuple[str, ...]:
    others = [f"{each} (hidden)" if each in hidden else each for each in names if each != chosen]
    mark = " (hidden)" if chosen in hidden else ""
    if not others and not mark:
        return ()
    rest = f"; not read: {', '.join(others)}" if others else ""
    return (f"The sheet {chosen}{mark} is read{rest}.",)


def _sheet(workbook: CalamineWorkbook, sheet: str, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(sheet)
    except CalamineError as error:
        raise SourceError(f"The sheet in {name} cannot be read ({error}); {_INSTEAD}.") from error


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[CalamineWorkbook, BinaryIO]]:
    """The workbook of the file, and its bytes; of what is in it, for one in .gz or .zip."""
    if _is_workbook(path):
        with path.open("rb") as file:
            yield _workbook(file, path.name), file
        return
    with tempfile.TemporaryFile() as copy:
        with opened(path) as packed:
            shutil.copyfileobj(_Bounded(packed, path.name), copy, SAMPLE_BYTES)
        yield _workbook(copy, path.name), copy


def _is_workbook(path: Path) -> bool:
    """Whether the file itself is a workbook; else one may be packed in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _workbook(file: BinaryIO, name: str) -> CalamineWorkbook:
    file.seek(0)
    if is_old_workbook(file.read(8)):
        raise SourceError(
            f"{name} is an old .xls workbook or has a password; "
            "save it as .xlsx without one, or save the sheet as CSV UTF-8."
        )
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile as error:
        raise SourceError(f"{name} is no complete XLSX workbook ({error}); {_INSTEAD}.") from error
    if size > LARGEST_WORKBOOK:
        raise SourceError(
            f"{name} has {size >> 20:,} MiB when unpacked, more than the {LARGEST_WORKBOOK >> 20} "
            f"that a workbook may have here; {_INSTEAD}."
        )
    file.seek(0)
    try:
        return CalamineWorkbook.from_filelike(file)
    except CalamineError as error:
        raise SourceError(f"{name} is no XLSX workbook ({error}); {_INSTEAD}.") from error


class _Bounded:
    """A stream that refuses to give more than a workbook may have."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = LARGEST_WORKBOOK

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise SourceError(f"{self._name} holds too large a workbook; {_INSTEAD}.")
        return data
