"""Cases opened from beyond one's reach: what opens, for whom, for how long, and who is told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from graph.consistency import check
from graph.domain.access import Identity, Reach, Role
from graph.domain.following import Followed
from graph.domain.scope import Scope
from graph.queries.openings import opened_by
from graph.queries.stream import past_events
from schema.ids import NodeKind, key_of
from tests.support.bank import Bank
from tests.support.graphql import ask, execute

pytestmark = pytest.mark.graph

HANDLER = frozenset({Role.HANDLER})
OPEN = """
mutation ($i: OpenCaseInput!) { openCase(input: $i) {
  errors { code path message } opening { id person at endsAt endedBy reason }
  complaint { id reference narrative events(first: 20) { nodes { kind note actor } } } } }
"""
END = """
mutation ($i: EndOpeningInput!) { endOpening(input: $i) {
  errors { code path } opening { endsAt endedBy } complaint { id } } }
"""
LISTED = """
{ openings(first: 50) { totalCount nodes { id person reason complaint { reference } } } }
"""
SEEN = """
query ($id: ID!, $r: String!) {
  node(id: $id) { id } complaint(reference: $r) { id }
  complaints(first: 500) { totalCount nodes { id } }
  findCases(text: $r) { complaints { id } }
  searchComplaints(text: "存单日期写错要求更正") { complaint { id } }
  lexical: searchComplaints(text: "存单日期写错要求更正", mode: LEXICAL) { complaint { id } } }
"""
REGISTER = """
mutation ($n: String!, $b: String) { registerComplaint(input: {narrative: $n, branch: $b}) {
  complaint { id reference version } } }
