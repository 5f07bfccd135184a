"""A complaint as the graph keeps it: masked, classified, ready to be stored."""

from dataclasses import dataclass
from datetime import datetime

from graph.domain.enums import (
    OPEN_STATUSES,
    AmountBand,
    AttributionSource,
    CaseStatus,
    Channel,
    DepartmentRole,
    Level,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.moments import Moment
from graph.domain.money import Money

#: Longer texts are refused (characters).
LONGEST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Handling:
    department: str
    role: DepartmentRole = DepartmentRole.LEAD


@dataclass(frozen=True, slots=True)
class Attribution:
    """A root cause of a complaint; ``confidence`` and ``share`` lie in 0..1."""

    cause: str
    source: AttributionSource
    confidence: float | None = None
    share: float | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """How one round of a case ended. ``satisfaction`` is 1 (worst) to 5; ``summary`` is masked."""

    round: int
    outcome: OutcomeKind
    remedy: RemedyKind | None = None
    compensation: Money | None = None
    decided_at: datetime | None = None
    satisfaction: int | None = None
    timely: bool | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Who filed a case: keyed hashes of identifiers (kind, hash), never the identifiers."""

    identifiers: tuple[tuple[str, str], ...]
    segment: str | None = None
    region: str | None = None
    vulnerable: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one complaint that its registration stores."""

    id: str
    reference: str
    source_system: str
    source_id: str
    content_hash: str
    channel: Channel
    status: CaseStatus
    received: Moment
    level: Level = Level.GREEN
    subject: str | None = None
    narrative: str | None = None
    language: str | None = None
    occurred_at: datetime | None = None
    type: str | None = None
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] = ()
    timeliness: Timeliness | None = None
    amount: Money | None = None
    amount_band: AmountBand | None = None
    vulnerable: bool | None = None
    due_at: datetime | None = None
    due_soon_at: datetime | None = None
    first_due_at: datetime | None = None
    assignee: str | None = None
    product: str | None = None
    branch: str | None = None
    handling: tuple[Handling, ...] = ()
    causes: tuple[Attribution, ...] = ()
    customer: CustomerFacts | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def text(self) -> str | None:
        """What is encoded and searched: subject and narrative; None without a narrative."""
        if not self.narrative:
            return None
        return f"{self.subject}\n{self.narrative}" if self.subject else self.narrative

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
    def decided(self) -> bool:
        return bool(self.decisions)
