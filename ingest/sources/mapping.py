"""The keys of a mapping file: which column of a table is which field of a complaint.

docs/import.md explains every key; ``mapping_file`` reads a file into these.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from graph.domain.enums import (
    CaseStatus,
    Channel,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    Urgency,
)
from ingest.sources.mapping_values import (
    Amount,
    BranchTree,
    Causes,
    Departments,
    FromColumns,
    Name,
    Table,
    TimeValue,
    Tree,
    Value,
    Values,
    listed,
)
from ingest.sources.record import FieldError
from ingest.sources.text import ENCODINGS
from ingest.sources.values import as_member
from ingest.sources.words import default_words

Format = Literal["csv", "tsv", "json", "jsonl", "xlsx"]
#: Rows of this system are made by ``complaint-graph demo`` and taken away by it.
_RESERVED = "demo"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name} is no time zone; use a name such as Asia/Shanghai") from error
    return name


def _encoding(name: str) -> str:
    if name not in ENCODINGS:
        raise ValueError(f"{name} is no encoding; use one of {', '.join(ENCODINGS)}")
    return name


def _system(name: str) -> str:
    if name == _RESERVED:
        raise ValueError(f"{_RESERVED} is the name of the demo's own rows; use another")
    return name


class FileKeys(Table):
    """How the file is read.

    ``records``: where the records are in a JSON document; ``rows``: that each row is a complaint
    even where the file looks like a table of counts.
    """

    format: Format | None = None
    records: Name | None = None
    rows: Literal["complaints"] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(max_length=1)] = '"'
    sheet: Name | Annotated[int, Field(ge=1)] | None = None
    header_row: Annotated[int, Field(ge=0)] = 0
    columns: tuple[Name, ...] = ()
    timezone: Annotated[str, AfterValidator(_zone)] | None = None


_DepartmentList = Annotated[tuple[Departments, ...], BeforeValidator(listed)]
_CauseList = Annotated[tuple[Causes, ...], BeforeValidator(listed)]


class Fields(Table):
    """The complaint itself."""

    received_at: TimeValue
    source_id: Value | None = None
    reference: Value | None = None
    subject: Value | None = None
    narrative: Value | None = None
    occurred_at: TimeValue | None = None
    channel: Value | None = None
    status: Value | None = None
    level: Value | None = None
    nature: Value | None = None
    type: Value | None = None
    severity: Value | None = None
    urgency: Value | None = None
    timeliness: Value | None = None
    risk_types: Values | None = None
    amount: Amount | None = None
    vulnerable: Value | None = None
    assignee: Value | None = None
    product: Tree | None = None
    branch: BranchTree | None = None
    departments: _DepartmentList = ()
    causes: _CauseList = ()

    @model_validator(mode="after")
    def _known_members(self) -> Self:
        _check_members(self, FIELD_SETS)
        return self


class CustomerKeys(Table):
    """Who files; the complaint's own ``vulnerable`` is for tables without customers."""

    names: Values | None = None
    id_number: Values | None = None
    mobile: Values | None = None
    account: Values | None = None
    source_id: Values | None = None
    segment: Value | None = None
    region: Value | None = None
    vulnerable: Value | None = None

    @property
    def identifies(self) -> bool:
        """Whether anything in it says which customer it is."""
        return any((self.id_number, self.mobile, self.account, self.source_id))


class DecisionKeys(Table):
    """The answer; there is one where ``when`` has content, or else where ``outcome`` has."""

    outcome: Value
    when: Value | None = None
    status: CaseStatus = CaseStatus.CLOSED
    remedy: Value | None = None
    compensation: Amount | None = None
    at: TimeValue | None = None
    satisfaction: Value | None = None
    timely: Value | None = None
    summary: Value | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        _check_members(self, DECISION_SETS)
        has_fallback = self.outcome.constant is not None or self.outcome.default is not None
        if has_fallback and self.when is None:
            raise ValueError("needs when, because its outcome is the same without a column")
        return self


class TableMapping(Table):
    """A whole mapping file."""

    system: Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_system)]
    words: Name | None = None
    file: FileKeys = FileKeys()
    fields: Fields
    customer: CustomerKeys | None = None
    decision: DecisionKeys | None = None

    def columns(self) -> Iterator[tuple[str, str]]:
        """Every column that is named, with the key that names it."""
        return ((path, column) for path, part in self._parts() for column in part.named_columns())

    def values(self) -> Iterator[FromColumns]:
        """Everything that is read from columns."""
        return (part for _, part in self._parts())

    def _parts(self) -> Iterator[tuple[str, FromColumns]]:
        for table in ("fields", "customer", "decision"):
            yield from _parts(getattr(self, table), table)


#: The closed sets behind the keys of [fields] and [decision].
FIELD_SETS: Mapping[str, type[StrEnum]] = {
    "channel": Channel,
    "status": CaseStatus,
    "level": Level,
    "nature": Nature,
    "severity": Severity,
    "urgency": Urgency,
    "timeliness": Timeliness,
}
DECISION_SETS: Mapping[str, type[StrEnum]] = {"outcome": OutcomeKind, "remedy": RemedyKind}


def _check_members(table: Table, sets: Mapping[str, type[StrEnum]]) -> None:
    for key, kind in sets.items():
        value: Value | None = getattr(table, key)
        for text in value.texts() if value else ():
            try:
                as_member(kind, text, default_words())
            except FieldError as error:
                raise ValueError(f"{key}: {text!r} {error.reason}") from error


def _parts(part: object, path: str) -> Iterator[tuple[str, FromColumns]]:
    if isinstance(part, FromColumns):
        yield path, part
    elif isinstance(part, tuple):
        for item in part:
            yield from _parts(item, path)
    elif isinstance(part, Table):
        for key in type(part).model_fields:
            yield from _parts(getattr(part, key), f"{path}.{key}")
