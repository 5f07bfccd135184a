"""Events on their way to followers, and which ones somebody follows."""

import json
from dataclasses import dataclass

from graph.domain.enums import EventKind
from graph.domain.events import Event
from graph.domain.scope import Scope

REGISTRATIONS = frozenset({EventKind.REGISTERED})
ESCALATIONS = frozenset({EventKind.LEVEL_RAISED, EventKind.LEVEL_SET})
DEADLINES = frozenset({EventKind.DUE_SOON, EventKind.OVERDUE})


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """An event on its way to whoever follows, with where its case stands when it is read."""

    event: Event
    branches: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    assignee: str | None = None

    @property
    def id(self) -> str:
        """The case's key."""
        return self.event.complaint

    @property
    def position(self) -> int:
        return self.event.position


@dataclass(frozen=True, slots=True)
class Followed:
    """Joined by AND; None and no kinds follow everything. A wider branch covers the narrower.

    ``assigned_to``: the event made this person the case's assignee.
    """

    scope: Scope
    complaint: str | None = None
    kinds: frozenset[EventKind] = frozenset()
    department: str | None = None
    branch: str | None = None
    assignee: str | None = None
    assigned_to: str | None = None

    def matches(self, streamed: StreamedEvent) -> bool:
        """By where the case stands when the event is read, not when it was written."""
        event = streamed.event
        return (
            self.scope.holds(streamed)
            and (self.complaint is None or self.complaint == event.complaint)
            and (not self.kinds or event.kind in self.kinds)
            and (self.department is None or self.department in streamed.departments)
            and (self.branch is None or self.branch in streamed.branches)
            and (self.assignee is None or self.assignee == streamed.assignee)
            and (self.assigned_to is None or _assignee_since(event) == self.assigned_to)
        )


def _assignee_since(event: Event) -> str | None:
    """Whom the event made the assignee; None where it did not change that."""
    after = json.loads(event.after or "{}")
    assignee = after.get("assignee")
    return assignee if isinstance(assignee, str) else None
