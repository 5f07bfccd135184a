"""What events tell people: typed changes with labels, and the note on them."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from graph.domain.lifecycle import Step
from schema.desk.inputs import MUTATIONS
from schema.ids import NodeKind, global_id
from tests.schema.desk.test_steps import registered, taken
from tests.schema.desk.test_tools import redact
from tests.schema.mutations.test_every_mutation import sent, stored
from tests.support.bank import Bank
from tests.support.desk import INPUTS, minimal, walk, way_to
from tests.support.graphql import ask, execute, statements

pytestmark = pytest.mark.graph

VALUE = """text en: text(language: EN) ... on CodeValues { values { code label } }
  ... on MoneyValue { money { value currency } } ... on TimeValue { at }
  ... on NumberValue { number } ... on FlagValue { flag } ... on NameValue { name }"""
EVENTS = f"""query ($id: ID!, $at: DateTime) {{ complaint(id: $id, at: $at) {{
  events(first: 50) {{ nodes {{ kind label note
    changes {{ field label en: label(language: EN) before {{ {VALUE} }} after {{ {VALUE} }} }} }} }}
}} }}"""


async def events(bank: Bank, complaint: str, at: str | None = None) -> list[dict[str, Any]]:
    data = await ask(bank.services, EVENTS, id=complaint, at=at)
    return list(data["complaint"]["events"]["nodes"])


def changes(event: dict[str, Any]) -> dict[str, Any]:
    return {change["field"]: change for change in event["changes"]}


async def test_a_case_tells_its_story(bank: Bank) -> None:
    case = {"complaint": await registered(bank)}
    for version, (mutation, given) in enumerate(
        (
            ("classifyComplaint", {"type": "FEE_DISPUTE", "amount": {"value": "99.50"}}),
            ("dispatchComplaint", {"lead": "CARDS", "assignee": "anna"}),
            ("setLevel", {"level": "RED", "note": "记者来电13812345678"}),
            ("attributeRootCauses", {"rootCauses": [{"rootCause": "UNTOLD"}]}),
            ("correctClassification", {"amount": {"value": "120"}, "complex": True}),
        ),
        start=1,
    ):
        await taken(bank, mutation, **case, version=version, **given)
    registration, classified, dispatched, level, causes, corrected = await events(
        bank, case["complaint"]
    )
    assert {"STATUS", "CHANNEL", "RECEIVED_AT", "PRODUCT"} <= changes(registration).keys()
    assert classified["label"] == "确认分类"
    status = changes(classified)["STATUS"]
    assert (status["label"], status["before"]["text"], status["after"]["en"]) == (
        "状态",
        "已登记",
        "classified",
    )
    type_ = changes(classified)["TYPE"]
    assert type_["before"] is None
    assert type_["after"]["values"] == [{"code": "FEE_DISPUTE", "label": "收费争议"}]
    amount = changes(classified)["AMOUNT"]["after"]
    assert amount["money"] == {"value": "99.50", "currency": "CNY"}
    assert changes(dispatched)["DEPARTMENTS"]["after"]["text"] == "信用卡中心"
    assert changes(dispatched)["ASSIGNEE"]["after"]["name"] == "anna"
    assert changes(level)["LEVEL"]["after"]["en"] == "red"
    assert level["note"] == "记者来电[手机号]"
    assert changes(causes)["ROOT_CAUSES"]["after"]["text"] == "收费未告知"
    money = changes(corrected)["AMOUNT"]
    assert (money["before"]["text"], money["after"]["text"]) == ("99.50 CNY", "120.00 CNY")
    assert changes(corrected)["COMPLEX"]["after"]["flag"] is True
    due = changes(corrected)["DUE_AT"]
    assert due["before"]["at"] < due["after"]["at"]
    assert len(due["after"]["text"]) == len("2026-01-31 09:30")


async def test_a_note_is_read_then_and_taken_out_everywhere(bank: Bank) -> None:
    complaint = await registered(bank)
    await taken(bank, "pauseDeadline", complaint=complaint, version=1, note="等绰号铁锤的公安报告")
    then = datetime.now(UTC).isoformat()
    assert (await events(bank, complaint))[-1]["note"] == "等绰号铁锤的公安报告"
    assert (await events(bank, complaint, then))[-1]["note"] == "等绰号铁锤的公安报告"
    payload = await redact(bank, complaint=complaint, version=2, passages=["铁锤"])
    assert payload["errors"] == []
    for at in (None, then):
        notes = [event["note"] for event in await events(bank, complaint, at)]
        assert "等绰号[已脱敏]的公安报告" in notes
        assert not any("铁锤" in (note or "") for note in notes)


async def test_statements_do_not_grow_with_events(bank: Bank) -> None:
    key = await stored(bank)
    few = await execute(bank.services, EVENTS, id=global_id(NodeKind.COMPLAINT, key))
    steps = [minimal(step, "CARDS") for step in [*way_to(Step.CLOSE), Step.CLOSE]]
    await walk(bank.services.database, key, steps)
    many = await execute(bank.services, EVENTS, id=global_id(NodeKind.COMPLAINT, key))
    assert few.errors is None
    assert many.errors is None
    # Before a registration there is nothing: its labels are not looked up.
    assert statements(many) <= statements(few) + 4
    again = await execute(bank.services, EVENTS, id=global_id(NodeKind.COMPLAINT, key))
    assert statements(again) == statements(many)


ALLOWED = """query ($id: ID!) { complaint(id: $id) { version
  course { allowedSteps { step mutation noteNeeded label } } } }"""


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_offered_is_taken_and_all_else_refused(bank: Bank, seed: int) -> None:
    """At the end of a random way each step offered is accepted, by its mutation's name."""
    random = Random(seed)
    way: list[Step] = []

    async def there() -> dict[str, Any]:
        """A case that went this way."""
        key = await stored(bank, type=None)
        await walk(bank.services.database, key, [minimal(step, "CARDS") for step in way])
        return {"complaint": global_id(NodeKind.COMPLAINT, key), "version": len(way) + 1}

    async def offered(case: dict[str, Any]) -> list[dict[str, Any]]:
        found = await ask(bank.services, ALLOWED, id=case["complaint"])
        return list(found["complaint"]["course"]["allowedSteps"])

    case = await there()
    for _ in range(5):
        moves = [each for each in await offered(case) if each["step"] != "WITHDRAW"]
        chosen = random.choice(moves)
        given = {**case, **INPUTS[chosen["mutation"]]}
        assert (await sent(bank, chosen["mutation"], given))["errors"] == []
        way.append(Step(chosen["step"]))
        case["version"] += 1
    steps = await offered(case)
    for mutation in set(INPUTS) - {each["mutation"] for each in steps}:
        refused = await sent(bank, mutation, {**case, **INPUTS[mutation]})
        assert [e["code"] for e in refused["errors"]] == ["STEP_NOT_ALLOWED"], mutation
    for each in steps:
        assert MUTATIONS[Step(each["step"])] == each["mutation"]
        assert each["label"]
        copy = await there()
        given = INPUTS[each["mutation"]]
        if each["noteNeeded"]:
            silent = {k: v for k, v in given.items() if k != "note"}
            refused = await sent(bank, each["mutation"], {**copy, **silent})
            assert [e["path"] for e in refused["errors"]] == [["input", "note"]]
        taken_ = await sent(bank, each["mutation"], {**copy, **given})
        assert taken_["errors"] == [], each


