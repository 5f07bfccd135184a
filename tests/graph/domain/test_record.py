"""The table of the complaint: what is written is what is read, and what its events rebuild."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.commands.rows import Prepared, as_json, complaint_row
from graph.domain.case import Attribution, Case, Decision, Facts, Handling
from graph.domain.enums import (
    AmountBand,
    AttributionSource,
    CaseStatus,
    CatalogueKind,
    Channel,
    DepartmentRole,
    EventKind,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.moments import Moment
from graph.domain.money import Money
from graph.domain.record import (
    ATTRIBUTION,
    DECISION,
    IN_EVENTS,
    READ,
    TABLE,
    Kind,
    Owner,
    event_state,
)
from graph.domain.replay import as_of, replay
from graph.domain.tokens import TokenField
from graph.domain.views import ComplaintRecord, Course, proposal_of

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
_TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
_CODES = st.sampled_from(["A", "B-1", "丙"])
_MONEY = st.builds(Money, st.integers(0, 10**9), st.sampled_from(["CNY", "USD"]))


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_DECISIONS = st.builds(
    Decision,
    round=st.just(1),
    outcome=st.sampled_from(OutcomeKind),
    remedy=_maybe(st.sampled_from(RemedyKind)),
    compensation=_maybe(_MONEY),
    decided_at=_maybe(_TIMES),
    satisfaction=_maybe(st.integers(1, 5)),
    timely=_maybe(st.booleans()),
)
CASES = st.builds(
    Case,
    id=st.just("x"),
    reference=_CODES,
    source_system=_CODES,
    source_id=_CODES,
    content_hash=_CODES,
    channel=st.sampled_from(Channel),
    status=st.sampled_from(CaseStatus),
    level=st.sampled_from(Level),
    received=st.builds(Moment, _TIMES, st.sampled_from(TimePrecision)),
    subject=_maybe(st.text(min_size=1)),
    narrative=_maybe(st.text(min_size=1)),
    language=_maybe(_CODES),
    occurred_at=_maybe(_TIMES),
    type=_maybe(_CODES),
    nature=_maybe(st.sampled_from(Nature)),
    severity=_maybe(st.sampled_from(Severity)),
    urgency=_maybe(st.sampled_from(Urgency)),
    risk_types=st.lists(_CODES, unique=True).map(tuple),
    timeliness=_maybe(st.sampled_from(Timeliness)),
    amount=_maybe(_MONEY),
    amount_band=_maybe(st.sampled_from(AmountBand)),
    vulnerable=st.booleans(),
    due_at=_maybe(_TIMES),
    due_soon_at=_maybe(_TIMES),
    assignee=_maybe(_CODES),
    product=_maybe(_CODES),
    branch=_maybe(_CODES),
    handling=_maybe(st.builds(Handling, _CODES)).map(lambda one: (one,) if one else ()),
    causes=_maybe(st.builds(Attribution, _CODES, st.just(AttributionSource.IMPORTED))).map(
        lambda one: (one,) if one else ()
    ),
    decisions=_maybe(_DECISIONS).map(lambda one: (one,) if one else ()),
)
_ALONE = {code: (code,) for code in ("A", "B-1", "丙")}
WIDER = dict.fromkeys(CatalogueKind, _ALONE)


def registered(case: Case) -> dict[str, Any]:
    """The case's node as a read returns it."""
    node = complaint_row(Prepared(case), WIDER, None).properties
    return {**node, "version": 1, "recordedAt": NOW}


@given(CASES)
def test_what_a_source_says_is_what_is_read(case: Case) -> None:
    read = ComplaintRecord.from_record(registered(case))
    for each in fields(Facts):
        assert getattr(read, each.name) == getattr(case, each.name), each.name
    assert (read.received_at, read.received_precision) == (
        case.received.at,
        case.received.precision,
    )
    assert (read.course.round, read.course.due_soon_at) == (case.round, case.due_soon_at)
    assert read.decided is case.decided
    assert read.departments == tuple(handling.department for handling in case.handling)


