"""Subscriptions over real sockets: each event once and in order, whatever happens to the line."""

import asyncio
import json
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Any

import pytest
import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graph.domain.enums import EventKind
from graph.embedded import Connection
from graph.queries.stream import settled_position
from schema.ids import NodeKind, global_id
from tests.support.bank import Bank
from tests.support.events import Writer, happen
from tests.support.graphql import ask
from tests.support.live import PROTOCOL, Client, messages, opened, positions, serving, until

pytestmark = pytest.mark.graph

SECRET = "13671530826"
CASE = """subscription ($id: ID!, $after: Position) { caseEvents(complaint: $id, after: $after) {
  position complaintId event { seq kind position } } }"""
# Some kilobytes a message: the buffers of the line between hold few of them.
HEAVY = f"""subscription ($id: ID!, $after: Position) {{
  caseEvents(complaint: $id, after: $after) {{
  position complaint {{ {" ".join(f"n{i}: narrative" for i in range(40))} }} }} }}"""
DEADLINES = """subscription (
  $branch: String, $department: String, $assignee: String, $after: Position
) {
  deadlines(branch: $branch, department: $department, assignee: $assignee, after: $after) {
    position complaint { reference } } }"""


def position_of(payload: dict[str, Any]) -> int:
    return int(payload["data"]["caseEvents"]["position"])


async def a_case(bank: Bank, number: int) -> tuple[str, str]:
    """A complaint's key and its global id."""
    rows = await bank.services.database.read(
        "MATCH (c:Complaint {reference: $reference}) RETURN c.id AS id", reference=f"BANK-{number}"
    )
    return rows[0]["id"], global_id(NodeKind.COMPLAINT, rows[0]["id"])


async def test_ten_lost_connections_during_a_thousand_events(bank: Bank) -> None:
    """The events of other cases between them make the positions a line with holes."""
    database = bank.services.database
    key, identity = await a_case(bank, 1)
    other, _ = await a_case(bank, 2)
    start = await settled_position(database)

    async def write() -> None:
        for turn in range(40):
            await happen(database, key, 25)
            await happen(database, other, turn % 3)

    seen: list[dict[str, int]] = []
    async with serving(bank) as address, asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        for connection in range(11):
            async with Client.connected(address) as client:
                after = seen[-1]["position"] if seen else start
                await client.subscribe(CASE, id=identity, after=after)
                while len(seen) < 1000 * (connection + 1) // 11:
                    payload = (await client.hear())["payload"]
                    seen.append(payload["data"]["caseEvents"]["event"])
                client.drop()
    written = await database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_EVENT]->(e) WHERE e.position > $start "
        "RETURN e.position AS position ORDER BY position",
        id=key,
        start=start,
    )
    assert len(written) == 1000
    assert [event["position"] for event in seen] == [str(row["position"]) for row in written]
    assert [event["seq"] for event in seen] == list(range(seen[0]["seq"], seen[0]["seq"] + 1000))


async def test_what_another_process_writes_arrives(bank: Bank, neo4j_engine: Connection) -> None:
    key, identity = await a_case(bank, 3)
    start = await settled_position(bank.services.database)
    async with serving(bank) as address, Writer.start(neo4j_engine) as writer:
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(
                positions(address, CASE, start + 5, id=identity, after=start)
            )
            writer.tell(name="w", act="happen", complaint=key, counts=[2, 3])
    assert reader.result() == list(range(start + 1, start + 6))


