"""Where a case stands, and what a step changes of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from graph.domain.case import Attribution, Decision, Handling
from graph.domain.deadlines import TimeLimits
from graph.domain.enums import (
    CaseStatus,
    DepartmentRole,
    Level,
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
    """Where a case stands: what steps look at."""

    id: str
    status: CaseStatus
    version: int
    round: int
    round_started_at: datetime
    level: Level
    due_at: datetime | None = None
    extended_days: int = 0
    paused_at: datetime | None = None
    paused: timedelta = timedelta(0)
    complex_case: bool = False
    rule_level: Level | None = None
    proposal: Proposal | None = None
    decisions: tuple[Decision, ...] = ()
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
    paused = case.paused + max(taking.now - case.paused_at, timedelta(0))
    return deadline(replace(case, paused_at=None, paused=paused), taking.limits)


def deadline(case: Standing, limits: TimeLimits) -> dict[str, Any]:
    """The deadline and its warning; none while it is paused. Whoever was warned is warned anew."""
    start = case.round_started_at
    due_at = limits.due_at(
        start, complex_case=case.complex_case, extended=case.extended_days, paused=case.paused
    )
    running = case.paused_at is None
    return {
        "complex": case.complex_case,
        "extendedDays": case.extended_days,
        "pausedAt": case.paused_at,
        "pausedSeconds": int(case.paused.total_seconds()),
        "dueAt": due_at if running else None,
        "dueSoonAt": limits.due_soon_at(start, due_at) if running else None,
        "dueNotice": None,
    }
