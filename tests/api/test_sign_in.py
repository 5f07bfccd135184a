"""Who asks, over HTTP and websockets: keys, tokens, browsers, personas, and nobody."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.access import names
from api.access.access import Access
from api.app import create_app
from graph.commands.access import revoke_key
from graph.database import Database
from graph.domain.access import Identity, Method, Reach, Role
from graph.errors import UnavailableError
from graph.queries import staff
from ingest.demo.personas import PERSONAS
from tests.support.bank import Bank
from tests.support.graphql import ask
from tests.support.http import HOST, client, code_of, post
from tests.support.live import opened, serving
from tests.support.sign_in import AUDIENCE, Issuer, changed, issuer, provider

pytestmark = pytest.mark.graph

VIEWER = "{ viewer { person name roles method reach { everything branches departments } } }"
INTROSPECTION = "{ __schema { queryType { name } } }"
DEADLINES = "subscription { deadlines { position } }"


@pytest.fixture(scope="module")
def known() -> Iterator[Issuer]:
    with issuer() as made:
        yield made


@asynccontextmanager
async def asking(bank: Bank, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(create_app(bank.services.settings, bank.services, **options)) as asked:
        yield asked


async def viewer(asked: httpx2.AsyncClient, authorization: str | None = None) -> httpx2.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return await asked.post("/graphql", json={"query": VIEWER}, headers=headers)


async def a_key(bank: Bank, role: Role = Role.SERVICE, **changes: Any) -> str:
    identity = Identity(
        actor="key:feed",
        name="feed",
        roles=frozenset({role}),
        reach=Reach(branches=("BJ",)),
        method=Method.KEY,
        **changes,
    )
    keys = bank.services.access.keys
    return await keys.create(identity, by="test", now=datetime.now(UTC))


async def test_nobody_in_development_is_local_and_may_do_everything(bank: Bank) -> None:
    async with asking(bank) as asked:
        answer = (await viewer(asked)).json()["data"]["viewer"]
    assert (answer["person"], answer["method"]) == ("local", "LOCAL")
    assert answer["reach"]["everything"]
    assert set(answer["roles"]) == set(Role) - {"CUSTOMER"}


async def test_a_key_says_which_program_asks(bank: Bank) -> None:
    key = await a_key(bank)
    async with asking(bank) as asked:
        answer = (await viewer(asked, f"bearer {key}")).json()["data"]["viewer"]
    assert answer == {
        "person": "key:feed",
        "name": "feed",
        "roles": ["SERVICE"],
        "method": "KEY",
        "reach": {"everything": False, "branches": ["BJ"], "departments": []},
    }
    rows = await bank.services.database.read("MATCH (k:ApiKey) RETURN k {.*} AS key")
    assert rows
    assert key.split("_", 2)[2] not in str(rows), "the secret stands nowhere in the graph"


async def test_who_has_left_stays_readable(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is kept when somebody is first seen, and again when it has changed."""
    written: list[str] = []
    keep = names.keep_name

    async def counted(database: Database, actor: str, name: str, now: datetime) -> None:
        written.append(name)
        await keep(database, actor, name, now)

    monkeypatch.setattr(names, "keep_name", counted)
    comment = """mutation ($c: ID!) { commentComplaint(input: {complaint: $c, note: "a word"}) {
      errors { message } complaint { events(first: 50) { nodes { actor actorName } } } } }"""
    case = (await ask(bank.services, "{ complaints(first: 1) { nodes { id } } }"))["complaints"]
    sent = {"query": comment, "variables": {"c": case["nodes"][0]["id"]}}
    reach = Reach(everything=True)
    async with asking(bank) as asked:
        for name in ("Lin Yue", "Lin Yue-Ming"):
            who = Identity("key:lin", name, frozenset({Role.ADMINISTRATOR}), reach, Method.KEY)
            key = await bank.services.access.keys.create(who, by="test", now=datetime.now(UTC))
            for _ in range(2):
                answer = await asked.post(
                    "/graphql", json=sent, headers={"Authorization": f"Bearer {key}"}
                )
                payload = answer.json()["data"]["commentComplaint"]
                assert payload["errors"] == []
            visible = key.split("_")[1]
            await revoke_key(bank.services.database, visible, by="test", now=datetime.now(UTC))
        later = await post(
            asked,
            """query ($id: ID!) { node(id: $id) { ... on Complaint {
          events(first: 50) { nodes { actor actorName } } } } }""",
            id=sent["variables"]["c"],
        )
    events = later.json()["data"]["node"]["events"]["nodes"]
    assert {"actor": "key:lin", "actorName": "Lin Yue-Ming"} in events
    assert {event["actorName"] for event in events if event["actor"] == "test"} <= {None}
    assert written == ["Lin Yue", "Lin Yue-Ming"]