async def test_who_does_not_read_is_told_where_to_resume_while_another_goes_on(bank: Bank) -> None:
    database = bank.services.database
    key, identity = await a_case(bank, 5)
    start = await settled_position(database)
    async with (
        serving(bank, queue=50) as address,
        Client.slow(address) as slow,
    ):
        await slow.subscribe(HEAVY, id=identity, after=start)
        await happen(database, key, 2)
        # With the second it has come to the present: from here on it is handed what happens.
        got = [position_of((await slow.hear())["payload"]) for _ in range(2)]
        seen: list[int] = []
        async with aclosing(messages(address, CASE, id=identity, after=start)) as fast:
            seen += [position_of(await anext(fast)) for _ in range(2)]
            for _ in range(30):
                await happen(database, key, 15)
                seen += [position_of(await anext(fast)) for _ in range(15)]
        assert seen == list(range(start + 1, start + 453))
        while (heard := await slow.hear())["type"] == "next":
            got.append(position_of(heard["payload"]))
            assert len(got) < 452
        assert heard["type"] == "error"
        told = heard["payload"][0]["extensions"]
        assert told == {"code": "SLOW_CONSUMER", "position": str(got[-1])}
        # The connection goes on, and so does the subscription from there.
        await slow.subscribe(CASE, id=identity, after=told["position"])
        while len(got) < 452:
            got.append(position_of((await slow.hear())["payload"]))
    assert got == seen


async def test_who_never_reads_again_is_dropped(bank: Bank) -> None:
    key, identity = await a_case(bank, 6)
    database = bank.services.database
    start = await settled_position(database)
    await happen(database, key, 400)
    with structlog.testing.capture_logs() as logs:
        async with (
            serving(bank, send_seconds=0.2) as address,
            Client.slow(address) as slow,
        ):
            await slow.subscribe(HEAVY, id=identity, after=start)
            await until(lambda: any(entry["event"] == "connection" for entry in logs))
            slow.drop()
    assert any(entry["event"] == "a connection took no message" for entry in logs)
    assert not [entry for entry in logs if entry["log_level"] == "error"]


async def test_deadlines_by_branch_department_and_handler(bank: Bank) -> None:
    """Odd ones arise at Beijing's Haidian, even ones at Shanghai; handlers take turns."""
    database = bank.services.database
    start = await settled_position(database)
    for number in range(6):
        await happen(database, (await a_case(bank, number))[0], 1, EventKind.OVERDUE)
    await happen(database, (await a_case(bank, 1))[0], 1, EventKind.LEVEL_RAISED)
    async with serving(bank) as address:

        async def told(last: int, **wanted: str) -> list[int]:
            found = await positions(address, DEADLINES, start + last, after=start, **wanted)
            return [position - start for position in found]

        assert await told(6) == [1, 2, 3, 4, 5, 6]
        assert await told(6, branch="BJ") == [2, 4, 6]
        assert await told(6, branch="HO") == [1, 2, 3, 4, 5, 6]
        assert await told(5, department="CREDIT") == [3, 5]
        assert await told(4, assignee="handler-0") == [1, 4]
        assert await told(4, branch="BJ", assignee="handler-0") == [4]


async def test_new_cases_and_what_is_given_to_somebody(bank: Bank) -> None:
    """From a position that was read before: a list and what follows it leave no gap."""
    new = """subscription ($branch: String, $after: Position) {
      newComplaints(branch: $branch, after: $after) { position complaintId event { kind } } }"""
    given = """subscription ($to: String, $after: Position) {
      assignments(assignee: $to, after: $after) { complaintId event { kind } } }"""
    register = """mutation ($n: String!, $b: String) { registerComplaint(
      input: {narrative: $n, branch: $b}) { complaint { id } } }"""
    assign = """mutation ($i: AssignComplaintInput!) { assignComplaint(input: $i) {
      errors { code } } }"""
    after = (await ask(bank.services, "{ position }"))["position"]
    assert after.isdigit()
    ids = []
    for branch in ("BJ-01", "SH", "BJ-01"):
        variables = {"n": f"回单上的日期写错了 {len(ids)}", "b": branch}
        made = await ask(bank.services, register, **variables)
        ids.append(made["registerComplaint"]["complaint"]["id"])
    for version, (case, person) in enumerate(((0, "li"), (0, "wu"), (0, "local")), start=1):
        sent = {"complaint": ids[case], "version": version, "assignee": person}
        answer = await ask(bank.services, assign, i=sent)
        assert answer["assignComplaint"]["errors"] == []

    async def got(query: str, many: int, **variables: Any) -> list[tuple[str, str]]:
        async with aclosing(messages(address, query, after=after, **variables)) as payloads:
            found = [(await anext(payloads))["data"] for _ in range(many)]
        return [(m["complaintId"], m["event"]["kind"]) for data in found for m in data.values()]

    async with serving(bank) as address:
        assert await got(new, 3) == [(each, "REGISTERED") for each in ids]
        assert await got(new, 2, branch="BJ") == [(ids[0], "REGISTERED"), (ids[2], "REGISTERED")]
        assert await got(given, 1, to="wu") == [(ids[0], "ASSIGNED")]
        assert await got(given, 1) == [(ids[0], "ASSIGNED")]


