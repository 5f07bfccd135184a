"""XLSX sheets as records.

The reader cannot stream: it holds all cells of the sheet, about one and a half times the size of
the unpacked workbook, so workbooks larger than ``LARGEST_WORKBOOK`` are refused.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, TypeAlias

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, WorksheetNotFound

from graph.errors import SourceError
from ingest.sources.delimited import unique_columns
from ingest.sources.files import SAMPLE_BYTES, is_old_workbook, opened
from ingest.sources.record import Cell, Record, spoiled

#: Bytes of the unpacked workbook.
LARGEST_WORKBOOK = 512 << 20

_Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_INSTEAD = "save the sheet as CSV UTF-8 and import that"


@contextmanager
def sheet_records(
    path: Path, sheet: str | int, header_row: int, columns: tuple[str, ...]
) -> Iterator["SheetRecords"]:
    """The records of one sheet, by its name or its number from 1.

    Raises:
        SourceError: no XLSX workbook, too large, encrypted, or without that sheet or a header.
    """
    with _unpacked(path) as workbook:
        yield SheetRecords(_sheet(workbook, sheet, path.name), header_row, columns, path.name)


class SheetRecords:
    """The rows of a sheet; ``columns`` are its header's names.

    ``header_row`` 0: the first row with content. A formula gives its stored result, a cell with
    an error nothing.
    """

    def __init__(
        self, sheet: CalamineSheet, header_row: int, columns: tuple[str, ...], name: str
    ) -> None:
        self._rows = enumerate(sheet.iter_rows(), 1)
        self.columns = columns or self._header(header_row, name)

    def __iter__(self) -> Iterator[Record]:
        for number, row in self._rows:
            values = [_cell(value) for value in row]
            if any(value != "" and not str(value).isspace() for value in values):
                cells = dict(zip(self.columns, values, strict=False))
                yield Record(number, cells, spoiled(cells))

    def _header(self, header_row: int, name: str) -> tuple[str, ...]:
        for number, row in self._rows:
            names = [str(_cell(value)).strip() for value in row]
            if number >= header_row and any(names):
                return unique_columns(names, name)
        raise SourceError(f"{name} has no header row; there is nothing to import.")


def _cell(value: _Value) -> Cell:
    """A cell that a mapping can read: numbers as float, times of day and durations as text."""
    if isinstance(value, bool | str | datetime | date):
        return value
    if isinstance(value, int | float):
        return float(value)
    return str(value)


def _sheet(workbook: CalamineWorkbook, sheet: str | int, name: str) -> CalamineSheet:
    names = workbook.sheet_names
    try:
        if isinstance(sheet, str):
            return workbook.get_sheet_by_name(sheet)
        if 1 <= sheet <= len(names):
            return workbook.get_sheet_by_index(sheet - 1)
    except WorksheetNotFound:
        pass
    except CalamineError as error:
        raise SourceError(f"The sheet in {name} cannot be read ({error}); {_INSTEAD}.") from error
    raise SourceError(
        f"{name} has no sheet {sheet}; it has {', '.join(names)}: set sheet under [file]."
    )


@contextmanager
def _unpacked(path: Path) -> Iterator[CalamineWorkbook]:
    """The workbook of the file; of what is in it, for a workbook in .gz or .zip."""
    if _is_workbook(path):
        with path.open("rb") as file:
            yield _workbook(file, path.name)
        return
    with tempfile.TemporaryFile() as copy:
        with opened(path) as packed:
            shutil.copyfileobj(_Bounded(packed, path.name), copy, SAMPLE_BYTES)
        yield _workbook(copy, path.name)


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
