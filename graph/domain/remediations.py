"""What a bank does about a root cause: who, since when, and when it was done."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from graph.domain.patch import UNSET, Edit, Unset, patched
from graph.domain.texts import LONGEST_TITLE, short_text
from graph.errors import InvalidInputError


class RemediationStatus(StrEnum):
    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done about a root cause, the narrower ones included, or about a systemic issue.

    ``cause``: its code; ``issue``: its id; one of the two. ``title`` is masked.
    """

    title: str
    cause: str | None = None
    issue: str | None = None
    owner: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remediation:
    """``version``: 1 when planned; grows with every change. ``causes``: codes of the root causes
    that it is measured by: its own, or those of its issue. ``key``: its place in a list.
    """

    id: str
    plan: Plan
    version: int
    created_at: datetime
    created_by: str
    causes: tuple[str, ...] = ()
    key: str = ""

    def status(self, now: datetime) -> RemediationStatus:
        plan = self.plan
        if plan.completed_at is not None:
            return RemediationStatus.COMPLETED
        running = plan.started_at is not None and plan.started_at <= now
        return RemediationStatus.RUNNING if running else RemediationStatus.PLANNED

    @property
    def worked_since(self) -> datetime | None:
        """From when on it may have had an effect: no later than its completion."""
        return self.plan.started_at or self.plan.completed_at


@dataclass(frozen=True, slots=True)
class PlanEdit:
    """What a person changes of a plan. A cause takes the place of an issue, and an issue of a
    cause: a plan addresses one of the two.
    """

    title: Edit[str] = UNSET
    cause: Edit[str | None] = UNSET
    issue: Edit[str | None] = UNSET
    owner: Edit[str | None] = UNSET
    started_at: Edit[datetime | None] = UNSET
    completed_at: Edit[datetime | None] = UNSET

    def over(self, before: Plan, now: datetime) -> Plan:
        """The plan from now on; only what is new is checked, as ``checked`` does."""
        cause, issue = self.cause, self.issue
        if isinstance(cause, str) and isinstance(issue, Unset):
            issue = None
        if isinstance(issue, str) and isinstance(cause, Unset):
            cause = None
        plan = Plan(
            title=before.title if isinstance(self.title, Unset) else _title(self.title),
            cause=patched(cause, before.cause),
            issue=patched(issue, before.issue),
            owner=before.owner if isinstance(self.owner, Unset) else _owner(self.owner),
            started_at=patched(self.started_at, before.started_at),
            completed_at=patched(self.completed_at, before.completed_at),
        )
        _check(plan, now)
        return plan


def checked(plan: Plan, now: datetime) -> Plan:
    """The plan with a trimmed title and owner.

    Raises:
        InvalidInputError: something is blank, too long, or in the wrong order of time.
    """
    _check(plan, now)
    return replace(plan, title=_title(plan.title), owner=_owner(plan.owner))


def _title(text: str) -> str:
    return short_text(text, "title", LONGEST_TITLE)


def _owner(name: str | None) -> str | None:
    return None if name is None else short_text(name, "owner")


def _check(plan: Plan, now: datetime) -> None:
    if (plan.cause is None) == (plan.issue is None):
        raise InvalidInputError(
            "Say what it addresses: a root cause or a systemic issue.", path=["rootCause"]
        )
    if plan.completed_at is not None:
        if plan.completed_at > now:
            raise InvalidInputError(
                "It cannot have been completed in the future: leave `completedAt` out until then.",
                path=["completedAt"],
            )
        if plan.started_at is not None and plan.started_at > plan.completed_at:
            raise InvalidInputError(
                "It cannot be completed before it was started.", path=["completedAt"]
            )
