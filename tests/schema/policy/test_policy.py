"""What people of the small bank see and may do: two branches, two departments."""

from typing import Any
from uuid import uuid4

import pytest

from graph.domain.access import Identity, Reach, Role
from tests.support.bank import Bank
from tests.support.graphql import ask, execute

pytestmark = pytest.mark.graph

# Nobody to whom anything is assigned.
BEIJING = Identity("bea", "Bea", frozenset({Role.HANDLER}), Reach(branches=("BJ",)))
ANALYST = Identity("abe", "Abe", frozenset({Role.ANALYST}), Reach())
SERVICE = Identity("imports", "Imports", frozenset({Role.SERVICE}), Reach())
ADMIN = Identity("adi", "Adi", frozenset({Role.ADMINISTRATOR}), Reach(everything=True))
ALL = "{ complaints(first: 500) { totalCount nodes { id reference version branch { code } } } }"
REGISTER = """
mutation ($i: RegisterComplaintInput!) { registerComplaint(input: $i) {
  errors { code message } complaint { id version } } }
"""
TRANSFER = """
mutation ($i: TransferComplaintInput!) { transferComplaint(input: $i) {
  errors { code path } complaint { id } } }
"""
DISPATCH = TRANSFER.replace("Transfer", "Dispatch").replace("transferC", "dispatchC")
CLASSIFY = TRANSFER.replace("Transfer", "Classify").replace("transferC", "classifyC")


async def seen(bank: Bank, identity: Identity, query: str, **variables: Any) -> Any:
    """The data that somebody gets, without any error."""
    result = await execute(bank.services, query, identity=identity, **variables)
    assert not result.errors, result.errors
    return result.data


async def denied(bank: Bank, identity: Identity, query: str, **variables: Any) -> list[Any]:
    """The places of what somebody may not ask for."""
    result = await execute(bank.services, query, identity=identity, **variables)
    assert result.errors
    assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}
    return [error.path for error in result.errors]


async def rows(bank: Bank) -> list[dict[str, Any]]:
    nodes = (await ask(bank.services, ALL))["complaints"]["nodes"]
    return [
        {**node, "own": node["branch"]["code"].startswith("BJ")} for node in nodes if node["branch"]
    ]


async def test_a_list_and_its_count_are_of_the_cases_within_reach(bank: Bank) -> None:
    own = {row["id"] for row in await rows(bank) if row["own"]}
    page = (await seen(bank, BEIJING, ALL))["complaints"]
    assert {node["id"] for node in page["nodes"]} == own
    assert page["totalCount"] == len(own) < len(await rows(bank))


async def test_what_is_assigned_is_within_reach_wherever_it_arose(bank: Bank) -> None:
    somebody = Identity("handler-2", "Bo", frozenset({Role.HANDLER}), Reach())
    page = await seen(bank, somebody, "{ complaints(first: 500) { nodes { assignee } } }")
    nodes = page["complaints"]["nodes"]
    assert nodes
    assert {node["assignee"] for node in nodes} == {"handler-2"}


async def test_beyond_reach_is_as_if_it_were_not_there(bank: Bank) -> None:
    foreign = next(row for row in await rows(bank) if not row["own"])
    query = "query ($id: ID!, $r: String) { node(id: $id) { id } complaint(reference: $r) { id } }"
    known = await execute(
        bank.services, query, identity=BEIJING, id=foreign["id"], r=foreign["reference"]
    )
    unknown = await execute(bank.services, query, identity=BEIJING, id=foreign["id"], r="none")
    assert known.data == unknown.data == {"node": None, "complaint": None}
    assert known.errors == unknown.errors


