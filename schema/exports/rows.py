"""An answer of the API as flat rows with stable columns. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import FieldNode, InlineFragmentNode

from graph.domain.enums import CaseStatus, Language
from graph.domain.vocabulary import Label, label_of
from schema.exports.documents import Export

#: Text, a number, a truth value, or nothing.
Cell: TypeAlias = str | int | float | bool | None
Row: TypeAlias = dict[str, Cell]

#: A filter that opens a figure: one cell, as ``--filter`` and the API take it.
_OPENS = "narrowing"
#: Tells where the next page begins, and nothing about complaints.
_PAGE = "pageInfo"
#: A comparison is about one bucket of a trend: beside the others it would be told too often.
_COMPARED, _BUCKET, _COMPARISON = "compared", "day", "against"
#: The status that cases wait in; the API has no label for it, and none for the way as a whole.
_STEP, _WHOLE_WAY = "status", Label("全程", "the whole way")
_SUFFIXES = {Language.ZH: "Zh", Language.EN: "En"}


@dataclass(frozen=True, slots=True)
class Table:
    """Every row has every column, in this order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def table(
    export: Export,
    answers: Sequence[Any],
    keys: Mapping[str, Sequence[str]],
    language: Language | None = None,
) -> Table:
    """The rows of one or several pages.

    ``keys``: for each keyed list, what its items may be told apart by; ``language``: only labels
    in this one.
    """
    flat = _Flattening(export, keys)
    # Nothing at all has every column too, so that they do not depend on the data.
    columns = [name for name in flat.rows(None)[0] if _in_language(name, language)]
    results = [
        row
        for answer in answers
        for item in (answer if isinstance(answer, list) else [answer])
        for row in flat.rows(item)
    ]
    return Table(tuple(columns), tuple(_tidy(row, columns) for row in results))


class _Flattening:
    def __init__(self, export: Export, keys: Mapping[str, Sequence[str]]) -> None:
        self.export = export
        self.keys = keys

    def rows(self, item: Any) -> list[Row]:
        return self._rows(self.export.root, item, "")

    def _rows(self, above: FieldNode, value: Any, prefix: str) -> list[Row]:
        rows: list[Row] = [{}]
        for each in _fields(above):
            name = _name(each)
            if name in self.export.unrolled:
                items = [None] if value is None else value[name] or []
                inner = [row for item in items for row in self._rows(each, item, "")]
                rows = [{**row, **more} for row in rows for more in inner]
            elif name != _PAGE:
                cells = dict(self._cells(each, None if value is None else value[name], prefix))
                rows = [{**row, **cells} for row in rows]
        return rows

    def _cells(self, each: FieldNode, value: Any, prefix: str) -> Iterator[tuple[str, Cell]]:
        name = _name(each)
        column = _joined(prefix, name)
        if name in self.export.keyed:
            yield from self._side_by_side(each, value or [])
        elif name == _OPENS:
            yield column, _filter(value)
        elif each.selection_set is None:
            yield column, "; ".join(map(str, value)) if isinstance(value, list) else value
            if name == _STEP:
                label = _WHOLE_WAY if value is None else label_of(CaseStatus(value))
                yield f"{column}LabelZh", label.zh
                yield f"{column}LabelEn", label.en
        else:
            for inner in _fields(each):
                yield from self._cells(inner, _of(value, _name(inner)), column)

    def _side_by_side(
        self, above: FieldNode, items: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[str, Cell]]:
        key_name = self.export.keyed[_name(above)]
        by_key = {item[key_name]: item for item in items}
        for key in self.keys[_name(above)]:
            for inner in _fields(above):
                if _name(inner) != key_name:
                    value = by_key[key][_name(inner)] if key in by_key else None
                    yield from self._cells(inner, value, _camel(key))


def _of(value: Any, name: str) -> Any:
    """A field of an object; of a list of objects, each one's."""
    if isinstance(value, list):
        return [each.get(name) for each in value]
    # Of a union an object has only the fields of its own type.
    return None if value is None else value.get(name)


def _fields(above: FieldNode | InlineFragmentNode) -> Iterator[FieldNode]:
    assert above.selection_set is not None
    for each in above.selection_set.selections:
        if isinstance(each, InlineFragmentNode):
            yield from _fields(each)
        else:
            assert isinstance(each, FieldNode)
            yield each


def _name(each: FieldNode) -> str:
    return each.alias.value if each.alias else each.name.value


def _joined(prefix: str, name: str) -> str:
    return prefix + name[0].upper() + name[1:] if prefix else name


def _camel(code: str) -> str:
    first, *rest = code.lower().split("_")
    return first + "".join(part.title() for part in rest)


def _filter(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    present = {name: each for name, each in value.items() if each is not None}
    return json.dumps(present, ensure_ascii=False)


def _in_language(column: str, language: Language | None) -> bool:
    others = [suffix for each, suffix in _SUFFIXES.items() if language not in (None, each)]
    return not column.endswith(tuple(others))


def _tidy(row: Row, columns: Sequence[str]) -> Row:
    elsewhere = _COMPARED in row and row[_COMPARED] != row[_BUCKET]
    return {
        name: None if elsewhere and name.startswith(_COMPARISON) else row[name] for name in columns
    }
