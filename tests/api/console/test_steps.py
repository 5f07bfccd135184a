"""Forms of steps follow what the mutations take."""

from zoneinfo import ZoneInfo

import pytest
from graphql import parse, validate

from api.console import drafts, forms, steps
from graph.domain.lifecycle import Step
from schema.build import build_schema
from schema.desk.inputs import KINDS

SCHEMA = build_schema()._schema
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("step", list(Step))
def test_each_step_has_a_form_and_a_document(step: Step) -> None:
    assert validate(SCHEMA, parse(steps.mutation(step))) == []
    asked = {path for path, _ in forms.paths(SCHEMA.type_map[KINDS[step].__name__])}
    shown = {field.name for field in steps.fields(SCHEMA, step)}
    kept = {f"draft.{name}" for name in drafts.KEPT}
    assert asked - shown <= {*forms.OF_THE_FORM, *kept, "note"}
    for field in steps.fields(SCHEMA, step):
        assert field.label
        if field.widget in ("choice", "choices"):
            assert field.values


def test_what_was_not_changed_is_not_sent() -> None:
    asked = steps.fields(SCHEMA, Step.CLASSIFY)
    now = {
        "type": "FEE_DISPUTE", "product": "CARD", "branch": None, "nature": None,
        "severity": "LOW", "urgency": None, "riskTypes": ["COMPLIANCE"], "complex": False,
        "amount": {"value": "3.00", "currency": "CNY"}, "confirmSuggestion": False,
    }  # fmt: skip
    same = {
        "type": ["FEE_DISPUTE"], "product": ["CARD"], "branch": [""], "severity": ["LOW"],
        "riskTypes": ["COMPLIANCE"], "amount": ["3.00"], "amountCurrency": ["CNY"], "note": [" "],
    }  # fmt: skip
    assert steps.sent(asked, same, now, ZONE) == {}
    other = {"product": [""], "branch": ["BJ"], "amount": ["1,250.50"], "complex": ["yes"]}
    changed = {**same, **other}
    assert steps.sent(asked, changed, now, ZONE) == {
        "product": None,
        "branch": "BJ",
        "amount": {"value": "1250.50", "currency": "CNY"},
        "complex": True,
    }


def test_a_form_that_is_sent_as_it_came_changes_nothing() -> None:
    for step in Step:
        asked = steps.fields(SCHEMA, step)
        now = steps.shown(step, CASE)
        form: dict[str, list[str]] = {}
        for each in steps.filled(asked, None, now):
            form[each.field.name] = ["yes"] if each.values == ("True",) else list(each.values)
            if each.field.widget == "money":
                form[f"{each.field.name}Currency"] = [each.currency]
        sent = steps.sent(asked, form, now, ZONE)
        assert set(sent) == {field.name for field in asked if field.required}, step
        assert all(sent[name] == now.get(name) for name in sent if name in now), step


CASE = {
    "type": {"code": "FEE_DISPUTE"}, "product": {"code": "CARD"}, "branch": {"code": "BJ"},
    "nature": "COMPLAINT", "severity": "LOW", "urgency": None,
    "amount": {"value": "9149.00", "currency": "CNY"},
    "riskTypes": [{"code": "REPUTATION"}, {"code": "COMPLIANCE"}], "assignee": "ann",
    "rootCauses": [
        {"share": 0.4, "rootCause": {"code": "UNTOLD"}},
        {"share": None, "rootCause": {"code": "SLOW"}},
    ],
    "handledBy": [
        {"role": "LEAD", "department": {"code": "CARDS"}},
        {"role": "ASSISTING", "department": {"code": "CREDIT"}},
    ],
    "course": {"complex": True, "proposal": {
        "outcome": "UPHELD", "remedy": "MONETARY",
        "compensation": {"value": "20.00", "currency": "CNY"},
    }},
}  # fmt: skip


def test_a_cause_that_stays_keeps_its_share() -> None:
    asked = steps.fields(SCHEMA, Step.ATTRIBUTE_CAUSES)
    now = steps.shown(Step.ATTRIBUTE_CAUSES, CASE)
    sent = steps.sent(asked, {"rootCauses": ["UNTOLD", "NEW"]}, now, ZONE)
    assert sent == {"rootCauses": [{"rootCause": "NEW"}, {"rootCause": "UNTOLD", "share": 0.4}]}
    answer = steps.fields(SCHEMA, Step.ANSWER)
    kept = steps.sent(
        answer, {"rootCauses": ["UNTOLD", "SLOW"]}, steps.shown(Step.ANSWER, CASE), ZONE
    )
    assert "rootCauses" not in kept


def test_what_is_wrong_as_typed_is_told_by_field() -> None:
    dispatch = steps.fields(SCHEMA, Step.DISPATCH)
    assert [each["path"] for each in forms.problems(dispatch, {"lead": [" "]})] == [
        ["input", "lead"]
    ]
    feedback = steps.fields(SCHEMA, Step.RECORD_FEEDBACK)
    assert len(forms.problems(feedback, {"satisfaction": ["４"]})) == 1
    assert len(forms.problems(feedback, {"satisfaction": ["four"]})) == 1
    assert forms.problems(feedback, {"satisfaction": ["4"]}) == []
    propose = steps.fields(SCHEMA, Step.PROPOSE)
    for typed, wrong in (("1,250.50", 0), ("12元", 1), ("", 0), ("1e9", 1)):
        form = {"outcome": ["UPHELD"], "compensation": [typed]}
        assert len(forms.problems(propose, form)) == wrong, typed


def test_what_must_be_said_is_sent_always() -> None:
    asked = steps.fields(SCHEMA, Step.DISPATCH)
    now = {"lead": "CARDS", "assisting": [], "assignee": None}
    assert steps.sent(asked, {"lead": ["CARDS"]}, now, ZONE) == {"lead": "CARDS"}
    review = steps.fields(SCHEMA, Step.REVIEW)
    assert steps.sent(review, {}, {}, ZONE) == {"confirmed": False}


def test_a_time_is_of_the_banks_zone() -> None:
    asked = steps.fields(SCHEMA, Step.REOPEN)
    assert steps.sent(asked, {"dueAt": ["2026-03-02T09:30"]}, {}, ZONE) == {
        "dueAt": "2026-03-02T09:30:00+08:00"
    }
    for typed in ("tomorrow", "2026-02-30T09:30"):
        (error,) = forms.problems(asked, {"dueAt": [typed]})
        assert error["path"] == ["input", "dueAt"]
