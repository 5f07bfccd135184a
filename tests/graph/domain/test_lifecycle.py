"""The state machine: what it allows, what it refuses, and that its page draws it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import OPEN_STATUSES, CaseStatus, EventKind
from graph.domain.lifecycle import TRANSITIONS, Step, StepNotAllowedError, allowed, diagram, move

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def test_the_page_draws_the_machine() -> None:
    assert f"```mermaid\n{diagram()}\n```" in PAGE.read_text(encoding="utf-8")


def test_the_way_from_registration_to_closing() -> None:
    status = CaseStatus.REGISTERED
    for step in ("CLASSIFY", "DISPATCH", "INVESTIGATE", "PROPOSE", "AGREE", "ANSWER"):
        status = move(status, Step(step))
    assert status is CaseStatus.ANSWERED
    for step in ("RECORD_FEEDBACK", "CLOSE", "REQUEST_REVIEW", "REVIEW", "REOPEN", "WITHDRAW"):
        status = move(status, Step(step))
    assert status is CaseStatus.WITHDRAWN


def test_every_status_can_be_reached_and_left() -> None:
    reached, waiting = {CaseStatus.REGISTERED}, [CaseStatus.REGISTERED]
    while waiting:
        status = waiting.pop()
        for step in allowed(status):
            target = move(status, step)
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    assert reached == set(CaseStatus)
    assert all(any(move(s, step) is not s for step in allowed(s)) for s in CaseStatus)


def test_every_step_has_an_event_of_its_own() -> None:
    events = [way.event for way in TRANSITIONS.values()]
    assert set(TRANSITIONS) == set(Step)
    assert len(set(events)) == len(events)
    assert EventKind.REGISTERED not in events


def test_only_open_cases_can_be_worked_on() -> None:
    for step in (Step.ASSIGN, Step.EXTEND, Step.PAUSE, Step.RESUME):
        assert TRANSITIONS[step].sources == OPEN_STATUSES


@given(st.sampled_from(CaseStatus), st.sampled_from(Step))
def test_a_step_is_taken_or_refused_by_naming_what_is_allowed(
    status: CaseStatus, step: Step
) -> None:
    if step in allowed(status):
        assert move(status, step) in CaseStatus
        return
    with pytest.raises(StepNotAllowedError) as refusal:
        move(status, step)
    assert all(name in refusal.value.message for name in allowed(status))
