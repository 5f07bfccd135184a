"""Who changed what: every event and every change once, the newest first, for auditors alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.domain.access import Identity, Method, Reach, Role
from graph.errors import CursorError, ForbiddenError, InvalidInputError
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, refused

pytestmark = pytest.mark.graph

LIST = """query Activity($person: String, $from: DateTime, $to: DateTime, $first: Int,
  $after: String, $people: Boolean! = false) { activity(person: $person, from: $from, to: $to,
    people: $people, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { position at person event { kind note } complaint { reference }
      change { seq note } alert { id } issue { title } remediation { title } } } }"""
REGISTER = """mutation ($n: String!) { registerComplaint(input: {narrative: $n}) {
  complaint { id reference version } } }"""
COMMENT = """mutation ($i: CommentComplaintInput!) {
  commentComplaint(input: $i) { errors { message } complaint { reference } } }"""
PROPOSE = """mutation ($i: ProposeSystemicIssueInput!) {
  proposeSystemicIssue(input: $i) { errors { message } issue { id version } } }"""
VERIFY = (
    "query ($from: DateTime!) { accessLogVerification(from: $from) { holds records segments } }"
)


async def listed(bank: Bank, **asked: Any) -> list[dict[str, Any]]:
    """The whole list, page by page."""
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await ask(bank.services, LIST, after=after, **asked))["activity"]
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(nodes)
            return nodes
        after = page["pageInfo"]["endCursor"]


async def kept(bank: Bank) -> list[int]:
    """The positions of all events and changes, as they stand in the graph."""
    rows = await bank.services.database.read(
        "MATCH (n:CaseEvent|Change) RETURN n.position AS position ORDER BY position"
    )
    return [row["position"] for row in rows]


async def test_each_event_and_each_change_is_listed_once(bank: Bank) -> None:
    made = await ask(bank.services, REGISTER, n="转账被退回，手续费没有退")
    case = made["registerComplaint"]["complaint"]
    note = {"complaint": case["id"], "note": "已联系客户 13671530826"}
    await ask(bank.services, COMMENT, i=note)
    issue = {"title": "手续费不退", "level": "YELLOW", "rootCauses": ["UNTOLD"]}
    proposed = await ask(bank.services, PROPOSE, i=issue)
    assert proposed["proposeSystemicIssue"]["errors"] == []
    nodes = await listed(bank, first=7)
    assert sorted(int(node["position"]) for node in nodes) == await kept(bank)
    times = [(datetime.fromisoformat(n["at"]), int(n["position"])) for n in nodes]
    assert times == sorted(times, reverse=True)
    last, comment, *_ = nodes
    assert (last["issue"], last["event"], last["person"]) == (
        {"title": "手续费不退"},
        None,
        "local",
    )
    assert comment["event"]["kind"] == "NOTED"
    assert comment["complaint"] == {"reference": case["reference"]}
    assert "13671530826" not in comment["event"]["note"]


async def test_it_is_narrowed_to_a_person_and_a_period(bank: Bank) -> None:
    await ask(bank.services, REGISTER, n="再不退款，我就去监管部门投诉。")
    everything = await listed(bank, first=100)
    system = await listed(bank, first=100, person="local")
    assert system == [node for node in everything if node["person"] == "local"]
    middle = everything[len(everything) // 2]["at"]
    later = await listed(bank, first=100, **{"from": middle})
    earlier = await listed(bank, first=100, to=middle)
    assert later + earlier == everything
    assert all(node["at"] >= middle for node in later)
    assert await listed(bank, first=100, person="nobody-of-this-name") == []
    people = await listed(bank, first=100, people=True)
    assert people == [node for node in everything if node["person"] != "system"]
    assert len(people) < len(everything)


async def test_others_than_auditors_get_nothing(bank: Bank) -> None:
    whole = Reach(everything=True)
    handler = Identity("u-1", "Lin", frozenset({Role.HANDLER}), whole, Method.TOKEN)
    for identity in (
        handler,
        replace(handler, roles=frozenset({Role.AUDITOR}), reach=Reach(branches=("BJ",))),
    ):
        result = await execute(bank.services, LIST, identity=identity)
        assert result.data == {"activity": None}
        assert [e.extensions["code"] for e in result.errors or () if e.extensions] == [
            ForbiddenError.code
        ]
    auditor = replace(handler, roles=frozenset({Role.AUDITOR}))
    result = await execute(bank.services, LIST, identity=auditor)
    assert not result.errors


async def test_a_cursor_of_another_list_is_refused(bank: Bank) -> None:
    page = (await ask(bank.services, LIST, first=1))["activity"]["pageInfo"]
    error = await refused(bank.services, LIST, first=1, after=page["endCursor"], person="local")
    assert error["extensions"]["code"] == CursorError.code


async def test_the_log_is_verified_as_far_as_it_is_asked_for(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = 'query Case { complaint(reference: "BANK-1") { reference } }'
    await ask(bank.services, look)
    asked = {"from": "2026-01-01"}
    before = (await ask(bank.services, VERIFY, **asked))["accessLogVerification"]
    assert before["holds"]
    assert before["records"] >= 2
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    later = (await ask(bank.services, VERIFY, **{"from": ahead}))["accessLogVerification"]
    assert later == {"holds": True, "records": 0, "segments": 0}
    monkeypatch.setattr("schema.recorder.MOST_VERIFIED", 1)
    error = await refused(bank.services, VERIFY, **asked)
    assert error["extensions"]["code"] == InvalidInputError.code
    assert "audit verify" in error["message"]


async def test_what_is_older_than_the_order_has_the_position_0(bank: Bank) -> None:
    database = bank.services.database
    await database.run(
        """CREATE (a:Alert {id: 'old', kind: 'SURGE', rule: 'surge', state: 'OPEN', version: 1})
        CREATE (a)-[:HAS_CHANGE]->(:Change {id: 'old.1', seq: 1, at: $at, actor: 'elder',
          before: '{}', after: '{"state": "OPEN"}', position: -7})""",
        at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    try:
        # Of the alert itself this one lacks most.
        document = (
            """{ activity(person: "elder", first: 5) { nodes { position change { seq } } } }"""
        )
        (node,) = (await ask(bank.services, document))["activity"]["nodes"]
    finally:
        await database.run("MATCH (a:Alert {id: 'old'})-[:HAS_CHANGE]->(x) DETACH DELETE a, x")
    assert (node["position"], node["change"]["seq"]) == ("0", 1)


async def test_a_changed_record_is_told(bank: Bank) -> None:
    document = """query ($from: DateTime!) { accessLogVerification(from: $from) {
        holds breaks { segment number description own: description(language: EN) } } }"""
    rows = await bank.services.database.read(
        """MATCH (r:AccessRecord) WHERE r.kind = 'ACCESS'
        RETURN r.segment AS segment, r.number AS number, r.actor AS actor
        ORDER BY segment, number LIMIT 1"""
    )
    (row,) = rows
    change = """MATCH (r:AccessRecord {segment: $segment, number: $number})
        SET r.actor = $actor"""
    place = {"segment": row["segment"], "number": row["number"]}
    await bank.services.database.run(change, actor="somebody else", **place)
    try:
        told = await ask(bank.services, document, **{"from": "2026-01-01"})
    finally:
        await bank.services.database.run(change, actor=row["actor"], **place)
    assert told["accessLogVerification"] == {
        "holds": False,
        "breaks": [
            {**place, "description": "被改动过或是插入的", "own": "it was changed or put in"}
        ],
    }
    again = await ask(bank.services, document, **{"from": "2026-01-01"})
    assert again["accessLogVerification"]["holds"]
