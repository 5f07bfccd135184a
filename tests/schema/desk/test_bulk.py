"""One step on many cases: each is taken or refused by itself; and comments."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from graph.consistency import check
from graph.domain.access import Identity, Reach, Role
from graph.errors import UnavailableError
from ingest.desk import Desk
from ingest.record import IncomingComplaint
from schema.desk.bulk import MOST_CASES
from schema.desk.inputs import MUTATIONS
from schema.ids import NodeKind, global_id, key_of
from tests.support.bank import START, Bank, load
from tests.support.graphql import SCHEMA, ask, execute

pytestmark = pytest.mark.graph

BULK = """
mutation ($i: TakeStepInBulkInput!) { takeStepInBulk(input: $i) {
  taken refused errors { code path message }
  results { complaintId complaint { id version assignee }
    errors { code path } changedSince { kind actor } } } }
"""
REGISTER = """
mutation ($n: String!, $b: String) { registerComplaint(input: {narrative: $n, branch: $b}) {
  complaint { id version } } }
"""
EVENTS = """
query ($id: ID!) { node(id: $id) { ... on Complaint { version
  events(first: 50) { nodes { kind note actor version label(language: EN) } } } } }
"""


async def registered(bank: Bank, number: int, branch: str = "BJ-01") -> dict[str, Any]:
    """A new case as it is named in bulk."""
    given = {"n": f"柜台第{number}次把存单日期写错，要求更正", "b": branch}
    made = (await ask(bank.services, REGISTER, **given))["registerComplaint"]["complaint"]
    return {"complaint": made["id"], "version": made["version"]}


async def imported(bank: Bank, count: int) -> list[dict[str, Any]]:
    """New cases without a text, which nothing is linked to."""
    records = [
        # Later than the bank's own, which other tests ask for as the first ones.
        IncomingComplaint(
            source_system="bulk", source_id=uuid4().hex, received_at=START + timedelta(days=200)
        )
        for _ in range(count)
    ]
    await load(bank.services, records)
    now = datetime.now(UTC)
    ids = [bank.services.preparer.prepare(each, now=now).id for each in records]
    return [{"complaint": global_id(NodeKind.COMPLAINT, key), "version": 1} for key in ids]


async def in_bulk(bank: Bank, cases: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    data = await ask(bank.services, BULK, i={"cases": cases, **given})
    return dict(data["takeStepInBulk"])


def test_every_step_can_be_taken_in_bulk() -> None:
    steps = SCHEMA._schema.type_map["BulkStep"].fields
    assert len(steps) == len(MUTATIONS)
    for mutation, field in zip(MUTATIONS.values(), steps.values(), strict=True):
        single = SCHEMA._schema.mutation_type.fields[mutation].args["input"].type.of_type
        aside = {"complaint", "version", "idempotencyKey", "clientMutationId"}
        assert {n: str(f.type) for n, f in field.type.fields.items()} == {
            n: str(f.type) for n, f in single.fields.items() if n not in aside
        }


async def test_sixty_cases_are_handed_over_and_one_is_told(bank: Bank) -> None:
    cases = await imported(bank, 60)
    step = {"assign": {"assignee": "li", "note": "电话13812345678"}}
    single = """mutation ($i: SetLevelInput!) { setLevel(input: $i) { errors { code } } }"""
    raised = {**cases[17], "level": "YELLOW", "note": "press"}
    assert (await ask(bank.services, single, i=raised))["setLevel"]["errors"] == []
    answer = await in_bulk(bank, cases, step=step)
    assert (answer["taken"], answer["refused"], answer["errors"]) == (59, 1, [])
    results = answer["results"]
    assert [each["complaintId"] for each in results] == [case["complaint"] for case in cases]
    stale = results.pop(17)
    assert stale["errors"] == [
        {"code": "STALE_VERSION", "path": ["input", "cases", "17", "version"]}
    ]
    assert stale["changedSince"] == [{"kind": "LEVEL_SET", "actor": "local"}]
    assert stale["complaint"]["assignee"] is None
    assert {(r["complaint"]["assignee"], r["complaint"]["version"]) for r in results} == {("li", 2)}
    case = (await ask(bank.services, EVENTS, id=cases[0]["complaint"]))["node"]
    assert case["events"]["nodes"][-1]["note"] == "电话[手机号]"
    assert (await check(bank.services.database)).examples == []


async def test_a_retry_takes_what_was_not_taken(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash in the middle: what was done is not done again, the rest is."""
    cases = await imported(bank, 4)
    given = {"step": {"assign": {"assignee": "wu"}}, "idempotencyKey": str(uuid4())}
    take, lost = Desk.take, {key_of(cases[2]["complaint"], NodeKind.COMPLAINT)}

    async def failing(self: Desk, complaint: str, *rest: Any, **more: Any) -> Any:
        if complaint in lost:
            lost.clear()
            raise UnavailableError("The graph is away.")
        return await take(self, complaint, *rest, **more)

    monkeypatch.setattr(Desk, "take", failing)
    first = await execute(bank.services, BULK, i={"cases": cases, **given})
    assert first.errors[0].extensions["code"] == "UNAVAILABLE"
    answer = await in_bulk(bank, cases, **given)
    assert answer["taken"] == 4
    assert {each["complaint"]["version"] for each in answer["results"]} == {2}
    other = await in_bulk(bank, cases[:2], **given)
    assert [error["code"] for error in other["errors"]] == ["CONFLICT"]
    assert other["results"] == []