@given(CASES)
def test_its_events_rebuild_what_is_read(case: Case) -> None:
    node = registered(case)
    decisions = [decision.to_record(case.id) for decision in case.decisions]
    texts = {"subject": case.subject, "narrative": case.narrative}
    told = [{"kind": EventKind.REGISTERED, "after": as_json(event_state(node)), "text": texts}]
    told += [
        {"kind": EventKind.DECIDED, "after": as_json(event_state({}, [each])), "text": None}
        for each in decisions
    ]
    events = [{"recordedAt": NOW, "before": None, "version": 1, **each} for each in told]
    assert replay(events) == event_state(node, decisions)
    past = as_of("x", events, NOW)
    assert past is not None
    assert past.past is not None
    assert past.past.rounds == case.decisions
    assert past.past.handling == case.handling
    assert [a.cause for a in past.past.causes] == sorted({a.cause for a in case.causes})
    # With all wider codes they stand in no event: they follow from the catalogue.
    unlike = {"past", "products", "branches", "root_causes"}
    read = ComplaintRecord.from_record(node)
    for each in fields(ComplaintRecord):
        if each.name not in unlike:
            assert getattr(past, each.name) == getattr(read, each.name), each.name


@given(_DECISIONS, st.text(min_size=1))
def test_a_decision_and_a_cause_are_read_as_written(decision: Decision, summary: str) -> None:
    assert Decision.from_record(decision.to_record("x")) == decision
    cause = Attribution("A", AttributionSource.CONFIRMED, 0.5, 0.25, "anna", NOW)
    written = cause.to_record()
    assert Attribution.from_record({"code": written["code"], **written["properties"]}) == cause
    handling = Handling("A", DepartmentRole.ASSISTING)
    assert Handling.from_record(handling.to_record()) == handling


@pytest.mark.parametrize("each", TABLE, ids=lambda each: each.name)
def test_a_property_is_in_every_projection_that_needs_it(each: Any) -> None:
    projected = {entry.split(":")[0].removeprefix(".") for entry in READ.split(", ")}
    assert (each.name in projected) == each.read
    assert (f".{each.name}" in IN_EVENTS.split(", ")) == each.event
    if each.kind in {Kind.TEXT, Kind.HASH, Kind.SORT_KEY, Kind.WORDS, Kind.MARK}:
        assert not each.event
    elif each.owner in {Owner.SOURCE, Owner.DESK, Owner.RULES} and each.relation is None:
        # What people, rules and sources say can be told of any earlier time.
        assert each.event or each.name in {"id", "worked"}


def test_every_property_is_declared_once() -> None:
    names = [each.name for each in TABLE]
    assert len(names) == len(set(names))
    assert {each.kept for each in TABLE if each.kept} <= set(names)
    assert {each.of for each in TABLE if each.kind is Kind.MINOR} <= set(names)
    assert {each.word for each in TABLE if each.word} == set(TokenField)


def test_every_attribute_of_a_read_is_a_property() -> None:
    declared = {each.field for each in TABLE}
    made = {"course", "past", "proposal"}
    for kind in (Facts, ComplaintRecord, Course):
        assert {each.name for each in fields(kind)} <= declared | made
    for kind, table, beside in ((Decision, DECISION, set()), (Attribution, ATTRIBUTION, {"cause"})):
        assert {each.name for each in fields(kind)} == {each.field for each in table} | beside


def test_a_proposal_is_read_with_its_money() -> None:
    assert proposal_of({"proposedRemedy": None}) is None
    found = proposal_of(
        {"proposedOutcome": "UPHELD", "proposedMinor": 5, "proposedCurrency": "CNY"}
    )
    assert found is not None
    assert (found.outcome, found.remedy, found.compensation) == (
        OutcomeKind.UPHELD,
        None,
        Money(5, "CNY"),
    )
