"""What an import of a file would do with its first rows: ``import table --check``."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from graph.domain.catalogue import CatalogueEntry
from graph.domain.money import Money
from graph.errors import SourceError
from ingest.record import IncomingComplaint, Rejected, Row
from ingest.sources.record import WHOLE_ROW
from ingest.sources.source import Source

DEFAULT_LIMIT = 5


@dataclass(frozen=True, slots=True)
class CheckedField:
    """One field as it would be loaded: its dotted name, the value as text, the codes chosen."""

    name: str
    value: str = field(repr=False)
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row as it would be loaded, or why it would not; ``raw`` is the row as read."""

    line: int
    fields: tuple[CheckedField, ...]
    rejected: Rejected | None
    raw: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The first rows of a source.

    ``unused`` are the columns that hold something in these rows and that nothing reads;
    ``problem`` is what stopped the reading before ``limit``; ``complete`` that the file has no
    more rows than these.
    """

    system: str
    path: Path
    rows: tuple[CheckedRow, ...]
    unused: tuple[str, ...] = ()
    problem: str | None = None
    complete: bool = False

    @property
    def rejected(self) -> int:
        return sum(row.rejected is not None for row in self.rows)


def check(source: Source, limit: int = DEFAULT_LIMIT) -> CheckReport:
    """The first ``limit`` rows; a file that cannot be read gives a report that says so."""
    results: list[Row] = []
    problem = None
    complete = False
    rows = source.rows()
    try:
        for row in rows:
            if len(results) == limit:
                break
            results.append(row)
        else:
            complete = True
    except SourceError as error:
        problem = error.message
    filled = dict.fromkeys(name for row in results for name, text in row.raw.items() if text)
    return CheckReport(
        source.system,
        source.path,
        tuple(_checked(row) for row in results),
        tuple(name for name in filled if name not in source.used and name != WHOLE_ROW),
        problem,
        complete,
    )


def _checked(row: Row) -> CheckedRow:
    if isinstance(row.content, Rejected):
        return CheckedRow(row.line, (), row.content, dict(row.raw))
    return CheckedRow(row.line, tuple(_fields(row.content)), None, dict(row.raw))


def _fields(complaint: IncomingComplaint) -> Iterator[CheckedField]:
    """What is given, in the order of ``IncomingComplaint``."""
    for part in fields(complaint):
        yield from _shown(part.name, getattr(complaint, part.name))


def _shown(name: str, value: object) -> Iterator[CheckedField]:
    if value is None or value == ():
        return
    if isinstance(value, tuple) and isinstance(value[0], CatalogueEntry):
        yield _chain(name, value)
    elif isinstance(value, tuple):
        yield from _items(name, value)
    elif isinstance(value, Money):
        yield CheckedField(name, f"{value.value} {value.currency}")
    elif is_dataclass(value):
        for part in fields(value):
            yield from _shown(f"{name}.{part.name}", getattr(value, part.name))
    elif isinstance(value, datetime):
        yield CheckedField(name, value.isoformat(" "))
    else:
        yield CheckedField(name, str(value))


def _items(name: str, values: tuple[object, ...]) -> Iterator[CheckedField]:
    for number, value in enumerate(values, 1):
        # An identifier's kind, a department's role: one of a pair is an enum.
        if isinstance(value, tuple) and len(value) == 2:
            kind, item = value if isinstance(value[0], StrEnum) else (value[1], value[0])
            yield from _shown(f"{name}.{kind}", item)
        else:
            yield from _shown(f"{name}.{number}" if len(values) > 1 else name, value)


def _chain(name: str, entries: tuple[CatalogueEntry, ...]) -> CheckedField:
    return CheckedField(
        name,
        " > ".join(entry.name for entry in entries),
        tuple(entry.code for entry in entries),
    )
