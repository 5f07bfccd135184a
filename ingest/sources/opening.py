"""A file of any format as records of named cells, by the keys that say how it is read."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from graph.errors import SourceError
from ingest.sources.delimited import DelimitedRecords, Dialect, trims
from ingest.sources.files import Meter, inner_name, refuse_other_formats
from ingest.sources.header import Header
from ingest.sources.json_records import json_records, line_records
from ingest.sources.mapping import FileKeys
from ingest.sources.record import Record
from ingest.sources.sheets import sheet_records
from ingest.sources.text import sample_text, text_lines

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
}
DELIMITERS = {"csv": ",", "tsv": "\t"}


@dataclass(slots=True)
class OpenedFile:
    """``header``: None for JSON, whose records each have their own names; ``from_1904``: how its
    workbook counts days; ``notes``: what is to be said of the file after its last record.
    """

    records: Iterator[Record]
    header: Header | None = None
    from_1904: bool = False
    notes: Callable[[], Iterator[str]] = lambda: iter(())


@contextmanager
def open_records(
    path: Path, keys: FileKeys, used: Collection[str] = (), meter: Meter | None = None
) -> Iterator[OpenedFile]:
    """The records of a file; ``used``: the names of the columns that are read.

    Raises:
        SourceError: the file cannot be opened, is of no format that is read, or has no header.
    """
    refuse_other_formats(path)
    form = keys.format or format_of(path)
    if form == "xlsx":
        with sheet_records(path, keys, used) as sheet:
            yield OpenedFile(iter(sheet), sheet.header, sheet.from_1904, sheet.notes)
    elif form == "json":
        if keys.encoding != "utf-8":
            raise SourceError(
                f"{path.name} is JSON, which is read as UTF-8; convert the file, and "
                "leave encoding out of the mapping."
            )
        with json_records(path, meter, keys.records, keys.columns) as records:
            yield OpenedFile(records)
    elif form == "jsonl":
        with text_lines(path, keys.encoding, meter, header=False) as lines:
            yield OpenedFile(line_records(lines))
    else:
        dialect = _dialect(path, keys, form)
        with text_lines(path, keys.encoding, meter, header=not keys.columns) as lines:
            delimited = DelimitedRecords(lines, dialect, path.name, used)
            yield OpenedFile(iter(delimited), delimited.header)


def format_of(path: Path) -> str:
    """
    Raises:
        SourceError: the name does not say the format.
    """
    name = inner_name(path)
    form = FORMATS.get(Path(name).suffix.lower())
    if form is None:
        raise SourceError(
            f"The format of {name} is not known from its name; set format under [file] to one of "
            f"{', '.join(dict.fromkeys(FORMATS.values()))}."
        )
    return form


def _dialect(path: Path, keys: FileKeys, form: str) -> Dialect:
    dialect = Dialect(keys.delimiter or DELIMITERS[form], keys.quote, keys.header_row, keys.columns)
    return replace(dialect, trims=trims(sample_text(path, keys.encoding), dialect))
