"""What people make of an alert about many complaints."""

from dataclasses import dataclass
from datetime import datetime

from graph.domain.enums import AlertState, DismissalReason
from graph.errors import InvalidInputError

#: From which states a person can bring an alert into another one.
_FROM = {
    AlertState.ACKNOWLEDGED: frozenset({AlertState.OPEN}),
    AlertState.DISMISSED: frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED}),
    AlertState.OPEN: frozenset({AlertState.DISMISSED, AlertState.ACKNOWLEDGED}),
    AlertState.IN_ISSUE: frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED}),
}
LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class AlertDecision:
    """What a person says of an alert; ``note`` is masked, and belongs to this one change.

    A dismissal has a reason.
    """

    state: AlertState
    reason: DismissalReason | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Raises InvalidInputError for a dismissal that does not say why."""
        if self.state is not AlertState.DISMISSED:
            return
        if self.reason is None:
            raise InvalidInputError("Say why it calls for nothing.", path=["reason"])
        if self.reason is DismissalReason.OTHER and not self.note:
            raise InvalidInputError("Say in `note` what the reason is.", path=["note"])


@dataclass(frozen=True, slots=True)
class Handled:
    """How people have left an alert; ``version`` grows with everything they do."""

    state: AlertState = AlertState.OPEN
    version: int = 1
    by: str | None = None
    at: datetime | None = None
    reason: DismissalReason | None = None
    note: str | None = None


def check_step(before: AlertState, after: AlertState, field: str = "alert") -> None:
    """Raises InvalidInputError when an alert in one state cannot come into the other.

    ``field``: the input's field that names the alert.
    """
    if before not in _FROM[after]:
        known = {
            AlertState.IN_ISSUE: "It belongs to a systemic issue: change that.",
            AlertState.DISMISSED: "It is dismissed: reopen it first.",
            AlertState.ACKNOWLEDGED: "It is acknowledged already.",
            AlertState.OPEN: "It is open already.",
        }
        raise InvalidInputError(known[before], path=[field])
