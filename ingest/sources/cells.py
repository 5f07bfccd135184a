"""From cells to values, as the keys of a mapping say: every function here makes a reader.

A reader takes the cells of one record and gives a value or None; it raises ``FieldError`` with a
reason that begins with the column's name.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from graph.domain.catalogue import CatalogueEntry, code_for
from graph.domain.enums import BranchLevel, CatalogueKind
from graph.domain.money import Money
from graph.domain.vocabulary import Label
from ingest.record import Chain
from ingest.sources.mapping_values import Amount, TimeValue, Tree, Value, Values
from ingest.sources.record import Cell, FieldError, as_text
from ingest.sources.times import as_time, check_time
from ingest.sources.values import as_amount, as_code, as_member

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
Cells: TypeAlias = Mapping[str, Cell]
Reader: TypeAlias = Callable[[Cells], _T]

LONGEST_NAME = 300
LONGEST_CODE = 100
#: Places that repeat from row to row; a bound, because a column may hold anything.
_CACHED = 4096


def text(value: Value, longest: int) -> Reader[str | None]:
    """A text of at most ``longest`` characters."""
    read = _raw_text(value)

    def reader(cells: Cells) -> str | None:
        results = read(cells)
        if len(results) > longest:
            raise FieldError(
                f"{value.label} has {len(results):,} characters; the most is {longest:,}"
            )
        return results or None

    return reader


def needed(read: Reader[_T | None], label: str) -> Reader[_T]:
    """What no complaint can do without."""

    def reader(cells: Cells) -> _T:
        result = read(cells)
        if result is None:
            raise FieldError(f"{label} is missing")
        return result

    return reader


def converted(value: Value, convert: Callable[[str], _T]) -> Reader[_T | None]:
    """A text as something else."""
    read = _raw_text(value)

    def reader(cells: Cells) -> _T | None:
        result = read(cells)
        return _named(value.label, convert, result) if result else None

    return reader


def member(value: Value, kind: type[_E]) -> Reader[_E | None]:
    """A member of a closed set."""
    return converted(value, lambda result: as_member(kind, result))


def code(value: Value, labels: Mapping[str, Label]) -> Reader[str | None]:
    """A business code."""
    return converted(value, lambda result: as_code(labels, result))


def texts(value: Values, convert: Callable[[str], _T]) -> Reader[tuple[_T, ...]]:
    """Several texts; what follows ``separator`` is one more, empty ones are left out."""

    def reader(cells: Cells) -> tuple[_T, ...]:
        results = [value.value_map.get(part, part) for part in _parts(value, cells)]
        return tuple(_named(value.label, convert, part) for part in results if part)

    return reader


def moment_of(value: TimeValue, zone: ZoneInfo, now: datetime) -> Reader[datetime | date | None]:
    """A date or an aware time that the graph can keep; ``zone`` is that of the file's clocks."""
    read = _raw_text(value)
    single = value.column if not value.value_map else None

    def reader(cells: Cells) -> datetime | date | None:
        # A typed cell of a sheet is a time already.
        cell = cells.get(single, "") if single else ""
        result: Cell = cell if cell and not isinstance(cell, str) else read(cells)
        if result == "":
            return None
        time = _named(value.label, lambda cell: as_time(cell, value.date_formats, zone), result)
        check_time(time, zone, now, value.label)
        return time

    return reader


def amount(value: Amount) -> Reader[Money | None]:
    """Money in the currency of its column, or of the mapping."""
    read = _raw_text(value)

    def reader(cells: Cells) -> Money | None:
        result = read(cells)
        if not result:
            return None
        column = value.currency_column
        currency = (_cell_text(cells, column) if column else "") or value.currency
        return _named(
            value.label, lambda text: as_amount(text, currency.upper(), value.factor), result
        )

    return reader


def tree(value: Tree, kind: CatalogueKind, levels: tuple[BranchLevel, ...] = ()) -> Reader[Chain]:
    """A chain of entries, from the widest to the narrowest; empty where nothing is named."""
    chain = _chains(value, kind, levels)

    def reader(cells: Cells) -> Chain:
        codes = tuple(_cell_text(cells, name) for name in value.codes)
        return chain(_levels(value, cells), codes)

    return reader


