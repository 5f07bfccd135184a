"""What an import of a file would do: ``import table --check``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import gettempdir

from graph.domain.case import Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.money import Money
from graph.errors import InvalidInputError, SourceError
from graph.progress import Progress, silent
from ingest.masking import normalise_identifier
from ingest.prepare import Preparer, consistent
from ingest.problems import ProblemGroup, ProblemTable
from ingest.record import IncomingComplaint, Problem, Rejected, Row
from ingest.scan import Scan, scanning
from ingest.sources.record import WHOLE_ROW
from ingest.sources.source import Source
from ingest.trees import Misplaced, Place, misplaced, well_placed

DEFAULT_LIMIT = 5
#: What is shown of a customer: nothing of it is stored as it is.
KEPT_AS_HASH = "(kept as a keyed hash)"
NOT_VALID = "(not valid, left out)"
MASKED = "(masked in the texts, not kept)"


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
    warnings: tuple[Problem, ...]
    raw: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The first rows of a source, and what is wrong with any.

    ``count``: all rows; ``unused``: the columns that hold something in any row and that nothing
    reads; ``problems``: what is wrong with all rows, by field and reason; ``notes``: what
    its columns show as a whole; ``damage``: why the source could not be read to its end.
    """

    system: str
    path: Path
    count: int
    rejected: int
    rows: tuple[CheckedRow, ...]
    unused: tuple[str, ...] = ()
    problems: tuple[ProblemGroup, ...] = ()
    notes: tuple[str, ...] = ()
    damage: str | None = None


def check(
    source: Source,
    preparer: Preparer,
    now: datetime,
    limit: int = DEFAULT_LIMIT,
    progress: Progress = silent,
) -> CheckReport:
    """What an import would make of the source: its first ``limit`` rows as they would be stored,
    texts masked, and what is wrong with all of them. A file that cannot be read gives a report
    that says so.
    """
    shown: list[CheckedRow] = []
    filled: dict[str, bool] = {}
    table = ProblemTable(preparer.masker)
    with scanning(Path(gettempdir()), preparer.rules.zone) as scan:
        try:
            scan.read(source, progress)
        except SourceError as error:
            scan.damage = error
        left_out = misplaced(scan.places, ())  # the graph's own trees are not asked here
        for row in scan.content():
            show = len(shown) < limit
            for name in row.raw:
                filled[name] = filled.get(name) or bool(row.raw[name])
            checked = _checked(row, scan, preparer, now, left_out, show=show)
            table.warn(checked.warnings)
            if checked.rejected:
                table.reject(checked.rejected)
            if len(shown) < limit:
                shown.append(checked)
    unused = (name for name, any_text in filled.items() if any_text and name not in source.used)
    return CheckReport(
        source.system,
        source.path,
        scan.rows,
        table.rejected,
        tuple(shown),
        tuple(name for name in unused if name != WHOLE_ROW),
        tuple(table.groups()),
        (*source.notes, *_repeated(scan.repeated)),
        scan.damage.message if scan.damage else None,
    )


def _repeated(count: int) -> Iterator[str]:
    if count:
        yield (
            f"{count:,} rows have no id and say the same as another row in all that the mapping "
            "reads: they are one complaint with it. Map source_id, or more columns."
        )


def _checked(
    row: Row,
    scan: Scan,
    preparer: Preparer,
    now: datetime,
    left_out: Mapping[Place, Misplaced],
    *,
    show: bool,
) -> CheckedRow:
    raw = dict(row.raw) if show else {}
    if isinstance(row.content, Rejected):
        return CheckedRow(row.line, (), row.content, row.warnings, raw)
    if overruled := scan.overruled(row, row.content):
        return CheckedRow(row.line, (), overruled, row.warnings, raw)
    content, in_trees = well_placed(row.line, row.content, left_out)
    content, warnings = consistent(row.line, content, preparer.rules.zone)
    every = (*row.warnings, *in_trees, *warnings)
    if not show:
        return CheckedRow(row.line, (), None, every, raw)
    try:
        case = preparer.prepare(content, now=now)
    except InvalidInputError as error:
        rejected = Rejected(row.line, ".".join(error.path) or "row", error.message)
        return CheckedRow(row.line, (), rejected, every, raw)
    return CheckedRow(row.line, tuple(_fields(_as_stored(content, case))), None, every, raw)


def _as_stored(content: IncomingComplaint, case: Case) -> IncomingComplaint:
    """The complaint with its texts as they would be stored, and nothing of its customer."""
    summaries = [decision.summary for decision in case.decisions]
    customer = content.customer
    if customer is not None:
        identifiers = tuple(
            (kind, KEPT_AS_HASH if normalise_identifier(kind, value) else NOT_VALID)
            for kind, value in customer.identifiers
        )
        names = tuple(MASKED for _ in customer.names)
        customer = replace(customer, names=names, identifiers=identifiers)
    return replace(
        content,
        source_id=case.source_id,
        subject=case.subject,
        narrative=case.narrative,
        customer=customer,
        decisions=tuple(
            replace(decision, summary=summary)
            for decision, summary in zip(content.decisions, summaries, strict=True)
        ),
    )


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