SUGGESTION = """query ($id: ID!) { complaint(id: $id) { type { code } severity urgency
  riskTypes { code } product { code } suggestion { dimensions { dimension value { code } } } } }"""
TAKEN = "taken { dimension value { code label } } complaint { severity type { code } }"


async def test_an_imported_case_takes_its_suggestion(bank: Bank) -> None:
    """What the person is shown, exactly; a retry tells the same."""
    text = "信用卡年费没有提前告知就直接扣款310元，要求退还，再不解决我就起诉你们"
    nothing = {"type": None, "severity": None, "urgency": None, "risk_types": (), "product": ()}
    key = await stored(bank, narrative=text, amount=None, **nothing)
    complaint = global_id(NodeKind.COMPLAINT, key)
    shown = (await ask(bank.services, SUGGESTION, id=complaint))["complaint"]
    sure = {
        (d["dimension"], d["value"]["code"])
        for d in shown["suggestion"]["dimensions"]
        if d["value"] and d["dimension"] in ("TYPE", "PRODUCT", "SEVERITY", "URGENCY", "RISK_TYPES")
    }
    assert {("TYPE", "FEE_DISPUTE"), ("RISK_TYPES", "REPUTATIONAL"), ("URGENCY", "HIGH")} <= sure
    given = {
        "complaint": complaint,
        "version": 1,
        "confirmSuggestion": True,
        "idempotencyKey": "6f9619ff-8b86-4d01-b42d-00cf4fc96401",
    }
    payload = await sent(bank, "classifyComplaint", given, TAKEN)
    assert payload["errors"] == []
    assert {(t["dimension"], t["value"]["code"]) for t in payload["taken"]} == sure
    assert await sent(bank, "classifyComplaint", given, TAKEN) == payload
    found = (await ask(bank.services, SUGGESTION, id=complaint))["complaint"]
    assert (found["type"]["code"], found["urgency"]) == ("FEE_DISPUTE", "HIGH")
    assert {"code": "REPUTATIONAL"} in found["riskTypes"]


async def test_a_severe_case_stays_severe(bank: Bank) -> None:
    document = """mutation { registerComplaint(input: {severity: SEVERE, type: "OTHER",
      narrative: "信用卡年费没有提前告知就直接扣款310元，要求退还"}) { complaint { id } } }"""
    made = (await ask(bank.services, document))["registerComplaint"]["complaint"]
    given = {"complaint": made["id"], "version": 1, "confirmSuggestion": True}
    payload = await sent(bank, "classifyComplaint", given, TAKEN)
    assert payload["complaint"] == {"severity": "SEVERE", "type": {"code": "OTHER"}}
    assert not {"SEVERITY", "TYPE"} & {taken["dimension"] for taken in payload["taken"]}
