"""The desk over GraphQL: steps, what they refuse, and what a person is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from graph.consistency import check
from tests.support.bank import Bank, bank_records, load
from tests.support.graphql import ask, refused

pytestmark = pytest.mark.graph

FIELDS = """
  errors { code message path } changedSince { kind actor fields } clientMutationId
  complaint {
    version status dueAt level
    course { round allowedSteps { step } complex extendedDays pausedAt levelBy
             proposal { outcome compensation { value } } }
    resolution { round outcome satisfaction summary compensation { value currency } }
    rootCauses { rootCause { code } share source }
    department { code } handledBy { role department { code } }
  }
"""
REGISTER = """
mutation ($n: String!, $key: String) { registerComplaint(input: {
  narrative: $n, sourceSystem: "desk", sourceId: $key, product: "CARD-FEE", branch: "BJ-01"
}) { errors { message } complaint { id version status } } }
"""
_numbers: Iterator[int] = count(1)


async def registered(bank: Bank) -> str:
    """Id of a new complaint of its own matter."""
    number = next(_numbers)
    data = await ask(
        bank.services, REGISTER, n=f"柜台第{number}次少给了我一张回单，要求补开", key=str(uuid4())
    )
    payload = data["registerComplaint"]
    assert payload["errors"] == []
    return str(payload["complaint"]["id"])


async def step(bank: Bank, mutation: str, **given: Any) -> dict[str, Any]:
    kind = {
        "recordAgreement": "RecordAgreement",
        "classifyComplaint": "ClassifyComplaint",
    }.get(mutation, mutation[0].upper() + mutation[1:])
    document = f"mutation ($i: {kind}Input!) {{ {mutation}(input: $i) {{ {FIELDS} }} }}"
    data = await ask(bank.services, document, i=given)
    return dict(data[mutation])


async def taken(bank: Bank, mutation: str, **given: Any) -> dict[str, Any]:
    """The complaint after a step that must succeed."""
    payload = await step(bank, mutation, **given)
    assert payload["errors"] == [], payload["errors"]
    return dict(payload["complaint"])


async def test_a_case_is_carried_to_its_end(bank: Bank) -> None:
    case = {"complaint": await registered(bank)}
    for version, (mutation, given) in enumerate(
        (
            ("classifyComplaint", {"type": "FEE_DISPUTE", "amount": {"value": "99.50"}}),
            ("dispatchComplaint", {"lead": "CARDS", "assisting": ["CREDIT"], "assignee": "anna"}),
            ("startInvestigation", {}),
            ("proposeRemedy", {"outcome": "UPHELD", "compensation": {"value": "99.50"}}),
            ("recordAgreement", {"note": "by phone"}),
            (
                "answerComplaint",
                {
                    "rootCauses": [{"rootCause": "UNTOLD", "share": 0.8}],
                    "summary": "已退还，请查收，联系电话13812345678",
                },
            ),
            ("recordFeedback", {"satisfaction": 5}),
            ("closeComplaint", {}),
        ),
        start=1,
    ):
        found = await taken(bank, mutation, **case, version=version, **given)
        assert found["version"] == version + 1
    assert found["status"] == "CLOSED"
    assert found["resolution"] == {
        "round": 1,
        "outcome": "UPHELD",
        "satisfaction": 5,
        "summary": "已退还，请查收，联系电话[手机号]",
        "compensation": {"value": "99.50", "currency": "CNY"},
    }
    assert found["rootCauses"] == [
        {"rootCause": {"code": "UNTOLD"}, "share": 0.8, "source": "CONFIRMED"}
    ]
    assert [h["role"] for h in found["handledBy"]] == ["LEAD", "ASSISTING"]
    assert found["course"]["proposal"] is None
    steps = [allowed["step"] for allowed in found["course"]["allowedSteps"]]
    assert "REOPEN" in steps
    assert "ANSWER" not in steps
    assert (await check(bank.services.database)).examples == []


async def test_a_retry_answers_as_the_first_time(bank: Bank) -> None:
    given = {
        "complaint": await registered(bank),
        "version": 1,
        "idempotencyKey": str(uuid4()),
        "clientMutationId": "form-7",
    }
    first = await step(bank, "classifyComplaint", **given)
    again = await step(bank, "classifyComplaint", **given)
    assert first == again
    assert first["clientMutationId"] == "form-7"
    assert first["complaint"]["version"] == 2
    changed = await step(bank, "classifyComplaint", **{**given, "note": "another"})
    assert [error["code"] for error in changed["errors"]] == ["CONFLICT"]


async def test_a_stale_form_shows_what_changed(bank: Bank) -> None:
    case = {"complaint": await registered(bank), "version": 1}
    await taken(bank, "classifyComplaint", **case)
    late = await step(bank, "assignComplaint", **case, assignee="ben")
    assert [error["code"] for error in late["errors"]] == ["STALE_VERSION"]
    assert late["errors"][0]["path"] == ["input", "version"]
    assert late["changedSince"] == [{"kind": "CLASSIFIED", "actor": "local", "fields": ["STATUS"]}]
    assert late["complaint"]["version"] == 2


async def test_a_step_out_of_order_names_the_allowed_ones(bank: Bank) -> None:
    case = {"complaint": await registered(bank), "version": 1}
    for mutation, given in (
        ("closeComplaint", {}),
        ("answerComplaint", {"outcome": "UPHELD"}),
        ("resumeDeadline", {}),
    ):
        payload = await step(bank, mutation, **case, **given)
        (error,) = payload["errors"]
        assert error["code"] == "STEP_NOT_ALLOWED"
        assert payload["complaint"]["version"] == 1
    assert "CLASSIFY" in (await step(bank, "closeComplaint", **case))["errors"][0]["message"]


@pytest.mark.parametrize(
    ("mutation", "given", "code", "path"),
    [
        ("classifyComplaint", {"type": "NONSENSE"}, "UNKNOWN_CODE", ["input", "type"]),
        ("classifyComplaint", {"riskTypes": ["NONE"]}, "UNKNOWN_CODE", ["input", "riskTypes"]),
        ("classifyComplaint", {"product": "NONE"}, "UNKNOWN_CODE", ["input", "product"]),
        ("classifyComplaint", {"amount": {"value": "-1"}}, "INVALID_INPUT", ["input", "amount"]),
        ("classifyComplaint", {"note": "x" * 10_001}, "INVALID_INPUT", ["input", "note"]),
        ("extendDeadline", {"days": 5}, "INVALID_INPUT", ["input", "note"]),
        ("extendDeadline", {"days": 31, "note": "w"}, "INVALID_INPUT", ["input", "days"]),
        ("setLevel", {"level": "RED", "note": " "}, "INVALID_INPUT", ["input", "note"]),
        (
            "classifyComplaint",
            {"idempotencyKey": "7"},
            "INVALID_INPUT",
            ["input", "idempotencyKey"],
        ),
    ],
)
async def test_what_a_person_can_mend_is_told(
    bank: Bank, mutation: str, given: dict[str, Any], code: str, path: list[str]
) -> None:
    complaint = await registered(bank)
    payload = await step(bank, mutation, complaint=complaint, version=1, **given)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    assert payload["complaint"]["version"] == 1


async def test_a_negative_compensation_changes_nothing(bank: Bank) -> None:
    case = {"complaint": await registered(bank)}
    await taken(bank, "classifyComplaint", **case, version=1)
    await taken(bank, "dispatchComplaint", **case, version=2, lead="CARDS")
    await taken(bank, "startInvestigation", **case, version=3)
    payload = await step(
        bank,
        "proposeRemedy",
        **case,
        version=4,
        outcome="UPHELD",
        compensation={"value": "-5"},
    )
    assert payload["errors"][0]["path"] == ["input", "compensation"]
    assert payload["complaint"]["course"]["proposal"] is None


async def test_a_new_round_may_have_a_date_of_its_own(bank: Bank) -> None:
    complaint = await registered(bank)
    await taken(bank, "withdrawComplaint", complaint=complaint, version=1)
    given = {"complaint": complaint, "version": 2}
    due = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0)
    for changes, message in (
        ({"dueAt": due.isoformat()}, "say why"),
        ({"dueAt": due.date().isoformat(), "note": "the regulator"}, "with its offset"),
        ({"dueAt": "2026-01-31T10:00:00+08:00", "note": "the regulator"}, "is over"),
    ):
        payload = await step(bank, "reopenComplaint", **given, **changes)
        assert message in payload["errors"][0]["message"]
        assert payload["errors"][0]["path"] in (["input", "note"], ["input", "dueAt"])
    case = await taken(
        bank, "reopenComplaint", **given, dueAt=due.isoformat(), note="the regulator"
    )
    assert datetime.fromisoformat(case["dueAt"]) == due
    assert case["course"]["round"] == 2


async def test_a_review_has_its_own_time(bank: Bank) -> None:
    """Asked for on a case that was closed long ago."""
    old_one = replace(bank_records()[4], source_id="old", customer=None, narrative=None)
    await load(bank.services, [old_one])
    data = await ask(bank.services, 'query { complaint(reference: "BANK-old") { id version } }')
    old = data["complaint"]
    asked = datetime.now(UTC)
    case = await taken(bank, "requestReview", complaint=old["id"], version=old["version"])
    waits = datetime.fromisoformat(case["dueAt"]) - asked
    assert timedelta(days=30) <= waits < timedelta(days=30, minutes=5)
    await bank.services.desk.sweep()
    data = await ask(
        bank.services, "query ($i: ID!) { complaint(id: $i) { overdue } }", i=old["id"]
    )
    assert data["complaint"]["overdue"] is False


async def test_no_such_complaint(bank: Bank) -> None:
    document = "{ complaints(first: 1, orderBy: RECEIVED_ASC) { nodes { customer { id } } } }"
    data = await ask(bank.services, document)
    customer = data["complaints"]["nodes"][0]["customer"]["id"]
    for wrong in ("nonsense", customer):
        payload = await step(bank, "closeComplaint", complaint=wrong, version=1)
        assert payload["complaint"] is None
        assert payload["errors"][0]["path"] == ["input", "complaint"]


async def test_an_input_of_the_wrong_type_is_refused(bank: Bank) -> None:
    document = (
        'mutation { setLevel(input: {complaint: "x", version: 1, level: BLUE}) { __typename } }'
    )
    assert (await refused(bank.services, document))["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_work_list(bank: Bank) -> None:
    """By assignee, department, level, deadline and whether it is overdue, in every order."""
    case = {"complaint": await registered(bank)}
    await taken(bank, "classifyComplaint", **case, version=1)
    await taken(bank, "dispatchComplaint", **case, version=2, lead="CARDS", assignee="zoe")
    found = await taken(bank, "setLevel", **case, version=3, level="RED", note="press")
    assert found["course"]["levelBy"] == "local"
    document = """
    query ($f: ComplaintFilter!, $o: ComplaintOrder!) {
      complaints(filter: $f, orderBy: $o) { nodes { id } }
    }
    """
    wanted = {"assignee": "zoe", "departments": ["CARDS"], "levels": ["RED"], "overdue": False}
    for order in ("DUE_ASC", "DUE_DESC", "LEVEL_DESC", "AMOUNT_ASC", "RECEIVED_DESC"):
        data = await ask(bank.services, document, f=wanted, o=order)
        assert [node["id"] for node in data["complaints"]["nodes"]] == [case["complaint"]]
    data = await ask(bank.services, document, f={**wanted, "overdue": True}, o="DUE_ASC")
    assert data["complaints"]["nodes"] == []