async def test_precedents_elsewhere_teach_and_name_nothing(bank: Bank) -> None:
    query = """
    query ($f: ComplaintFilter) { precedents(text: "信用卡年费没有告知", first: 50, filter: $f) {
      reach complaint { id } resolution { id summary } token
      case { narrative product { code } type { code } outcome compensationBand }
      explanation { sharedFacts { kind } } usefulness { recency total } } }
    """
    results = (await seen(bank, BEIJING, query))["precedents"]
    elsewhere = [each for each in results if each["reach"] == "PRECEDENT"]
    assert elsewhere
    assert len(elsewhere) < len(results)
    for each in elsewhere:
        assert each["complaint"] is each["resolution"] is None
        assert each["case"]["narrative"]
        assert round(each["usefulness"]["recency"], 1) == each["usefulness"]["recency"]
    long_ago = "2001-01-01T00:00:00Z"
    for narrowed in (
        {"branches": ["SH"]},
        {"receivedFrom": "2026-01-01T00:00:00Z"},
        {"decidedFrom": long_ago},
        {"recordedFrom": long_ago},
        {"unassigned": True},
        {"urgencies": ["HIGH"]},
        {"segments": ["retail"]},
        {"outcomes": ["UPHELD"], "unassigned": False},
    ):
        left = (await seen(bank, BEIJING, query, f=narrowed))["precedents"]
        assert {each["reach"] for each in left} <= {"FULL"}
    both = (await seen(bank, BEIJING, query, f={"products": ["CARD"]}))["precedents"]
    assert {each["reach"] for each in both} == {"FULL", "PRECEDENT"}
    told = {each["case"]["outcome"] for each in elsewhere}
    for outcome in told:
        alike = (await seen(bank, BEIJING, query, f={"outcomes": [outcome]}))["precedents"]
        assert {each["case"]["outcome"] for each in alike} == {outcome}
        assert "PRECEDENT" in {each["reach"] for each in alike}


async def test_facts_that_a_case_elsewhere_does_not_show_do_not_explain_it(bank: Bank) -> None:
    own = next(row for row in await rows(bank) if row["own"])
    query = """
    query ($id: ID!) { complaint(id: $id) { precedents(first: 100) {
      reach explanation { sharedFacts { kind } summary(language: EN) } } } }
    """
    results = (await seen(bank, BEIJING, query, id=own["id"]))["complaint"]["precedents"]
    elsewhere = [each for each in results if each["reach"] == "PRECEDENT"]
    assert elsewhere
    for each in elsewhere:
        facts = each["explanation"]["sharedFacts"]
        assert {fact["kind"] for fact in facts} <= {"PRODUCT", "TYPE"}
        assert "customer" not in each["explanation"]["summary"]


async def test_a_foreign_case_is_changed_by_nobody_and_told_by_nothing(bank: Bank) -> None:
    foreign = next(row for row in await rows(bank) if not row["own"])
    step = {"complaint": foreign["id"], "version": 99, "type": "FRAUD"}
    answer = (await seen(bank, BEIJING, CLASSIFY, i=step))["classifyComplaint"]
    assert answer == {
        "errors": [{"code": "NOT_FOUND", "path": ["input", "complaint"]}], "complaint": None
    }  # fmt: skip
    relate = """
    mutation ($c: [ID!]!) { relateCases(input: {complaints: $c, relation: SAME_CASE, note: "x"}) {
      errors { code } complaints { id } } }
    """
    own = next(row for row in await rows(bank) if row["own"])
    answer = (await seen(bank, BEIJING, relate, c=[own["id"], foreign["id"]]))["relateCases"]
    assert answer == {"errors": [{"code": "NOT_FOUND"}], "complaints": []}


async def test_a_retry_is_answered_also_when_the_case_has_left_the_reach(bank: Bank) -> None:
    cards = Identity("cy", "Cy", frozenset({Role.HANDLER}), Reach(departments=("CARDS",)))
    new = {
        "narrative": "要求补开发票",
        "product": "CARD-FEE",
        "branch": "SH",
        "department": "CARDS",
    }
    case = (await ask(bank.services, REGISTER, i=new))["registerComplaint"]["complaint"]
    step = {"complaint": case["id"], "version": case["version"], "type": "FEE_DISPUTE"}
    assert (await seen(bank, cards, CLASSIFY, i=step))["classifyComplaint"]["errors"] == []
    step = {
        "complaint": case["id"], "version": case["version"] + 1, "lead": "CREDIT",
        "idempotencyKey": str(uuid4()),
    }  # fmt: skip
    first = await seen(bank, cards, DISPATCH, i=step)
    again = await seen(bank, cards, DISPATCH, i=step)
    assert first == again == {"dispatchComplaint": {"errors": [], "complaint": None}}
    other = await seen(bank, cards, DISPATCH, i={**step, "idempotencyKey": str(uuid4())})
    assert other["dispatchComplaint"]["errors"][0]["code"] == "NOT_FOUND"


