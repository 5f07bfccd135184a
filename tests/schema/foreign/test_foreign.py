"""What is beyond reach is as if it were not there: told, changed, followed, paged and counted."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_composite_type

from benchmarks.operations.borders import Borders, Desk, Row, borders_of, gid, raw, refresh
from benchmarks.operations.oracle import Oracle, group_of, identities
from benchmarks.operations.wide import SCHEMA, WIDE, asked
from graph.domain.access import LOCAL, Identity
from graph.domain.enums import EventKind
from graph.queries.stream import settled_position
from schema.execution import context_for
from schema.follower import Follower
from tests.support.bank import Bank
from tests.support.desk import INPUTS
from tests.support.events import happen
from tests.support.paths import ORDERS, analyses
from tests.support.selections import Selecting

pytestmark = pytest.mark.graph

PEOPLE = identities()
#: Each with another part of the bank, or none.
PARTS = (
    "HANDLER BJ", "HANDLER CARDS", "HANDLER ann", "HANDLER none", "SUPERVISOR ann at BJ-01",
    "ANALYST BJ", "AUDITOR CREDIT and SH", "ADMINISTRATOR SH", "SERVICE BJ", "HANDLER AUDITOR BJ",
)  # fmt: skip
AT_THE_DESK = (
    "HANDLER BJ", "HANDLER ann", "HANDLER none", "SUPERVISOR ann at BJ-01", "ADMINISTRATOR SH",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(bank: Bank) -> Borders:
    return await borders_of(bank.services)


async def answered(made: Borders, identity: Identity, text: str, **variables: Any) -> Any:
    """Data and errors, as clients get them, without the time a statement took."""
    result = await asked(made.services, identity, text, **variables)
    return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}


async def data(made: Borders, identity: Identity, text: str, **variables: Any) -> Any:
    found = await answered(made, identity, text, **variables)
    assert found["errors"] == []
    return found["data"]


def absent(row: Row) -> str:
    """A key of the same form that there is not."""
    return row.id[::-1]


def same(one: Any, other: Any, sent: str, instead: str) -> bool:
    """Whether two answers are alike byte for byte, but for what was sent."""
    texts = [json.dumps(each, ensure_ascii=False, sort_keys=True) for each in (one, other)]
    return texts[0].replace(sent, instead) == texts[1]


def some_foreign(oracle: Oracle) -> list[Row]:
    """Of every branch one that is decided and one that is not, and one with alerts."""
    found: dict[Any, Row] = {}
    for row in sorted(oracle.foreign, key=lambda row: row.reference):
        found.setdefault((row.branch, row.decided, bool(row.alerts)), row)
    return list(found.values())


BY_ID = {
    "node": "node(id: $id) { __typename id }",
    "complaint": "complaint(id: $id) { id reference }",
    "earlier": 'complaint(id: $id, at: "2026-11-01T00:00:00Z") { id reference }',
    "outcomeCheck": "outcomeCheck(complaint: $id, proposed: {outcome: UPHELD}) { count }",
    "explainAccess": 'explainAccess(complaint: $id, field: "Complaint.narrative") { allowed }',
}


@pytest.mark.parametrize("name", PARTS)
async def test_a_foreign_case_is_told_as_one_that_there_is_not(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    for row in some_foreign(oracle):
        for call in BY_ID.values():
            text = f"query ($id: ID!) {{ {call} }}"
            sent = [gid("Complaint", key) for key in (row.id, absent(row))]
            one, other = [await answered(made, oracle.identity, text, id=id_) for id_ in sent]
            assert same(one, other, *sent), (call, one, other)
        for call in ("complaint(reference: $r)", 'complaint(reference: $r, at: "2026-11-01")'):
            text = f"query ($r: String!) {{ {call} {{ id }} }}"
            sent = [row.reference, row.reference[:-3] + "zzz"]
            one, other = [await answered(made, oracle.identity, text, r=r) for r in sent]
            assert same(one, other, *sent), (call, one, other)


@pytest.mark.parametrize("name", PARTS)
async def test_what_hangs_on_a_foreign_case_is_not_there(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    text = "query ($id: ID!) { node(id: $id) { __typename id } }"
    asked_for = 0
    for row in some_foreign(oracle):
        hanging = {
            "Customer": {row.customer} - oracle.customers - {None},
            "Alert": {
                key for key in row.alerts if not made.groups.get(key, frozenset()) & oracle.reach
            },
            "Resolution": row.resolutions,
            "CaseEvent": row.events,
        }
        for kind, keys in hanging.items():
            for key in sorted(keys)[:1]:
                other = key.replace(row.id, absent(row)) if row.id in key else key[::-1]
                sent = [gid(kind, one) for one in (key, other)]
                answers = [await answered(made, oracle.identity, text, id=one) for one in sent]
                assert same(*answers, *sent), (kind, answers)
                asked_for += 1
    assert asked_for


@pytest.mark.parametrize("name", PARTS)
async def test_who_filed_foreign_cases_alone_is_nobody(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    known = {row.customer for row in oracle.own}
    foreign = sorted({row.customer for row in oracle.foreign if row.customer} - known)
    assert foreign
    for key in foreign[:3]:
        sent = [gid("Customer", key), gid("Customer", key[::-1])]
        for call in (
            "customer(id: $id) { id complaintCount }",
            "complaints(filter: {customer: $id}) { totalCount nodes { id } }",
            "complaints(filter: {not: {customer: $id}}) { totalCount }",
            "measures(filter: {customer: $id}) { total }",
        ):
            text = f"query ($id: ID!) {{ {call} }}"
            answers = [await answered(made, oracle.identity, text, id=one) for one in sent]
            assert same(*answers, *sent), (call, answers)


@pytest.mark.parametrize("name", PARTS)
async def test_a_foreign_clerk_is_as_one_that_there_is_not(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    known = {row.assignee for row in oracle.own}
    foreign = sorted({row.assignee for row in oracle.foreign if row.assignee} - known)
    assert foreign
    for call in (
        "complaints(filter: {assignee: $a}) { totalCount nodes { id } }",
        'searchComplaints(text: "年费", filter: {assignee: $a}) { complaint { id } }',
        'precedents(text: "年费", filter: {assignee: $a}) { reach }',
        "measures(filter: {assignee: $a}) { total }",
    ):
        text = f"query ($a: String!) {{ {call} }}"
        sent = [foreign[0], "keeper-nobody"]
        answers = [await answered(made, oracle.identity, text, a=one) for one in sent]
        assert same(*answers, *sent), (call, answers)


@pytest.mark.parametrize("name", PARTS)
async def test_a_foreign_number_finds_as_much_as_none(made: Borders, name: str) -> None:
    """By reference, by part of it and by the customer's number there is nothing to be found."""
    oracle = Oracle(PEOPLE[name], made)
    text = "query ($t: String!) { findCases(text: $t) { matchedBy complaints { id } } }"
    for row in some_foreign(oracle):
        for sent in (row.reference, row.reference[:-2]):
            found = await answered(made, oracle.identity, text, t=sent)
            assert oracle.leaks(found) == [], (sent, found)
            matches = (found["data"] or {}).get("findCases")
            if matches and matches["matchedBy"] == "REFERENCE":
                assert matches["complaints"] == []


