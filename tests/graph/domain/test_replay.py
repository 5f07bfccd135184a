"""A case at an earlier time, from nothing but its events."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.domain.enums import AttributionSource, CaseStatus, DepartmentRole, EventKind, Level
from graph.domain.replay import as_of, recorded_by, replay
from graph.domain.views import ComplaintRecord

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
REGISTERED = {
    "reference": "R-1",
    "sourceSystem": "s",
    "sourceId": "1",
    "channel": "PHONE",
    "status": "REGISTERED",
    "level": "GREEN",
    "receivedAt": "2026-02-27T08:00:00+00:00",
    "receivedPrecision": "SECOND",
    "dueAt": "2026-03-14T08:00:00+00:00",
    "causeCodes": ["UNTOLD"],
    "departmentCodes": ["CARDS"],
    "assignee": "a",
    "amountMinor": 1250,
    "currency": "CNY",
}
DECISION = {"id": "x.1", "round": 1, "outcome": "UPHELD", "decidedAt": "2026-03-03T08:00:00+00:00"}


def event(
    minutes: int,
    kind: EventKind,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "recordedAt": START + timedelta(minutes=minutes),
        "before": json.dumps(before) if before else None,
        "after": json.dumps(after),
        "version": None,
        "text": None,
        **more,
    }


EVENTS = [
    event(0, EventKind.REGISTERED, REGISTERED, version=1, text={"narrative": "old"}),
    event(10, EventKind.ASSIGNED, {}, {"assignee": "a"}, version=2, text={"note": "on leave"}),
    event(20, EventKind.LEVEL_RAISED, {"level": "RED"}, {"level": "GREEN"}),
    event(30, EventKind.UPDATED, {"language": "en"}, version=3, text={"narrative": "new"}),
    event(40, EventKind.DECIDED, {"decisions": [DECISION]}, version=4, text={"summary": "yes"}),
    event(50, EventKind.CAUSES_ATTRIBUTED, {"causeCodes": ["SLOW"]},
          {"causeCodes": ["UNTOLD"]}, version=5),
    event(60, EventKind.TRANSFERRED, {"departmentCodes": ["CARDS", "CREDIT"]},
          {"departmentCodes": ["CARDS"]}, version=6),
]  # fmt: skip


def then(minutes: float) -> ComplaintRecord:
    found = as_of("x", EVENTS, START + timedelta(minutes=minutes))
    assert found is not None
    return found


def test_before_the_registration_there_is_no_case() -> None:
    assert as_of("x", EVENTS, START - timedelta(seconds=1)) is None
    assert as_of("x", [], START) is None


def test_every_event_counts_from_the_moment_it_was_recorded() -> None:
    assert [then(m).assignee for m in (0, 9.9, 10)] == ["a", "a", None]
    assert [then(m).level for m in (19, 20)] == [Level.GREEN, Level.RED]
    assert [then(m).version for m in (0, 10, 20, 30, 60, 10_000)] == [1, 2, 2, 3, 6, 6]
    assert [then(m).narrative for m in (10, 29, 30)] == ["old", "old", "new"]
    assert [then(m).decided for m in (39, 40)] == [False, True]
    assert then(0).status is CaseStatus.REGISTERED
    assert then(0).recorded_at == START
    assert then(60).amount == then(0).amount
    assert then(0).amount is not None


def test_decisions_come_with_their_answers() -> None:
    past = then(40).past
    assert past is not None
    assert [(r.round, r.outcome, r.summary) for r in past.rounds] == [(1, "UPHELD", "yes")]
    assert then(40).decided_at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def test_an_answer_belongs_to_its_round() -> None:
    second = {**DECISION, "id": "x.2", "round": 2, "outcome": "NOT_UPHELD"}
    answered = event(
        80,
        EventKind.ANSWERED,
        {"decisions": [DECISION, second], "round": 2},
        {"decisions": [DECISION]},
        text={"summary": "no"},
    )
    found = as_of("x", [*EVENTS, answered], START + timedelta(minutes=80))
    assert found is not None
    assert found.past is not None
    assert [r.summary for r in found.past.rounds] == ["yes", "no"]
    assert found.course.round == 2


def test_causes_come_with_who_named_them() -> None:
    before, after = then(0).past, then(50).past
    assert before is not None
    assert after is not None
    assert [(c.cause, c.source) for c in before.causes] == [("UNTOLD", AttributionSource.IMPORTED)]
    assert [(c.cause, c.source) for c in after.causes] == [("SLOW", AttributionSource.CONFIRMED)]


def test_who_led_is_not_guessed() -> None:
    one, several = then(0).past, then(60).past
    assert one is not None
    assert several is not None
    assert one.handling is not None
    assert [(h.department, h.role) for h in one.handling] == [("CARDS", DepartmentRole.LEAD)]
    assert several.handling is None


def test_a_clock_that_lags_hides_what_follows() -> None:
    lagging = [EVENTS[0], EVENTS[2], {**EVENTS[1], "recordedAt": START + timedelta(minutes=19)}]
    assert len(recorded_by(lagging, START + timedelta(minutes=19))) == 1
    assert len(recorded_by(lagging, START + timedelta(minutes=20))) == 3


def test_a_text_that_was_taken_away_is_gone() -> None:
    emptied = event(70, EventKind.UPDATED, {}, text={"subject": None, "narrative": None})
    found = as_of("x", [*EVENTS, emptied], START + timedelta(minutes=70))
    assert found is not None
    assert found.narrative is None


def test_a_merge_leaves_the_customer_s_id() -> None:
    merged = event(5, EventKind.CUSTOMER_MERGED, {"customerId": "new", "merged": ["old"]})
    registered = event(0, EventKind.REGISTERED, {**REGISTERED, "customerId": "old"})
    assert replay([registered, merged])["customerId"] == "old"
