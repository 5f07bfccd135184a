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
    that it is measured by: its own, or those of its issue.
    """

    id: str
    plan: Plan
    version: int
    created_at: datetime
    created_by: str
    causes: tuple[str, ...] = ()

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
    if (plan.cause is None) == (plan.issue is None):
        raise InvalidInputError(
            "Say what it addresses: a root cause or a systemic issue.", path=["rootCause"]
        )
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
