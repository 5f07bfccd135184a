"""The stages of a complaint that its customer is told. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from graph.domain.enums import OPEN_STATUSES, CaseStatus, EventKind


class Stage(StrEnum):
    RECEIVED = "RECEIVED"
    IN_PROGRESS = "IN_PROGRESS"
    OFFERED = "OFFERED"
    ANSWERED = "ANSWERED"
    UNDER_REVIEW = "UNDER_REVIEW"
    ENDED = "ENDED"


#: What of all that happens inside shows outside.
REACHED_BY: Mapping[EventKind, Stage] = MappingProxyType(
    {
        EventKind.REGISTERED: Stage.RECEIVED,
        EventKind.CLASSIFIED: Stage.IN_PROGRESS,
        EventKind.DISPATCHED: Stage.IN_PROGRESS,
        EventKind.INVESTIGATION_STARTED: Stage.IN_PROGRESS,
        EventKind.REOPENED: Stage.IN_PROGRESS,
        EventKind.REMEDY_PROPOSED: Stage.OFFERED,
        EventKind.ANSWERED: Stage.ANSWERED,
        EventKind.DECIDED: Stage.ANSWERED,
        EventKind.REVIEWED: Stage.ANSWERED,
        EventKind.REVIEW_REQUESTED: Stage.UNDER_REVIEW,
        EventKind.CLOSED: Stage.ENDED,
        EventKind.WITHDRAWN: Stage.ENDED,
    }
)


def stages(events: Sequence[tuple[EventKind, datetime]]) -> list[tuple[Stage, datetime]]:
    """Each change of stage with its time; steps within one stage do not show."""
    reached: list[tuple[Stage, datetime]] = []
    for kind, at in events:
        stage = REACHED_BY.get(kind)
        if stage is not None and (not reached or reached[-1][0] is not stage):
            reached.append((stage, at))
    return reached


def next_date(status: CaseStatus, due_at: datetime | None, now: datetime) -> datetime | None:
    """By when the customer hears; None once he has, while the time is paused, and when the date
    has passed: nobody is told to wait for a day that is over.
    """
    if status not in OPEN_STATUSES or due_at is None or due_at <= now:
        return None
    return due_at