# ---- steps


_STANDS = """
MATCH (c:Complaint) RETURN c.id AS id, c.version AS version, c.eventSeq AS seq ORDER BY id
"""
_RATINGS = "MATCH ()-[r:RATED]->() RETURN count(r) AS n"


async def standing(made: Borders) -> Any:
    return [dict(row) for row in await made.services.database.read(_STANDS)]


def step(mutation: str) -> str:
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    return f"""mutation ($i: {kind}!) {{ {mutation}(input: $i) {{
      errors {{ code message path }} complaint {{ id version }}
      changedSince {{ seq kind actor at fields }} }} }}"""


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_no_step_is_taken_on_a_foreign_case(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    before = await standing(made)
    versions = {row["id"]: row["version"] for row in before}
    steps = {**INPUTS, "redactComplaint": {"passages": ["口令"]}}
    for row in (one for one in some_foreign(oracle) if one.branch in ("SH", "BJ", None)):
        for mutation, given in steps.items():
            text = step(mutation)
            for version in (versions[row.id], versions[row.id] + 5):
                answers = []
                for key in (row.id, absent(row)):
                    i = {**given, "complaint": gid("Complaint", key), "version": version}
                    answers.append(await answered(made, oracle.identity, text, i=i))
                assert same(*answers, row.id, absent(row)), (mutation, answers)
                (payload,) = answers[0]["data"].values()
                assert payload["complaint"] is None
                assert payload["changedSince"] == []
                assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"], payload
    assert await standing(made) == before


_RELATE = """mutation ($i: RelateCasesInput!) { relateCases(input: $i) {
  errors { code message path } complaints { id } } }"""


@pytest.mark.parametrize("name", ["HANDLER BJ", "SUPERVISOR ann at BJ-01", "ADMINISTRATOR SH"])
async def test_a_case_is_not_related_to_a_foreign_one(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    before = await standing(made)
    own = oracle.own[0].id
    for row in some_foreign(oracle)[:3]:
        for relation in ("SAME_CASE", "OTHER_CASE", "DERIVED"):
            answers = []
            for key in (row.id, absent(row)):
                ids = [gid("Complaint", own), gid("Complaint", key)]
                i = {"complaints": ids, "relation": relation, "note": "x"}
                answers.append(await answered(made, oracle.identity, _RELATE, i=i))
            assert same(*answers, row.id, absent(row)), answers
            assert answers[0]["data"]["relateCases"]["errors"]
    assert await standing(made) == before


_TOKENS = """query ($id: ID!) { complaint(id: $id) {
  precedents(first: 20) { token complaint { id } } } }"""
_RATE = """mutation ($i: RatePrecedentInput!) { ratePrecedent(input: $i) {
  errors { code message path } complaint { id reference narrative } } }"""


@pytest.mark.parametrize("name", ["HANDLER BJ", "HANDLER none", "ADMINISTRATOR SH"])
async def test_a_token_about_a_foreign_case_shows_nothing(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    for row in some_foreign(oracle):
        found = await data(made, LOCAL, _TOKENS, id=gid("Complaint", row.id))
        for precedent in found["complaint"]["precedents"]:
            i = {"token": precedent["token"], "useful": True}
            answer = await answered(made, oracle.identity, _RATE, i=i)
            assert oracle.leaks(answer) == [], answer


async def test_a_token_is_no_text_that_can_be_read(made: Borders) -> None:
    oracle = Oracle(PEOPLE["HANDLER BJ"], made)
    text = 'query { precedents(text: "年费没有提前告知，要求退还", first: 30) { reach token } }'
    found = (await data(made, oracle.identity, text))["precedents"]
    assert {one["reach"] for one in found} == {"FULL", "PRECEDENT"}
    assert oracle.leaks([one["token"] for one in found]) == []


# ---- a case that leaves the reach


_REGISTER = """mutation ($i: RegisterComplaintInput!) { registerComplaint(input: $i) {
  errors { code message path } complaint { id version branch { code } } } }"""


async def test_a_request_that_is_repeated_shows_nothing_of_a_case_that_has_left(
    made: Borders,
) -> None:
    who = PEOPLE["HANDLER BJ"]
    i = {"narrative": "账户被收管理费，请核实", "branch": "BJ-01", "idempotencyKey": str(uuid4())}
    first = (await data(made, who, _REGISTER, i=i))["registerComplaint"]
    assert first["errors"] == []
    case = raw(first["complaint"]["id"])
    assign = {
        "complaint": first["complaint"]["id"],
        "version": first["complaint"]["version"],
        "assignee": "cyn",
        "idempotencyKey": str(uuid4()),
    }
    taken = (await data(made, who, step("assignComplaint"), i=assign))["assignComplaint"]
    assert taken["errors"] == []
    assert (await data(made, who, _REGISTER, i=i))["registerComplaint"] == first | {
        "complaint": first["complaint"] | {"version": taken["complaint"]["version"]}
    }
    await Desk(made.services).step("classifyComplaint", case, branch="SH")
    await refresh(made)
    oracle = Oracle(who, made)
    assert case not in oracle.reach
    again = await answered(made, who, _REGISTER, i=i)
    assert oracle.leaks(again) == [], again
    assert again["data"]["registerComplaint"]["complaint"] is None
    again = await answered(made, who, step("assignComplaint"), i=assign)
    assert oracle.leaks(again) == [], again
    assert again["data"]["assignComplaint"]["complaint"] is None


@pytest.mark.parametrize("moved", ["to SH", "from ann", "to CREDIT"])
async def test_a_case_that_is_handed_over_takes_its_past_along(made: Borders, moved: str) -> None:
    who = {"to SH": "HANDLER BJ", "from ann": "HANDLER ann", "to CREDIT": "HANDLER CARDS"}[moved]
    oracle = Oracle(PEOPLE[who], made)
    row = made.rows[made.moved[moved]]
    assert row.id not in oracle.reach
    text = """query ($id: ID!, $r: String!, $at: DateTime!) {
      now: complaint(id: $id) { id } then: complaint(id: $id, at: $at) { id branch { code } }
      named: complaint(reference: $r, at: $at) { id }
      assigned: complaints(filter: {assignee: "ann"}, first: 100) { nodes { id } }
      listed: complaints(first: 100) { nodes { id } } }"""
    events = await made.services.database.read(
        "MATCH (c:Complaint {id: $id})-[:HAS_EVENT]->(e) RETURN toString(e.recordedAt) AS at "
        "ORDER BY e.seq",
        id=row.id,
    )
    for event in events:
        given = {"id": gid("Complaint", row.id), "r": row.reference, "at": event["at"]}
        found = await data(made, oracle.identity, text, **given)
        assert found["now"] is found["then"] is found["named"] is None
        assert oracle.leaks(found) == []


# ---- lists


_PAGE = """query ($o: ComplaintOrder, $f: ComplaintFilter, $first: Int, $after: String, $last: Int,
    $before: String) {
  complaints(orderBy: $o, filter: $f, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id } edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def listed(made: Borders, identity: Identity, **given: Any) -> tuple[list[str], list[int]]:
    """Ids of all pages, in order, and how long each page was."""
    ids: list[str] = []
    lengths = []
    after: str | None = None
    while True:
        page = (await data(made, identity, _PAGE, **given, after=after))["complaints"]
        ids += [raw(node["id"]) for node in page["nodes"]]
        lengths.append(len(page["nodes"]))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(ids)
            return ids, lengths


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_are_full_and_hold_what_is_in_reach(made: Borders, order: str) -> None:
    whole, _ = await listed(made, LOCAL, o=order, first=100)
    assert set(whole) == set(made.rows)
    for name in ("HANDLER BJ", "HANDLER ann", "SUPERVISOR ann at BJ-01", "ANALYST BJ"):
        oracle = Oracle(PEOPLE[name], made)
        expected = [one for one in whole if one in oracle.reach]
        ids, lengths = await listed(made, oracle.identity, o=order, first=20)
        assert ids == expected
        assert all(length == 20 for length in lengths[:-1])
        back: list[str] = []
        before: str | None = None
        while True:
            given = {"o": order, "last": 20, "before": before}
            page = (await data(made, oracle.identity, _PAGE, **given))["complaints"]
            back[:0] = [raw(node["id"]) for node in page["nodes"]]
            before = page["pageInfo"]["startCursor"]
            if not page["pageInfo"]["hasPreviousPage"]:
                break
        assert back == expected


@pytest.mark.parametrize("name", ["HANDLER BJ", "HANDLER ann", "HANDLER none", "ANALYST BJ"])
async def test_a_cursor_at_a_foreign_case_opens_nothing(made: Borders, name: str) -> None:
    await refresh(made)
    oracle = Oracle(PEOPLE[name], made)
    page = (await data(made, LOCAL, _PAGE, first=100))["complaints"]
    order = [raw(node["id"]) for node in page["nodes"]]
    for place in (3, 40, 90):
        given = {"first": 5, "after": page["edges"][place]["cursor"]}
        found = await answered(made, oracle.identity, _PAGE, **given)
        assert oracle.leaks(found) == []
        if found["data"]["complaints"]:
            # Of what is older than the hundred nothing is known here.
            known = set(order)
            nodes = [raw(node["id"]) for node in found["data"]["complaints"]["nodes"]]
            ids = [one for one in nodes if one in known]
            assert ids == [one for one in order[place + 1 :] if one in oracle.reach][: len(ids)]


_COUNTED = """{ complaints(first: 1) { totalCount
  byAssignee(first: 100) { assignee count } byStatus { count } byLevel { count } } }"""


@pytest.mark.parametrize("name", PARTS)
async def test_a_list_is_counted_within_reach(made: Borders, name: str) -> None:
    await refresh(made)
    oracle = Oracle(PEOPLE[name], made)
    found = (await data(made, oracle.identity, _COUNTED))["complaints"]
    by_assignee = {each["assignee"]: each["count"] for each in found["byAssignee"]}
    assert by_assignee == Counter(row.assignee for row in oracle.own)
    assert found["totalCount"] == len(oracle.own)
    assert sum(each["count"] for each in found["byStatus"]) == len(oracle.own)
    assert sum(each["count"] for each in found["byLevel"]) == len(oracle.own)


@pytest.mark.parametrize("name", PARTS)
async def test_of_many_ids_those_in_reach_are_told(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    rows = list(made.rows.values())[:100]
    ids = [gid("Complaint", row.id) for row in rows]
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    found = (await data(made, oracle.identity, text, ids=ids))["nodes"]
    own = {gid("Complaint", row.id) for row in oracle.own}
    assert found == [{"id": each} if each in own else None for each in ids]


# ---- figures


#: What says the filter, which is not the reach; and rates over the outlets of a filter's branches,
#: which are null where the reach alone says which cases are counted.
_OF_THE_FILTER = {"narrowing", "perThousandOutlets", "perTenMillionCustomers"}


def without_narrowing(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: without_narrowing(one) for n, one in value.items() if n not in _OF_THE_FILTER}
    return [without_narrowing(one) for one in value] if isinstance(value, list) else value


_SAME = {
    "HANDLER BJ": 'branches: ["BJ"]',
    "ANALYST BJ": 'branches: ["BJ"]',
    "HANDLER BJ-01": 'branches: ["BJ-01"]',
    "HANDLER CARDS": 'departments: ["CARDS"]',
    "HANDLER none": 'branches: ["BJ"], departments: ["CARDS"], receivedTo: "2001-01-01T00:00:00Z"',
}


@pytest.mark.parametrize("name", _SAME)
async def test_figures_are_those_of_a_filter_that_says_the_same(made: Borders, name: str) -> None:
    # A trend ends with the newest case in reach: one that all have, whatever day it is by now.
    await Desk(made.services).register("年费重复扣收", branch="BJ-01", department="CARDS")
    await refresh(made)
    oracle = Oracle(PEOPLE[name], made)
    selecting = Selecting(oracle.may)
    within = {n: call for n, call, _ in analyses(f", filter: {{{_SAME[name]}}}")}
    for analysis, call, kind in analyses(""):
        if analysis.startswith("trend") and name == "HANDLER none":
            continue  # null for whom there are no cases, zeros for a filter that finds none
        inside = selecting.of(kind, 0)
        own = await data(made, oracle.identity, f"{{ {call} {inside} }}")
        local = await data(made, LOCAL, f"{{ {within[analysis]} {inside} }}")
        assert without_narrowing(own) == without_narrowing(local), analysis
        assert oracle.leaks(own) == []


_REPEATERS = """query ($f: ComplaintFilter) { repeatComplainers(filter: $f, first: 50) {
  totalCount nodes {
    times cases firstAt lastAt customer { id } complaints(first: 50) { id } } } }"""


async def test_who_came_back_is_counted_within_reach(made: Borders) -> None:
    for name, given in (
        ("HANDLER BJ", {"branches": ["BJ"]}),
        ("HANDLER CARDS", {"departments": ["CARDS"]}),
    ):
        oracle = Oracle(PEOPLE[name], made)
        own = await data(made, oracle.identity, _REPEATERS)
        assert own["repeatComplainers"]["nodes"]
        assert oracle.leaks(own) == []
        assert own == await data(made, LOCAL, _REPEATERS, f=given)


# ---- precedents


_PRECEDENTS = """query ($t: String!, $f: ComplaintFilter) {
  precedents(text: $t, filter: $f, first: 50) {
    reach token score alikeCount case { __typename subject narrative outcome }
    complaint { __typename id } resolution { id }
    usefulness { total outcome satisfaction lasting timely recency rating }
    explanation { summary sharedTerms sharedFacts { kind code } } alike(first: 20) { id } } }"""
_ASKED = "年费没有提前告知就直接扣款，要求退还"
#: One value of every field of a filter that leaves some precedents.
_FILTERS: dict[str, Any] = {
    "branches": ["SH"],
    "departments": ["CARDS"],
    "riskTypes": ["COMPLIANCE"],
    "rootCauses": ["UNTOLD"],
    "sourceSystems": ["bank", "border"],
    "channels": ["PHONE", "APP"],
    "statuses": ["CLOSED", "ANSWERED"],
    "natures": ["COMPLAINT", "ENQUIRY"],
    "severities": ["MINOR", "MODERATE", "SEVERE"],
    "levels": ["GREEN", "YELLOW", "RED"],
    "receivedFrom": "2026-01-01T00:00:00Z",
    "receivedTo": "2027-01-01T00:00:00Z",
    "dueFrom": "2026-01-01T00:00:00Z",
    "dueTo": "2027-12-01T00:00:00Z",
    "amountFrom": "1",
    "amountTo": "100000",
    "currency": "CNY",
    "assignee": "ann",
    "vulnerable": False,
    "overdue": False,
    "duplicate": False,
    "unassigned": False,
    "urgencies": ["LOW", "NORMAL", "HIGH", "IMMEDIATE"],
    "segments": ["PRIVATE"],
    "decidedFrom": "2026-01-01T00:00:00Z",
    "decidedTo": "2027-01-01T00:00:00Z",
    "recordedFrom": "2026-01-01T00:00:00Z",
    "recordedTo": "2099-01-01T00:00:00Z",
}
_SHOWN = {"products": ["CARD"], "types": ["FEE_DISPUTE"], "outcomes": ["UPHELD"]}


async def test_every_filter_is_tried_on_precedents() -> None:
    fields = SCHEMA.type_map["ComplaintFilter"].fields.keys()  # type: ignore[union-attr]
    assert fields - _FILTERS.keys() - _SHOWN.keys() == {
        "clusters",
        "customer",
        "groupEvents",
        "issues",
        "not",
    }


async def test_a_precedent_elsewhere_says_how_it_was_decided_and_nothing_else(
    made: Borders,
) -> None:
    oracle = Oracle(PEOPLE["HANDLER BJ"], made)
    local = (await data(made, LOCAL, _PRECEDENTS, t=_ASKED))["precedents"]
    own = (await data(made, oracle.identity, _PRECEDENTS, t=_ASKED))["precedents"]
    assert oracle.leaks(own) == []
    assert [one["case"] for one in own] == [one["case"] for one in local]
    for mine, whole in zip(own, local, strict=True):
        within = raw(whole["complaint"]["id"]) in oracle.reach
        assert mine["reach"] == ("FULL" if within else "PRECEDENT")
        assert (mine["complaint"] is not None) == (mine["resolution"] is not None) == within
        if not within:
            parts = [p for p in mine["usefulness"].values() if p is not None]
            assert all(round(part, 1) == part for part in parts), mine["usefulness"]
            facts = mine["explanation"]["sharedFacts"]
            assert {fact["kind"] for fact in facts} <= {"PRODUCT", "TYPE"}
            assert {raw(one["id"]) for one in mine["alike"]} <= oracle.reach
    assert {one["reach"] for one in own} == {"FULL", "PRECEDENT"}


@pytest.mark.parametrize("field", [*_FILTERS, "customer", "clusters", "groupEvents", "issues"])
@pytest.mark.parametrize("negated", [False, True])
async def test_nothing_is_learnt_of_a_precedent_by_filtering(
    made: Borders, field: str, negated: bool
) -> None:
    oracle = Oracle(PEOPLE["HANDLER BJ"], made)
    customer = next(row.customer for row in oracle.foreign if row.decided and row.customer)
    given = {
        **_FILTERS, "customer": gid("Customer", customer), "clusters": list(made.clusters[:1]),
        "groupEvents": [gid("Alert", key) for key in sorted(made.groups)], "issues": [made.issue],
    }  # fmt: skip
    one = {field: given[field]}
    if field.startswith("amount"):
        one["currency"] = "CNY"
    filters = {"not": one} if negated else one
    found = await answered(made, oracle.identity, _PRECEDENTS, t=_ASKED, f=filters)
    assert {one["reach"] for one in (found["data"]["precedents"] or ())} <= {"FULL"}, field
    both = {"products": ["CARD"], **filters}
    found = await answered(made, oracle.identity, _PRECEDENTS, t=_ASKED, f=both)
    assert {one["reach"] for one in (found["data"]["precedents"] or ())} <= {"FULL"}, field


@pytest.mark.parametrize("name", ["AUDITOR CREDIT and SH", "ADMINISTRATOR SH"])
async def test_whose_precedents_end_at_the_reach_sees_none_elsewhere(
    made: Borders, name: str
) -> None:
    oracle = Oracle(PEOPLE[name], made)
    assert not oracle.elsewhere
    own = (await data(made, oracle.identity, _PRECEDENTS, t=_ASKED))["precedents"]
    assert own
    assert all(one["reach"] == "FULL" for one in own)
    assert {raw(one["complaint"]["id"]) for one in own} <= oracle.reach
    assert oracle.leaks(own) == []


# ---- subscriptions


_EVENT = "{ __typename position complaintId event { __typename id seq kind note actor } "
_EVENT += "complaint { __typename id reference narrative } }"
_STREAMS = {
    "escalations": "escalations(after: $after)",
    "escalations of a branch": 'escalations(branch: "SH", after: $after)',
    "escalations of a department": 'escalations(department: "CARDS", after: $after)',
    "deadlines": "deadlines(after: $after)",
    "deadlines of a branch": 'deadlines(branch: "HO", after: $after)',
    "deadlines of a clerk": 'deadlines(assignee: "ann", after: $after)',
}


async def followed(
    made: Borders, identity: Identity, call: str, *, after: int = 0, **more: Any
) -> list[Any]:
    """All that a subscription tells of what has happened: data, or errors that ended it."""
    declared = "".join(f", ${name}: ID!" for name in more)
    text = f"subscription ($after: Position{declared}) {{ {call} {_EVENT} }}"
    heard: list[Any] = []
    async with listening(made, identity, text, after=after, **more) as results:
        while (result := await next_of(made, results)) is not None:
            if result.errors:
                return [*heard, [error.formatted for error in result.errors]]
            (message,) = result.data.values()
            heard.append(message)
    return heard


@asynccontextmanager
async def listening(
    made: Borders, identity: Identity, text: str, **variables: Any
) -> AsyncIterator[asyncio.Queue[Any]]:
    """What a subscription tells, taken by a task of its own as a connection does; None ends it."""
    queue: asyncio.Queue[Any] = asyncio.Queue()

    async def listen() -> None:
        context = context_for(made.services, identity)
        stream = await WIDE.stream(text, variable_values=variables, context_value=context)
        async with aclosing(stream) as results:
            async for result in results:
                queue.put_nowait(result)
        queue.put_nowait(None)

    task = asyncio.create_task(listen())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.wait({task})


async def next_of(made: Borders, results: asyncio.Queue[Any]) -> Any:
    """The next result of the only subscription; None when it has ended or told everything."""
    settled = await settled_position(made.services.database)
    while results.empty() and not told_until(made.services.follower, settled):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return None if results.empty() else results.get_nowait()


def told_until(follower: Follower, position: int) -> bool:
    """Whether whoever is subscribed waits, and nothing up to the position waits for him."""
    waits = [
        one.live and not one.waiting and not one.arrived.is_set() for one in follower._subscribers
    ]
    return bool(waits) and all(waits) and (follower.position or 0) >= position


@pytest_asyncio.fixture(loop_scope="session")
async def following(made: Borders) -> AsyncIterator[None]:
    task = asyncio.create_task(made.services.follower.run())
    yield
    task.cancel()


@pytest.mark.usefixtures("following")
@pytest.mark.parametrize("call", _STREAMS)
async def test_whoever_follows_hears_of_cases_in_reach_alone(made: Borders, call: str) -> None:
    if not made.former.get("happened"):
        for row in made.rows.values():
            await happen(made.services.database, row.id, kind=EventKind.DUE_SOON)
        made.former["happened"] = "yes"
    whole = await followed(made, LOCAL, _STREAMS[call])
    assert whole
    heard = 0
    for name in ("HANDLER BJ", "HANDLER ann", "AUDITOR CREDIT and SH", "HANDLER none"):
        oracle = Oracle(PEOPLE[name], made)
        own = await followed(made, oracle.identity, _STREAMS[call])
        assert own == [one for one in whole if raw(one["complaintId"]) in oracle.reach]
        assert oracle.leaks(own) == []
        heard += len(own)
    assert heard


@pytest.mark.usefixtures("following")
async def test_a_foreign_case_cannot_be_followed(made: Borders) -> None:
    call = "caseEvents(complaint: $id, after: $after)"
    for name in ("HANDLER BJ", "HANDLER ann", "AUDITOR CREDIT and SH", "HANDLER none"):
        oracle = Oracle(PEOPLE[name], made)
        for row in some_foreign(oracle)[:3]:
            sent = [gid("Complaint", key) for key in (row.id, absent(row))]
            answers = [await followed(made, oracle.identity, call, id=one) for one in sent]
            assert same(*answers, *sent), answers
            assert isinstance(answers[0][0], list), answers
        for row in oracle.own[:2]:
            events = await followed(made, oracle.identity, call, id=gid("Complaint", row.id))
            assert [raw(one["event"]["id"]) in row.events for one in events]
            assert {one["complaintId"] for one in events} == {gid("Complaint", row.id)}


@pytest.mark.usefixtures("following")
async def test_a_case_that_leaves_the_reach_is_no_longer_heard_of(made: Borders) -> None:
    services, who = made.services, PEOPLE["HANDLER BJ"]
    desk = Desk(services)
    case = await desk.register("短信费收取有误，请核实", branch="BJ-01")
    call, begin = "caseEvents(complaint: $id, after: $after)", {"id": gid("Complaint", case)}
    text = f"subscription ($after: Position, $id: ID!) {{ {call} {_EVENT} }}"
    async with listening(made, who, text, after=0, **begin) as results:
        first = await next_of(made, results)
        assert first.errors is None
        await desk.step("classifyComplaint", case, branch="SH")
        await desk.step("setLevel", case, level="RED")
        await refresh(made)
        oracle, heard = Oracle(who, made), []
        assert case not in oracle.reach
        while (result := await next_of(made, results)) is not None:
            heard.append(result)
    for result in heard:
        told = [result.data, [error.formatted for error in result.errors or ()]]
        assert "RED" not in json.dumps(told)
        assert oracle.leaks(told) == [], told


# ---- fields that are denied


def denied_fields(oracle: Oracle) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The ways to fields that somebody may not ask for, through fields that he may."""
    assert SCHEMA.query_type is not None
    waiting: list[tuple[str, list[tuple[str, str]]]] = [("Query", [])]
    seen = {"Query"}
    while waiting:
        kind, way = waiting.pop(0)
        named = SCHEMA.type_map[kind]
        if not isinstance(named, GraphQLObjectType):
            continue
        for name, field in named.fields.items():
            if any(isinstance(a.type, GraphQLNonNull) for a in field.args.values()) and way:
                continue
            target, step_ = get_named_type(field.type), (kind, name)
            if not oracle.may(kind, name):
                yield kind, [*way, step_]
            elif is_composite_type(target) and target.name not in seen and len(way) < 6:
                seen.add(target.name)
                waiting.append((target.name, [*way, step_]))


def _calls(made: Borders, oracle: Oracle) -> dict[str, str]:
    """Arguments of root fields that need some."""
    row = max(oracle.own or made.rows.values(), key=lambda row: (len(row.events), row.id))
    case = json.dumps(gid("Complaint", row.id))
    return {
        "outcomeCheck": f"(complaint: {case}, proposed: {{outcome: UPHELD}})",
        "progress": '(token: "x")',
        "alert": '(id: "x")',
        "systemicIssue": '(id: "x")',
        "cluster": '(id: "x")',
        "findCases": '(text: "年费")',
        "personData": f"(customer: {json.dumps(gid('Customer', row.customer or 'x'))})",
        "customer": f"(id: {json.dumps(gid('Customer', row.customer or 'x'))})",
        "explainAccess": f'(complaint: {case}, field: "Complaint.id")',
        "accessLog": f"(complaint: {case})",
        "complaint": f"(id: {case})",
        "node": f"(id: {case})",
        "searchComplaints": '(text: "年费", first: 2)',
        "precedents": '(text: "年费", first: 2)',
        "complaints": "(first: 2)",
    }


def _document(way: list[tuple[str, str]], calls: dict[str, str]) -> str:
    """One field at the end of its way."""
    text, last = "", True
    for kind, name in reversed(way):
        named = SCHEMA.type_map[kind]
        assert isinstance(named, GraphQLObjectType)
        field = named.fields[name]
        if last and is_composite_type(get_named_type(field.type)):
            text = "{ __typename }"
        given = calls.get(name, "") if kind == "Query" else _needed(field.args)
        text, last = f"{{ {name}{given} {text} }}", False
    return text


def _needed(arguments: Any) -> str:
    return "(by: BRANCH)" if "by" in arguments else ""


@pytest.mark.parametrize("name", [*PARTS, "CUSTOMER bank", "NOBODY", "ANALYST bank"])
async def test_a_denied_field_is_null_and_told_once(made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    calls, tried = _calls(made, oracle), 0
    for _, way in denied_fields(oracle):
        found = await answered(made, oracle.identity, _document(way, calls))
        forbidden = [e for e in found["errors"] if e["extensions"]["code"] == "FORBIDDEN"]
        others = [e for e in found["errors"] if e["extensions"]["code"] == "INTERNAL"]
        assert not others, (way, found)
        assert len(forbidden) <= 1, (way, found)
        names = [step_[1] for step_ in way]
        taken = _place(way)
        if _shown(found["data"], names[: taken - 1]):
            assert len(forbidden) == 1, (way, found)
            place = [part for part in forbidden[0]["path"] if isinstance(part, str)]
            assert place == names[:taken], (way, found)
            assert ".".join(way[-1]) in forbidden[0]["message"], (way, found)
        assert oracle.leaks(found) == []
        tried += 1
    assert tried


def _place(way: list[tuple[str, str]]) -> int:
    """How many steps lead to where null stands: the field, or the nearest around it that may be."""
    for place in range(len(way), 0, -1):
        kind, name = way[place - 1]
        named = SCHEMA.type_map[kind]
        assert isinstance(named, GraphQLObjectType)
        if not isinstance(named.fields[name].type, GraphQLNonNull):
            return place
    return 1


def _shown(value: Any, names: list[str]) -> bool:
    """Whether an object is there at which the field could stand."""
    if isinstance(value, list):
        return any(_shown(one, names) for one in value)
    if not isinstance(value, dict):
        return False
    return _shown(value.get(names[0]), names[1:]) if names else True


async def test_every_group_is_denied_to_somebody_and_granted_to_somebody(made: Borders) -> None:
    groups = set(group_of().values()) - {"open"}
    granted = [Oracle(identity, made).groups for identity in PEOPLE.values()]
    assert all(any(g in each for each in granted) for g in groups)
    assert all(any(g not in each for each in granted) for g in groups)
