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
from ingest.sources.values import as_member

Format = Literal["csv", "tsv", "json", "jsonl", "xlsx"]
Encoding = Literal["utf-8", "gb18030", "gbk", "gb2312", "big5", "utf-16", "latin-1", "cp1252"]
#: Rows of this system are made by ``complaint-graph demo`` and taken away by it.
_RESERVED = "demo"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name} is no time zone; use a name such as Asia/Shanghai") from error
    return name


def _system(name: str) -> str:
    if name == _RESERVED:
        raise ValueError(f"{_RESERVED} is the name of the demo's own rows; use another")
    return name


class FileKeys(Table):
    """How the file is read."""

    format: Format | None = None
    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(max_length=1)] = '"'
    sheet: Name | Annotated[int, Field(ge=1)] = 1
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


class DecisionKeys(Table):
    """The answer; there is one where ``when`` has content, or else where ``outcome`` has."""

    outcome: Value
    when: Name | None = None
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
    file: FileKeys = FileKeys()
    fields: Fields
    customer: CustomerKeys | None = None
    decision: DecisionKeys | None = None

    def columns(self) -> Iterator[tuple[str, str]]:
        """Every column that is named, with the key that names it."""
        for table in ("fields", "customer", "decision"):
            yield from _columns(getattr(self, table), table)


#: The closed sets behind the keys of [fields] and [decision].
FIELD_SETS: Mapping[str, type[StrEnum]] = {
    "channel": Channel,
    "status": CaseStatus,
    "level": Level,
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
                as_member(kind, text)
            except FieldError as error:
                raise ValueError(f"{key}: {error.reason}") from error


def _columns(part: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, FromColumns):
        yield from ((path, column) for column in part.named_columns())
    elif isinstance(part, tuple):
        for item in part:
            yield from _columns(item, path)
    elif isinstance(part, Table):
        if isinstance(part, DecisionKeys) and part.when:
            yield f"{path}.when", part.when
        for key in type(part).model_fields:
            yield from _columns(getattr(part, key), f"{path}.{key}")
