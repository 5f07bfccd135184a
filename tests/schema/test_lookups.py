"""What has a code or an id, one by one and many at once."""

from typing import Any

import pytest

from graph.domain.access import Identity, Reach, Role
from schema.ids import NodeKind, global_id
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, refused, statements

pytestmark = pytest.mark.graph

BEIJING = Identity("ann", "Ann", frozenset({Role.HANDLER}), Reach(branches=("BJ",)))
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


@pytest.mark.parametrize(
    ("field", "code"),
    [("product", "CARD-FEE"), ("branch", "BJ-01"), ("department", "CARDS")],
)
async def test_an_entry_is_found_by_its_code(bank: Bank, field: str, code: str) -> None:
    query = f"query ($c: String!) {{ {field}(code: $c) {{ code wider {{ code }} }} }}"
    found = (await ask(bank.services, query, c=code))[field]
    assert found["code"] == code
    assert await ask(bank.services, query, c="NOWHERE") == {field: None}


async def test_a_root_cause_is_found_by_its_code(bank: Bank) -> None:
    codes = (await ask(bank.services, "{ rootCauses(first: 1) { nodes { code id } } }"))[
        "rootCauses"
    ]["nodes"]
    query = "query ($c: String!) { rootCause(code: $c) { id } }"
    found = await ask(bank.services, query, c=codes[0]["code"])
    assert found == {"rootCause": {"id": codes[0]["id"]}}


async def some(bank: Bank, first: int) -> list[dict[str, Any]]:
    # The oldest are the bank's own: what other tests register has no branch.
    query = f"""{{ complaints(first: {first}, orderBy: RECEIVED_ASC) {{
      nodes {{ id branch {{ code id }} }} }} }}"""
    return list((await ask(bank.services, query))["complaints"]["nodes"])


async def test_many_keep_their_order_and_what_is_gone_is_null(bank: Bank) -> None:
    rows = await some(bank, 4)
    branch = next(row["branch"]["id"] for row in rows if row["branch"])
    gone = str(global_id(NodeKind.COMPLAINT, "gone"))
    ids = [rows[2]["id"], gone, branch, rows[0]["id"], rows[2]["id"]]
    found = (await ask(bank.services, NODES, ids=ids))["nodes"]
    assert [one and one["id"] for one in found] == [ids[0], None, *ids[2:]]
    assert [one and one["__typename"] for one in found] == [
        "Complaint", None, "Branch", "Complaint", "Complaint",
    ]  # fmt: skip
    assert await ask(bank.services, NODES, ids=[]) == {"nodes": []}


async def test_many_cost_as_many_statements_as_one(bank: Bank) -> None:
    ids = [row["id"] for row in await some(bank, 40)]
    query = NODES.replace(
        "id } }", "... on Complaint { customer { id } product { wider { code } } } } }"
    )
    one = await execute(bank.services, query, ids=ids[:1])
    many = await execute(bank.services, query, ids=ids)
    assert not one.errors
    assert not many.errors
    assert statements(many) == statements(one)


async def test_beyond_reach_is_null_in_its_place(bank: Bank) -> None:
    rows = [row for row in await some(bank, 60) if row["branch"]]
    own = next(row["id"] for row in rows if row["branch"]["code"].startswith("BJ"))
    foreign = next(row["id"] for row in rows if not row["branch"]["code"].startswith("BJ"))
    result = await execute(bank.services, NODES, identity=BEIJING, ids=[foreign, own])
    assert not result.errors
    assert result.data == {"nodes": [None, {"__typename": "Complaint", "id": own}]}


PARTS = """{ complaints(first: 20, orderBy: RECEIVED_ASC,
  filter: {outcomes: [UPHELD, NOT_UPHELD, EXPLAINED]}) { nodes {
  id branch { code } resolution { id } events(first: 1) { nodes { id } } } } }"""


async def test_decisions_and_events_are_found_by_their_ids(bank: Bank) -> None:
    rows = (await ask(bank.services, PARTS))["complaints"]["nodes"]
    wanted = [row["resolution"] for row in rows] + [row["events"]["nodes"][0] for row in rows]
    query = NODES.replace(
        "id } }", "id ... on Resolution { round outcome } ... on CaseEvent { seq kind } } }"
    )
    one = await execute(bank.services, query, ids=[wanted[0]["id"], wanted[-1]["id"]])
    many = await execute(bank.services, query, ids=[each["id"] for each in wanted])
    assert many.data is not None
    assert [node["id"] for node in many.data["nodes"]] == [each["id"] for each in wanted]
    assert {node.get("kind") for node in many.data["nodes"]} == {None, "REGISTERED"}
    assert {node.get("round") for node in many.data["nodes"]} == {None, 1}
    assert statements(one) == statements(many)
    gone = [str(global_id(kind, "gone.1")) for kind in (NodeKind.RESOLUTION, NodeKind.CASE_EVENT)]
    assert await ask(bank.services, NODES, ids=gone) == {"nodes": [None, None]}