async def test_a_name_that_cannot_be_kept_refuses_nobody(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise UnavailableError("The graph is away.")

    with monkeypatch.context() as broken:
        broken.setattr(names, "keep_name", away)
        who = Identity("key:mo", "Mo", frozenset({Role.SERVICE}), Reach(), Method.KEY)
        key = await bank.services.access.keys.create(who, by="test", now=datetime.now(UTC))
        async with asking(bank) as asked:
            assert (await viewer(asked, f"Bearer {key}")).status_code == 200
            assert await staff.names(bank.services.database, ["key:mo"]) == {}
            broken.undo()
            assert (await viewer(asked, f"Bearer {key}")).status_code == 200
    assert await staff.names(bank.services.database, ["key:mo"]) == {"key:mo": "Mo"}


async def test_a_key_opens_a_case_beyond_its_reach_from_the_next_request_on(bank: Bank) -> None:
    who = Identity("key:desk", "desk", frozenset({Role.HANDLER}), Reach(branches=("BJ",)))
    key = await bank.services.access.keys.create(who, by="test", now=datetime.now(UTC))
    everything = "{ complaints(first: 100) { nodes { id reference branch { code } } } }"
    nodes = (await ask(bank.services, everything))["complaints"]["nodes"]
    foreign = next(node for node in nodes if node["branch"] == {"code": "SH"})
    seen = {
        "query": "query ($r: String!) { complaint(reference: $r) { id } }",
        "variables": {"r": foreign["reference"]},
    }
    wanted = {
        "query": 'mutation ($r: String!) { openCase(input: {reference: $r, reason: "counter"}) '
        "{ errors { message } opening { id } } }",
        "variables": {"r": foreign["reference"]},
    }
    end = "mutation ($o: ID!) { endOpening(input: {opening: $o}) { errors { message } } }"
    async with asking(bank) as asked:

        async def answered(body: dict[str, Any]) -> Any:
            answer = await asked.post(
                "/graphql", json=body, headers={"Authorization": f"Bearer {key}"}
            )
            return answer.json()["data"]

        assert (await answered(seen))["complaint"] is None
        opened_now = (await answered(wanted))["openCase"]
        assert opened_now["errors"] == []
        assert (await answered(seen))["complaint"] == {"id": foreign["id"]}
        ended = {"query": end, "variables": {"o": opened_now["opening"]["id"]}}
        assert (await answered(ended))["endOpening"] == {"errors": []}
        assert (await answered(seen))["complaint"] is None


async def test_a_key_that_does_not_hold_is_never_taken_for_nobody(bank: Bank) -> None:
    key = await a_key(bank)
    expired = await a_key(bank, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    revoked = await a_key(bank)
    async with asking(bank) as asked:
        assert (await viewer(asked, f"Bearer {revoked}")).status_code == 200
        visible = revoked.split("_")[1]
        await revoke_key(bank.services.database, visible, by="test", now=datetime.now(UTC))
        for authorization in (
            f"Bearer {key}x",
            f"Bearer {key[:-1]}",
            f"Bearer {expired}",
            f"Bearer {revoked}",
            "Bearer cgk_",
            "Bearer cgk_nobody_secret",
            "Bearer é",
            "Bearer ",
            "Bearer",
            f"Basic {key}",
            key,
            "",
        ):
            answer = await asked.post(
                "/graphql",
                json={"query": VIEWER},
                headers={"Authorization": authorization.encode()},
            )
            assert answer.status_code == 401, authorization
            assert code_of(answer) == "UNAUTHENTICATED"
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert key not in answer.text


async def test_a_key_in_an_address_is_refused_and_not_logged(bank: Bank) -> None:
    key = await a_key(bank)
    async with asking(bank) as asked:
        with structlog.testing.capture_logs() as logs:
            for query in ({"access_token": "x"}, {"q": key}, {"API_KEY": "x"}):
                answer = await asked.post(
                    "/graphql", params=query, json={"query": VIEWER}, headers={}
                )
                assert answer.status_code == 400
                assert "address" in answer.json()["errors"][0]["message"]
    assert key not in str(logs)


async def test_with_a_sign_in_nobody_is_asked_to_sign_in(bank: Bank, known: Issuer) -> None:
    signed = changed(bank, access={"issuer": known.url, "audience": AUDIENCE})
    async with asking(signed) as asked:
        answer = await viewer(asked)
        assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
        held = await viewer(asked, f"Bearer {known.token()}")
        assert held.json()["data"]["viewer"]["person"] == "u-17"
        for token in (known.token(exp=1), known.token(aud="another"), "nonsense"):
            assert (await viewer(asked, f"Bearer {token}")).status_code == 401


async def test_the_person_of_a_token_stands_in_the_events(bank: Bank, known: Issuer) -> None:
    signed = changed(bank, access={"issuer": known.url, "audience": AUDIENCE})
    register = """mutation { registerComplaint(input: {
      branch: "BJ-01", receivedAt: "2026-03-01T09:00:00+08:00"
      narrative: "信用卡年费重复扣款" }) {
        complaint { events(first: 1) { nodes { actor } } } errors { message } } }"""
    async with asking(signed) as asked:
        answer = await asked.post(
            "/graphql",
            json={"query": register},
            headers={"Authorization": f"Bearer {known.token()}"},
        )
    payload = answer.json()["data"]["registerComplaint"]
    assert payload["errors"] == []
    assert payload["complaint"]["events"]["nodes"] == [{"actor": "u-17"}]


async def test_production_shows_the_schema_to_administrators_only(bank: Bank) -> None:
    production = changed(bank, environment="production")
    keys = {
        role: {"Authorization": f"Bearer {await a_key(bank, role)}"}
        for role in (Role.HANDLER, Role.ADMINISTRATOR)
    }
    pages = ("/graphql", "/schema.graphql", "/examples.json")
    async with asking(production) as asked:
        for page in pages:
            assert (await asked.get(page)).status_code == 401
            assert (await asked.get(page, headers=keys[Role.HANDLER])).status_code == 403
            assert (await asked.get(page, headers=keys[Role.ADMINISTRATOR])).status_code == 200
        body = {"query": INTROSPECTION}
        refused = await asked.post("/graphql", json=body, headers=keys[Role.HANDLER])
        assert "introspection" in refused.json()["errors"][0]["message"].lower()
        allowed = await asked.post("/graphql", json=body, headers=keys[Role.ADMINISTRATOR])
        assert allowed.json()["data"]["__schema"]["queryType"]["name"] == "Query"
        # Whoever asked first: what is known of a document is not whether one may run it.
        again = await asked.post("/graphql", json=body, headers=keys[Role.HANDLER])
        assert again.json()["errors"] == refused.json()["errors"]
        asked_for = await asked.post("/graphql", json={"query": VIEWER}, headers=keys[Role.HANDLER])
        assert asked_for.json()["data"]["viewer"]["roles"] == ["HANDLER"]


async def test_an_origin_of_the_settings_may_ask_with_cookies(bank: Bank) -> None:
    desk = "https://desk.bank.example"
    open_to = changed(bank, server={"allowed_origins": [desk]})
    async with asking(open_to) as asked:
        preflight = await asked.options(
            "/graphql",
            headers={
                "Origin": desk,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type",
                "Sec-Fetch-Site": "cross-site",
                "Sec-Fetch-Mode": "cors",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["Access-Control-Allow-Origin"] == desk
        assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
        answer = await asked.post("/graphql", json={"query": VIEWER}, headers={"Origin": desk})
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == desk
        for origin in ("https://evil.example", "http://desk.bank.example", "null", "http://["):
            other = await asked.post("/graphql", json={"query": VIEWER}, headers={"Origin": origin})
            assert other.status_code == 403
            assert "Access-Control-Allow-Origin" not in other.headers


async def test_a_browser_signs_in_and_out_at_a_real_provider(bank: Bank) -> None:
    person = {"sub": "lin", "name": "Lin Yue", "roles": ["handler"], "branches": ["BJ-01"]}
    async with provider(person) as address:
        signed = changed(
            bank, access={"issuer": address, "client_id": "desk", "client_secret": "s"}
        )
        async with asking(signed) as asked, httpx.AsyncClient() as outside:
            begun = await asked.get("/sign-in", params={"to": "/graphql"})
            assert begun.status_code == 303
            there = parse_qs(urlsplit(begun.headers["Location"]).query)
            assert there["code_challenge_method"] == ["S256"]
            assert there["redirect_uri"] == [f"{HOST}/sign-in/callback"]
            agreed = await outside.post(begun.headers["Location"], data={"sub": "lin"})
            back = urlsplit(agreed.headers["Location"])
            done = await asked.get(f"{back.path}?{back.query}")
            assert (done.status_code, done.headers["Location"]) == (303, "/graphql")
            cookie = done.headers["Set-Cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=lax" in cookie
            answer = (await viewer(asked)).json()["data"]["viewer"]
            assert answer == {
                "person": "lin",
                "name": "Lin Yue",
                "roles": ["HANDLER"],
                "method": "SESSION",
                "reach": {"everything": False, "branches": ["BJ-01"], "departments": []},
            }
            # The same answer of the provider twice: its code is used up, and so is our state.
            again = await asked.get(f"{back.path}?{back.query}")
            assert again.status_code == 401
            kept = dict(asked.cookies)
            left = await asked.post("/sign-out")
            assert left.status_code == 303
            assert left.headers["Location"].startswith(f"{address}/")
            asked.cookies.clear()
            assert (await viewer(asked)).status_code == 401
            asked.cookies.update(kept)
            assert (await viewer(asked)).status_code == 401, "a cookie kept from before"


async def test_signing_in_cannot_be_begun_by_somebody_else(bank: Bank) -> None:
    """An answer of the provider that this browser did not ask for signs nobody in."""
    async with provider({"sub": "eve"}) as address:
        signed = changed(
            bank, access={"issuer": address, "client_id": "desk", "client_secret": "s"}
        )
        async with asking(signed) as eve, httpx.AsyncClient() as outside:
            begun = await eve.get("/sign-in")
            agreed = await outside.post(begun.headers["Location"], data={"sub": "eve"})
        async with asking(signed) as victim:
            back = urlsplit(agreed.headers["Location"])
            assert (await victim.get(f"{back.path}?{back.query}")).status_code == 401
            await victim.get("/sign-in")
            assert (await victim.get(f"{back.path}?{back.query}")).status_code == 401
            denied = await victim.get("/sign-in/callback?error=access_denied&state=x")
            assert denied.status_code == 401


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "", "/\n"]
)
async def test_signing_in_leads_nowhere_else(bank: Bank, known: Issuer, to: str) -> None:
    signed = changed(bank, access={"issuer": known.url, "client_id": "desk"})
    async with asking(signed) as asked:
        answer = await asked.get("/sign-in", params={"to": to})
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_INPUT")


async def test_without_a_provider_there_is_no_signing_in(bank: Bank) -> None:
    async with asking(bank) as asked:
        answer = await asked.get("/sign-in")
    assert answer.status_code == 404
    assert "COMPLAINT_GRAPH_ACCESS__ISSUER" in answer.json()["errors"][0]["message"]


async def test_a_session_ends_after_its_hours_or_unused(bank: Bank) -> None:
    access = bank.services.access
    now = datetime.now(UTC)
    token, kept = await access.sessions.begin(PERSONAS[0].identity, now)
    assert kept.expires_at == now + timedelta(hours=access.sessions.hours)
    idle = timedelta(minutes=access.sessions.idle_minutes)
    at = now
    while at + idle * 0.9 < kept.expires_at:
        at += idle * 0.9
        assert await access.sessions.identity(token, at) is not None
    assert await access.sessions.identity(token, kept.expires_at) is None
    other, _ = await access.sessions.begin(PERSONAS[0].identity, now)
    assert await access.sessions.identity(other, now + idle * 1.1) is None
    assert await access.sessions.identity("never", now) is None


async def test_a_session_holds_under_the_sign_in_that_began_it(bank: Bank) -> None:
    now = datetime.now(UTC)
    token, _ = await bank.services.access.sessions.begin(PERSONAS[-1].identity, now)
    production = changed(bank, environment="production")
    assert await production.services.access.sessions.identity(token, now) is None


async def test_nobody_is_refused_because_a_use_cannot_be_noted(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await a_key(bank)

    async def full(*_: Any) -> None:
        raise UnavailableError("The disk is full.")

    monkeypatch.setattr("api.access.keys.key_used", full)
    with structlog.testing.capture_logs() as logs:
        async with asking(bank) as asked:
            assert (await viewer(asked, f"Bearer {key}")).status_code == 200
    assert "a use could not be noted" in [entry["event"] for entry in logs]


async def test_over_https_the_cookie_is_of_this_host_alone(bank: Bank) -> None:
    app = create_app(bank.services.settings, bank.services, demo=True)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://localhost") as asked:
        cookie = (await asked.post("/personas/handler")).headers["Set-Cookie"]
    assert cookie.startswith("__Host-complaint-graph-session=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie


async def test_people_of_the_demo_bank_sign_in_by_a_button(bank: Bank) -> None:
    async with asking(bank, demo=True) as asked:
        # With "no-referrer" browsers would send these forms with the origin "null".
        assert (await asked.get("/personas")).headers["Referrer-Policy"] == "same-origin"
        assert "<strong>local</strong>" in (await asked.get("/personas")).text
        for persona in PERSONAS:
            assert (await asked.post(f"/personas/{persona.code}")).status_code == 303
            page = (await asked.get("/personas")).text
            assert f"<strong>{persona.identity.name}</strong>" in page
            answer = (await viewer(asked)).json()["data"]["viewer"]
            assert answer["roles"] == [str(role) for role in persona.identity.roles]
        assert (await asked.post("/personas/nobody")).status_code == 404
        await asked.post("/sign-out")
        assert "<strong>local</strong>" in (await asked.get("/personas")).text
    async with asking(bank) as asked:
        assert (await asked.get("/personas")).status_code == 404


async def test_a_link_does_nothing_for_a_browser_that_has_signed_in(bank: Bank) -> None:
    asking_by_get: dict[str, Any] = {
        "params": {"query": VIEWER},
        "headers": {"Accept": "application/json"},
    }
    key = await a_key(bank)
    async with asking(bank, demo=True) as asked:
        await asked.post("/personas/handler")
        refused = await asked.get("/graphql", **asking_by_get)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
        asking_by_get["headers"]["Authorization"] = f"Bearer {key}"
        answer = await asked.get("/graphql", **asking_by_get)
        assert answer.json()["data"]["viewer"]["name"] == "feed"


async def test_a_page_from_elsewhere_cannot_make_one_somebody(bank: Bank) -> None:
    async with asking(bank, demo=True) as asked:
        answer = await asked.post("/personas/auditor", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


async def _listen(socket: ClientConnection) -> None:
    async for _ in socket:
        """Whatever comes; the end is what is waited for."""
    await socket.recv()


async def first_answer(address: str, init: dict[str, Any]) -> dict[str, Any] | int:
    """What a websocket hears after introducing itself: a message, or the code it is closed with."""
    async with opened(address) as socket:
        await socket.send(json.dumps({"type": "connection_init", **init}))
        try:
            message: dict[str, Any] = json.loads(await socket.recv())
        except ConnectionClosed:
            return socket.close_code or 0
        return message


async def test_a_websocket_says_in_its_first_message_who_asks(bank: Bank, known: Issuer) -> None:
    signed = changed(bank, access={"issuer": known.url, "audience": AUDIENCE})
    key = await a_key(bank)
    async with serving(signed) as address:
        for payload in (
            None,
            {"authorization": "Bearer nonsense"},
            {"authorization": ""},
            {"authorization": 7},
        ):
            init = {} if payload is None else {"payload": payload}
            assert await first_answer(address, init) == 4403
        for credential in (known.token(), key):
            init = {"payload": {"authorization": f"Bearer {credential}"}}
            assert await first_answer(address, init) == {"type": "connection_ack"}


async def test_a_websocket_is_closed_when_what_it_showed_ends(bank: Bank) -> None:
    access = bank.services.access
    revoked = await a_key(bank)

    async def watched(address: str, key: str) -> int:
        async with opened(address) as socket:
            payload = {"authorization": f"Bearer {key}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            subscribe = {"query": DEADLINES}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": subscribe}))
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(_listen(socket), 60)
            assert closed.value.rcvd is not None
            return closed.value.rcvd.code

    async def revoke() -> None:
        await asyncio.sleep(1)
        visible = revoked.split("_")[1]
        await revoke_key(access.database, visible, by="test", now=datetime.now(UTC))

    async with serving(bank, identify_seconds=0.5) as address:
        # Once the service answers: a slow machine takes seconds to come to that.
        soon = await a_key(bank, expires_at=datetime.now(UTC) + timedelta(seconds=5))
        codes = await asyncio.gather(watched(address, soon), watched(address, revoked), revoke())
    assert codes[:2] == [4403, 4403]


async def test_in_development_too_a_websocket_is_not_taken_for_nobody(bank: Bank) -> None:
    async with serving(bank) as address:
        for sent in ("", "Bearer x", 7):
            assert await first_answer(address, {"payload": {"authorization": sent}}) == 4403
        assert await first_answer(address, {}) == {"type": "connection_ack"}


async def test_a_websocket_of_a_browser_that_signs_out_is_closed(bank: Bank) -> None:
    access = bank.services.access
    token, _ = await access.sessions.begin(PERSONAS[0].identity, datetime.now(UTC))
    cookie = {"Cookie": f"complaint-graph-session={token}"}
    async with serving(bank, identify_seconds=0.3) as address:
        async with opened(address, additional_headers=cookie) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            await access.sessions.end(token)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(_listen(socket), 60)
            assert socket.close_code == 4403


async def test_an_ended_token_is_not_asked_about_again_and_again(
    bank: Bank, known: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = {"issuer": known.url, "audience": AUDIENCE, "skew_seconds": 2}
    signed = changed(bank, access=access)
    asked = 0
    identify = Access.identify

    async def counted(*args: Any) -> Identity:
        nonlocal asked
        asked += 1
        return await identify(*args)

    monkeypatch.setattr(Access, "identify", counted)
    payload = {"authorization": f"Bearer {known.token(exp=int(time.time()) + 2)}"}
    async with serving(signed) as address, opened(address) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(_listen(socket), 60)
        assert socket.close_code == 4403
    assert asked == 1


async def test_a_websocket_is_told_to_come_again_when_the_sign_in_is_away(
    bank: Bank, known: Issuer
) -> None:
    signed = changed(bank, access={"issuer": known.url, "audience": AUDIENCE})
    known.broken = True
    try:
        async with serving(signed) as address:
            init = {"payload": {"authorization": f"Bearer {known.token()}"}}
            assert await first_answer(address, init) == 1013
    finally:
        known.broken = False


async def test_a_page_of_an_allowed_origin_may_follow_events(bank: Bank) -> None:
    desk = "https://desk.bank.example"
    open_to = changed(bank, server={"allowed_origins": [desk]})
    async with serving(open_to) as address:
        async with opened(address, origin=desk) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        with pytest.raises(InvalidStatus):
            async with opened(address, origin="https://evil.example"):
                """Never reached."""


async def test_a_service_that_is_still_starting_says_so(bank: Bank) -> None:
    async with client(create_app(bank.services.settings)) as asked:
        answer = await post(asked, VIEWER)
    assert answer.status_code == 503
    assert code_of(answer) == "UNAVAILABLE"
    assert "still starting" in answer.json()["errors"][0]["message"]
