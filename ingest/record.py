"""A complaint as a source gives it: unmasked, not yet stored, never logged."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import (
    AttributionSource,
    CaseStatus,
    Channel,
    DepartmentRole,
    IdentifierKind,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.money import Money

#: From the widest to the narrowest; the complaint is about the last one.
Chain = tuple[CatalogueEntry, ...]


@dataclass(frozen=True, slots=True)
class IncomingCustomer:
    """Who files. ``names`` are masked wherever they occur in the texts; nothing else is kept of
    them. ``identifiers`` are raw values, hashed with the installation's key before storing.
    """

    names: tuple[str, ...] = field(default=(), repr=False)
    identifiers: tuple[tuple[IdentifierKind, str], ...] = field(default=(), repr=False)
    segment: str | None = None
    region: str | None = None
    vulnerable: bool | None = None


@dataclass(frozen=True, slots=True)
class IncomingCause:
    """A root cause as the source names it; ``share`` and ``confidence`` lie in 0..1."""

    chain: Chain
    source: AttributionSource = AttributionSource.IMPORTED
    share: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class IncomingDecision:
    """How a round ended; ``at`` a date or an aware time; ``satisfaction`` 1 (worst) to 5."""

    outcome: OutcomeKind
    remedy: RemedyKind | None = None
    compensation: Money | None = None
    at: datetime | date | None = None
    satisfaction: int | None = None
    timely: bool | None = None
    summary: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IncomingComplaint:
    """One row of a source. Times are dates or aware datetimes; codes need not exist yet.

    ``source_id`` None: derived from the row's content. ``vulnerable`` is of the complaint itself,
    for sources without customers.
    """

    source_system: str
    source_id: str | None
    received_at: datetime | date
    channel: Channel = Channel.OTHER
    status: CaseStatus = CaseStatus.REGISTERED
    level: Level = Level.GREEN
    subject: str | None = field(default=None, repr=False)
    narrative: str | None = field(default=None, repr=False)
    occurred_at: datetime | date | None = None
    nature: Nature | None = None
    type: str | None = None
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] = ()
    timeliness: Timeliness | None = None
    amount: Money | None = None
    vulnerable: bool | None = None
    assignee: str | None = None
    product: Chain = ()
    branch: Chain = ()
    departments: tuple[tuple[Chain, DepartmentRole], ...] = ()
    causes: tuple[IncomingCause, ...] = ()
    customer: IncomingCustomer | None = None
    decisions: tuple[IncomingDecision, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that cannot be taken and is left out: the row's first line in the file, the field,
    the reason, which is the same for all such values, and the value as read.
    """

    line: int
    field: str
    reason: str
    value: str = dataclasses.field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rejected(Problem):
    """A row that cannot be taken, because the graph cannot do without the field."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a source yields for each row, in the file's order: a complaint or a rejection.

    ``raw`` is the row as read, for the rejects file only; ``warnings``: what was left out of it.
    """

    line: int
    content: IncomingComplaint | Rejected
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[Problem, ...] = ()


class RowSource(Protocol):
    """What an import needs of a source; each call of ``rows`` starts from the beginning."""

    @property
    def system(self) -> str: ...

    @property
    def path(self) -> Path: ...

    def rows(self) -> Iterator[Row]: ...

    def fingerprint(self) -> str: ...