async def test_an_issue_is_followed_over_lost_connections_while_cases_go_on(bank: Bank) -> None:
    database = bank.services.database
    key, _ = await a_case(bank, 9)
    follow = """subscription ($after: Position) { systemicIssues(after: $after) {
      position change { seq } issue { id } } }"""
    propose = """mutation { proposeSystemicIssue(
      input: {title: "费用", rootCauses: ["UNTOLD"]}) { issue { id } } }"""
    change = """mutation ($i: ChangeSystemicIssueInput!) { changeSystemicIssue(input: $i) {
      errors { code } } }"""
    after = (await ask(bank.services, "{ position }"))["position"]
    made = (await ask(bank.services, propose))["proposeSystemicIssue"]["issue"]["id"]

    async def write() -> None:
        for version in range(1, 12):
            sent = {"issue": made, "version": version, "owner": f"anna {version}"}
            answer = await ask(bank.services, change, i=sent)
            assert answer["changeSystemicIssue"]["errors"] == []
            await happen(database, key, version % 3)

    seen: list[dict[str, Any]] = []
    async with serving(bank) as address, asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        while len(seen) < 12:
            async with Client.connected(address) as client:
                await client.subscribe(follow, after=seen[-1]["position"] if seen else after)
                for _ in range(4):
                    payload = (await client.hear())["payload"]
                    seen.append(payload["data"]["systemicIssues"])
                client.drop()
    assert [message["change"]["seq"] for message in seen] == list(range(1, 13))
    assert {message["issue"]["id"] for message in seen} == {made}


async def test_what_cannot_be_followed_is_refused(bank: Bank) -> None:
    _, identity = await a_case(bank, 1)
    async with serving(bank) as address, Client.connected(address) as client:
        for query, variables, code in (
            (CASE, {"id": global_id(NodeKind.COMPLAINT, "gone")}, "NOT_FOUND"),
            (CASE, {"id": SECRET}, "INVALID_INPUT"),
            (CASE, {"id": identity, "after": -1}, "BAD_USER_INPUT"),
            (CASE, {"id": identity, "after": "9" * 10_000}, "BAD_USER_INPUT"),
            (CASE, {"id": identity, "after": "1e3"}, "BAD_USER_INPUT"),
            (CASE, {"id": identity, "after": True}, "BAD_USER_INPUT"),
            (CASE, {"id": identity, "after": 2_000_000_000}, "INVALID_INPUT"),
            (CASE, {"id": identity, "after": SECRET}, "INVALID_INPUT"),
            (DEADLINES, {"branch": SECRET}, "UNKNOWN_CODE"),
            (DEADLINES, {"department": SECRET}, "UNKNOWN_CODE"),
            ("subscription { nothing }", {}, "INVALID_DOCUMENT"),
            ("subscription {", {}, "SYNTAX"),
            ("", {}, "BAD_REQUEST"),
            ("{ products { totalCount } }", {}, "BAD_REQUEST"),
            ("mutation { a }", {}, "BAD_REQUEST"),
            ("subscription { escalations { complaint { similar(first: 100) { complaint { "
             "similar(first: 100) { score } } } } } }", {}, "TOO_COSTLY"),
            ("subscription { escalations { complaint { product { " + "wider { " * 15 + "code"
             + " }" * 19, {}, "TOO_DEEP"),
        ):  # fmt: skip
            error = await client.refused(query, **variables)
            assert error["extensions"]["code"] == code, error
            assert SECRET not in str(error)


