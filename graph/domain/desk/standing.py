"""Where a case stands, and what a step changes of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol

from graph.domain.case import Attribution, Decision, Handling
from graph.domain.deadlines import Deadline, Suspension, TimeLimits
from graph.domain.enums import (
    CaseStatus,
    DepartmentRole,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Urgency,
)
from graph.domain.lifecycle import Situation, Step
from graph.domain.money import Money
from graph.domain.patch import UNSET, Edit
from graph.domain.suggestions import Dimension


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the bank offers before the customer agrees."""

    outcome: OutcomeKind
    remedy: RemedyKind | None = None
    compensation: Money | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: what steps look at.

    ``round_started_at``: None where a source does not say it, so that no deadline is known.
    ``round_due_at``: a date that a person has set for the round. ``review_started_at``: since when
    a review is due instead of an answer; extension and pauses are then those of the review.
    ``first_due_at``: the deadline of the first round, once another one has taken its place.
    """

    id: str
    status: CaseStatus
    version: int
    round: int
    round_started_at: datetime | None
    level: Level
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    round_due_at: datetime | None = None
    review_started_at: datetime | None = None
    extended_days: int = 0
    paused_at: datetime | None = None
    suspensions: tuple[Suspension, ...] = ()
    complex_case: bool = False
    rule_level: Level | None = None
    proposal: Proposal | None = None
    decisions: tuple[Decision, ...] = ()
    nature: Nature | None = None
    type: str | None = None
    product: str | None = None
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] = ()
    handling: tuple[Handling, ...] = ()

    def situation(self, limits: TimeLimits) -> Situation:
        """What decides which steps it takes."""
        return Situation(
            status=self.status,
            paused=self.paused_at is not None,
            extension=limits.extension_days - self.extended_days,
            decided=self.decision is not None,
        )

    @property
    def lead(self) -> str | None:
        """The department that answers for it."""
        leads = (h.department for h in self.handling if h.role is DepartmentRole.LEAD)
        return next(leads, None)

    @property
    def assisting(self) -> tuple[str, ...]:
        return tuple(h.department for h in self.handling if h.role is not DepartmentRole.LEAD)

    @property
    def decision(self) -> Decision | None:
        """The decision of the present round."""
        return next((d for d in self.decisions if d.round == self.round), None)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step changes; ``UNSET`` (or no key) leaves a part as it is.

    ``properties``: of the complaint's node. ``decision``: of its round, new or changed.
    ``status``: where the case goes, if not where the step leads as a rule. ``suggested``: values
    that were taken as the service suggested them. ``note``: a masked text kept beside the event.
    ``reason``: a code.
    """

    properties: Mapping[str, Any] = field(default_factory=dict)
    product: Edit[str | None] = UNSET
    branch: Edit[str | None] = UNSET
    handling: Edit[tuple[Handling, ...]] = UNSET
    causes: Edit[tuple[Attribution, ...]] = UNSET
    decision: Decision | None = None
    status: CaseStatus | None = None
    suggested: tuple[tuple[Dimension, str], ...] = ()
    note: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """When and by whom a step is taken, and under which time limits."""

    now: datetime
    actor: str
    limits: TimeLimits = field(default_factory=TimeLimits)


class DeskStep(Protocol):
    """An input of a step."""

    step: ClassVar[Step]

    def effect(self, case: Standing, taking: Taking) -> Effect:
        """What it changes.

        Raises:
            InvalidInputError: it does not fit the case.
            StepNotAllowedError: the case does not stand where it could be taken.
        """
        ...


def running(case: Standing, taking: Taking) -> dict[str, Any]:
    """The time limit goes on, if it was paused."""
    if case.paused_at is None:
        return {}
    suspensions = case.suspensions
    if taking.now > case.paused_at:
        suspensions = (*suspensions, Suspension(case.paused_at, taking.now))
    return deadline(case, taking.limits, paused_at=None, suspensions=suspensions)


def deadline(case: Standing, limits: TimeLimits, **changes: Any) -> dict[str, Any]:
    """The time limit after ``changes`` of the case; nothing is due while it is paused.

    Whoever was warned of another date is warned anew.
    """
    before = limit_of(case, limits)
    case = replace(case, **changes)
    after = limit_of(case, limits)
    runs = after if case.paused_at is None else None
    properties = {
        "complex": case.complex_case,
        "roundStartedAt": case.round_started_at,
        "roundDueAt": case.round_due_at,
        "reviewStartedAt": case.review_started_at,
        "extendedDays": case.extended_days,
        "pausedAt": case.paused_at,
        "pauses": [str(suspension) for suspension in case.suspensions],
        "dueAt": runs.due_at if runs else None,
        "dueSoonAt": runs.due_soon_at if runs else None,
    }
    if before is None or after is None or before.due_at != after.due_at:
        properties["dueNotice"] = None
    return properties


def limit_of(case: Standing, limits: TimeLimits) -> Deadline | None:
    """When the answer, or the review, is due if no pause is going on; None if nobody knows."""
    own = None
    if case.review_started_at is not None:
        start, days = case.review_started_at, limits.review_days
    elif case.round_started_at is not None:
        start, own = case.round_started_at, case.round_due_at
        days = limits.complex_days if case.complex_case else limits.decide_days
    else:
        return None
    return limits.deadline(
        start, days, extended=case.extended_days, suspensions=case.suspensions, own=own
    )
