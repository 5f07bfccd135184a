"""The state machine of a case: which step may be taken when, and where it leads."""

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class Situation:
    """All of a case that decides which steps it takes.

    ``extension``: days by which its time limit can still be extended; ``decided``: the present
    round has a decision.
    """

    status: S
    paused: bool = False
    extension: int = 1
    decided: bool = False


class StepNotAllowedError(ConflictError):
    """The case does not stand where this step could be taken."""

    code = "STEP_NOT_ALLOWED"

    def __init__(self, message: str) -> None:
        super().__init__(message, path=["complaint"])


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


#: What a step asks for beside the status: the answer is why it is refused.
_CONDITIONS: Mapping[Step, Callable[[Situation], str | None]] = MappingProxyType(
    {
        Step.PAUSE: lambda case: "The time limit is paused already" if case.paused else None,
        Step.RESUME: lambda case: None if case.paused else "The time limit is not paused",
        Step.EXTEND: lambda case: (
            None
            if case.extension > 0
            else "The time limit has been extended as far as the rules allow"
        ),
        Step.RECORD_FEEDBACK: lambda case: (
            None if case.decided else "This round has no decision to give feedback on"
        ),
    }
)


def refusal(case: Situation, step: Step) -> str | None:
    """Why the case does not take the step now, as the beginning of a sentence; None if it does.

    Both what is offered and what is refused follow from this alone.
    """
    if case.status not in TRANSITIONS[step].sources:
        return f"A case that is {case.status} does not take the step {step}"
    condition = _CONDITIONS.get(step)
    return None if condition is None else condition(case)


def allowed(case: Situation) -> tuple[Step, ...]:
    """The steps that the case takes now, in the order of the way."""
    return tuple(step for step in TRANSITIONS if refusal(case, step) is None)


def move(case: Situation, step: Step) -> S:
    """Where the step leads from here.

    Raises:
        StepNotAllowedError: naming the steps that are allowed.
    """
    why = refusal(case, step)
    if why is not None:
        raise StepNotAllowedError(f"{why}; it takes {', '.join(allowed(case))}.")
    return TRANSITIONS[step].target or case.status


#: Steps about which somebody will ask why.
_EXPLAINED = frozenset({Step.EXTEND, Step.PAUSE, Step.SET_LEVEL})


def needs_note(step: Step, untyped: bool) -> bool:
    """Whether the step's note has to say why; ``untyped``: the case has no type."""
    return step in _EXPLAINED or (step is Step.CLOSE and untyped)


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