async def test_a_subscription_by_post_is_told_where_to_go(bank: Bank) -> None:
    from tests.support.http import code_of, post, service

    async with service(bank) as asked:
        answer = await post(asked, "subscription { escalations { position } }")
    assert code_of(answer) == "BAD_REQUEST"
    assert PROTOCOL in answer.json()["errors"][0]["message"]


async def test_an_error_inside_a_message_is_masked_and_the_stream_goes_on(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schema.complaint import Complaint

    def broken(model: object) -> None:
        raise ValueError(SECRET)

    key, identity = await a_case(bank, 7)
    start = await settled_position(bank.services.database)
    await happen(bank.services.database, key, 2)
    monkeypatch.setattr(Complaint, "from_optional", broken)
    with structlog.testing.capture_logs() as logs:
        async with serving(bank) as address:
            stream = messages(address, HEAVY, id=identity, after=start)
            async with aclosing(stream) as payloads:
                found = [await anext(payloads) for _ in range(2)]
    for payload in found:
        assert payload["data"]["caseEvents"]["complaint"] is None
        assert payload["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(found) + str(logs)


async def test_every_message_is_read_anew_and_tells_its_own_cost(bank: Bank) -> None:
    database = bank.services.database
    key, identity = await a_case(bank, 8)
    query = """subscription ($id: ID!, $after: Position) {
      caseEvents(complaint: $id, after: $after) { complaint { assignee } } }"""
    start = await settled_position(database)
    seen = []
    async with serving(bank) as address:
        stream = messages(address, query, id=identity, after=start)
        async with aclosing(stream) as payloads:
            for name in ("first", "second", "third"):
                await database.run(
                    "MATCH (c:Complaint {id: $id}) SET c.assignee = $name", id=key, name=name
                )
                await happen(database, key)
                seen.append(await anext(payloads))
    assert [p["data"]["caseEvents"]["complaint"]["assignee"] for p in seen] == [
        "first",
        "second",
        "third",
    ]
    assert [p["extensions"]["graph"]["queries"] for p in seen[1:]] == [1, 1]


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"]
)
async def test_a_page_from_elsewhere_may_not_connect(bank: Bank, origin: str) -> None:
    async with serving(bank) as address:
        with pytest.raises(InvalidStatus) as refused:
            async with opened(address, origin=origin):
                pass
        assert refused.value.response.status_code == 403
        own = address.replace("ws:", "http:").removesuffix("/graphql")
        async with Client.connected(address, origin=own):
            pass


async def closed_with(address: str, *sent: str | bytes, protocol: str = PROTOCOL) -> int:
    """The code with which the service ends a connection that sends this."""
    async with opened(address, protocol=protocol) as client:
        with suppress(ConnectionClosed):
            for message in sent:
                await client.send(message)
            while True:
                await client.recv()
        assert client.close_code is not None
        return client.close_code


INIT = json.dumps({"type": "connection_init"})
BODY = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { a }"}}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (["{"], 4400),
        (["[" * 50_000], 4400),
        (["[]"], 4400),
        (["7"], 4400),
        (['{"type": ["connection_init"]}'], 4400),
        (['{"type": "start"}'], 4400),
        (['{"type": "connection_init", "payload": 7}'], 4400),
        ([INIT, INIT], 4429),
        ([json.dumps(BODY)], 4401),
        ([INIT, json.dumps({**BODY, "id": 7})], 4400),
        ([INIT, json.dumps({**BODY, "id": "x" * 300})], 4400),
        ([INIT, json.dumps({**BODY, "payload": "query"})], 4400),
        ([INIT, json.dumps({**BODY, "payload": {"query": 7}})], 4400),
        ([INIT, json.dumps({**BODY, "payload": {"query": "a", "variables": [1]}})], 4400),
        ([INIT, json.dumps({**BODY, "payload": {"query": "\ud800"}})], 4400),
        ([b"binary"], 4400),
        (["x" * 150_000], 1009),
        (["x" * 250_000], 1009),
    ],
)
async def test_what_is_no_message_ends_the_connection(
    bank: Bank, sent: list[str | bytes], code: int
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with serving(bank) as address:
            assert await closed_with(address, *sent) == code
    assert not [entry for entry in logs if entry["log_level"] == "error"]


async def test_connections_and_subscriptions_are_bounded(bank: Bank) -> None:
    query = "subscription { escalations { position } }"
    bounds = {"connections": 2, "subscriptions": 3, "per_connection": 2}
    async with (
        serving(bank, **bounds) as address,
        Client.connected(address) as one,
        Client.connected(address) as other,
    ):
        assert await closed_with(address, INIT) == 1013
        await one.subscribe(query, "a")
        await one.subscribe(query, "b")
        error = await one.refused(query)
        assert error["extensions"]["code"] == "BUSY"
        assert "2 subscriptions" in error["message"]
        await other.subscribe(query, "a")
        assert (await other.refused(query))["extensions"]["code"] == "BUSY"
        # A place comes back with whoever leaves.
        await one.tell(id="a", type="complete")
        _, identity = await a_case(bank, 1)
        heard = "error"
        while heard == "error":
            await other.subscribe(CASE, "again", id=identity, after=0)
            heard = (await other.hear())["type"]
        assert heard == "next"


async def test_many_who_say_nothing_leave_the_places_of_others(bank: Bank) -> None:
    """Those of one address find no place beyond its bound, and do not count among the known."""
    bounds = {"connections": 3, "waiting": 50, "waiting_per_address": 10, "init_seconds": 30}
    async with serving(bank, **bounds) as address, AsyncExitStack() as stack:
        known = [await stack.enter_async_context(Client.connected(address)) for _ in range(2)]
        attempts = await asyncio.gather(
            *(stack.enter_async_context(opened(address)) for _ in range(60)),
            return_exceptions=True,
        )
        refused = [each for each in attempts if isinstance(each, InvalidStatus)]
        silent = [each for each in attempts if isinstance(each, ClientConnection)]
        assert (len(silent), len(refused)) == (10, 50)
        # Who introduces himself gives his place to the next who comes.
        await silent[0].send(INIT)
        assert json.loads(await silent[0].recv()) == {"type": "connection_ack"}
        assert await closed_with(address, INIT) == 1013
        await known[0].socket.close()
        await silent[1].send(INIT)
        assert json.loads(await silent[1].recv()) == {"type": "connection_ack"}


async def test_who_says_nothing_gives_the_place_back(bank: Bank) -> None:
    async with serving(bank, waiting_per_address=1, init_seconds=0.3) as address:
        async with opened(address) as silent:
            with pytest.raises(InvalidStatus):
                async with opened(address):
                    pass
            with pytest.raises(ConnectionClosed):
                await silent.recv()
        for _ in range(3):
            assert await closed_with(address) == 4408


async def test_who_says_nothing_or_wants_nothing_is_closed(bank: Bank) -> None:
    async with serving(bank, init_seconds=0.1) as address:
        assert await closed_with(address) == 4408
    async with serving(bank, idle_seconds=0.1) as address:
        assert await closed_with(address, INIT) == 1000
        async with Client.connected(address) as client:
            await client.subscribe("subscription { escalations { position } }")
            await asyncio.sleep(0.3)
            await client.tell(type="ping")
            assert await client.hear() == {"type": "pong"}


async def test_another_protocol_is_refused(bank: Bank) -> None:
    async with serving(bank) as address:
        assert await closed_with(address, protocol="graphql-ws") == 4406


async def test_logs_tell_connections_and_nothing_of_what_was_sent(bank: Bank) -> None:
    with structlog.testing.capture_logs() as logs:
        async with serving(bank) as address:
            async with Client.connected(address + f"?a={SECRET}") as client:
                await client.refused(CASE, id=SECRET)
            await closed_with(address, f'{{"{SECRET}": "{SECRET}"}}')
    assert [e["path"] for e in logs if e["event"] == "connection"] == ["/graphql"] * 2
    assert SECRET not in str(logs)
