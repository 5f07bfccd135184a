"""From cells to values, as the keys of a mapping say: every function here makes a reader.

A reader takes the cells of one record and gives a value or None; it raises ``FieldError`` with a
reason that begins with the column's name, and perhaps with what can be taken instead.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeAlias, TypeVar

from graph.domain.catalogue import CatalogueEntry, code_for
from graph.domain.enums import BranchLevel, CatalogueKind
from graph.domain.money import Money
from graph.domain.vocabulary import Label
from ingest.record import Chain
from ingest.sources.amounts import AmountColumn, as_amount
from ingest.sources.mapping_values import (
    ANY_SEPARATOR,
    Amount,
    TimeValue,
    Tree,
    Trees,
    Value,
    Values,
)
from ingest.sources.markup import plain
from ingest.sources.record import Cell, FieldError, Spoiled, as_text
from ingest.sources.times import TimeColumn, as_time, check_time
from ingest.sources.values import as_code, as_member
from ingest.sources.words import Words

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
Cells: TypeAlias = Mapping[str, Cell]
Reader: TypeAlias = Callable[[Cells], _T]

LONGEST_NAME = 300
LONGEST_CODE = 100
#: What divides several values where a mapping leaves it open.
_ANY = re.compile(r"[,;|、，；\n]|\s/\s")
#: A list as Python and JSON write it: ['fees', "rates"].
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_WRITTEN_LIST = re.compile(
    rf"\s*\[\s*(?:(?:{_QUOTED.pattern})(?:\s*,\s*(?:{_QUOTED.pattern}))*)?\s*\]\s*"
)
#: Characters of a value that a message may show.
_MOST_SHOWN = 60
#: Places that repeat from row to row; a bound, because a column may hold anything.
_CACHED = 4096


def text(value: Value, longest: int, words: Words) -> Reader[str | None]:
    """A short text of at most ``longest`` characters; words for nothing are nothing."""
    read = raw_text(value)

    def reader(cells: Cells) -> str | None:
        result = read(cells)
        if words.is_nothing(result):
            return None
        if len(result) > longest:
            raise FieldError(
                f"{value.label} has more than {longest:,} characters", value=result[:_MOST_SHOWN]
            )
        return result

    return reader


def prose(value: Value, longest: int) -> Reader[str | None]:
    """A text for people: without HTML, mended where it holds broken bytes, cut at ``longest``
    characters.
    """
    read = raw_text(value, mended=True)

    def reader(cells: Cells) -> str | None:
        result = plain(read(cells)) or None
        parts = (cells.get(name) for name in value.names)
        broken = [cell for cell in parts if isinstance(cell, Spoiled)]
        if result and len(result) > longest:
            reason = f"{value.label} has more than {longest:,} characters, and was cut"
            raise FieldError(reason, instead=result[:longest])
        if broken:
            reason = f"{value.label} {broken[0].reason}, and was mended"
            raise FieldError(reason, instead=result)
        return result

    return reader


def needed(value: Value, read: Reader[_T | None]) -> Reader[_T]:
    """What no complaint can do without."""

    def reader(cells: Cells) -> _T:
        result = read(cells)
        if result is None:
            raise FieldError(f"{value.label} {_why_nothing(value, cells)}")
        return result

    return reader


def converted(value: Value, convert: Callable[[str], _T], words: Words) -> Reader[_T | None]:
    """A text as something else; words for nothing are nothing unless they mean something."""
    read = raw_text(value)

    def reader(cells: Cells) -> _T | None:
        result = read(cells)
        if not result:
            return None
        try:
            return named(value.label, convert, result)
        except FieldError:
            if words.is_nothing(result):
                return None
            raise

    return reader


def member(value: Value, kind: type[_E], words: Words) -> Reader[_E | None]:
    """A member of a closed set."""
    return converted(value, lambda result: as_member(kind, result, words), words)


def code(value: Value, labels: Mapping[str, Label], words: Words) -> Reader[str | None]:
    """A business code."""
    return converted(value, lambda result: as_code(labels, result), words)


def texts(value: Values, convert: Callable[[str], _T], words: Words) -> Reader[tuple[_T, ...]]:
    """Several texts; what follows ``separator`` is one more, empty ones are left out.

    One that cannot be taken does not cost the others.
    """

    def reader(cells: Cells) -> tuple[_T, ...]:
        results: list[_T] = []
        problem: FieldError | None = None
        for part in _parts(value, cells):
            mapped = value.mapped(part)
            if words.is_nothing(mapped):
                continue
            try:
                results.append(named(value.label, convert, mapped))
            except FieldError as error:
                problem = problem or error
        if problem is not None:
            problem.instead = tuple(results)
            raise problem
        return tuple(results)

    return reader


def moment_of(
    value: TimeValue, column: TimeColumn, now: datetime, words: Words
) -> Reader[datetime | date | None]:
    """A date or an aware time that the graph can keep."""
    read = raw_text(value)
    single = value.column

    def reader(cells: Cells) -> datetime | date | None:
        # A typed cell of a sheet is a time already, unless the mapping has a word for it.
        cell = cells.get(single, "") if single else ""
        is_typed = isinstance(cell, date | float) and not isinstance(cell, bool)
        result: Cell = cell if is_typed and not value.maps(as_text(cell)) else read(cells)
        if isinstance(result, str) and words.is_nothing(result):
            return None

        def checked(cell: Cell) -> datetime | date | None:
            time = as_time(cell, column, words)
            if time is not None:
                check_time(time, column.zone, now, value.label)
            return time

        return named(value.label, checked, result)

    return reader


def amount(value: Amount, decimal: str | None, words: Words) -> Reader[Money | None]:
    """Money in the currency of the cell, of its column of currencies, or of the mapping."""
    read = raw_text(value)

    def reader(cells: Cells) -> Money | None:
        result = read(cells)
        if words.is_nothing(result):
            return None
        column = AmountColumn(_currency(value, cells, words), value.factor, decimal)
        return named(value.label, lambda text: as_amount(text, column, words), result)

    return reader


def tree(
    value: Tree, kind: CatalogueKind, words: Words, levels: tuple[BranchLevel, ...] = ()
) -> Reader[Chain]:
    """A chain of entries, from the widest to the narrowest; empty where nothing is named."""
    chain = _chains(value, kind, levels)

    def reader(cells: Cells) -> Chain:
        codes = tuple(_cell_text(cells, name) for name in value.codes)
        return chain(_levels(value, cells, words), codes)

    return reader


def trees(value: Trees, kind: CatalogueKind, words: Words) -> Reader[tuple[Chain, ...]]:
    """Several chains: one for each part of a column that ``separator`` divides, or for each column
    of one name. One that cannot be taken does not cost the others.
    """
    if value.column is None or value.codes:
        one = tree(value, kind, words)
        return lambda cells: tuple(chain for chain in [one(cells)] if chain)
    column = value.column
    chain = _chains(value, kind, ())

    def reader(cells: Cells) -> tuple[Chain, ...]:
        places = [_path(value, place, words) for place in _divided(cells, column, value.separator)]
        # A cause that a cell names twice is one.
        results: dict[Chain, None] = {}
        problem: FieldError | None = None
        for names in places if any(map(any, places)) else [value.default]:
            try:
                results[chain(names, ())] = None
            except FieldError as error:
                problem = problem or error
        taken = tuple(each for each in results if each)
        if problem is not None:
            problem.instead = taken
            raise problem
        return taken

    return reader


def _currency(value: Amount, cells: Cells, words: Words) -> str:
    name = value.currency_column
    text = _cell_text(cells, name) if name else ""
    if name is None or words.is_nothing(text):
        return value.currency
    code = words.currency(text, value.currency)
    if code is None:
        raise FieldError(f"{name} is no currency; use an ISO 4217 code such as CNY", value=text)
    return code


def raw_text(value: Value, *, mended: bool = False) -> Reader[str]:
    """The text before it means anything; empty for nothing. ``mended``: whatever characters the
    cells hold.
    """
    cell_text = _mended_text if mended else _cell_text
    constant, default, join = value.constant, value.default or "", value.join
    names, mapped = value.names, value.mapped
    if constant is not None:
        return lambda cells: constant

    def reader(cells: Cells) -> str:
        parts = [cell_text(cells, name) for name in names]
        result = parts[0] if len(parts) == 1 else join.join(filter(None, parts))
        if "\r" in result:
            # The same text from a file with other line ends is the same.
            result = result.replace("\r\n", "\n").replace("\r", "\n")
        return mapped(result) or default

    return reader


def named(label: str, convert: Callable[[Cell], _T] | Callable[[str], _T], cell: Cell) -> _T:
    try:
        return convert(cell)  # type: ignore[arg-type]
    except FieldError as error:
        shown = cell if isinstance(cell, str) else str(cell)
        raise FieldError(
            f"{label} {error.reason}", value=shown[:_MOST_SHOWN], instead=error.instead
        ) from error


def unmapped(value: Value) -> Value:
    """The same cells without what the mapping puts in their place."""
    return value.model_copy(update={"value_map": {}, "default": None})


def _why_nothing(value: Value, cells: Cells) -> str:
    """Why a field has no value: its cell is empty, says so, or is mapped to nothing."""
    if not (text := raw_text(unmapped(value))(cells)):
        return "is missing"
    return "is mapped to nothing" if value.maps(text) else "says that there is none"


def _cell_text(cells: Cells, name: str) -> str:
    try:
        return as_text(cells.get(name, ""))
    except FieldError as error:
        raise FieldError(f"{name} {error.reason}") from error


def _mended_text(cells: Cells, name: str) -> str:
    cell = cells.get(name, "")
    return cell.mended().strip() if isinstance(cell, Spoiled) else _cell_text(cells, name)


def _parts(value: Values, cells: Cells) -> list[str]:
    if value.constant is not None:
        return [value.constant]
    parts = [part for name in value.names for part in _divided(cells, name, value.separator)]
    return parts or [value.default or ""]


def _divided(cells: Cells, name: str, separators: tuple[str, ...]) -> list[str]:
    """The parts of a cell; those of a list, where the file has one or a program has written one."""
    cell = cells.get(name, "")
    if isinstance(cell, str) and _WRITTEN_LIST.fullmatch(cell):
        return [part for quoted in _QUOTED.findall(cell) if (part := quoted[1:-1].strip())]
    texts = list(cell) if isinstance(cell, tuple) else [_cell_text(cells, name)]
    if separators:
        # A list in one cell of many may be divided, too: columns that repeat are lists.
        pattern = _dividing(separators)
        texts = [part for text in texts for part in pattern.split(text)]
    return [part.strip() for part in texts if part.strip()]


@cache
def _dividing(separators: tuple[str, ...]) -> re.Pattern[str]:
    if separators == (ANY_SEPARATOR,):
        return _ANY
    return re.compile("|".join(re.escape(each) for each in separators))


def _levels(value: Tree, cells: Cells, words: Words) -> tuple[str, ...]:
    if value.constant is not None:
        return value.constant
    if value.path_separator:
        names = _path(value, _cell_text(cells, value.names[0]), words)
    else:
        results = (_cell_text(cells, name) for name in value.names)
        names = _ordered(value, results, words)
    return names if any(names) else value.default


def _path(value: Tree, text: str, words: Words) -> tuple[str, ...]:
    parts = text.split(value.path_separator) if value.path_separator else [text]
    return _ordered(value, (part.strip() for part in parts), words)


def _ordered(value: Tree, texts: Iterable[str], words: Words) -> tuple[str, ...]:
    """The names from the widest to the narrowest, empty where there is none."""
    mapped = map(value.mapped, texts)
    names = tuple("" if words.is_nothing(name) else name for name in mapped)
    return names[::-1] if value.narrow_first else names


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
