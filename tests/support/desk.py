"""Cases at the desk for tests: ways to a state, and a minimal valid input for every step."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from graph.commands.desk import StepRequest, take_step
from graph.database import Database
from graph.domain import desk
from graph.domain.desk import DeskStep, Taking
from graph.domain.enums import CaseStatus, Level, OutcomeKind
from graph.domain.lifecycle import Situation, Step, allowed, move


def minimal(step: Step, department: str) -> DeskStep:
    """The least that the step takes of any case."""
    made: dict[Step, DeskStep] = {
        Step.CLASSIFY: desk.Classify(),
        Step.CORRECT_CLASSIFICATION: desk.CorrectClassification(),
        Step.DISPATCH: desk.Dispatch(department),
        Step.TRANSFER: desk.Transfer(department),
        Step.ASSIGN: desk.Assign(),
        Step.INVESTIGATE: desk.Investigate(),
        Step.PROPOSE: desk.Propose(OutcomeKind.UPHELD),
        Step.AGREE: desk.Agree(),
        Step.REFUSE: desk.Refuse(),
        Step.ANSWER: desk.Answer(OutcomeKind.NOT_UPHELD),
        Step.RECORD_FEEDBACK: desk.RecordFeedback(3),
        Step.CLOSE: desk.Close("no type fits"),
        Step.WITHDRAW: desk.Withdraw(),
        Step.REOPEN: desk.Reopen(),
        Step.REQUEST_REVIEW: desk.RequestReview(),
        Step.REVIEW: desk.Review(confirmed=True),
        Step.ATTRIBUTE_CAUSES: desk.AttributeCauses(()),
        Step.EXTEND: desk.Extend(1, "outside report"),
        Step.PAUSE: desk.Pause("police"),
        Step.RESUME: desk.Resume(),
        Step.SET_LEVEL: desk.SetLevel(Level.YELLOW, "press"),
    }
    return made[step]


#: The same as inputs of the API, without the case and its version.
INPUTS: dict[str, dict[str, Any]] = {
    "classifyComplaint": {},
    "correctClassification": {},
    "dispatchComplaint": {"lead": "CARDS"},
    "transferComplaint": {"lead": "CARDS"},
    "assignComplaint": {},
    "startInvestigation": {},
    "proposeRemedy": {"outcome": "UPHELD"},
    "recordAgreement": {},
    "recordRefusal": {},
    "answerComplaint": {"outcome": "NOT_UPHELD"},
    "recordFeedback": {"satisfaction": 3},
    "closeComplaint": {"note": "no type fits"},
    "withdrawComplaint": {},
    "reopenComplaint": {},
    "requestReview": {},
    "recordReview": {"confirmed": True},
    "attributeRootCauses": {"rootCauses": []},
    "extendDeadline": {"days": 1, "note": "outside report"},
    "pauseDeadline": {"note": "police"},
    "resumeDeadline": {},
    "setLevel": {"level": "YELLOW", "note": "press"},
}


def way_to(step: Step) -> list[Step]:
    """The shortest way of a registered case to where it takes the step."""
    start = Situation(CaseStatus.REGISTERED)
    waiting: list[tuple[Situation, list[Step]]] = [(start, [])]
    seen = {start}
    while waiting:
        case, way = waiting.pop(0)
        if step in allowed(case):
            return way
        for taken in allowed(case):
            after = Situation(
                status=move(case, taken),
                paused=(case.paused or taken is Step.PAUSE) and taken is not Step.RESUME,
                decided=case.decided or taken is Step.ANSWER,
            )
            if after not in seen:
                seen.add(after)
                waiting.append((after, [*way, taken]))
    raise AssertionError(f"no case ever takes {step}")


async def walk(
    database: Database, identity: str, steps: Sequence[DeskStep], *, version: int = 1
) -> int:
    """Take steps one after the other; the case's version after them."""
    for step in steps:
        taking = Taking(datetime.now(UTC), "walker")
        await take_step(database, StepRequest(identity, version, step), taking)
        version += 1
    return version
