"""The state machine of a case: which step may be taken when, and where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from graph.domain.enums import OPEN_STATUSES, EventKind
from graph.domain.enums import CaseStatus as S
from graph.errors import ConflictError


class Step(StrEnum):
    """What a person can do with a case."""

    CLASSIFY = "CLASSIFY"
    CORRECT_CLASSIFICATION = "CORRECT_CLASSIFICATION"
    DISPATCH = "DISPATCH"
    TRANSFER = "TRANSFER"
    ASSIGN = "ASSIGN"
    INVESTIGATE = "INVESTIGATE"
    PROPOSE = "PROPOSE"
    AGREE = "AGREE"
    REFUSE = "REFUSE"
    ANSWER = "ANSWER"
    RECORD_FEEDBACK = "RECORD_FEEDBACK"
    CLOSE = "CLOSE"
    WITHDRAW = "WITHDRAW"
    REOPEN = "REOPEN"
    REQUEST_REVIEW = "REQUEST_REVIEW"
    REVIEW = "REVIEW"
    ATTRIBUTE_CAUSES = "ATTRIBUTE_CAUSES"
    EXTEND = "EXTEND"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    SET_LEVEL = "SET_LEVEL"


@dataclass(frozen=True, slots=True)
class Transition:
    """From any of ``sources``; ``target`` None leaves the status as it is."""

    event: EventKind
    sources: frozenset[S]
    target: S | None = None


class StepNotAllowedError(ConflictError):
    """The case does not stand where this step could be taken."""

    code = "STEP_NOT_ALLOWED"


_ENDED = frozenset({S.ANSWERED, S.FEEDBACK, S.CLOSED, S.REVIEWED})
_READ = OPEN_STATUSES - {S.REGISTERED}
_ANY = frozenset(S)

TRANSITIONS: Mapping[Step, Transition] = MappingProxyType(
    {
        Step.CLASSIFY: Transition(
            EventKind.CLASSIFIED, frozenset({S.REGISTERED, S.REOPENED}), S.CLASSIFIED
        ),
        Step.CORRECT_CLASSIFICATION: Transition(EventKind.CLASSIFICATION_CORRECTED, _READ | _ENDED),
        Step.DISPATCH: Transition(
            EventKind.DISPATCHED, frozenset({S.CLASSIFIED, S.REOPENED}), S.DISPATCHED
        ),
        Step.TRANSFER: Transition(
            EventKind.TRANSFERRED, frozenset({S.DISPATCHED, S.INVESTIGATING}), S.DISPATCHED
        ),
        Step.ASSIGN: Transition(EventKind.ASSIGNED, OPEN_STATUSES),
        Step.INVESTIGATE: Transition(
            EventKind.INVESTIGATION_STARTED, frozenset({S.DISPATCHED}), S.INVESTIGATING
        ),
        Step.PROPOSE: Transition(
            EventKind.REMEDY_PROPOSED, frozenset({S.INVESTIGATING, S.REFUSED}), S.REMEDY_PROPOSED
        ),
        Step.AGREE: Transition(EventKind.REMEDY_AGREED, frozenset({S.REMEDY_PROPOSED}), S.AGREED),
        Step.REFUSE: Transition(
            EventKind.REMEDY_REFUSED, frozenset({S.REMEDY_PROPOSED}), S.REFUSED
        ),
        # Without a remedy nobody has to agree: an explanation is answered from the investigation.
        Step.ANSWER: Transition(
            EventKind.ANSWERED, frozenset({S.INVESTIGATING, S.AGREED, S.REFUSED}), S.ANSWERED
        ),
        Step.RECORD_FEEDBACK: Transition(
            EventKind.FEEDBACK_RECORDED, frozenset({S.ANSWERED}), S.FEEDBACK
        ),
        Step.CLOSE: Transition(
            EventKind.CLOSED, frozenset({S.ANSWERED, S.FEEDBACK, S.REVIEWED}), S.CLOSED
        ),
        Step.WITHDRAW: Transition(
            EventKind.WITHDRAWN, OPEN_STATUSES - {S.REVIEW_REQUESTED}, S.WITHDRAWN
        ),
        Step.REOPEN: Transition(EventKind.REOPENED, _ENDED | {S.WITHDRAWN}, S.REOPENED),
        Step.REQUEST_REVIEW: Transition(
            EventKind.REVIEW_REQUESTED,
            frozenset({S.ANSWERED, S.FEEDBACK, S.CLOSED}),
            S.REVIEW_REQUESTED,
        ),
        Step.REVIEW: Transition(EventKind.REVIEWED, frozenset({S.REVIEW_REQUESTED}), S.REVIEWED),
        Step.ATTRIBUTE_CAUSES: Transition(EventKind.CAUSES_ATTRIBUTED, _READ | _ENDED),
        Step.EXTEND: Transition(EventKind.DEADLINE_EXTENDED, OPEN_STATUSES),
        Step.PAUSE: Transition(EventKind.DEADLINE_PAUSED, OPEN_STATUSES),
        Step.RESUME: Transition(EventKind.DEADLINE_RESUMED, OPEN_STATUSES),
        Step.SET_LEVEL: Transition(EventKind.LEVEL_SET, _ANY),
    }
)


def allowed(status: S) -> tuple[Step, ...]:
    """The steps that a case of this status may take, in the order of the way."""
    return tuple(step for step, way in TRANSITIONS.items() if status in way.sources)


def move(status: S, step: Step) -> S:
    """Where the step leads from here.

    Raises:
        StepNotAllowedError: naming the steps that are allowed.
    """
    way = TRANSITIONS[step]
    if status not in way.sources:
        steps = ", ".join(allowed(status))
        raise StepNotAllowedError(
            f"A case that is {status} does not take the step {step}; it takes {steps}."
        )
    return way.target or status


def diagram() -> str:
    """The machine as a Mermaid state diagram: the steps that change the status."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.REGISTERED}"]
    for step, way in TRANSITIONS.items():
        lines += [
            f"    {source} --> {way.target}: {step}"
            for source in S
            if way.target is not None and source in way.sources
        ]
    return "\n".join([*lines, f"    {S.CLOSED} --> [*]"])
