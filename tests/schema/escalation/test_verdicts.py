"""What a case desk sees of the rules: verdicts and group events, in few statements."""

from datetime import UTC, datetime

import pytest

from graph.domain.access import Identity, Method, Reach, Role
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, statements

pytestmark = pytest.mark.graph

REGISTER = """
mutation ($input: RegisterComplaintInput!) {
  registerComplaint(input: $input) { errors { message } complaint { id reference } }
}
"""
CASE = """
query ($id: ID!) { complaint(id: $id) { level ruleLevel
  escalation { setBy chain { code label(language: EN) }
    alerts { id rule kind level label(language: EN) zh: label at
      chain { code } evidence { ... on SentenceEvidence { sentence }
        ... on AmountEvidence { amount { value currency } } ... on ChannelEvidence { channel }
        ... on GroupEvidence { figures { customers size probability } template
          complaints { reference } } } } }
  events { nodes { kind actor version } } } }
"""
MANY = """
query ($first: Int!) { complaints(first: $first, orderBy: RECEIVED_ASC) { nodes {
  escalation { chain { code } alerts { rule evidence {
    ... on SentenceEvidence { sentence } ... on RepeatEvidence { complaints { reference } }
    ... on GroupEvidence { complaints { reference } } } } }
} } }
"""
PLAN = "云汀稳盈资管计划第{n}期到期没有兑付，客户经理说等通知，本金{n}0万元要求马上归还。"


async def register(bank: Bank, narrative: str, **changes: object) -> str:
    given = {"narrative": narrative, "channel": "PHONE", **changes}
    data = await ask(bank.services, REGISTER, input=given)
    assert data["registerComplaint"]["errors"] == []
    return str(data["registerComplaint"]["complaint"]["id"])


async def test_a_registered_threat_is_escalated_with_its_evidence(bank: Bank) -> None:
    identity = await register(
        bank,
        "年费重复扣收。三天内不退，我就去法院起诉！谢谢。",
        amount={"value": "80000", "currency": "CNY"},
    )
    case = (await ask(bank.services, CASE, id=identity))["complaint"]
    found = case["escalation"]
    assert case["level"] == case["ruleLevel"] == "YELLOW"
    assert found["chain"] == {"code": "DEPARTMENT_HEAD", "label": "department head"}
    assert found["setBy"] is None
    alerts = {alert["rule"]: alert for alert in found["alerts"]}
    assert set(alerts) == {"lawsuit", "amount-large"}
    assert alerts["lawsuit"]["evidence"]["sentence"] == "三天内不退，我就去法院起诉！"
    assert alerts["lawsuit"]["label"] == "threat of a lawsuit"
    assert alerts["lawsuit"]["zh"] == "提出诉讼"
    assert alerts["amount-large"]["evidence"]["amount"] == {"value": "80000.00", "currency": "CNY"}
    events = case["events"]["nodes"]
    assert [event["kind"] for event in events] == ["REGISTERED", "LEVEL_RAISED"]
    assert (events[1]["actor"], events[1]["version"]) == ("system", None)
    past = "query ($id: ID!, $at: DateTime!) { complaint(id: $id, at: $at) { level ruleLevel } }"
    then = await ask(bank.services, past, id=identity, at=datetime.now(UTC).isoformat())
    assert then["complaint"] == {"level": "YELLOW", "ruleLevel": "YELLOW"}


async def test_a_group_is_listed_with_all_its_complaints(bank: Bank) -> None:
    ids = [
        await register(bank, PLAN.format(n=n), customer={"mobile": f"1391234000{n}"})
        for n in range(1, 6)
    ]
    for identity in ids:
        case = (await ask(bank.services, CASE, id=identity))["complaint"]
        assert case["level"] == "RED"
        (alert,) = [a for a in case["escalation"]["alerts"] if a["kind"] == "GROUP_EVENT"]
        assert alert["evidence"]["figures"]["customers"] == 5
        assert len(alert["evidence"]["complaints"]) == 5
        assert alert["evidence"]["template"] is True
        assert case["escalation"]["chain"]["code"] == "PROVINCE"
    listed = """
    query ($first: Int, $after: String) {
      alerts(first: $first, after: $after, kinds: [GROUP_EVENT]) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { label(language: EN) evidence { ... on GroupEvidence {
        figures { size } complaints { id } } } } } }
    """
    page = (await ask(bank.services, listed, first=1))["alerts"]
    assert page["totalCount"] == 1
    assert {each["id"] for each in page["nodes"][0]["evidence"]["complaints"]} == set(ids)
    rest = await ask(bank.services, listed, first=1, after=page["pageInfo"]["endCursor"])
    assert rest["alerts"]["nodes"] == []


async def test_a_handler_sees_the_evidence_without_the_bank_s_figures(bank: Bank) -> None:
    """Figures of the whole bank are not a handler's; the rest of the evidence stays."""
    desk = Identity("ann", None, frozenset({Role.HANDLER}), Reach(everything=True), Method.TOKEN)
    text = "{ complaints(filter: {levels: [RED]}, first: 5) { nodes { " + (
        "escalation { alerts { kind evidence { kind: __typename "
        "... on GroupEvidence { figures { customers } complaints { reference } } "
        "... on RiseEvidence { figures { count } narrowing { branches } } } } } } } }"
    )
    result = await execute(bank.services, text, identity=desk)
    evidence = [
        alert["evidence"]
        for node in result.data["complaints"]["nodes"]
        for alert in node["escalation"]["alerts"]
        if alert["kind"] == "GROUP_EVENT"
    ]
    assert evidence
    assert all(each["figures"] is None and len(each["complaints"]) == 5 for each in evidence)
    assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}


async def test_escalations_of_fifty_cost_as_many_statements_as_that_of_one(bank: Bank) -> None:
    one = await execute(bank.services, MANY, first=1)
    fifty = await execute(bank.services, MANY, first=50)
    assert one.errors is None
    assert fifty.errors is None
    assert statements(one) == statements(fifty)


async def test_a_case_that_no_rule_fires_on_is_the_specialists(bank: Bank) -> None:
    identity = await register(bank, "请问房贷利率什么时候调整？")
    case = (await ask(bank.services, CASE, id=identity))["complaint"]
    assert case["escalation"]["chain"]["code"] == "SPECIALIST"
    assert case["escalation"]["alerts"] == []
    assert case["ruleLevel"] == "GREEN"