def trees(value: Tree, separator: str | None, kind: CatalogueKind) -> Reader[tuple[Chain, ...]]:
    """Several chains, one for each part of the column that ``separator`` divides."""
    if separator is None:
        one = tree(value, kind)
        return lambda cells: tuple(chain for chain in [one(cells)] if chain)
    column = value.names[0]
    chain = _chains(value, kind, ())

    def reader(cells: Cells) -> tuple[Chain, ...]:
        places = [_path(value, place) for place in _divided(cells, column, separator)]
        results = (chain(names, ()) for names in places or [value.default])
        return tuple(chain for chain in results if chain)

    return reader


def _raw_text(value: Value) -> Reader[str]:
    """The text before it means anything; empty for nothing."""
    constant, default, join = value.constant, value.default or "", value.join
    names, value_map = value.names, value.value_map
    if constant is not None:
        return lambda cells: constant

    def reader(cells: Cells) -> str:
        parts = [_cell_text(cells, name) for name in names]
        result = parts[0] if len(parts) == 1 else join.join(filter(None, parts))
        if "\r" in result:
            # The same text from a file with other line ends is the same.
            result = result.replace("\r\n", "\n").replace("\r", "\n")
        return value_map.get(result, result) or default

    return reader


def _named(label: str, convert: Callable[[Cell], _T] | Callable[[str], _T], cell: Cell) -> _T:
    try:
        return convert(cell)  # type: ignore[arg-type]
    except FieldError as error:
        raise FieldError(f"{label} {error.reason}") from error


def _cell_text(cells: Cells, name: str) -> str:
    try:
        return as_text(cells.get(name, ""))
    except FieldError as error:
        raise FieldError(f"{name} {error.reason}") from error


def _parts(value: Values, cells: Cells) -> list[str]:
    if value.constant is not None:
        return [value.constant]
    parts = [part for name in value.names for part in _divided(cells, name, value.separator)]
    return parts or [value.default or ""]


def _divided(cells: Cells, name: str, separator: str | None) -> list[str]:
    cell = cells.get(name, "")
    if isinstance(cell, tuple):
        parts = list(cell)
    else:
        text = _cell_text(cells, name)
        parts = text.split(separator) if separator else [text]
    return [part.strip() for part in parts if part.strip()]


def _levels(value: Tree, cells: Cells) -> tuple[str, ...]:
    if value.constant is not None:
        return value.constant
    if value.path_separator:
        names = _path(value, _cell_text(cells, value.names[0]))
    else:
        results = (_cell_text(cells, name) for name in value.names)
        names = tuple(value.value_map.get(name, name) for name in results)
    return names if any(names) else value.default


def _path(value: Tree, text: str) -> tuple[str, ...]:
    parts = text.split(value.path_separator) if value.path_separator else [text]
    names = (part.strip() for part in parts)
    return tuple(value.value_map.get(name, name) for name in names)


def _chains(
    value: Tree, kind: CatalogueKind, levels: tuple[BranchLevel, ...]
) -> Callable[[tuple[str, ...], tuple[str, ...]], Chain]:
    """Chains of names and of the codes of their columns, made once for what repeats."""

    @lru_cache(_CACHED)
    def chain(names: tuple[str, ...], codes: tuple[str, ...]) -> Chain:
        while names and not names[-1]:
            names = names[:-1]
        _check_names(value, levels, names, codes)
        full = [
            (codes[depth] if codes else "") or code_for(*names[: depth + 1])
            for depth in range(len(names))
        ]
        return tuple(
            CatalogueEntry(
                kind,
                full[depth],
                name,
                wider=full[depth - 1] if depth else None,
                level=levels[depth] if levels else None,
            )
            for depth, name in enumerate(names)
        )

    return chain


def _check_names(
    value: Tree,
    levels: tuple[BranchLevel, ...],
    names: tuple[str, ...],
    codes: tuple[str, ...],
) -> None:
    if not all(names):
        raise FieldError(f"{value.label} names a part, but not what it is part of")
    if any(len(name) > LONGEST_NAME for name in names):
        raise FieldError(f"{value.label} has more than {LONGEST_NAME} characters in a name")
    if levels and len(names) > len(levels):
        raise FieldError(f"{value.label} has more parts than the mapping has levels")
    for column, code in zip(value.codes, codes, strict=True):
        if len(code) > LONGEST_CODE:
            raise FieldError(f"{column} has more than {LONGEST_CODE} characters")
