"""What was looked at: one record for each operation that shows a case, before its answer leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from graph.database import Database
from graph.domain.access import Identity, Method, Reach, Role
from graph.domain.access_log import MOST_CASES
from graph.errors import ForbiddenError, UnavailableError
from graph.queries.stream import settled_position
from schema import shown
from schema.build import build_schema
from schema.execution import context_for
from schema.ids import NodeKind, global_id
from schema.recorder import Recorder
from tests.support.access_log import SEALER, verify
from tests.support.bank import Bank
from tests.support.events import happen
from tests.support.graphql import SCHEMA, ask, execute, statements
from tests.support.http import code_of, post, service
from tests.support.live import Client, messages, serving

pytestmark = pytest.mark.graph

AUDITOR = Identity(
    "u-audit", "Zhou Min", frozenset({Role.AUDITOR}), Reach(everything=True), Method.TOKEN
)
HANDLER = Identity(
    "u-17", "Lin Yue", frozenset({Role.HANDLER, Role.ANALYST}), Reach(False, ("BJ",)), Method.TOKEN
)
CASE = 'query Desk { complaint(reference: "BANK-1") { reference narrative } }'
LOG = """query ($complaint: ID, $person: String, $from: DateTime, $to: DateTime, $first: Int,
  $after: String) { accessLog(complaint: $complaint, person: $person, from: $from, to: $to,
    first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
    at person roles method operation complaintIds openedIds read shown purpose outcome
    segment number hash } } }"""
CASE_EVENTS = """subscription Follow($id: ID!, $after: Position) {
  caseEvents(complaint: $id, after: $after) { position } }"""


@pytest_asyncio.fixture(loop_scope="session")
async def records(bank: Bank) -> AsyncIterator["Records"]:
    """What is recorded from now on."""
    yield Records(bank.services.database, datetime.now(UTC))


class Records:
    def __init__(self, database: Database, since: datetime) -> None:
        self.database = database
        self.since = since

    async def all(self) -> list[dict[str, Any]]:
        rows = await self.database.read(
            "MATCH (r:AccessRecord {kind: 'ACCESS'}) WHERE r.at >= $since "
            "RETURN properties(r) AS own ORDER BY r.key",
            since=self.since,
        )
        return [row["own"] for row in rows]

    async def only(self) -> dict[str, Any]:
        (record,) = await self.all()
        return record


async def key_of(bank: Bank, number: int) -> str:
    rows = await bank.services.database.read(
        "MATCH (c:Complaint {reference: $reference}) RETURN c.id AS id",
        reference=f"BANK-{number}",
    )
    return str(rows[0]["id"])


async def asked_by(bank: Bank, identity: Identity, query: str, **variables: Any) -> Any:
    return await SCHEMA.execute(
        query,
        variable_values=variables,
        context_value=context_for(bank.services, identity),
    )


async def log(bank: Bank, **variables: Any) -> dict[str, Any]:
    result = await asked_by(bank, AUDITOR, LOG, **variables)
    assert result.errors is None, result.errors
    return dict(result.data["accessLog"])


async def test_a_query_leaves_who_when_what_and_which_case(bank: Bank, records: Records) -> None:
    result = await asked_by(bank, HANDLER, CASE)
    assert result.errors is None
    record = await records.only()
    assert record["actor"] == "u-17"
    assert record["roles"] == ["ANALYST", "HANDLER"]
    assert record["method"] == "TOKEN"
    assert record["operation"] == "Desk"
    assert record["cases"] == [await key_of(bank, 1)]
    assert (record["shown"], record["outcome"]) == (1, "ANSWERED")
    assert "purpose" not in record
    assert records.since <= record["at"] <= datetime.now(UTC)


async def test_no_text_and_no_name_stands_in_a_record(bank: Bank, records: Records) -> None:
    await asked_by(bank, HANDLER, CASE)
    record = await records.only()
    assert set(record) == {
        "segment", "number", "previous", "hash", "key", "kind", "at",
        "actor", "roles", "method", "operation", "cases", "shown", "outcome",
    }  # fmt: skip
    assert "Lin Yue" not in repr(record)


async def test_a_document_without_a_name_is_told_by_its_hash(bank: Bank, records: Records) -> None:
    query = '{ complaint(reference: "BANK-1") { id } }'
    await ask(bank.services, query)
    import hashlib

    assert (await records.only())["operation"] == (
        "sha256:" + hashlib.sha256(query.encode()).hexdigest()
    )


async def test_a_list_leaves_one_record_with_all_its_cases(bank: Bank, records: Records) -> None:
    data = await ask(
        bank.services, "{ complaints(first: 20) { nodes { id } edges { node { id } } } }"
    )
    record = await records.only()
    ids = [node["id"] for node in data["complaints"]["nodes"]]
    assert [global_id(NodeKind.COMPLAINT, key) for key in record["cases"]] == ids
    assert record["shown"] == 20


async def test_ids_are_bounded_and_counted(
    bank: Bank, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_CASES == 1_000
    monkeypatch.setattr(shown, "MOST_CASES", 5)
    await ask(bank.services, "{ complaints(first: 20) { nodes { id } } }")
    record = await records.only()
    assert (len(record["cases"]), record["shown"]) == (5, 20)


@pytest.mark.parametrize(
    "query",
    [
        '{ complaint(reference: "BANK-1") { precedents { resolution { summary } } } }',
        '{ complaint(reference: "BANK-1") { similar(first: 3) { score } } }',
        '{ precedents(text: "年费扣款", first: 3) { resolution { outcome } } }',
        '{ searchComplaints(text: "年费", first: 3) { explanation { summary } } }',
    ],
)
async def test_what_carries_a_part_of_a_case_shows_it_too(
    bank: Bank, records: Records, query: str
) -> None:
    await ask(bank.services, query)
    assert (await records.only())["shown"] >= 3


async def test_a_node_is_a_case_whichever_way_it_is_asked(bank: Bank, records: Records) -> None:
    key = await key_of(bank, 2)
    identity = global_id(NodeKind.COMPLAINT, key)
    await ask(bank.services, "query ($id: ID!) { node(id: $id) { id } }", id=identity)
    assert (await records.only())["cases"] == [key]


PARTS = """query ($r: String!) { complaint(reference: $r) {
  resolution { id } events(first: 1) { nodes { id } } } }"""


async def test_a_part_of_a_case_shows_it_by_its_own_id(bank: Bank, records: Records) -> None:
    found = (await ask(bank.services, PARTS, r="BANK-1"))["complaint"]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for part in (found["resolution"], found["events"]["nodes"][0]):
        await ask(bank.services, node, id=part["id"])
    key = await key_of(bank, 1)
    assert [record["cases"] for record in await records.all()] == [[key]] * 3


async def test_a_mutation_s_answer_leaves_a_record(bank: Bank, records: Records) -> None:
    query = """mutation Note($input: AssignComplaintInput!) { assignComplaint(input: $input) {
      complaint { version } errors { code } } }"""
    key = await key_of(bank, 3)
    data = {"complaint": global_id(NodeKind.COMPLAINT, key), "version": 1, "assignee": "anna"}
    await ask(bank.services, query, input=data)
    record = await records.only()
    assert (record["operation"], record["cases"]) == ("Note", [key])


async def test_a_mutation_that_answers_with_no_case_leaves_none(
    bank: Bank, records: Records
) -> None:
    query = """mutation ($input: AssignComplaintInput!) { assignComplaint(input: $input) {
      errors { code } } }"""
    identity = global_id(NodeKind.COMPLAINT, await key_of(bank, 4))
    await ask(bank.services, query, input={"complaint": identity, "version": 1, "assignee": "anna"})
    assert await records.all() == []


@pytest.mark.parametrize(
    "query",
    [
        "{ complaints { totalCount } }",
        "{ complaints { pageInfo { endCursor } } }",
        "{ products { nodes { label } } branches { totalCount } }",
        "{ viewer { person } }",
        "{ hotspots(first: 5) { reason } measures { repeatRate { value } } }",
        "{ bottlenecks(first: 3) { key { label } } rootCauseTree(depth: 1) { unknown } }",
        "{ alerts { nodes { summary } } systemicIssues { totalCount } }",
        '{ complaint(reference: "nobody") { id } }',
    ],
)
async def test_what_shows_no_case_leaves_no_record(
    bank: Bank, records: Records, query: str
) -> None:
    await ask(bank.services, query)
    assert await records.all() == []


async def test_what_does_not_run_leaves_no_record(bank: Bank, records: Records) -> None:
    result = await execute(bank.services, "{ complaints { nodes { id nothing } } }")
    assert result.errors
    assert await records.all() == []


async def test_a_case_with_an_error_beside_it_is_partly_answered(
    bank: Bank, records: Records
) -> None:
    query = """{ complaint(reference: "BANK-1") { id }
      other: complaint(id: "nonsense") { id } }"""
    await execute(bank.services, query)
    record = await records.only()
    assert (record["outcome"], record["shown"]) == ("PARTLY", 1)


async def test_who_may_not_leaves_a_record_of_the_refusal(bank: Bank, records: Records) -> None:
    result = await asked_by(bank, HANDLER, "query Peek { accessLog { totalCount } }")
    assert [error.extensions["code"] for error in result.errors] == [ForbiddenError.code]
    record = await records.only()
    assert (record["outcome"], record["cases"], record["operation"]) == ("REFUSED", [], "Peek")
    assert record["actor"] == "u-17"


async def test_each_event_message_leaves_one_record_before_it_leaves(
    bank: Bank, records: Records
) -> None:
    database = bank.services.database
    key, other = await key_of(bank, 5), await key_of(bank, 6)
    start = await settled_position(database)
    async with serving(bank) as address:
        follow = messages(address, CASE_EVENTS, id=global_id(NodeKind.COMPLAINT, key), after=start)
        async with aclosing(follow):
            await happen(database, other, 2)
            await happen(database, key, 3)
            for number in range(1, 4):
                await anext(follow)
                assert len(await records.all()) >= number
    seen = await records.all()
    assert [record["cases"] for record in seen] == [[key]] * 3
    assert {record["operation"] for record in seen} == {"Follow"}


async def test_two_subscriptions_of_one_connection_do_not_mix(bank: Bank, records: Records) -> None:
    database = bank.services.database
    keys = [await key_of(bank, number) for number in (7, 8)]
    start = await settled_position(database)
    async with serving(bank) as address, Client.connected(address) as client:
        for name, key in zip("ab", keys, strict=True):
            query = CASE_EVENTS.replace("Follow", f"Follow_{name}")
            identity = global_id(NodeKind.COMPLAINT, key)
            await client.subscribe(query, name, id=identity, after=start)
        for _ in range(5):
            await asyncio.gather(*(happen(database, key) for key in keys))
        for _ in range(10):
            assert (await client.hear())["type"] == "next"
    seen = {(record["operation"], *record["cases"]) for record in await records.all()}
    assert seen == {("Follow_a", keys[0]), ("Follow_b", keys[1])}


async def test_sixteen_clients_at_once_leave_a_chain_without_gaps(
    bank: Bank, records: Records
) -> None:
    async with service(bank) as http:

        async def client(number: int) -> None:
            for turn in range(6):
                query = (
                    f'query Of{number}_{turn} {{ complaint(reference: "BANK-{number}") {{ id }} }}'
                )
                assert (await post(http, query)).status_code == 200

        await asyncio.gather(*(client(number) for number in range(16)))
    seen = await records.all()
    assert {record["operation"] for record in seen} == {
        f"Of{number}_{turn}" for number in range(16) for turn in range(6)
    }
    for record in seen:
        number = record["operation"].removeprefix("Of").partition("_")[0]
        assert record["cases"] == [await key_of(bank, int(number))]
    assert (await verify(bank.services.database)).breaks == []


async def test_a_purpose_is_masked_bounded_and_kept(bank: Bank, records: Records) -> None:
    async with service(bank) as http:
        for purpose in ("回访 13671530826 的投诉", "x" * 5_000, "\u00a0"):
            answer = await http.post(
                "/graphql",
                json={"query": CASE},
                headers={"X-Purpose-Of-Use": purpose.encode()},  # type: ignore[dict-item]
            )
            assert answer.status_code == 200
    kept = [record.get("purpose") for record in await records.all()]
    assert kept[0].startswith("回访")
    assert "13671530826" not in kept[0]
    assert kept[1:] == ["x" * 200, None]


async def test_a_websocket_says_its_purpose_when_it_is_opened(bank: Bank, records: Records) -> None:
    import json

    from tests.support.live import opened

    key = await key_of(bank, 9)
    start = await settled_position(bank.services.database)
    async with serving(bank) as address, opened(address) as socket:
        payload = {"purposeOfUse": "supervision"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        client = Client(socket)
        await client.subscribe(CASE_EVENTS, id=global_id(NodeKind.COMPLAINT, key), after=start)
        await happen(bank.services.database, key)
        await client.hear()
    assert (await records.only())["purpose"] == "supervision"


class Gone:
    """A database that is away."""

    async def read(self, *_: Any, **__: Any) -> Any:
        raise UnavailableError("Neo4j does not answer.")

    write = read


@pytest.fixture
def unrecorded(bank: Bank) -> Bank:
    """The bank, of which nothing can be recorded."""
    gone: Any = Gone()
    return replace(bank, services=replace(bank.services, recorder=Recorder(gone, SEALER)))


async def test_an_answer_that_cannot_be_recorded_does_not_leave(
    unrecorded: Bank, records: Records
) -> None:
    async with service(unrecorded) as http:
        accept = {"Accept": "application/graphql-response+json"}
        answer = await http.post("/graphql", json={"query": CASE}, headers=accept)
        assert (answer.status_code, code_of(answer)) == (503, "UNAVAILABLE")
        assert "data" not in answer.json()
        assert "BANK-1" not in answer.text
        old = await post(http, CASE)
        assert (old.status_code, code_of(old)) == (200, "UNAVAILABLE")
        assert "BANK-1" not in old.text
        # What shows no case is answered.
        assert (await post(http, "{ products { totalCount } }")).json()["data"]
    assert await records.all() == []


async def test_an_event_message_that_cannot_be_recorded_ends_its_subscription(
    unrecorded: Bank,
) -> None:
    database = unrecorded.services.database
    key = await key_of(unrecorded, 10)
    start = await settled_position(database)
    async with serving(unrecorded) as address, Client.connected(address) as client:
        await client.subscribe(CASE_EVENTS, id=global_id(NodeKind.COMPLAINT, key), after=start)
        await happen(database, key)
        heard = await client.hear()
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_a_change_whose_answer_was_withheld_is_not_made_twice(
    bank: Bank, unrecorded: Bank
) -> None:
    query = """mutation ($input: AssignComplaintInput!) { assignComplaint(input: $input) {
      complaint { version assignee } errors { code } } }"""
    data = {
        "complaint": global_id(NodeKind.COMPLAINT, await key_of(bank, 11)),
        "version": 1,
        "assignee": "anna",
        "idempotencyKey": "5b2e2a46-6c1f-4c1f-9d5a-5a6b8f2f0a11",
    }
    withheld = await execute(unrecorded.services, query, input=data)
    assert [error.extensions["code"] for error in withheld.errors or ()] == ["UNAVAILABLE"]
    again = (await ask(bank.services, query, input=data))["assignComplaint"]
    assert again == {"complaint": {"version": 2, "assignee": "anna"}, "errors": []}


async def test_the_log_costs_no_operation_a_statement(bank: Bank, records: Records) -> None:
    assert statements(await execute(bank.services, "{ complaints { nodes { id } } }")) == 1
    assert len(await records.all()) == 1


async def test_auditors_find_who_saw_a_case_and_what_a_person_saw(
    bank: Bank, records: Records
) -> None:
    key = await key_of(bank, 13)
    one = 'query One { complaint(reference: "BANK-13") { id } }'
    for number in range(3):
        await asked_by(bank, replace(HANDLER, actor=f"u-{number}"), one)
    await asked_by(bank, replace(HANDLER, actor="u-1"), CASE)
    since = {"from": records.since.isoformat()}
    of_case = await log(bank, complaint=global_id(NodeKind.COMPLAINT, key), **since)
    assert [row["person"] for row in of_case["nodes"]] == ["u-2", "u-1", "u-0"]
    assert of_case["totalCount"] == 3
    of_person = await log(bank, person="u-1", **since)
    assert [row["operation"] for row in of_person["nodes"]] == ["Desk", "One"]
    both = await log(bank, person="u-1", complaint=global_id(NodeKind.COMPLAINT, key), **since)
    assert [row["operation"] for row in both["nodes"]] == ["One"]
    (row,) = both["nodes"]
    assert row["complaintIds"] == [global_id(NodeKind.COMPLAINT, key)]
    assert (row["roles"], row["method"], row["outcome"]) == (
        ["ANALYST", "HANDLER"], "TOKEN", "ANSWERED",
    )  # fmt: skip
    assert (await log(bank, person="nobody"))["nodes"] == []


async def test_who_reads_the_log_stands_in_it(bank: Bank, records: Records) -> None:
    since = {"from": records.since.isoformat()}
    assert (await log(bank, **since))["nodes"] == []
    (row,) = (await log(bank, **since))["nodes"]
    assert (row["person"], row["read"]) == ("u-audit", ["accessLog"])
    assert (row["outcome"], row["shown"], row["complaintIds"]) == ("ANSWERED", 0, [])
    assert len(await records.all()) == 2
    assert (await verify(bank.services.database)).breaks == []


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("{ activity(first: 1) { totalCount } }", ["activity"]),
        ('{ accessLogVerification(from: "2100-01-01") { holds } }', ["accessLogVerification"]),
        ("{ a: accessLog { totalCount } activity { totalCount } }", ["accessLog", "activity"]),
    ],
)
async def test_whatever_is_for_auditors_is_recorded_as_read(
    bank: Bank, records: Records, query: str, read: list[str]
) -> None:
    assert (await asked_by(bank, AUDITOR, query)).errors is None
    record = await records.only()
    assert (record["read"], record["cases"], record["outcome"]) == (read, [], "ANSWERED")


async def test_what_was_read_beside_cases_stands_with_them(bank: Bank, records: Records) -> None:
    query = '{ complaint(reference: "BANK-1") { id } accessLog { totalCount } }'
    assert (await asked_by(bank, AUDITOR, query)).errors is None
    record = await records.only()
    assert (record["read"], record["cases"]) == (["accessLog"], [await key_of(bank, 1)])


async def test_a_reading_of_the_log_that_cannot_be_recorded_is_withheld(unrecorded: Bank) -> None:
    result = await asked_by(unrecorded, AUDITOR, LOG)
    assert result.data is None
    assert [error.extensions["code"] for error in result.errors] == ["UNAVAILABLE"]


async def test_a_case_opened_from_beyond_reach_is_marked(bank: Bank, records: Records) -> None:
    """``BANK-1`` is at a branch of BJ, ``BANK-2`` is not."""
    opener = replace(HANDLER, actor="u-opener")
    opening = """mutation Open($i: OpenCaseInput!) { openCase(input: $i) {
      errors { message } opening { id } complaint { id } } }"""
    i = {"reference": "BANK-2", "reason": "the customer is at the counter"}
    result = await asked_by(bank, opener, opening, i=i)
    assert result.data["openCase"]["errors"] == []
    own, opened = await key_of(bank, 1), await key_of(bank, 2)
    ids = [global_id(NodeKind.COMPLAINT, key) for key in (own, opened)]
    both = "query Both($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    await asked_by(bank, replace(opener, opened=(opened,)), both, ids=ids)
    # Whoever reaches the whole bank has opened nothing.
    await asked_by(bank, replace(AUDITOR, opened=(opened,)), both, ids=ids)
    first, second, third = await records.all()
    assert (first["operation"], first["opened"]) == ("Open", [opened])
    assert (second["cases"], second["opened"]) == ([own, opened], [opened])
    assert "opened" not in third
    rows = (await log(bank, person="u-opener", **{"from": records.since.isoformat()}))["nodes"]
    assert [row["openedIds"] for row in rows] == [ids[1:], ids[1:]]
    assert (await verify(bank.services.database)).breaks == []
    end = "mutation ($i: EndOpeningInput!) { endOpening(input: $i) { errors { message } } }"
    given = {"opening": result.data["openCase"]["opening"]["id"]}
    await asked_by(bank, opener, end, i=given)


async def test_the_log_is_read_page_by_page_within_a_period(bank: Bank, records: Records) -> None:
    for number in range(5):
        await asked_by(bank, HANDLER, CASE.replace("Desk", f"Desk{number}"))
    since = {"from": records.since.isoformat(), "person": "u-17"}
    names: list[str] = []
    after = None
    while True:
        page = await log(bank, first=2, after=after, **since)
        names += [row["operation"] for row in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert names == [f"Desk{number}" for number in reversed(range(5))]
    middle = (await records.all())[2]["at"]
    earlier = await log(bank, to=middle.isoformat(), **since)
    assert [row["operation"] for row in earlier["nodes"]] == ["Desk1", "Desk0"]
    later = await log(bank, person="u-17", **{"from": middle.isoformat()})
    assert [row["operation"] for row in later["nodes"]] == ["Desk4", "Desk3", "Desk2"]


@pytest.mark.parametrize("role", list(Role))
async def test_the_log_is_for_auditors_and_administrators(bank: Bank, role: Role) -> None:
    somebody = replace(HANDLER, roles=frozenset({role}), reach=Reach(everything=True))
    result = await asked_by(bank, somebody, LOG)
    if role in {Role.AUDITOR, Role.ADMINISTRATOR}:
        assert result.errors is None
    else:
        assert result.data["accessLog"] is None
        assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]


#: Types that can be in an answer without any case being shown. One that is new belongs here, or
#: into ``CASE_OF`` if its objects show one case.
WITHOUT_A_CASE = """
    AccessExplanation AccessLogBreak AccessLogVerification AccessRecord
    AccessRecordConnection AccessRecordEdge Activity ActivityConnection ActivityEdge
    Advice AlertConnection AlertEdge AlertError AlertMessage AlertPayload AnswerProblem
    AssigneeCount BandCompensation Bottleneck Branch BranchComparison BranchConnection
    BranchEdge BulkStepResult Candidate CaseMatches CaseStepError CaseStepPayload
    CauseShare ChainLink Change Choice ChoiceValue Cluster ClusterConnection
    ClusterDescent ClusterEdge ClusterMapPoint CodedValue ComplaintConnection ComplaintEdge
    CorrectionError CorrectionPayload Customer CustomerProgress Department
    DepartmentConnection DepartmentEdge DeskStep Drill DrillAgreement DrillAgreementRow
    DrillAnswer DrillCase DrillDispute DrillError DrillJudgement DrillOption DrillPayload
    DrillScore DrillSession DrillSitting DrillTally Driver EscalationRule Estimate Figure
    FilterLabel FiringRule FunnelPlace GroupKey HandlingDays Hotspot HotspotKey
    IssueFigures IssueShare Job JobConnection JobEdge JobError JobPayload JobProblem JobReport
    LevelCount Measures MissingInformation Money MoneyFunnelPlace
    MonthCount MonthlyCount MonthlyCounts MonthlySeries Mutation Narrowing Opening
    OpeningConnection OpeningEdge OpeningError OpeningPayload OutcomeCheck OutcomeCount
    OutcomeShare PageInfo PersonError PersonPayload PrecedentQuality PrecedentReport
    Procedure Product ProductConnection ProductEdge ProductQuality Quartiles Query
    RatePrecedentError RatePrecedentPayload Reach ReachedStage RecordedChange
    RegisterComplaintError RegisterComplaintPayload RegistrationPreview Remediation
    RemediationConnection RemediationEdge RemediationEffect RemediationError
    RemediationMessage RemediationPayload RepeatComplainer RepeatComplainerConnection
    RepeatComplainerEdge RootCause RootCauseConnection RootCauseEdge RootCauseEntry
    RootCauseTree SatisfactionFigure SavedView SavedViewError SavedViewPayload Span
    StatusCount StepTime StillWaiting Subscription SuggestedValue Suggestion
    SuggestionEvidence SystemicIssue SystemicIssueConnection SystemicIssueEdge
    SystemicIssueError SystemicIssueMessage SystemicIssuePayload TakeStepInBulkError
    TakeStepInBulkPayload TakenSuggestion TemplateUse Trend TrendPoint TrendSeries
    UnseenChange Viewer Vocabulary
"""


def test_every_type_either_shows_a_case_or_is_known_to_show_none() -> None:
    schema = build_schema()._schema
    reached: set[str] = set()

    def reach(kind: Any) -> None:
        named = get_named_type(kind)
        if named.name in reached or named.name in shown.CASE_OF:
            return
        reached.add(named.name)
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for each in named.fields.values():
                reach(each.type)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            for each in schema.get_possible_types(named):
                reach(each)

    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        reach(root)
    objects = {n for n in reached if isinstance(schema.type_map[n], GraphQLObjectType)}
    assert objects == set(WITHOUT_A_CASE.split())
