"""What registering would do, before it is done: the same, and nothing is stored."""

from typing import Any
from uuid import uuid4

import pytest

from graph.domain.access import Identity, Reach, Role
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, statements

pytestmark = pytest.mark.graph

PREVIEW = """query ($input: RegisterComplaintInput!) { registrationPreview(input: $input) {
  errors { code path } subject narrative dueAt level
  rules { sentence rule { code level chain { label } label(language: ZH) } }
  suggestion { dimensions { dimension source value { code } evidence { terms } }
    missingFacts { code } }
  duplicateOf { reference } repeats { reference }
  customerComplaints { reference status }
  precedents { token case { outcome } explanation { summary } } } }"""
REGISTER = """mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  errors { code path }
  complaint { id reference subject narrative dueAt level
    escalation { alerts { rule kind evidence { ... on SentenceEvidence { sentence } } } }
    suggestion { dimensions { dimension value { code } } missingFacts { code } }
    duplicates { reference } repeats { reference } duplicate } } }"""
COUNT = "{ complaints { totalCount } customers: complaints { byStatus { count } } position }"


async def preview(bank: Bank, identity: Identity | None = None, **given: Any) -> dict[str, Any]:
    who = {} if identity is None else {"identity": identity}
    result = await execute(bank.services, PREVIEW, input=given, **who)
    assert result.errors is None, result.errors
    assert result.data is not None
    shown: dict[str, Any] = result.data["registrationPreview"]
    return shown


async def register(bank: Bank, **given: Any) -> dict[str, Any]:
    payload = (await ask(bank.services, REGISTER, input=given))["registerComplaint"]
    assert payload["errors"] == []
    complaint: dict[str, Any] = payload["complaint"]
    return complaint


@pytest.mark.parametrize(
    "given",
    [
        {
            "narrative": "我是李小龙，手机13671530826，信用卡年费没有告知就扣款",
            "product": "CARD-FEE",
        },
        {"narrative": "再不处理我就去银保监会投诉，还要找律师起诉你们", "subject": "提前还款"},
        {
            "narrative": "The annual fee was charged without any notice.",
            "amount": {"value": "250000", "currency": "CNY"},
            "branch": "BJ-01",
            "channel": "REGULATOR",
            "receivedAt": "2026-05-01",
        },
        {"narrative": "我不想活了，你们把我的养老钱弄没了", "customer": {"vulnerable": True}},
    ],
    ids=["masked", "rules", "facts", "self-harm"],
)
async def test_it_says_what_registering_then_does(bank: Bank, given: dict[str, Any]) -> None:
    before = await preview(bank, **given)
    after = await register(bank, **given)
    assert before["errors"] == []
    if "receivedAt" in given:  # otherwise it is received a moment later
        assert before["dueAt"] == after["dueAt"]
    assert [before[name] for name in ("subject", "narrative", "level")] == [
        after[name] for name in ("subject", "narrative", "level")
    ]
    fired = {each["rule"]["code"]: each["sentence"] for each in before["rules"]}
    assert fired == {
        alert["rule"]: alert["evidence"].get("sentence")
        for alert in after["escalation"]["alerts"]
        if alert["kind"] not in ("GROUP_EVENT", "REPEAT")
    }
    suggested, kept = before["suggestion"], after["suggestion"]
    assert [(d["dimension"], d["value"]) for d in suggested["dimensions"]] == [
        (d["dimension"], d["value"]) for d in kept["dimensions"]
    ]
    assert suggested["missingFacts"] == kept["missingFacts"]
    if "年费" in given["narrative"]:
        assert before["precedents"]


async def test_nothing_is_stored(bank: Bank) -> None:
    before = await ask(bank.services, COUNT)
    await preview(
        bank, narrative="年费扣错了", customer={"mobile": "13671530826", "name": "李小龙"}
    )
    assert await ask(bank.services, COUNT) == before


async def test_the_customers_cases_and_what_it_would_duplicate_or_repeat(bank: Bank) -> None:
    customer = {"mobile": "139" + str(uuid4().int)[:8]}
    text = "手机银行转账给女儿的学费两天没有到账，钱也没有退回来"
    first = await register(bank, narrative=text, product="CARD", customer=customer)
    again = await preview(bank, narrative=text, product="CARD", customer=customer)
    assert again["duplicateOf"] == {"reference": first["reference"]}
    assert again["repeats"] is None
    assert [each["reference"] for each in again["customerComplaints"]] == [first["reference"]]
    other = await preview(
        bank, narrative="网点排队两小时没有人管", product="LOAN", customer=customer
    )
    assert other["duplicateOf"] is None
    assert len(other["customerComplaints"]) == 1
    stranger = await preview(bank, narrative=text, product="CARD")
    assert (stranger["duplicateOf"], stranger["customerComplaints"]) == (None, [])
    # The number alone, before a word is typed.
    known = await preview(bank, narrative="", customer=customer)
    assert [each["reference"] for each in known["customerComplaints"]] == [first["reference"]]
    assert known["suggestion"] is None
    assert known["precedents"] == []
    duplicate = await register(bank, narrative=text, product="CARD", customer=customer)
    assert duplicate["duplicate"]
    # A duplicate leads to the filing that it duplicates, never to another duplicate.
    third = await preview(bank, narrative=text, product="CARD", customer=customer)
    assert third["duplicateOf"] == {"reference": first["reference"]}
    await ask(
        bank.services,
        """mutation ($i: WithdrawComplaintInput!) { withdrawComplaint(input: $i) {
          errors { code } } }""",
        i={"complaint": first["id"], "version": 1, "note": "came by phone"},
    )


