"""What reads return: the graph's nodes as plain, frozen objects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.domain.case import Attribution, Decision, Facts, Handling
from graph.domain.desk.standing import Proposal
from graph.domain.enums import Level, TimePrecision
from graph.domain.record import TABLE, Record, attributes


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

    @classmethod
    def from_record(cls, record: Record) -> "Course":
        return cls(proposal=proposal_of(record), **attributes(cls, TABLE, record))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRecord(Facts):
    """A complaint's node with its copied codes; texts are masked; relations are read by loaders.

    ``past``: it is not the node but the case as it stood at an earlier time.
    """

    received_at: datetime
    received_precision: TimePrecision
    recorded_at: datetime
    version: int
    received_key: str
    due_key: str
    amount_key: str
    level_key: str
    decided_at: datetime | None = None
    products: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    root_causes: tuple[str, ...] = ()
    customer: str | None = None
    decided: bool = False
    duplicate: bool = False
    course: Course = Course()
    past: "Past | None" = None

    @classmethod
    def from_record(cls, record: Record, past: "Past | None" = None) -> "ComplaintRecord":
        """Of a node read with ``record.READ``, or of what its events rebuild."""
        values: dict[str, Any] = attributes(cls, TABLE, record)
        return cls(**values, course=Course.from_record(record), past=past)


@dataclass(frozen=True, slots=True)
class Past:
    """What hung on a case at an earlier time, from its first ``events`` events.

    A complaint with one was rebuilt: nothing that hangs on its node today may be read for it.
    ``handling`` is None where nobody can tell who led.
    """

    at: datetime
    events: int
    rounds: tuple[Decision, ...]
    causes: tuple[Attribution, ...]
    handling: tuple[Handling, ...] | None


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    segment: str | None = None
    region: str | None = None
    vulnerable: bool | None = None


def proposal_of(record: Record) -> Proposal | None:
    """What was proposed and not yet answered."""
    values = attributes(Proposal, TABLE, record)
    return Proposal(**values) if "outcome" in values else None
