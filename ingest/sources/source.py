"""What the pipeline needs to know of a source, and how a reader's records become its rows."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from graph.errors import SourceError
from ingest.record import IncomingComplaint, Rejected, Row
from ingest.sources.files import Meter
from ingest.sources.record import FieldError, Flaw, Raw, Record


class Source(Protocol):
    """A file of complaints.

    ``rows`` streams: every call reads the file from its beginning, one row at a time, and gives
    every row of the file once, in its order, as a complaint or a rejection. A file that is
    damaged on the way gives the rows before the damage and then raises ``SourceError``, so the
    caller keeps what it has and fails.
    """

    @property
    def system(self) -> str:
        """The name that its complaints carry as ``sourceSystem``."""

    @property
    def path(self) -> Path: ...

    @property
    def meter(self) -> Meter:
        """How far the latest reading is."""

    @property
    def used(self) -> frozenset[str]:
        """The names of all columns that are read."""

    def rows(self) -> Iterator[Row]: ...

    def fingerprint(self) -> str:
        """A digest of how rows are read (format, mapping, time zone), not of the file's bytes."""


def rows_of(
    records: Iterable[Record], convert: Callable[[Record], IncomingComplaint | Flaw]
) -> Iterator[Row]:
    """A row for each record; the damage of a file is told with the place it was met at."""
    line = 0
    try:
        for record in records:
            line = record.line
            result = record.flaw or convert(record)
            if isinstance(result, Flaw):
                yield Row(line, Rejected(line, result.field, result.reason), Raw(record.cells))
            else:
                yield Row(line, result, Raw(record.cells))
    except SourceError as error:
        if not line:
            raise
        read = f"the rows up to line {line} were read"
        raise SourceError(f"{error.message.rstrip('.')}; {read}.") from error


class Problems:
    """Collects what is wrong with one record, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self._found: list[Flaw] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, field: str, error: FieldError) -> None:
        self._found.append(Flaw(field, error.reason))

    def flaw(self) -> Flaw:
        first, *others = self._found
        also = "".join(f"; {other.field}: {other.reason}" for other in others)
        return Flaw(first.field, first.reason + also)
