"""What a bank does about a root cause: who, since when, and when it was done."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from graph.errors import InvalidInputError

LONGEST_TITLE = 300
LONGEST_NAME = 200


class RemediationStatus(StrEnum):
    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Plan:
    """``cause``: code of the root cause, the narrower ones included; ``title`` is masked."""

    cause: str
    title: str
    owner: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remediation:
    """``version``: 1 when planned; grows with every change."""

    id: str
    plan: Plan
    version: int
    created_at: datetime
    created_by: str

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


def checked(plan: Plan, now: datetime) -> Plan:
    """The plan with a trimmed title and owner.

    Raises:
        InvalidInputError: something is empty, too long, or in the wrong order of time.
    """
    title, owner = plan.title.strip(), (plan.owner or "").strip() or None
    if not title:
        raise InvalidInputError("Say in a few words what is done.", path=["title"])
    if len(title) > LONGEST_TITLE:
        raise InvalidInputError(f"At most {LONGEST_TITLE} characters are taken.", path=["title"])
    if owner is not None and len(owner) > LONGEST_NAME:
        raise InvalidInputError(f"At most {LONGEST_NAME} characters are taken.", path=["owner"])
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
    return replace(plan, title=title, owner=owner)