"""


def person(role: Role = Role.HANDLER, **reach: Any) -> Identity:
    """Somebody of whom nobody has heard before."""
    return Identity(uuid4().hex, "Lin", frozenset({role}), Reach(**reach))


async def at_shanghai(bank: Bank) -> dict[str, Any]:
    given = {"n": f"柜台把存单日期写错，要求更正 {uuid4().hex[:8]}", "b": "SH"}
    data = await ask(bank.services, REGISTER, **given)
    return dict(data["registerComplaint"]["complaint"])


async def now_known(bank: Bank, identity: Identity, at: datetime | None = None) -> Identity:
    """As a request of that time knows the person."""
    now = at or datetime.now(UTC)
    return replace(identity, opened=await opened_by(bank.services.database, identity.actor, now))


async def sent(bank: Bank, identity: Identity, document: str, **given: Any) -> dict[str, Any]:
    known = await now_known(bank, identity)
    result = await execute(bank.services, document, identity=known, i=given)
    assert not result.errors, result.errors
    ((_, payload),) = result.data.items()
    return dict(payload)


async def places(bank: Bank, identity: Identity, case: dict[str, Any]) -> dict[str, bool]:
    """Where the person meets the case."""
    result = await execute(
        bank.services, SEEN, identity=identity, id=case["id"], r=case["reference"]
    )
    assert not result.errors, result.errors
    data, wanted = result.data, {"id": case["id"]}
    return {
        "node": data["node"] == wanted,
        "complaint": data["complaint"] == wanted,
        "complaints": wanted in data["complaints"]["nodes"],
        "findCases": wanted in data["findCases"]["complaints"],
        "search": wanted in [each["complaint"] for each in data["searchComplaints"]],
        "lexical": wanted in [each["complaint"] for each in data["lexical"]],
    }


async def test_a_case_is_open_everywhere_until_it_ends(bank: Bank) -> None:
    case, lin = await at_shanghai(bank), person(branches=("BJ",))
    assert not any((await places(bank, lin, case)).values())
    answer = await sent(
        bank, lin, OPEN, reference=case["reference"], reason="客户在我网点，电话13812345678"
    )
    assert answer["errors"] == []
    assert answer["opening"]["person"] == lin.actor
    assert answer["opening"]["reason"] == "客户在我网点，电话[手机号]"
    assert answer["complaint"]["events"]["nodes"][-1] == {
        "kind": "OPENED",
        "note": "客户在我网点，电话[手机号]",
        "actor": lin.actor,
    }
    known = await now_known(bank, lin)
    assert all((await places(bank, known, case)).values())
    ends = datetime.fromisoformat(answer["opening"]["endsAt"])
    assert ends - datetime.fromisoformat(answer["opening"]["at"]) == timedelta(hours=1)
    before, after = (
        await now_known(bank, lin, ends - timedelta(seconds=1)),
        await now_known(bank, lin, ends),
    )
    assert (len(before.opened), after.opened) == (1, ())
    # Nobody else sees it now.
    assert not any((await places(bank, await now_known(bank, person()), case)).values())
    assert (await check(bank.services.database)).examples == []


async def test_what_is_open_is_read_and_not_changed(bank: Bank) -> None:
    case, lin = await at_shanghai(bank), person(branches=("BJ",))
    await sent(bank, lin, OPEN, reference=case["reference"], reason="customer is here")
    assign = """mutation ($i: AssignComplaintInput!) { assignComplaint(input: $i) {
      errors { code path } } }"""
    refused = await sent(bank, lin, assign, complaint=case["id"], version=1)
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "complaint"]}]
    scope = bank.services.policy.sight(await now_known(bank, lin)).scope
    key = key_of(case["id"], NodeKind.COMPLAINT)
    assert scope.opened == (key,)
    stretch = await past_events(
        bank.services.database, Followed(scope.lasting, complaint=key), 0, 10**9, limit=50
    )
    assert stretch.streamed == ()


async def test_a_precedent_elsewhere_is_opened_by_its_token(bank: Bank) -> None:
    lin = person(branches=("BJ",))
    query = """{ precedents(text: "信用卡年费没有告知", first: 50) {
      reach token case { narrative } complaint { id } } }"""
    found = (await execute(bank.services, query, identity=lin)).data["precedents"]
    elsewhere = next(each for each in found if each["reach"] == "PRECEDENT")
    answer = await sent(bank, lin, OPEN, precedent=elsewhere["token"], reason="the same wording")
    assert answer["errors"] == []
    assert answer["complaint"]["narrative"] == elsewhere["case"]["narrative"]
    known = await now_known(bank, lin)
    again = (await execute(bank.services, query, identity=known)).data["precedents"]
    full = [each for each in again if each["complaint"] == {"id": answer["complaint"]["id"]}]
    assert [each["reach"] for each in full] == ["FULL"]


async def test_its_own_people_are_told_and_others_are_not(bank: Bank) -> None:
    case, lin = await at_shanghai(bank), person(branches=("BJ",))
    made = await sent(bank, lin, OPEN, reference=case["reference"], reason="customer is here")
    row = {
        "id": made["opening"]["id"],
        "person": lin.actor,
        "reason": "customer is here",
        "complaint": {"reference": case["reference"]},
    }
    for role, reach, told in (
        (Role.SUPERVISOR, Reach(branches=("SH",)), True),
        (Role.AUDITOR, Reach(everything=True), True),
        (Role.SUPERVISOR, Reach(branches=("BJ",)), False),
    ):
        someone = Identity("sue", "Sue", frozenset({role}), reach)
        data = (await execute(bank.services, LISTED, identity=someone)).data["openings"]
        assert (row in data["nodes"]) is told
        assert data["totalCount"] == len(data["nodes"])
    denied = await execute(bank.services, LISTED, identity=lin)
    assert denied.errors[0].extensions["code"] == "FORBIDDEN"
    assert denied.data == {"openings": None}


async def test_it_is_ended_by_its_person_or_a_supervisor_of_the_case(bank: Bank) -> None:
    case, lin = await at_shanghai(bank), person(branches=("BJ",))
    reason = {"reference": case["reference"], "reason": "customer is here"}
    for someone, ended in (
        (person(Role.SUPERVISOR, branches=("BJ",)), False),
        (person(branches=("SH",)), False),
        (person(Role.SUPERVISOR, branches=("SH",)), True),
        (lin, True),
    ):
        made = await sent(bank, lin, OPEN, **reason)
        opening = {"opening": made["opening"]["id"]}
        answer = await sent(bank, someone, END, **opening)
        if not ended:
            assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "opening"]}]
            assert (await sent(bank, lin, END, **opening))["errors"] == []
            continue
        assert answer["errors"] == []
        assert answer["opening"]["endedBy"] == someone.actor
        assert (await now_known(bank, lin)).opened == ()
        # A second end changes nothing.
        assert (await sent(bank, lin, END, **opening))["opening"] == answer["opening"]
    active = "{ openings(active: true, first: 500) { nodes { person } } }"
    nodes = (await ask(bank.services, active))["openings"]["nodes"]
    assert {"person": lin.actor} not in nodes


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"reason": "x"}, ("INVALID_INPUT", ["reference"])),
        ({"reason": "x", "reference": "a", "precedent": "b"}, ("INVALID_INPUT", ["reference"])),
        ({"reason": "x", "reference": "NO-SUCH"}, ("NOT_FOUND", ["reference"])),
        ({"reason": "x", "precedent": "nonsense"}, ("INVALID_INPUT", ["precedent"])),
        ({"reason": " "}, ("INVALID_INPUT", ["reason"])),
    ],
    ids=str,
)
async def test_what_does_not_open_is_told(bank: Bank, given: dict[str, Any], error: Any) -> None:
    if given["reason"] == " ":
        given = {**given, "reference": (await at_shanghai(bank))["reference"]}
    answer = await sent(bank, person(branches=("BJ",)), OPEN, **given)
    code, path = error
    assert [(e["code"], e["path"]) for e in answer["errors"]] == [(code, ["input", *path])]
    assert answer["opening"] is answer["complaint"] is None


async def test_what_is_within_reach_is_not_opened(bank: Bank) -> None:
    case = await at_shanghai(bank)
    given = {"reference": case["reference"], "reason": "x"}
    answer = await sent(bank, person(branches=("SH",)), OPEN, **given)
    assert [error["code"] for error in answer["errors"]] == ["INVALID_INPUT"]


async def test_one_person_has_a_few_open_also_at_the_same_moment(bank: Bank) -> None:
    lin = person(branches=("BJ",))
    cases = [await at_shanghai(bank) for _ in range(9)]
    answers = await asyncio.gather(
        *(sent(bank, lin, OPEN, reference=c["reference"], reason="customer") for c in cases)
    )
    codes = sorted(error["code"] for answer in answers for error in answer["errors"])
    assert codes == ["TOO_MANY_OPENINGS"] * 4
    assert len((await now_known(bank, lin)).opened) == 5


async def test_roles_without_the_grant_open_nothing(bank: Bank) -> None:
    case = await at_shanghai(bank)
    for role in (Role.ANALYST, Role.AUDITOR, Role.SERVICE):
        given = {"reference": case["reference"], "reason": "x"}
        result = await execute(bank.services, OPEN, identity=person(role), i=given)
        assert result.data is None or result.data == {"openCase": None}
        assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}
    assert Scope(opened=("x",)).lasting == Scope()
