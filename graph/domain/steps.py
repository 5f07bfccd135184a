"""How long a case stood in each status: kept on the case by every step at the desk. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graph.domain.enums import CaseStatus as S

#: The statuses in which somebody has to do something, in the order of the way. Only ever add at
#: the end: cases keep their times by the place in this list.
TIMED: tuple[S, ...] = (
    S.REGISTERED,
    S.CLASSIFIED,
    S.DISPATCHED,
    S.INVESTIGATING,
    S.REMEDY_PROPOSED,
    S.AGREED,
    S.REFUSED,
    S.REOPENED,
    S.REVIEW_REQUESTED,
)
#: The case was never in this status, as far as is known.
NEVER = -1


def timed(own: Mapping[str, Any], target: S, now: datetime) -> dict[str, Any]:
    """Properties that change when a case moves to ``target``.

    ``statusSince``: when it came into its status, absent where a source never said it;
    ``stepSeconds``: whole seconds in each of ``TIMED``, all rounds together, or ``NEVER``.
    """
    status = S(own["status"])
    if status is target:
        return {}
    seconds = list(own.get("stepSeconds") or [NEVER] * len(TIMED))
    since = own.get("statusSince")
    if since is not None and status in TIMED:
        place = TIMED.index(status)
        spent = max(0, int((now - since).total_seconds()))
        seconds[place] = max(0, seconds[place]) + spent
    return {"statusSince": now, "stepSeconds": seconds}
