"""What steps change of a case, without a graph."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.case import Attribution, Decision
from graph.domain.deadlines import TimeLimits, WorkingDays
from graph.domain.desk import (
    Answer,
    AttributeCauses,
    Classify,
    Dispatch,
    Extend,
    Pause,
    Proposal,
    RecordFeedback,
    Reopen,
    Resume,
    SetLevel,
    Standing,
    Taking,
    Withdraw,
)
from graph.domain.enums import AttributionSource, CaseStatus, Level, OutcomeKind, TimePrecision
from graph.domain.lifecycle import StepNotAllowedError
from graph.domain.moments import Moment
from graph.domain.money import Money
from graph.errors import InvalidInputError

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIMITS = TimeLimits()
CASE = Standing(
    id="c",
    status=CaseStatus.INVESTIGATING,
    version=3,
    round=1,
    round_started_at=START,
    level=Level.GREEN,
    due_at=LIMITS.due_at(START),
)


def at(days: float, actor: str = "anna") -> Taking:
    return Taking(START + timedelta(days=days), actor, LIMITS)


def moved(case: Standing, properties: Any) -> Standing:
    """The case after properties of its time limit changed."""
    return replace(
        case,
        due_at=properties["dueAt"],
        paused_at=properties["pausedAt"],
        paused=timedelta(seconds=properties["pausedSeconds"]),
        extended_days=properties["extendedDays"],
        complex_case=properties["complex"],
    )


def test_a_complex_case_has_thirty_days() -> None:
    changed = Classify(complex_case=True).effect(CASE, at(1)).properties
    assert changed["dueAt"] == START + timedelta(days=30)
    assert changed["dueSoonAt"] == START + timedelta(days=24)
    assert "dueAt" not in Classify(type="FRAUD").effect(CASE, at(1)).properties


def test_extensions_end_at_thirty_days() -> None:
    case = moved(CASE, Extend(20, "outside report").effect(CASE, at(3)).properties)
    assert case.due_at == START + timedelta(days=35)
    with pytest.raises(InvalidInputError, match="10 more days"):
        Extend(11, "again").effect(case, at(4))
    case = moved(case, Extend(10, "again").effect(case, at(4)).properties)
    with pytest.raises(InvalidInputError, match="as far as the rules allow"):
        Extend(1, "again").effect(case, at(5))


@given(st.lists(st.tuples(st.floats(0.01, 20), st.floats(0.01, 20)), min_size=1, max_size=5))
def test_pauses_do_not_count(spells: list[tuple[float, float]]) -> None:
    case, clock, paused = CASE, 0.0, timedelta(0)
    for running, standing in spells:
        clock += running
        case = moved(case, Pause("police report").effect(case, at(clock)).properties)
        assert case.due_at is None  # neither due soon nor overdue while it waits
        with pytest.raises(StepNotAllowedError, match="already"):
            Pause("again").effect(case, at(clock))
        clock += standing
        paused += timedelta(days=standing)
        case = moved(case, Resume().effect(case, at(clock)).properties)
    assert case.due_at is not None
    late = case.due_at - (LIMITS.due_at(START) + paused)
    assert abs(late) < timedelta(seconds=len(spells) + 1)  # whole seconds are kept
    with pytest.raises(StepNotAllowedError, match="not paused"):
        Resume().effect(case, at(clock))


def test_an_answer_takes_what_was_proposed() -> None:
    offered = Proposal(OutcomeKind.UPHELD, compensation=Money(5_000, "CNY"))
    effect = Answer(summary="done").effect(replace(CASE, proposal=offered), at(4))
    assert effect.decision == Decision(
        round=1,
        outcome=OutcomeKind.UPHELD,
        compensation=Money(5_000, "CNY"),
        decided_at=START + timedelta(days=4),
        timely=True,
        summary="done",
    )
    assert effect.properties["proposedOutcome"] is None
    with pytest.raises(InvalidInputError, match="nothing was proposed"):
        Answer().effect(CASE, at(4))
    with pytest.raises(InvalidInputError, match="its own step"):
        Answer(OutcomeKind.WITHDRAWN).effect(CASE, at(4))


@pytest.mark.parametrize(("days", "timely"), [(15, True), (15.1, False)])
def test_an_answer_is_timely_to_the_last_moment(days: float, timely: bool) -> None:
    decision = Answer(OutcomeKind.EXPLAINED).effect(CASE, at(days)).decision
    assert decision is not None
    assert decision.timely is timely


def test_an_answer_during_a_pause_is_judged_by_the_time_that_ran() -> None:
    paused = moved(CASE, Pause("police").effect(CASE, at(10)).properties)
    decision = Answer(OutcomeKind.EXPLAINED).effect(paused, at(40)).decision
    assert decision is not None
    assert decision.timely is True


def test_reopening_begins_a_round_of_its_own() -> None:
    effect = Reopen().effect(replace(CASE, status=CaseStatus.CLOSED, extended_days=30), at(60))
    assert effect.properties["round"] == 2
    assert effect.properties["dueAt"] == START + timedelta(days=75)
    assert effect.properties["extendedDays"] == 0


@pytest.mark.parametrize("satisfaction", [0, 6, -1])
def test_satisfaction_is_one_to_five(satisfaction: int) -> None:
    decided = replace(CASE, decisions=(Decision(1, OutcomeKind.UPHELD),))
    with pytest.raises(InvalidInputError, match=r"1 .* to 5"):
        RecordFeedback(satisfaction).effect(decided, at(5))
    decision = RecordFeedback(4).effect(decided, at(5)).decision
    assert decision is not None
    assert decision.satisfaction == 4


def test_feedback_needs_a_decision_of_this_round() -> None:
    earlier = replace(CASE, round=2, decisions=(Decision(1, OutcomeKind.UPHELD),))
    with pytest.raises(StepNotAllowedError, match="no decision"):
        RecordFeedback(4).effect(earlier, at(5))


def test_a_withdrawn_round_ends_as_withdrawn() -> None:
    decision = Withdraw().effect(CASE, at(2)).decision
    assert decision is not None
    assert (decision.round, decision.outcome) == (1, OutcomeKind.WITHDRAWN)


def causes(*shares: float | None) -> tuple[Attribution, ...]:
    return tuple(
        Attribution(f"R{number}", AttributionSource.SUGGESTED, share=share)
        for number, share in enumerate(shares)
    )


def test_causes_are_confirmed_by_whoever_names_them() -> None:
    kept = AttributeCauses(causes(0.7, 0.3)).effect(CASE, at(2, "ben")).causes
    assert kept is not None
    assert {(c.source, c.by, c.confidence) for c in kept} == {
        (AttributionSource.CONFIRMED, "ben", 1.0)
    }


@pytest.mark.parametrize("shares", [(0.7, 0.4), (0.0,), (-0.1,), (1.2,)])
def test_shares_fit_into_a_whole(shares: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInputError, match="shares"):
        AttributeCauses(causes(*shares)).effect(CASE, at(2))


def test_a_cause_is_named_once() -> None:
    twice = causes(None) * 2
    with pytest.raises(InvalidInputError, match="twice"):
        AttributeCauses(twice).effect(CASE, at(2))


def test_the_lead_does_not_assist() -> None:
    with pytest.raises(InvalidInputError, match="assist itself"):
        Dispatch("CARDS", ("CARDS",)).effect(CASE, at(1))


def test_a_level_keeps_the_rules_verdict() -> None:
    case = replace(CASE, level=Level.YELLOW, rule_level=Level.YELLOW)
    changed = SetLevel(Level.GREEN, "settled by phone").effect(case, at(1)).properties
    assert changed == {"level": Level.GREEN, "levelBy": "anna"}


def test_working_days_leave_out_weekends_and_holidays() -> None:
    friday = datetime(2026, 9, 25, 2, 0, tzinfo=UTC)
    zone = ZoneInfo("Asia/Shanghai")

    def counts(day: date) -> bool:
        """Sunday the 27th is worked; the first week of October is free."""
        golden = date(2026, 10, 1) <= day <= date(2026, 10, 7)
        return day == date(2026, 9, 27) or (day.weekday() < 5 and not golden)

    calendar = WorkingDays(zone, counts)
    assert calendar.after(friday, 4) == friday + timedelta(days=5)
    assert calendar.after(friday, 5) == friday + timedelta(days=13)
    limits = TimeLimits(decide_days=5, calendar=calendar)
    assert limits.due_at(friday) == friday + timedelta(days=13)


def test_registration_within_a_day() -> None:
    limits = TimeLimits()
    assert limits.registered_late(Moment(START), START + timedelta(hours=24)) is False
    assert limits.registered_late(Moment(START), START + timedelta(hours=24.1)) is True
    only_date = Moment(START, TimePrecision.DAY)
    assert limits.registered_late(only_date, START + timedelta(days=9)) is None