async def test_decisions_and_events_beyond_reach_are_null(bank: Bank) -> None:
    rows = (await ask(bank.services, PARTS))["complaints"]["nodes"]
    foreign = [row for row in rows if not row["branch"]["code"].startswith("BJ")]
    own = [row for row in rows if row not in foreign]
    ids = [
        each
        for row in (foreign[0], own[0])
        for each in (row["resolution"]["id"], row["events"]["nodes"][0]["id"])
    ]
    result = await execute(bank.services, NODES, identity=BEIJING, ids=ids)
    assert result.data is not None
    assert [node and node["id"] for node in result.data["nodes"]] == [None, None, *ids[2:]]


async def test_too_many_and_what_is_no_id_are_refused(bank: Bank) -> None:
    one = (await some(bank, 1))[0]["id"]
    error = await refused(bank.services, NODES, ids=[one] * 101)
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["ids"]}
    error = await refused(bank.services, NODES, ids=[one, "no id"])
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["ids", "1"]}


async def test_many_that_are_asked_for_count_as_many(bank: Bank) -> None:
    ids = [row["id"] for row in await some(bank, 60)]
    deep = "similar(first: 100) { complaint { similar(first: 100) { score } } }"
    query = NODES.replace("id } }", f"... on Complaint {{ {deep} }} }} }}")
    error = await refused(bank.services, query, ids=ids)
    assert error["extensions"]["code"] == "TOO_COSTLY"
    inline = query.replace("query ($ids: [ID!]!)", "").replace("$ids", str(ids).replace("'", '"'))
    error = await refused(bank.services, inline)
    assert error["extensions"]["code"] == "TOO_COSTLY"


async def test_a_remediation_is_found_by_its_id(bank: Bank) -> None:
    made = await ask(
        bank.services,
        "mutation ($i: PlanRemediationInput!) { planRemediation(input: $i) "
        "{ errors { code } remediation { id title } } }",
        i={"rootCause": await _cause(bank), "title": "One page about fees"},
    )
    planned = made["planRemediation"]["remediation"]
    query = "query ($id: ID!) { remediation(id: $id) { id title } }"
    assert await ask(bank.services, query, id=planned["id"]) == {"remediation": planned}
    gone = str(global_id(NodeKind.REMEDIATION, "gone"))
    assert await ask(bank.services, query, id=gone) == {"remediation": None}


async def _cause(bank: Bank) -> str:
    found = await ask(bank.services, "{ rootCauses(first: 1) { nodes { code } } }")
    return str(found["rootCauses"]["nodes"][0]["code"])


async def test_rules_are_those_that_run(bank: Bank) -> None:
    query = """{ rules { code kind level chain { code } zh: label(language: ZH)
      en: label(language: EN) } }"""
    found = (await ask(bank.services, query))["rules"]
    running = bank.services.pipeline.escalator.rules.rules
    assert [rule["code"] for rule in found] == [rule.code for rule in running]
    first = running[0]
    assert found[0] == {
        "code": first.code,
        "kind": str(first.kind),
        "level": str(first.level),
        "chain": {"code": str(first.chain)},
        "zh": first.label.zh,
        "en": first.label.en,
    }


async def test_procedures_stand_beside_no_case(bank: Bank) -> None:
    query = """{ procedures { code title(language: EN) types { code } products { code }
      advice { step current text } } }"""
    found = (await ask(bank.services, query))["procedures"]
    shipped = bank.services.procedures.procedure
    assert [one["code"] for one in found] == [one.code for one in shipped]
    for one, model in zip(found, shipped, strict=True):
        assert [each["code"] for each in one["types"]] == list(model.types)
        assert {each["code"] for each in one["products"]} <= set(model.products)
        assert {each["current"] for each in one["advice"]} == {None}


async def test_who_sees_no_case_is_told_neither(bank: Bank) -> None:
    customer = Identity("cus", "Cus", frozenset({Role.CUSTOMER}), Reach())
    query = '{ rules { code } procedures { code } remediation(id: "x") { id } }'
    result = await execute(bank.services, query, identity=customer)
    assert {error.extensions["code"] for error in result.errors or ()} == {"FORBIDDEN"}
    assert len(result.errors or ()) == 3
