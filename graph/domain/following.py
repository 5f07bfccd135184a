"""What happens on its way to followers, and which part of it somebody follows."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeAlias, TypeGuard, TypeVar

from graph.domain.enums import EventKind, RuleKind
from graph.domain.events import Event
from graph.domain.recorded import Recorded, RecordedChange
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
class CoveredCase:
    """Where a case stands that an alert covers, when the alert's change is read."""

    id: str
    branches: frozenset[str]
    departments: frozenset[str]
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class StreamedChange:
    """A change of an alert about many complaints, an issue or a remediation, on its way.

    ``id``: the key of what has changed; ``rule``: of an alert, the kind of its rule; ``cases``: of
    an alert, those that it covers.
    """

    of: Recorded
    id: str
    position: int
    change: RecordedChange
    rule: RuleKind | None = None
    cases: tuple[CoveredCase, ...] = ()


Streamed: TypeAlias = StreamedEvent | StreamedChange
S = TypeVar("S", bound=Streamed)
S_co = TypeVar("S_co", bound=Streamed, covariant=True)


class Following(Protocol[S_co]):
    """A part of what happens."""

    def matches(self, streamed: Streamed, /) -> TypeGuard[S_co]:
        """Whether it is a part of it."""


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

    def matches(self, streamed: Streamed, /) -> TypeGuard[StreamedEvent]:
        """By where the case stands when the event is read, not when it was written."""
        if not isinstance(streamed, StreamedEvent):
            return False
        event = streamed.event
        # What costs least first: every event is held against all that is followed.
        return (
            (self.complaint is None or self.complaint == event.complaint)
            and (not self.kinds or event.kind in self.kinds)
            and (self.assigned_to is None or _assignee_in(event.after) == self.assigned_to)
            and self.scope.holds(streamed)
            and (self.department is None or self.department in streamed.departments)
            and (self.branch is None or self.branch in streamed.branches)
            and (self.assignee is None or self.assignee == streamed.assignee)
        )


@dataclass(frozen=True, slots=True)
class FollowedChanges:
    """Changes ``of`` one sort; ``rules``: of alerts, only those of these kinds (none: of all).

    Whom the whole bank is not open to hears of an alert if it covers a case in the scope.
    """

    scope: Scope
    of: Recorded
    rules: frozenset[RuleKind] = frozenset()

    def matches(self, streamed: Streamed, /) -> TypeGuard[StreamedChange]:
        """By where the cases stand when the change is read."""
        return (
            isinstance(streamed, StreamedChange)
            and streamed.of is self.of
            and (not self.rules or streamed.rule in self.rules)
            and (
                self.of is not Recorded.ALERT
                or self.scope.everything
                or any(map(self.scope.holds, streamed.cases))
            )
        )


@lru_cache(maxsize=8)
def _assignee_in(after: str | None) -> str | None:
    """Whom an event made the assignee; None where it did not change that.

    Each event is held against all that is followed, and read once for that.
    """
    assignee = json.loads(after or "{}").get("assignee")
    return assignee if isinstance(assignee, str) else None
