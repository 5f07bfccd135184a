"""What steps change of a case, without a graph."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.calendars import Calendar
from graph.domain.case import Attribution, Decision
from graph.domain.deadlines import Suspension, TimeLimits
from graph.domain.desk import (
    Answer,
    AttributeCauses,
    Classify,
    CorrectClassification,
    Dispatch,
    Extend,
    Pause,
    Proposal,
    RecordFeedback,
    Reopen,
    RequestReview,
    Resume,
    Review,
    SetLevel,
    Standing,
    Taking,
    Withdraw,
)
from graph.domain.enums import OPEN_STATUSES, AttributionSource, CaseStatus, Level, OutcomeKind
from graph.domain.lifecycle import TRANSITIONS, Step, StepNotAllowedError
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
    due_at=START + timedelta(days=15),
)


def at(days: float, actor: str = "anna") -> Taking:
    return Taking(START + timedelta(days=days), actor, LIMITS)


def moved(case: Standing, properties: Any) -> Standing:
    """The case after properties of its time limit changed."""
    return replace(
        case,
        round=properties.get("round", case.round),
        round_started_at=properties["roundStartedAt"],
        round_due_at=properties["roundDueAt"],
        review_started_at=properties["reviewStartedAt"],
        due_at=properties["dueAt"],
        first_due_at=properties.get("firstDueAt", case.first_due_at),
        paused_at=properties["pausedAt"],
        suspensions=tuple(Suspension.parse(text) for text in properties["pauses"]),
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
    late = case.due_at - (START + timedelta(days=15) + paused)
    assert abs(late) < timedelta(milliseconds=1)  # days as floats are not exact
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
    assert effect.properties["firstDueAt"] == CASE.due_at


def test_a_new_round_may_have_a_date_of_its_own_with_a_reason() -> None:
    closed, agreed = replace(CASE, status=CaseStatus.CLOSED), START + timedelta(days=64)
    with pytest.raises(InvalidInputError, match="say why") as refusal:
        Reopen(due_at=agreed).effect(closed, at(60))
    assert refusal.value.path == ("note",)
    with pytest.raises(InvalidInputError, match="is over"):
        Reopen("the regulator set it", agreed).effect(closed, at(65))
    again = moved(closed, Reopen("the regulator set it", agreed).effect(closed, at(60)).properties)
    assert again.due_at == agreed
    again = replace(again, status=CaseStatus.INVESTIGATING)
    longer = moved(again, Extend(3, "a report").effect(again, at(61)).properties)
    assert longer.due_at == agreed + timedelta(days=3)
    complicated = moved(again, Classify(complex_case=True).effect(again, at(61)).properties)
    assert complicated.due_at == agreed  # a person has set it, whatever the case has become
    third = Reopen().effect(replace(again, status=CaseStatus.CLOSED), at(90)).properties
    assert third["dueAt"] == START + timedelta(days=105)
    assert third["firstDueAt"] == CASE.due_at


def test_a_review_has_a_time_limit_of_its_own() -> None:
    """It does not make a case overdue that was closed two years ago."""
    closed = replace(CASE, status=CaseStatus.CLOSED, extended_days=30)
    asked = moved(closed, RequestReview().effect(closed, at(700)).properties)
    assert asked.due_at == START + timedelta(days=730)
    assert (asked.extended_days, asked.round) == (0, 1)
    assert asked.first_due_at == CASE.due_at
    under = replace(asked, status=CaseStatus.REVIEW_REQUESTED)
    longer = moved(under, Extend(5, "files come late").effect(under, at(701)).properties)
    assert longer.due_at == START + timedelta(days=735)
    paused = moved(longer, Pause("a court decides").effect(longer, at(702)).properties)
    assert paused.due_at is None
    reviewed = moved(paused, Review(confirmed=False).effect(paused, at(712)).properties)
    assert reviewed.due_at == START + timedelta(days=745)
    reviewed = replace(reviewed, status=CaseStatus.REVIEWED)
    again = moved(reviewed, Reopen().effect(reviewed, at(720)).properties)
    assert again.review_started_at is None
    assert again.due_at == START + timedelta(days=735)


def test_a_case_that_becomes_complex_keeps_its_pause() -> None:
    paused = moved(CASE, Pause("police").effect(CASE, at(3)).properties)
    complicated = moved(paused, Classify(complex_case=True).effect(paused, at(5)).properties)
    assert complicated.due_at is None
    assert complicated.paused_at == paused.paused_at
    resumed = moved(complicated, Resume().effect(complicated, at(10)).properties)
    assert resumed.due_at == START + timedelta(days=37)
    late = Classify(complex_case=True).effect(moved(CASE, RESUMED), at(9)).properties
    assert late["dueAt"] == START + timedelta(days=34)


PAUSED = Pause("police").effect(CASE, at(4)).properties
RESUMED = Resume().effect(moved(CASE, PAUSED), at(8)).properties
STEPS: dict[str, list[Any]] = {
    "pause": [(4.0, Pause("police")), (8.5, Resume())],
    "extend": [(2.0, Extend(7, "report"))],
    "extend more": [(9.0, Extend(5, "report"))],
    "complex": [(3.0, Classify(complex_case=True))],
    "short pause": [(10.0, Pause("court")), (10.25, Resume())],
}


@given(st.permutations(list(STEPS)))
def test_the_order_of_steps_does_not_matter(order: list[str]) -> None:
    """A pause by itself takes place when it does; what else is decided may come in any order."""
    case = CASE
    for name in order:
        for clock, step in STEPS[name]:
            case = moved(case, step.effect(case, at(clock)).properties)
    assert case.due_at == START + timedelta(days=30 + 12 + 4.5 + 0.25)


def test_a_warning_belongs_to_a_date() -> None:
    """A pause over a weekend moves nothing, so nobody is warned of the same date again."""
    zone = ZoneInfo("Asia/Shanghai")
    weekdays = Calendar(
        zone, lambda day: day.weekday() < 5, timedelta(hours=9), timedelta(hours=17)
    )
    limits = TimeLimits(calendar=weekdays)
    start = datetime(2026, 11, 2, 10, tzinfo=zone)
    case = replace(CASE, round_started_at=start)
    friday, monday, tuesday = (
        Taking(datetime(2026, 11, day, hour, tzinfo=zone), "anna", limits)
        for day, hour in ((6, 18), (9, 8), (10, 8))
    )
    paused = Pause("police").effect(case, friday).properties
    assert "dueNotice" not in paused
    resumed = Resume().effect(moved(case, paused), monday).properties
    assert resumed["dueAt"] == datetime(2026, 11, 23, 10, tzinfo=zone)
    assert "dueNotice" not in resumed
    later = Resume().effect(moved(case, paused), tuesday).properties
    assert later["dueAt"] == datetime(2026, 11, 24, 10, tzinfo=zone)
    assert later["dueNotice"] is None


def test_of_a_round_that_no_source_dates_nothing_is_due() -> None:
    case = replace(CASE, round_started_at=None, due_at=None)
    with pytest.raises(StepNotAllowedError, match="No source says"):
        Extend(5, "report").effect(case, at(3))
    assert Classify(complex_case=True).effect(case, at(3)).properties["dueAt"] is None
    decision = Answer(OutcomeKind.UPHELD).effect(case, at(3)).decision
    assert decision is not None
    assert decision.timely is None


def test_what_has_ended_keeps_its_deadline() -> None:
    closed = replace(CASE, status=CaseStatus.CLOSED)
    changed = CorrectClassification(complex_case=True).effect(closed, at(90)).properties
    assert changed["complex"] is True
    assert "dueAt" not in changed
    again = Reopen().effect(replace(closed, complex_case=True), at(100)).properties
    assert again["dueAt"] == START + timedelta(days=130)


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


ENDING: dict[Step, Any] = {
    Step.ANSWER: Answer(OutcomeKind.UPHELD),
    Step.WITHDRAW: Withdraw(),
    Step.REVIEW: Review(confirmed=True),
}


@pytest.mark.parametrize("step", ENDING.values(), ids=ENDING)
def test_no_pause_outlasts_what_it_pauses(step: Any) -> None:
    properties = step.effect(moved(CASE, PAUSED), at(6)).properties
    assert properties["pausedAt"] is None
    assert properties["dueAt"] == START + timedelta(days=17)


def test_these_are_all_steps_that_end_a_limit() -> None:
    ending = {
        step
        for step, way in TRANSITIONS.items()
        if way.sources & OPEN_STATUSES and way.target is not None
        if way.target not in OPEN_STATUSES
    }
    assert ending == ENDING.keys()
