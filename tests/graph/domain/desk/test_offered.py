"""A step is offered if and only if it is accepted with the least that it takes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.case import Decision, Handling
from graph.domain.deadlines import TimeLimits
from graph.domain.desk import Classify, Dispatch, Proposal, Propose, Standing, Taking, Transfer
from graph.domain.enums import CaseStatus, DepartmentRole, Level, Nature, OutcomeKind, Severity
from graph.domain.lifecycle import Step, StepNotAllowedError, allowed, move, needs_note
from graph.domain.money import Money
from graph.domain.suggestions import Dimension
from graph.errors import ComplaintGraphError, InvalidInputError
from tests.support.desk import minimal

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TAKING = Taking(START + timedelta(days=3), "anna", TimeLimits())
HANDLING = (Handling("CARDS"), Handling("CREDIT", DepartmentRole.ASSISTING))
STANDINGS = st.builds(
    Standing,
    id=st.just("c"),
    status=st.sampled_from(CaseStatus),
    version=st.just(3),
    round=st.integers(1, 2),
    round_started_at=st.just(START),
    level=st.sampled_from(Level),
    due_at=st.sampled_from([None, START + timedelta(days=15)]),
    extended_days=st.integers(0, 31),
    paused_at=st.sampled_from([None, START + timedelta(days=1)]),
    complex_case=st.booleans(),
    proposal=st.sampled_from([None, Proposal(OutcomeKind.UPHELD)]),
    decisions=st.sampled_from([(), (Decision(1, OutcomeKind.UPHELD),)]),
    type=st.sampled_from([None, "FRAUD"]),
    handling=st.sampled_from([(), HANDLING]),
)


@given(STANDINGS, st.sampled_from(Step))
def test_what_is_offered_is_accepted_and_nothing_else(case: Standing, step: Step) -> None:
    situation = case.situation(TAKING.limits)
    given_step = minimal(step, "CARDS")
    if step in allowed(situation):
        assert move(situation, step) in CaseStatus
        given_step.effect(case, TAKING)  # takes it
        return
    with pytest.raises(StepNotAllowedError):
        move(situation, step)


@given(STANDINGS, st.sampled_from([Step.CLOSE, Step.EXTEND, Step.PAUSE, Step.SET_LEVEL]))
def test_only_a_case_without_a_type_needs_a_word_to_be_closed(case: Standing, step: Step) -> None:
    if step is not Step.CLOSE:
        assert needs_note(step, case.type is None)
        return
    silent = type(minimal(step, "CARDS"))()
    assert needs_note(step, case.type is None) == (case.type is None)
    if case.type is None:
        with pytest.raises(InvalidInputError) as refusal:
            silent.effect(case, TAKING)
        assert refusal.value.path == ("note",)
    else:
        silent.effect(case, TAKING)


CASE = Standing(
    id="c",
    status=CaseStatus.INVESTIGATING,
    version=3,
    round=1,
    round_started_at=START,
    level=Level.GREEN,
    handling=HANDLING,
)


def test_adding_a_department_does_not_throw_an_investigation_back() -> None:
    effect = Transfer("CARDS", ("CREDIT", "LAW")).effect(CASE, TAKING)
    assert effect.status is CaseStatus.INVESTIGATING
    assert Transfer("LAW").effect(CASE, TAKING).status is None  # it begins anew


def test_departments_and_people_stay_unless_somebody_speaks_of_them() -> None:
    for step in (Transfer, Dispatch):
        effect = step("LAW").effect(CASE, TAKING)
        assert effect.handling == (Handling("LAW"), HANDLING[1])
        assert "assignee" not in effect.properties
        assert step("LAW", (), None).effect(CASE, TAKING).handling == (Handling("LAW"),)
        assert step("LAW", (), None).effect(CASE, TAKING).properties == {"assignee": None}
    # A department that leads does not assist any more.
    assert Transfer("CREDIT").effect(CASE, TAKING).handling == (Handling("CREDIT"),)


SUGGESTED = {
    Dimension.NATURE: ("ENQUIRY",),
    Dimension.TYPE: ("FRAUD",),
    Dimension.SEVERITY: ("MINOR",),
    Dimension.RISK_TYPES: ("COMPLIANCE", "REPUTATIONAL"),
    Dimension.DEPARTMENT: ("CARDS",),
}


@given(
    st.sampled_from([None, "OTHER"]),
    st.sampled_from([None, *Severity]),
    st.sampled_from([None, *Nature]),
    st.sets(st.sampled_from(["COMPLIANCE", "REPUTATIONAL", "OPERATIONAL"])),
    st.dictionaries(st.sampled_from(["nature", "type", "severity", "risk_types"]), st.none()),
)
def test_a_suggestion_never_overwrites(
    type_: str | None,
    severity: Severity | None,
    nature: Nature | None,
    risks: set[str],
    said: dict[str, None],
) -> None:
    """Taken is exactly what nobody has set, neither before nor now, not even to nothing."""
    case = Standing(
        **{
            name: getattr(CASE, name)
            for name in ("id", "status", "version", "round", "round_started_at", "level")
        },
        type=type_,
        severity=severity,
        nature=nature,
        risk_types=tuple(sorted(risks)),
    )
    now = {name: () if name == "risk_types" else None for name in said}
    effect = Classify(**now, confirm=True, suggested=SUGGESTED).effect(case, TAKING)
    expected = set()
    if type_ is None and "type" not in said:
        expected.add((Dimension.TYPE, "FRAUD"))
    if nature is None and "nature" not in said:
        expected.add((Dimension.NATURE, "ENQUIRY"))
    if severity is None and "severity" not in said:
        expected.add((Dimension.SEVERITY, "MINOR"))
    if "risk_types" not in said:
        expected |= {(Dimension.RISK_TYPES, r) for r in SUGGESTED[Dimension.RISK_TYPES]} - {
            (Dimension.RISK_TYPES, r) for r in risks
        }
    assert set(effect.suggested) == expected
    taken = {kind for kind, _ in effect.suggested}
    assert effect.properties.get("type", type_) == (
        "FRAUD" if Dimension.TYPE in taken else (None if "type" in said else type_)
    )
    if "risk_types" not in said:
        assert risks <= set(effect.properties.get("riskTypes", risks))


def test_an_amount_is_cleared_with_its_band() -> None:
    changed = Classify(amount=None).effect(CASE, TAKING).properties
    assert {changed[k] for k in ("amountMinor", "currency", "amountBand")} == {None}
    kept = Classify(type="FRAUD").effect(CASE, TAKING).properties
    assert not {"amountMinor", "currency", "amountBand"} & kept.keys()


def test_what_a_second_offer_leaves_out_is_as_in_the_first() -> None:

    refused = replace(CASE, proposal=Proposal(OutcomeKind.UPHELD, None, Money(50, "CNY")))
    again = Propose(OutcomeKind.PARTLY_UPHELD).effect(refused, TAKING).properties
    assert (again["proposedOutcome"], again["proposedMinor"]) == ("PARTLY_UPHELD", 50)
    none = Propose(OutcomeKind.UPHELD, compensation=None).effect(refused, TAKING).properties
    assert none["proposedMinor"] is None
    with pytest.raises(ComplaintGraphError, match="its own step"):
        Propose(OutcomeKind.WITHDRAWN).effect(CASE, TAKING)
