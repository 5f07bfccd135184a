"""What reads return: the graph's nodes as plain, frozen objects."""

from dataclasses import dataclass, field
from datetime import datetime

from graph.domain.desk.standing import Proposal
from graph.domain.enums import (
    AmountBand,
    AttributionSource,
    CaseStatus,
    Channel,
    DepartmentRole,
    EventKind,
    Level,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.money import Money


@dataclass(frozen=True, slots=True)
class Course:
    """What the desk keeps of a case beside what its source says.

    ``due_soon_at`` and the complaint's ``due_at`` are None while the time is paused.
    """

    round: int = 1
    complex_case: bool = False
    extended_days: int = 0
    paused_at: datetime | None = None
    due_soon_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    proposal: Proposal | None = None
    review_confirmed: bool | None = None
    classified_by: str | None = None
    rule_level: Level | None = None
    level_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoredComplaint:
    """A complaint's node with its copied codes; texts are masked; relations are read by loaders.

    ``past``: it is not the node but the case as it stood at an earlier time.
    """

    id: str
    reference: str
    source_system: str
    source_id: str
    channel: Channel
    status: CaseStatus
    level: Level
    received_at: datetime
    received_precision: TimePrecision
    recorded_at: datetime
    version: int
    received_key: str
    due_key: str
    amount_key: str
    level_key: str
    subject: str | None = field(default=None, repr=False)
    narrative: str | None = field(default=None, repr=False)
    language: str | None = None
    occurred_at: datetime | None = None
    type: str | None = None
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] = ()
    timeliness: Timeliness | None = None
    amount: Money | None = None
    amount_band: AmountBand | None = None
    vulnerable: bool = False
    due_at: datetime | None = None
    decided_at: datetime | None = None
    assignee: str | None = None
    product: str | None = None
    products: tuple[str, ...] = ()
    branch: str | None = None
    branches: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    root_causes: tuple[str, ...] = ()
    customer: str | None = None
    decided: bool = False
    duplicate: bool = False
    course: Course = Course()
    past: "Past | None" = None

    @property
    def text(self) -> str | None:
        """What is encoded and searched; None without a narrative."""
        if not self.narrative:
            return None
        return f"{self.subject}\n{self.narrative}" if self.subject else self.narrative


@dataclass(frozen=True, slots=True)
class StoredResolution:
    id: str
    complaint: str
    round: int
    outcome: OutcomeKind
    remedy: RemedyKind | None = None
    compensation: Money | None = None
    decided_at: datetime | None = None
    satisfaction: int | None = None
    timely: bool | None = None
    summary: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    id: str
    segment: str | None = None
    region: str | None = None
    vulnerable: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredAttribution:
    cause: str
    source: AttributionSource
    confidence: float | None = None
    share: float | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredHandling:
    department: str
    role: DepartmentRole


@dataclass(frozen=True, slots=True)
class Past:
    """What hung on a case at an earlier time, from its first ``events`` events.

    A complaint with one was rebuilt: nothing that hangs on its node today may be read for it.
    ``handling`` is None where nobody can tell who led.
    """

    at: datetime
    events: int
    rounds: tuple[StoredResolution, ...]
    causes: tuple[StoredAttribution, ...]
    handling: tuple[StoredHandling, ...] | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """``before`` and ``after`` are JSON of codes, numbers and ids; ``note`` is masked."""

    id: str
    complaint: str
    seq: int
    position: int
    kind: EventKind
    at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None = None
    before: str | None = None
    after: str | None = None
    version: int | None = None
    note: str | None = field(default=None, repr=False)
