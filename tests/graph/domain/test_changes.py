"""Events in the words of people: each property is told or is known not to be."""

import json
from datetime import UTC, datetime

from graph.commands.events import state_changes
from graph.domain.changes import SPOKEN, UNSPOKEN, CaseField, Codes, changes
from graph.domain.enums import CatalogueKind, OutcomeKind, Severity
from graph.domain.money import Money
from graph.domain.record import TABLE


def test_every_property_of_events_is_spoken_of_or_known_not_to_be() -> None:
    assert {each.name for each in TABLE if each.event} <= SPOKEN | UNSPOKEN
    assert not SPOKEN & UNSPOKEN


def test_from_one_value_to_another() -> None:
    before = {"severity": "MINOR", "departmentCodes": ["A"], "dueAt": "2026-01-02T00:00:00+00:00"}
    after = {"severity": "SEVERE", "departmentCodes": ["A", "B"], "assignee": "anna"}
    told = {change.field: (change.before, change.after) for change in changes(before, after)}
    assert told == {
        CaseField.SEVERITY: (Codes(("MINOR",), Severity), Codes(("SEVERE",), Severity)),
        CaseField.DEPARTMENTS: (
            Codes(("A",), CatalogueKind.DEPARTMENT),
            Codes(("A", "B"), CatalogueKind.DEPARTMENT),
        ),
        CaseField.DUE_AT: (datetime(2026, 1, 2, tzinfo=UTC), None),
        CaseField.ASSIGNEE: (None, "anna"),
    }


def test_an_amount_keeps_its_currency() -> None:
    old = {"amountMinor": 100, "currency": "USD", "type": "FRAUD"}
    was, now = state_changes(old, {**old, "amountMinor": 250})
    assert (json.loads(was), json.loads(now)) == (
        {"amountMinor": 100, "currency": "USD"},
        {"amountMinor": 250, "currency": "USD"},
    )
    (change,) = changes(json.loads(was), json.loads(now))
    assert (change.field, change.before, change.after) == (
        CaseField.AMOUNT,
        Money(100, "USD"),
        Money(250, "USD"),
    )


def test_a_decision_is_told_by_its_parts() -> None:
    first = {"id": "c.1", "round": 1, "outcome": "UPHELD"}
    second = {"id": "c.2", "round": 2, "outcome": "NOT_UPHELD"}
    rated = {**second, "satisfaction": 4}
    made = changes({"decisions": [first]}, {"decisions": [first, second]})
    assert [(c.field, c.before, c.after) for c in made] == [
        (CaseField.OUTCOME, None, Codes(("NOT_UPHELD",), OutcomeKind))
    ]
    told = changes({"decisions": [first, second]}, {"decisions": [first, rated]})
    assert [(c.field, c.before, c.after) for c in told] == [(CaseField.SATISFACTION, None, 4)]
