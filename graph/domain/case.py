"""A complaint as its source tells it: masked, classified, ready to be stored."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.domain.enums import (
    OPEN_STATUSES,
    AmountBand,
    AttributionSource,
    CaseStatus,
    Channel,
    DepartmentRole,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.moments import Moment
from graph.domain.money import Money
from graph.domain.record import ATTRIBUTION, DECISION, Record, attributes, stored

#: Longer texts are refused (characters).
LONGEST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Handling:
    department: str
    role: DepartmentRole = DepartmentRole.LEAD

    @classmethod
    def from_record(cls, record: Record) -> "Handling":
        return cls(record["code"], DepartmentRole(record["role"]))

    def to_record(self) -> dict[str, Any]:
        return {"code": self.department, "role": self.role}


@dataclass(frozen=True, slots=True)
class Attribution:
    """A root cause of a complaint; ``confidence`` and ``share`` lie in 0..1."""

    cause: str
    source: AttributionSource
    confidence: float | None = None
    share: float | None = None
    by: str | None = None
    at: datetime | None = None

    @classmethod
    def from_record(cls, record: Record) -> "Attribution":
        """``record``: properties of the relation, with the cause's ``code``."""
        return cls(cause=record["code"], **attributes(cls, ATTRIBUTION, record))

    def to_record(self) -> dict[str, Any]:
        return {"code": self.cause, "properties": stored(ATTRIBUTION, self)}


@dataclass(frozen=True, slots=True)
class Decision:
    """How one round of a case ended. ``satisfaction`` is 1 (worst) to 5; ``summary`` is masked.

    ``template``: of the draft that the answer was made from; ``edited``: 0 for as drafted to 1.
    ``insisted``: kinds of problems (``AnswerProblemKind``) with which it was sent all the same.
    """

    round: int
    outcome: OutcomeKind
    remedy: RemedyKind | None = None
    compensation: Money | None = None
    decided_at: datetime | None = None
    satisfaction: int | None = None
    timely: bool | None = None
    template: str | None = None
    edited: float | None = None
    insisted: tuple[str, ...] = ()
    summary: str | None = field(default=None, repr=False)

    @classmethod
    def from_record(cls, record: Record) -> "Decision":
        return cls(**attributes(cls, DECISION, record))

    def to_record(self, complaint: str) -> dict[str, Any]:
        return {"id": self.id_of(complaint), **stored(DECISION, self)}

    def id_of(self, complaint: str) -> str:
        """The id of a complaint's decision of this round."""
        return f"{complaint}.{self.round}"


def encoded_text(subject: str | None, narrative: str | None) -> str | None:
    """What is encoded and searched of a complaint; None without a narrative."""
    if not narrative:
        return None
    return f"{subject}\n{narrative}" if subject else narrative


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Who filed a case: keyed hashes of identifiers (kind, hash), never the identifiers."""

    identifiers: tuple[tuple[str, str], ...]
    segment: str | None = None
    region: str | None = None
    vulnerable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is said of a complaint, by its source or by whoever corrected it."""

    id: str
    reference: str
    source_system: str
    source_id: str
    channel: Channel
    status: CaseStatus
    level: Level = Level.GREEN
    subject: str | None = field(default=None, repr=False)
    narrative: str | None = field(default=None, repr=False)
    language: str | None = None
    mask_version: str | None = None
    occurred_at: datetime | None = None
    nature: Nature | None = None
    type: str | None = None
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] = ()
    timeliness: Timeliness | None = None
    amount: Money | None = None
    amount_band: AmountBand | None = None
    vulnerable: bool = False
    due_at: datetime | None = None
    assignee: str | None = None
    product: str | None = None
    branch: str | None = None

    @property
    def text(self) -> str | None:
        """What is encoded and searched: subject and narrative; None without a narrative."""
        return encoded_text(self.subject, self.narrative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Facts):
    """Everything about one complaint that its registration stores."""

    content_hash: str
    received: Moment
    due_soon_at: datetime | None = None
    first_due_at: datetime | None = None
    handling: tuple[Handling, ...] = ()
    causes: tuple[Attribution, ...] = ()
    customer: CustomerFacts | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def received_at(self) -> datetime:
        return self.received.at

    @property
    def received_precision(self) -> TimePrecision:
        return self.received.precision

    @property
    def round(self) -> int:
        """1 until it is reopened; a source tells it by the number of its decisions."""
        return max(1, len(self.decisions))

    @property
    def in_first_round(self) -> bool:
        """Whether its time began with its receipt; when a later round began no source says."""
        later = self.decided or self.status in {CaseStatus.REOPENED, CaseStatus.REVIEW_REQUESTED}
        return not (later and self.status in OPEN_STATUSES)

    @property
    def round_started_at(self) -> datetime | None:
        return self.received.at if self.in_first_round else None

    @property
    def status_since(self) -> datetime | None:
        """Of later statuses no source says since when."""
        return self.received.at if self.status is CaseStatus.REGISTERED else None

    @property
    def decided(self) -> bool:
        return bool(self.decisions)
