"""Tables as files: CSV and XLSX, whole or not at all."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from graph.errors import ConflictError, InvalidInputError, UnavailableError
from schema.exports.rows import Cell, Row, Table

#: Excel takes a text that begins so for a formula, the full-width signs too in some languages.
_MOST_ROWS = 1_048_576
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def check_target(file: Path, *, force: bool) -> None:
    """Refuse a file that cannot or shall not be written, before anything is counted.

    Raises:
        InvalidInputError: another ending, or no such folder.
        ConflictError: the file exists.
    """
    if file.suffix.lower() not in _WRITERS:
        raise InvalidInputError(f"{file} must end in {' or '.join(_WRITERS)}.", path=["file"])
    if not file.parent.is_dir():
        raise InvalidInputError(f"{file.parent} is no folder: make it first.", path=["file"])
    if file.is_dir():
        raise InvalidInputError(f"{file} is a folder: name a file.", path=["file"])
    if file.exists() and not force:
        raise ConflictError(f"{file} exists already: --force replaces it.", path=["file"])


def write(table: Table, file: Path, *, name: str, force: bool = False) -> None:
    """Write the table beside the file and rename it: a full disk leaves no half file.

    Raises:
        ConflictError: the file came into being meanwhile.
        UnavailableError: it cannot be written.
    """
    content = _WRITERS[file.suffix.lower()](table, name)
    with _placed(file, force=force) as opened:
        opened.write(content)


@contextmanager
def growing(
    columns: Sequence[str], file: Path, *, name: str, force: bool = False, private: bool = False
) -> Iterator[Callable[[Row], None]]:
    """A table of any length, row by row: memory holds one of them. Else as ``write``.

    ``private``: only its owner can read the file.

    Raises:
        InvalidInputError: more rows than a sheet has.
    """
    with _placed(file, force=force, mode=0o600 if private else 0o666) as opened:
        with _GROWING[file.suffix.lower()](columns, opened, name) as add:
            yield add


@contextmanager
def _placed(file: Path, *, force: bool, mode: int = 0o666) -> Iterator[BinaryIO]:
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        try:
            with open(part, "xb", opener=partial(os.open, mode=mode)) as opened:
                yield opened
                opened.flush()
                os.fsync(opened.fileno())
            check_target(file, force=force)
            part.replace(file)
        finally:
            # Gone already when it was renamed.
            with suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        raise UnavailableError(
            f"{file} cannot be written ({error.strerror}): choose another place, or make room."
        ) from error


def _csv(table: Table, _: str) -> bytes:
    """With a byte order mark, by which Excel knows UTF-8."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_guarded(row[name]) for name in table.columns] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _guarded(cell: Cell) -> Cell:
    """An apostrophe keeps a spreadsheet from running a text as a formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _xlsx(table: Table, name: str) -> bytes:
    """Texts are stored as texts, which no spreadsheet runs, so they need no apostrophe."""
    from xlsxwriter import Workbook

    content = BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, table.columns, book.add_format({"bold": True}))
        for place, row in enumerate(table.rows, start=1):
            _put(sheet, place, [row[key] for key in table.columns])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        sheet.autofit()
    return content.getvalue()


def _put(sheet: Any, place: int, cells: Sequence[Cell]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, bool):
            sheet.write_boolean(place, column, cell)
        elif isinstance(cell, str):
            sheet.write_string(place, column, cell)
        elif cell is not None:
            sheet.write_number(place, column, cell)


@contextmanager
def _growing_csv(
    columns: Sequence[str], opened: BinaryIO, _: str
) -> Iterator[Callable[[Row], None]]:
    text = TextIOWrapper(opened, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    yield lambda row: writer.writerow([_guarded(row[name]) for name in columns])
    text.detach()


@contextmanager
def _growing_xlsx(
    columns: Sequence[str], opened: BinaryIO, name: str
) -> Iterator[Callable[[Row], None]]:
    from xlsxwriter import Workbook

    # Rows go to a file as they come; so no width can be fitted to what comes later.
    with Workbook(opened, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        places = count(1)

        def add(row: Row) -> None:
            place = next(places)
            if place >= _MOST_ROWS:
                raise InvalidInputError(
                    f"A sheet has {_MOST_ROWS:,} rows, and there are more: write a .csv, or "
                    "narrow with --filter.",
                    path=["file"],
                )
            _put(sheet, place, [row[key] for key in columns])

        yield add
        sheet.autofilter(0, 0, next(places) - 1, len(columns) - 1)


_GROWING: Mapping[str, Callable[..., AbstractContextManager[Callable[[Row], None]]]] = {
    ".csv": _growing_csv,
    ".xlsx": _growing_xlsx,
}
_WRITERS: Mapping[str, Callable[[Table, str], bytes]] = {".csv": _csv, ".xlsx": _xlsx}
