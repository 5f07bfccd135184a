"""The kinds of values in a mapping file: what one field is read from, and how."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from graph.domain.enums import (
    AttributionSource,
    BranchLevel,
    DepartmentRole,
)
from ingest.sources.header import position
from ingest.sources.times import DateOrder, check_format
from ingest.sources.words import fold


def listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def _as_text(value: object) -> object:
    """TOML's numbers, truth values and times as the text that a table would have."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def _format(name: str) -> str:
    check_format(name)
    return name


#: In ``separator``: whatever stands between several values.
ANY_SEPARATOR = "any"


def _column(name: object) -> object:
    """The name of a column; a number is its position, from 1."""
    if isinstance(name, int) and not isinstance(name, bool):
        if name < 1:
            raise ValueError("columns are counted from 1")
        return position(name)
    return name


Name = Annotated[str, Field(min_length=1)]
Column = Annotated[str, Field(min_length=1), BeforeValidator(_column)]
_Text = Annotated[str, BeforeValidator(_as_text)]
_Texts = Annotated[tuple[_Text, ...], BeforeValidator(listed)]
_Separators = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(listed)]
_Formats = Annotated[tuple[Annotated[str, AfterValidator(_format)], ...], BeforeValidator(listed)]
_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Table(BaseModel):
    """A table of the file; other keys than these are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FromColumns(Table):
    """What is read from columns. Short: the name of a column, or a list of names."""

    column: Column | None = None
    columns: tuple[Column, ...] = ()
    value_map: dict[str, _Text] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, data: Any) -> Any:
        if isinstance(data, str | int):
            return {"column": data}
        return {"columns": data} if isinstance(data, list) else data

    @cached_property
    def _by_word(self) -> dict[str, str]:
        """The map by folded words; where two fold alike, only what stands there counts."""
        meanings: dict[str, set[str]] = {}
        for word, meaning in self.value_map.items():
            meanings.setdefault(fold(word), set()).add(meaning)
        return {word: own.pop() for word, own in meanings.items() if len(own) == 1}

    def mapped(self, text: str) -> str:
        """What the text is mapped to, as it stands or however it is written; else itself."""
        return text if (meaning := self._meaning(text)) is None else meaning

    def maps(self, text: str) -> bool:
        """Whether the map has a word for it."""
        return self._meaning(text) is not None

    def _meaning(self, text: str) -> str | None:
        if not self.value_map:
            return None
        meaning = self.value_map.get(text)
        return self._by_word.get(fold(text)) if meaning is None else meaning

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column,) if self.column else self.columns

    @property
    def label(self) -> str:
        """How messages call it."""
        return " + ".join(self.names) or "the constant"

    def named_columns(self) -> Iterator[str]:
        """Every column that the file must have for it."""
        yield from self.names

    def _check_origin(self, constant: object) -> None:
        if bool(self.column) + bool(self.columns) + (constant is not None) != 1:
            raise ValueError("needs exactly one of column, columns and constant")


class Value(FromColumns):
    """One text: of a column, of several joined, or the same for every row."""

    join: str = " "
    constant: _Text | None = None
    default: _Text | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        self._check_origin(self.constant)
        return self

    def texts(self) -> Iterator[str]:
        """The texts that the mapping itself gives."""
        yield from (text for text in (self.constant, self.default) if text is not None)
        yield from (text for text in self.value_map.values() if text)


class TimeValue(Value):
    """``order``: of dates that do not begin with a year of four digits; by default, as the column
    shows it.
    """

    date_formats: _Formats = ("auto",)
    order: DateOrder | None = None


class Amount(Value):
    """``decimal``: the sign before the decimals; by default, as the column shows it."""

    currency: _Currency = "CNY"
    currency_column: Column | None = None
    factor: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    decimal: Literal[".", ","] | None = None

    def named_columns(self) -> Iterator[str]:
        yield from super().named_columns()
        if self.currency_column:
            yield self.currency_column


class Values(Value):
    """Several texts in one column, divided by ``separator``, or by any of several."""

    separator: _Separators = ()


class Tree(FromColumns):
    """A place in a tree, named from the widest to the narrowest, or the other way round."""

    codes: tuple[Column, ...] = ()
    path_separator: Name | None = None
    narrow_first: bool = False
    constant: _Texts | None = None
    default: _Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _one_code(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("codes"), str | int):
            return data | {"codes": [data["codes"]]}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_origin(self.constant)
        if self.path_separator and not self.column:
            raise ValueError("path_separator divides one column; name it by column")
        if self.codes and (len(self.codes) != len(self.names) or self.path_separator):
            raise ValueError("codes needs one column of codes for each column of names")
        return self

    def named_columns(self) -> Iterator[str]:
        yield from super().named_columns()
        yield from self.codes


class BranchTree(Tree):
    levels: tuple[BranchLevel, ...] = ()

    @model_validator(mode="after")
    def _level_for_each(self) -> Self:
        expected = len(self.constant or self.names)
        if self.levels and not self.path_separator and len(self.levels) != expected:
            raise ValueError(f"levels needs {expected} of them, one for each name")
        return self


class Trees(Tree):
    """Several places, divided by ``separator`` in one column."""

    separator: _Separators = ()

    @model_validator(mode="after")
    def _one_column(self) -> Self:
        if self.separator and (not self.column or self.codes):
            raise ValueError("separator divides one column without codes; name it by column")
        return self


class Departments(Trees):
    role: DepartmentRole = DepartmentRole.LEAD


class Causes(Trees):
    source: AttributionSource = AttributionSource.IMPORTED
    confidence: Value | None = None
    share: Value | None = None

    def named_columns(self) -> Iterator[str]:
        yield from super().named_columns()
        for value in (self.confidence, self.share):
            if value:
                yield from value.named_columns()