async def test_an_answered_case_is_repeated(bank: Bank) -> None:
    """C5 of the bank has an answered complaint of each twenty days."""
    customer = {"sourceId": "C5"}
    filed = await preview(bank, narrative="x", customer=customer)
    assert filed["customerComplaints"] == []  # known to the source `bank`, not to `api`
    given = {"narrative": "信用卡年费没有提前告知就直接扣款100元，要求退还", "customer": customer}
    shown = await preview(bank, **given, sourceSystem="bank", sourceId=str(uuid4()))
    assert shown["repeats"] is not None
    assert shown["duplicateOf"] is None
    after = await register(bank, **given, sourceSystem="bank", sourceId=str(uuid4()))
    assert after["repeats"] == [shown["repeats"]]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"product": "NOPE"}, "product"),
        ({"type": "NOPE"}, "type"),
        ({"riskTypes": ["NOPE"]}, "riskTypes"),
        ({"subject": "\x00"}, "subject"),
        ({"amount": {"value": "12", "currency": "yuan"}}, "amount"),
        ({"receivedAt": "2999-01-01T00:00:00Z"}, "receivedAt"),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, "occurredAt"),
        ({"customer": {"mobile": "12", "name": "李小龙"}}, "mobile"),
        ({"customer": {"idNumber": "11010519491231002", "mobile": "12"}}, "idNumber"),
        ({"assignee": "\x00"}, "assignee"),
        ({"idempotencyKey": "no"}, "idempotencyKey"),
        ({"sourceSystem": "a b", "sourceId": "1"}, "sourceSystem"),
    ],
)
async def test_what_cannot_be_taken_is_left_out_and_named(
    bank: Bank, given: dict[str, Any], wrong: str
) -> None:
    shown = await preview(bank, narrative="年费扣错了，请李小龙退还", **given)
    assert wrong in {error["path"][-1] for error in shown["errors"]}
    assert all(error["path"][0] == "input" for error in shown["errors"])
    assert "年费扣错了" in shown["narrative"]
    assert shown["suggestion"] is not None


async def test_a_text_that_is_too_long_leaves_the_rest(bank: Bank) -> None:
    shown = await preview(bank, narrative="年" * 100_001, product="NOPE")
    assert [error["path"] for error in shown["errors"]] == [
        ["input", "narrative"],
        ["input", "product"],
    ]
    assert shown["narrative"] is None


async def test_nothing_beyond_reach_is_shown(bank: Bank) -> None:
    customer = {"mobile": "138" + str(uuid4().int)[:8]}
    text = "理财产品到期三天了本金还没有到账"
    theirs = await register(bank, narrative=text, branch="BJ-01", customer=customer)
    shanghai = Identity("lin", "Lin", frozenset({Role.HANDLER}), Reach(branches=("SH",)))
    beijing = Identity("ann", "Ann", frozenset({Role.HANDLER}), Reach(branches=("BJ",)))
    hidden = await preview(bank, shanghai, narrative=text, customer=customer)
    assert (hidden["duplicateOf"], hidden["customerComplaints"]) == (None, [])
    assert theirs["reference"] not in str(hidden)
    seen = await preview(bank, beijing, narrative=text, customer=customer)
    assert seen["duplicateOf"] == {"reference": theirs["reference"]}


async def test_it_is_for_those_who_may_register(bank: Bank) -> None:
    analyst = Identity("eve", "Eve", frozenset({Role.ANALYST}), Reach(everything=True))
    result = await execute(bank.services, PREVIEW, input={"narrative": "x"}, identity=analyst)
    assert result.errors
    assert result.errors[0].extensions is not None
    assert result.errors[0].extensions["code"] == "FORBIDDEN"


async def test_a_known_customer_costs_few_statements_more(bank: Bank) -> None:
    given = {"narrative": "年费扣错了", "branch": "BJ-01", "customer": {"sourceId": "C5"}}
    many = await execute(bank.services, PREVIEW, input={**given, "sourceSystem": "bank"})
    none = await execute(bank.services, PREVIEW, input=given)
    assert statements(many) - statements(none) <= 3
