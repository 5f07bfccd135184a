"""Any table of complaints (CSV, TSV, JSON, JSON lines, XLSX) by a mapping."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from graph.domain.vocabulary import Vocabulary
from graph.errors import SourceError
from ingest.record import Row
from ingest.sources.delimited import DelimitedRecords, Dialect
from ingest.sources.files import Meter, inner_name
from ingest.sources.json_records import json_records, line_records
from ingest.sources.mapping import FileKeys, TableMapping
from ingest.sources.reading import TableReader
from ingest.sources.record import Record
from ingest.sources.sheets import sheet_records
from ingest.sources.source import rows_of
from ingest.sources.text import text_lines

#: Changes when the same file and mapping would give other complaints.
_VERSION = "1"
_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
}
_DELIMITERS = {"csv": ",", "tsv": "\t"}


def table(
    path: Path,
    mapping: TableMapping,
    zone: ZoneInfo,
    now: datetime,
    vocabulary: Vocabulary | None = None,
) -> "TableSource":
    """A source of the table's rows.

    ``zone``: the business zone, of times that name no zone and if the mapping names none;
    ``vocabulary``: the codes that may occur, by default those of ``graph.domain.vocabulary``.

    Raises:
        SourceError: the mapping uses a code that the vocabulary does not have.
    """
    reader = TableReader(mapping, zone, now, vocabulary or Vocabulary())
    return TableSource(path, mapping, zone, reader)


@dataclass(frozen=True)
class TableSource:
    """See ``table``."""

    path: Path
    mapping: TableMapping
    zone: ZoneInfo
    reader: TableReader = field(repr=False)
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "meter", Meter(self.path))

    @property
    def system(self) -> str:
        return self.mapping.system

    @property
    def used(self) -> frozenset[str]:
        return frozenset(column for _, column in self.mapping.columns())

    def fingerprint(self) -> str:
        how = "\0".join((_VERSION, self.mapping.model_dump_json(), self.zone.key))
        return hashlib.sha256(how.encode()).hexdigest()[:32]

    def rows(self) -> Iterator[Row]:
        with self._records() as records:
            yield from rows_of(records, self.reader.complaint)
        self.meter.finish()

    @contextmanager
    def _records(self) -> Iterator[Iterator[Record]]:
        keys = self.mapping.file
        form = keys.format or self._format()
        if form == "xlsx":
            with sheet_records(self.path, keys.sheet, keys.header_row, keys.columns) as sheet:
                self._check_columns(sheet.columns)
                yield iter(sheet)
        elif form == "json":
            if keys.encoding != "utf-8":
                raise SourceError(
                    f"{self.path.name} is JSON, which is read as UTF-8; convert the file, and "
                    "leave encoding out of the mapping."
                )
            with json_records(self.path, self.meter) as records:
                yield self._recognised(records)
        elif form == "jsonl":
            with text_lines(self.path, keys.encoding, self.meter, header=False) as lines:
                yield self._recognised(line_records(lines))
        else:
            header = not keys.columns
            with text_lines(self.path, keys.encoding, self.meter, header=header) as lines:
                delimited = DelimitedRecords(lines, _dialect(keys, form), self.path.name)
                self._check_columns(delimited.columns)
                yield iter(delimited)

    def _format(self) -> str:
        name = inner_name(self.path)
        form = _FORMATS.get(Path(name).suffix.lower())
        if form is None:
            raise SourceError(
                f"The format of {name} is not told by its name; set format under [file] to one of "
                f"{', '.join(dict.fromkeys(_FORMATS.values()))}."
            )
        return form

    def _check_columns(self, columns: tuple[str, ...]) -> None:
        missing = [
            f"{column} ({key})" for key, column in self.mapping.columns() if column not in columns
        ]
        if missing:
            raise SourceError(
                f"{self.path.name} has no column {', '.join(dict.fromkeys(missing))}; "
                f"it has {', '.join(columns)}."
            )

    def _recognised(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records, unless the first has nothing of what is mapped."""
        for record in records:
            if record.flaw is None and not self.used.intersection(record.cells):
                self._check_columns(tuple(record.cells))
            yield record
            break
        yield from records


def _dialect(keys: FileKeys, form: str) -> Dialect:
    return Dialect(keys.delimiter or _DELIMITERS[form], keys.quote, keys.header_row, keys.columns)