async def test_of_sixteen_at_once_one_takes_each_case(bank: Bank) -> None:
    """All saw the same version, and name the cases in orders of their own."""
    cases = await imported(bank, 10)
    orders = [Random(n).sample(cases, len(cases)) for n in range(16)]
    answers = await asyncio.gather(
        *(
            in_bulk(bank, order, step={"assign": {"assignee": f"hand-{n}"}})
            for n, order in enumerate(orders)
        )
    )
    assert sum(answer["taken"] for answer in answers) == len(cases)
    results = [result for answer in answers for result in answer["results"]]
    codes = {error["code"] for result in results for error in result["errors"]}
    assert codes == {"STALE_VERSION"}
    winners = {
        result["complaintId"]: f"hand-{n}"
        for n, answer in enumerate(answers)
        for result in answer["results"]
        if not result["errors"]
    }
    for case in cases:
        query = "query ($id: ID!) { node(id: $id) { ... on Complaint { assignee version } } }"
        node = (await ask(bank.services, query, id=case["complaint"]))["node"]
        assert node == {"assignee": winners[case["complaint"]], "version": 2}
    assert (await check(bank.services.database)).examples == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"cases": []}, ["cases"]),
        ({"cases": MOST_CASES + 1}, ["cases"]),
        ({"cases": "twice"}, ["cases"]),
        ({"cases": "nonsense"}, ["cases", "0", "complaint"]),
        ({"step": {}}, ["step"]),
        ({"step": {"assign": {}, "close": {}}}, ["step"]),
        ({"step": {"assign": {"note": "x" * 20_000}}}, ["step", "assign", "note"]),
        ({"step": {"setLevel": {"level": "RED"}}}, ["step", "setLevel", "note"]),
    ],
    ids=str,
)
async def test_what_is_wrong_with_the_request_is_told_once(
    bank: Bank, change: dict[str, Any], path: list[str]
) -> None:
    case = await registered(bank, 200)
    many = {
        "twice": [case, case],
        "nonsense": [{"complaint": "x", "version": 1}],
        MOST_CASES + 1: [case] * (MOST_CASES + 1),
    }
    given = {"cases": [case], "step": {"assign": {}}, **change}
    if not isinstance(given["cases"], list):
        given["cases"] = many[given["cases"]]
    answer = await in_bulk(bank, given["cases"], step=given["step"])
    assert [error["path"] for error in answer["errors"]] == [["input", *path]]
    assert (answer["taken"], answer["results"]) == (0, [])


async def test_a_step_that_a_case_does_not_take_refuses_that_one(bank: Bank) -> None:
    cases = await imported(bank, 2)
    assert (await in_bulk(bank, cases[:1], step={"classify": {}}))["taken"] == 1
    cases[0]["version"] = 2
    answer = await in_bulk(bank, cases, step={"dispatch": {"lead": "CARDS"}})
    assert [each["errors"] for each in answer["results"]] == [
        [],
        [{"code": "STEP_NOT_ALLOWED", "path": ["input", "cases", "1", "complaint"]}],
    ]


async def test_cases_beyond_reach_are_refused_and_stay(bank: Bank) -> None:
    own, foreign = await registered(bank, 400), await registered(bank, 401, branch="SH")
    person = Identity("lin", "Lin", frozenset({Role.HANDLER}), Reach(branches=("BJ",)))
    given = {"cases": [foreign, own], "step": {"assign": {"assignee": "lin"}}}
    result = await execute(bank.services, BULK, identity=person, i=given)
    first, second = result.data["takeStepInBulk"]["results"]
    assert first["errors"] == [{"code": "NOT_FOUND", "path": ["input", "cases", "0", "complaint"]}]
    assert first["complaint"] is None
    assert second["complaint"]["assignee"] == "lin"
    case = (await ask(bank.services, EVENTS, id=foreign["complaint"]))["node"]
    assert "ASSIGNED" not in [event["kind"] for event in case["events"]["nodes"]]


async def test_a_comment_is_an_event_and_leaves_the_version(bank: Bank) -> None:
    case = await registered(bank, 500)
    comment = """mutation ($i: CommentComplaintInput!) { commentComplaint(input: $i) {
      errors { code path } complaint { version } } }"""
    given = {"complaint": case["complaint"], "note": "客户来电13812345678，已解释"}
    answer = (await ask(bank.services, comment, i=given))["commentComplaint"]
    assert answer == {"errors": [], "complaint": {"version": case["version"]}}
    found = (await ask(bank.services, EVENTS, id=case["complaint"]))["node"]
    assert found["events"]["nodes"][-1] == {
        "kind": "NOTED",
        "note": "客户来电[手机号]，已解释",
        "actor": "local",
        "version": None,
        "label": "noted",
    }
    empty = (await ask(bank.services, comment, i={**given, "note": " "}))["commentComplaint"]
    assert empty["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "note"]}]
    # A step on what was seen before the comment is none on something stale.
    answer = await in_bulk(bank, [case], step={"assign": {"assignee": "li"}})
    assert answer["taken"] == 1
    assert (await check(bank.services.database)).examples == []
