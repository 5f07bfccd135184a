"""The state machine: what it allows, what it refuses, and that its page draws it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import OPEN_STATUSES, CaseStatus, EventKind
from graph.domain.lifecycle import (
    TRANSITIONS,
    Situation,
    Step,
    StepNotAllowedError,
    allowed,
    diagram,
    move,
)

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def test_the_page_draws_the_machine() -> None:
    assert f"```mermaid\n{diagram()}\n```" in PAGE.read_text(encoding="utf-8")


def test_the_way_from_registration_to_closing() -> None:
    status = CaseStatus.REGISTERED
    for step in ("CLASSIFY", "DISPATCH", "INVESTIGATE", "PROPOSE", "AGREE", "ANSWER"):
        status = move(Situation(status), Step(step))
    assert status is CaseStatus.ANSWERED
    for step in ("RECORD_FEEDBACK", "CLOSE", "REQUEST_REVIEW", "REVIEW", "REOPEN", "WITHDRAW"):
        status = move(Situation(status, decided=True), Step(step))
    assert status is CaseStatus.WITHDRAWN


def test_every_status_can_be_reached_and_left() -> None:
    reached, waiting = {CaseStatus.REGISTERED}, [CaseStatus.REGISTERED]
    while waiting:
        case = Situation(waiting.pop(), decided=True)
        for step in allowed(case):
            target = move(case, step)
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    assert reached == set(CaseStatus)
    cases = [Situation(status) for status in CaseStatus]
    assert all(any(move(c, step) is not c.status for step in allowed(c)) for c in cases)


def test_every_step_has_an_event_of_its_own() -> None:
    events = [way.event for way in TRANSITIONS.values()]
    assert set(TRANSITIONS) == set(Step)
    assert len(set(events)) == len(events)
    assert EventKind.REGISTERED not in events


def test_only_open_cases_can_be_worked_on() -> None:
    for step in (Step.ASSIGN, Step.EXTEND, Step.PAUSE, Step.RESUME):
        assert TRANSITIONS[step].sources == OPEN_STATUSES


SITUATIONS = st.builds(
    Situation,
    status=st.sampled_from(CaseStatus),
    paused=st.booleans(),
    extension=st.integers(-1, 2),
    decided=st.booleans(),
)


@given(SITUATIONS, st.sampled_from(Step))
def test_a_step_is_taken_or_refused_by_naming_what_is_allowed(case: Situation, step: Step) -> None:
    if step in allowed(case):
        assert move(case, step) in CaseStatus
        return
    with pytest.raises(StepNotAllowedError) as refusal:
        move(case, step)
    assert all(name in refusal.value.message for name in allowed(case))
    assert refusal.value.path == ("complaint",)


@given(SITUATIONS)
def test_what_rules_out_a_step_beside_the_status(case: Situation) -> None:
    steps = allowed(case)
    assert not {Step.PAUSE, Step.RESUME} <= set(steps)
    assert Step.EXTEND not in steps or case.extension > 0
    assert Step.RECORD_FEEDBACK not in steps or case.decided
