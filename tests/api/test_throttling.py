"""What somebody who asks too much is told, over HTTP and over a websocket."""

from dataclasses import replace

import pytest

from api.app import create_app
from graph.queries.stream import settled_position
from schema.ids import NodeKind, global_id
from schema.rates import Buckets, Rates
from tests.support.bank import Bank
from tests.support.events import happen
from tests.support.http import client, code_of, post
from tests.support.live import Client, serving

pytestmark = pytest.mark.graph

PAGE = "{ complaints(first: 50) { nodes { id reference } } }"


def held(bank: Bank, rate: int) -> Bank:
    """The bank for whoever is at this machine, with so many points a minute."""
    services = replace(bank.services, buckets=Buckets(Rates(local=rate)))
    return replace(bank, services=services)


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
async def test_too_much_is_429_and_says_when_to_come_again(bank: Bank, accept: str) -> None:
    services = held(bank, 80).services
    async with client(create_app(services.settings, services)) as asked:
        asked.headers["Accept"] = accept
        first = await post(asked, PAGE)
        assert first.status_code == 200
        cost = first.json()["extensions"]["cost"]
        assert cost["throttle"]["maximum"] == 80
        refused = await post(asked, PAGE)
        assert refused.status_code == 429
        body = refused.json()
        assert "data" not in body
        assert code_of(refused) == "THROTTLED"
        seconds = body["errors"][0]["extensions"]["retryAfter"]
        assert refused.headers["Retry-After"] == str(seconds)
        assert 1 <= seconds <= 60
        assert refused.headers["Cache-Control"] == "no-store"
        assert body["extensions"]["cost"]["requested"] == cost["requested"]
        # What is small enough is still taken.
        assert (await post(asked, "{ __typename }")).status_code == 200


CASE = """subscription ($id: ID!, $after: Position) { caseEvents(complaint: $id, after: $after) {
  position complaintId event { seq kind position } } }"""


async def test_each_message_counts_and_the_next_goes_on_where_it_ended(bank: Bank) -> None:
    """Nothing is lost: who may ask again, goes on after the last message."""
    database = bank.services.database
    rows = await database.read("MATCH (c:Complaint {reference: 'BANK-3'}) RETURN c.id AS id")
    start = await settled_position(database)
    await happen(database, rows[0]["id"], 60)
    given = {"id": global_id(NodeKind.COMPLAINT, rows[0]["id"]), "after": start}
    async with serving(held(bank, 60)) as address, Client.connected(address) as follower:
        await follower.subscribe(CASE, **given)
        heard = await follower.hear()
        positions, costs = [], []
        while heard["type"] == "next":
            positions.append(heard["payload"]["data"]["caseEvents"]["position"])
            costs.append(heard["payload"]["extensions"]["cost"])
            heard = await follower.hear()
        assert heard["type"] == "error"
        assert heard["payload"][0]["extensions"]["code"] == "THROTTLED"
        assert heard["payload"][0]["extensions"]["retryAfter"] >= 1
        assert 0 < len(positions) < 60
        # The message and its event, by each of them.
        assert {(cost["requested"], cost["actual"]) for cost in costs} == {(2, 2)}
        left = [cost["throttle"]["remaining"] for cost in costs]
        assert left[0] > left[-1] >= 0
    async with serving(bank) as address, Client.connected(address) as follower:
        await follower.subscribe(CASE, **{**given, "after": positions[-1]})
        while len(positions) < 60:
            payload = (await follower.hear())["payload"]
            assert payload["extensions"]["cost"]["throttle"] is None
            positions.append(payload["data"]["caseEvents"]["position"])
    assert len(set(positions)) == 60
