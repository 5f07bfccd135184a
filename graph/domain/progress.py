"""The stages of a complaint that its customer is told. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from graph.domain.enums import EventKind


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
