"""What the pipeline needs to know of a source, and how a reader's records become its rows."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar, cast

from graph.errors import SourceError
from ingest.record import IncomingComplaint, Problem, Rejected, Row
from ingest.sources.files import Meter
from ingest.sources.record import FieldError, Flaw, Raw, Record

_T = TypeVar("_T")


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

    @property
    def notes(self) -> tuple[str, ...]:
        """What the latest reading saw in the file as a whole, such as dates of two kinds."""

    def rows(self) -> Iterator[Row]: ...

    def fingerprint(self) -> str:
        """A digest of how rows are read (format, mapping, time zone), not of the file's bytes."""


def rows_of(
    records: Iterable[Record], convert: Callable[[Record, "Problems"], IncomingComplaint | None]
) -> Iterator[Row]:
    """A row for each record; the damage of a file is reported with the place it was met at.

    ``convert`` gives None for a record that cannot be taken, and has said why.
    """
    line = 0
    try:
        for record in records:
            line = record.line
            problems = Problems()
            if record.flaw:
                problems.reject(record.flaw)
            else:
                result = convert(record, problems)
            yield problems.row(line, None if record.flaw else result, Raw(record.cells))
    except SourceError as error:
        if not line:
            raise
        read = f"the rows up to line {line} were read"
        raise SourceError(f"{error.message.rstrip('.')}; {read}.") from error


class Problems:
    """What is wrong with one record: what rejects it, and the values that are left out."""

    def __init__(self) -> None:
        self._rejects: list[Flaw] = []
        self._warnings: list[Flaw] = []

    def __bool__(self) -> bool:
        """Whether the record cannot be taken."""
        return bool(self._rejects)

    def reject(self, flaw: Flaw) -> None:
        self._rejects.append(flaw)

    def warn(self, flaw: Flaw) -> None:
        self._warnings.append(flaw)

    def needed(self, read: Callable[..., _T], *arguments: object) -> _T | None:
        """What ``read`` gives; None where it fails, which rejects the record."""
        try:
            return read(*arguments)
        except FieldError as error:
            self.reject(Flaw(error.field, error.reason, error.value))
            return None

    def optional(self, read: Callable[..., _T], *arguments: object) -> _T | None:
        """What ``read`` gives; where it fails, what it gives instead, with a warning."""
        try:
            return read(*arguments)
        except FieldError as error:
            self.warn(Flaw(error.field, error.reason, error.value))
            return cast("_T | None", error.instead)

    def row(self, line: int, complaint: IncomingComplaint | None, raw: Raw) -> Row:
        """The record as a row; all that rejects it is said at once."""
        warnings = tuple(
            Problem(line, each.field, each.reason, each.value) for each in self._warnings
        )
        if complaint is not None and not self._rejects:
            return Row(line, complaint, raw, warnings)
        first, *others = self._rejects
        also = "".join(f"; {other.field}: {other.reason}" for other in others)
        return Row(
            line, Rejected(line, first.field, first.reason + also, first.value), raw, warnings
        )