async def test_ids_of_another_system_are_for_programs(bank: Bank) -> None:
    new = {"narrative": "手续费", "sourceSystem": "core", "sourceId": str(uuid4())}
    assert await denied(bank, BEIJING, REGISTER, i=new) == [["registerComplaint"]]
    answer = (await seen(bank, SERVICE, REGISTER, i=new))["registerComplaint"]
    # A program without a reach stores it and sees nothing of it.
    assert answer == {"errors": [], "complaint": None}


async def test_an_analyst_counts_without_cases(bank: Bank) -> None:
    query = """{ monthlyCounts(groupBy: BRANCH, from: "2026-01-01", to: "2026-04-30") {
      threshold series { key { code } months { month count hidden } } } }"""
    counts = (await seen(bank, ANALYST, query))["monthlyCounts"]
    assert counts["threshold"] == 5
    cells = [month for each in counts["series"] for month in each["months"]]
    assert {cell["month"] for cell in cells} == {"2026-01", "2026-02", "2026-03", "2026-04"}
    assert all((cell["count"] is None) == cell["hidden"] for cell in cells)
    assert all(cell["count"] is None or cell["count"] >= 5 for cell in cells)
    assert (await seen(bank, ANALYST, ALL))["complaints"]["nodes"] == []
    assert await denied(bank, BEIJING, query) == [["monthlyCounts"]]


async def test_what_cannot_be_divided_needs_the_whole_bank(bank: Bank) -> None:
    query = "{ alerts { totalCount } viewer { person } }"
    assert await denied(bank, BEIJING, query) == [["alerts"]]
    assert (await seen(bank, ADMIN, query))["alerts"]


@pytest.mark.parametrize(
    ("call", "who"),
    [
        ("escalations", ANALYST),
        *((name, BEIJING) for name in ("alerts", "systemicIssues", "remediations")),
        ("alerts", Identity("sue", "Sue", frozenset({Role.SUPERVISOR}), Reach(branches=("BJ",)))),
    ],
)
async def test_a_subscription_that_is_denied_does_not_begin(
    bank: Bank, call: str, who: Identity
) -> None:
    from schema.execution import context_for
    from tests.support.graphql import SCHEMA

    results = await SCHEMA.stream(
        f"subscription {{ {call}(after: 0) {{ position }} }}",
        context_value=context_for(bank.services, who),
    )
    (only,) = [result async for result in results]
    assert only.data is None
    assert only.errors[0].extensions["code"] == "FORBIDDEN"


async def test_a_viewer_is_told_what_the_roles_allow(bank: Bank) -> None:
    query = """
    { viewer { a: can(operation: "answerComplaint") b: can(operation: "erasePerson")
      c: can(operation: "precedents") } }
    """
    assert (await seen(bank, BEIJING, query))["viewer"] == {"a": True, "b": False, "c": True}
    result = await execute(
        bank.services, '{ viewer { can(operation: "answerComplaints") } }', identity=BEIJING
    )
    assert result.errors
    assert "answerComplaint" in result.errors[0].message


async def test_an_administrator_is_told_why(bank: Bank) -> None:
    query = """
    query ($id: ID!, $f: String!, $s: SomebodyInput) {
      explainAccess(complaint: $id, field: $f, somebody: $s) {
        allowed group grant withinReach because } }
    """
    own = next(row for row in await rows(bank) if row["own"])
    handler = {"person": "ann", "roles": ["HANDLER"], "branches": ["BJ"]}

    async def why(field: str, **somebody: Any) -> Any:
        sent = {**handler, **somebody}
        return (await seen(bank, ADMIN, query, id=own["id"], f=field, s=sent))["explainAccess"]

    assert await why("Complaint.customer") == {
        "allowed": True, "group": "customers", "grant": "reach", "withinReach": True,
        "because": ["branch BJ"],
    }  # fmt: skip
    elsewhere = await why("Complaint.customer", branches=["SH"])
    assert (elsewhere["allowed"], elsewhere["because"]) == (False, [])
    analyst = await why("Complaint.customer", roles=["ANALYST"])
    assert (analyst["allowed"], analyst["grant"], analyst["withinReach"]) == (False, None, True)
    result = await execute(
        bank.services, query, identity=ADMIN, id=own["id"], f="Complaint.custommer"
    )
    assert result.errors
    assert "Complaint.customer" in result.errors[0].message
    assert await denied(
        bank, BEIJING, query, id=own["id"], f="Complaint.id"
    ) == [["explainAccess"]]  # fmt: skip
