"""Receivers are told everything at least once and in order, whatever fails; nobody else is."""

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import trustme
from standardwebhooks import Webhook as Proof
from standardwebhooks import WebhookVerificationError
from starlette.responses import RedirectResponse, Response

from api.settings import WebhookSettings
from api.webhooks import delivery
from api.webhooks.delivery import Deliverer
from api.webhooks.messages import secret_of
from graph.commands import webhooks as commands
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace
from graph.domain.webhooks import OVERLAP, Webhook, pause_after
from graph.embedded import Connection
from graph.queries.stream import settled_position
from graph.queries.webhooks import webhooks
from tests.support.graph import KEYRING, case, put
from tests.support.receiver import Receiver, receiving

pytestmark = pytest.mark.graph

HERE = {"hosts": ["127.0.0.1", "receiver.bank.example"], "networks": ["127.0.0.0/8"]}
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(commands, "pause_after", lambda _: timedelta(milliseconds=20))


@asynccontextmanager
async def telling(database: Database, **changes: object) -> AsyncIterator[None]:
    settings = WebhookSettings.model_validate({**HERE, "seconds": 0.5, **changes})
    task = asyncio.create_task(Deliverer(database, KEYRING, settings).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def add(database: Database, url: str, *topics: str, after: int | None = 0) -> Webhook:
    identity = await commands.add_webhook(database, url, topics, after=after, by="tests", now=NOW)
    return await one(database, identity)


async def one(database: Database, identity: str) -> Webhook:
    (webhook,) = [each for each in await webhooks(database.read) if each.id == identity]
    return webhook


async def caught_up(database: Database, webhook: Webhook) -> int:
    last = await settled_position(database)
    while (await one(database, webhook.id)).position < last:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return last


async def filed(database: Database, numbers: range) -> None:
    await put(database, [case(number, narrative=f"a secret word {number}") for number in numbers])


async def test_each_event_once_in_order_by_a_receiver_that_fails_at_random(
    database: Database, tiny: EmbeddingSpace
) -> None:
    chance = Random(3)

    async def fails(_: int) -> Response | None:
        match chance.random():
            case x if x < 0.2:
                return Response(status_code=chance.choice([400, 429, 500, 503]))
            case x if x < 0.23:
                # It has it, but says so too late.
                await asyncio.sleep(1.0)
        return None

    await filed(database, range(60))
    async with receiving(Receiver(fails)) as receiver:
        webhook = await add(database, f"http://127.0.0.1:{receiver.port}/hook")
        async with telling(database):
            await filed(database, range(60, 90))
            last = await caught_up(database, webhook)
    assert receiver.positions == list(range(1, last + 1))
    assert last >= 90
    numbers = [int(each.rpartition("-")[2]) for each in receiver.heard]
    assert numbers == sorted(numbers)
    assert len(numbers) > last
    receiver.proved(secret_of(KEYRING, webhook, 1))
    assert (await one(database, webhook.id)).failures == 0


async def test_each_event_once_in_order_when_who_tells_is_killed(
    database: Database, tiny: EmbeddingSpace, neo4j_engine: Connection
) -> None:
    task = {
        "uri": neo4j_engine.uri,
        "user": neo4j_engine.user,
        "password": neo4j_engine.password,
        "settings": HERE,
    }

    async def begun() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.teller", json.dumps(task)
        )

    async def slowly(_: int) -> Response | None:
        await asyncio.sleep(0.02)
        return None

    await filed(database, range(150))
    async with receiving(Receiver(slowly)) as receiver:
        webhook = await add(database, f"http://127.0.0.1:{receiver.port}/")
        processes = [await begun(), await begun()]
        for round_ in range(4):
            goal = (round_ + 1) * 25
            while len(receiver.positions) < goal:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            oldest = processes.pop(0)
            oldest.kill()
            await oldest.wait()
            processes.append(await begun())
        last = await caught_up(database, webhook)
        for process in processes:
            process.kill()
            await process.wait()
    assert receiver.positions == list(range(1, last + 1))
    receiver.proved(secret_of(KEYRING, webhook, 1))


async def test_messages_have_ids_and_codes_alone_and_only_what_is_wanted(
    database: Database, tiny: EmbeddingSpace
) -> None:
    async with receiving(Receiver()) as all_, receiving(Receiver()) as few:
        every = await add(database, f"http://127.0.0.1:{all_.port}/")
        none = await add(database, f"http://127.0.0.1:{few.port}/", "alert", "complaint.closed")
        async with telling(database):
            await filed(database, range(10))
            await caught_up(database, every)
            await caught_up(database, none)
    assert few.heard == []
    assert all_.taken
    for _, body in all_.taken:
        assert set(body) == {"type", "timestamp", "data"}
        assert body["type"] == "complaint.registered"
        assert set(body["data"]) == {"position", "complaint"}
    assert not any(b"secret" in body for body in all_.bodies)


async def test_a_receiver_that_is_gone_is_left_alone_until_it_is_resumed(
    database: Database, tiny: EmbeddingSpace
) -> None:
    answers = [Response(status_code=410)]

    async def gone(_: int) -> Response | None:
        return answers[0] if answers else None

    await filed(database, range(3))
    async with receiving(Receiver(gone)) as receiver:
        webhook = await add(database, f"http://127.0.0.1:{receiver.port}/")
        async with telling(database):
            while not (await one(database, webhook.id)).paused:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await filed(database, range(3, 5))
            assert len(receiver.heard) == 1
            answers.clear()
            await commands.pause_webhook(database, webhook.id, paused=False)
            last = await caught_up(database, webhook)
            assert receiver.positions == list(range(1, last + 1))
            # Told again, under the same ids; what was on its way before does not count.
            before = list(receiver.heard)
            await commands.replay(database, webhook.id, 2)
            await caught_up(database, webhook)
    assert receiver.heard[len(before) :] == before[3:]
    assert not await commands.taken(database, webhook.id, webhook.epoch, last + 100)
    assert (await one(database, webhook.id)).position == last


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_is_a_failure(
    database: Database, tiny: EmbeddingSpace, status: int
) -> None:
    await filed(database, range(1))
    async with receiving(Receiver()) as elsewhere:
        goal = f"http://127.0.0.1:{elsewhere.port}/"

        async def leads_on(_: int) -> Response | None:
            return RedirectResponse(goal, status)

        async with receiving(Receiver(leads_on)) as receiver:
            webhook = await add(database, f"http://127.0.0.1:{receiver.port}/")
            async with telling(database):
                while (await one(database, webhook.id)).failures < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
    assert elsewhere.heard == []
    assert (await one(database, webhook.id)).error == f"HTTP {status}"


async def test_a_receiver_that_is_away_or_slow_says_why(
    database: Database, tiny: EmbeddingSpace
) -> None:
    async def asleep(_: int) -> Response | None:
        await asyncio.sleep(3)
        return None

    await filed(database, range(1))
    async with receiving(Receiver(asleep)) as receiver:
        slow = await add(database, f"http://127.0.0.1:{receiver.port}/")
        away = await add(database, "http://127.0.0.1:9/")
        async with telling(database, seconds=0.2):
            while not all(each.error for each in await webhooks(database.read)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert (await one(database, slow.id)).error == "no answer within 0.2 seconds"
    assert (await one(database, away.id)).error == "ConnectError"


async def test_tls_is_held_against_the_name_and_the_connection_goes_to_the_address(
    database: Database, tiny: EmbeddingSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    plain = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _, *rest, **more: plain("127.0.0.1", *rest, **more)
    )
    await filed(database, range(2))
    for name, taken in (("receiver.bank.example", True), ("another.bank.example", False)):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(context)
        async with receiving(Receiver(), context) as receiver:
            webhook = await add(database, f"https://receiver.bank.example:{receiver.port}/")
            async with telling(database, ca_file=tmp_path / "ca.pem"):
                if taken:
                    last = await caught_up(database, webhook)
                    assert receiver.positions == list(range(1, last + 1))
                    assert receiver.headers[0]["host"] == f"receiver.bank.example:{receiver.port}"
                else:
                    while not (await one(database, webhook.id)).error:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                    assert receiver.heard == []
        await commands.remove_webhook(database, webhook.id)


async def test_both_keys_sign_for_a_day_after_a_rotation(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await filed(database, range(1))
    async with receiving(Receiver()) as receiver:
        webhook = await add(database, f"http://127.0.0.1:{receiver.port}/")
        old, new = (secret_of(KEYRING, webhook, number) for number in (1, 2))
        assert old != new
        now = datetime.now(UTC)
        await commands.rotate_key(database, webhook.id, now)
        async with telling(database):
            await caught_up(database, webhook)
            receiver.proved(old)
            receiver.proved(new)
            await commands.rotate_key(database, webhook.id, now - OVERLAP)
            await commands.replay(database, webhook.id, 0)
            await caught_up(database, webhook)
    with pytest.raises(WebhookVerificationError):
        Proof(new).verify(receiver.bodies[-1], receiver.headers[-1])
    newest = secret_of(KEYRING, webhook, 3)
    Proof(newest).verify(receiver.bodies[-1], receiver.headers[-1])


def test_pauses_double_up_to_an_hour() -> None:
    pauses = [pause_after(failures).total_seconds() for failures in (1, 2, 3, 10, 11, 10_000)]
    assert pauses == [5, 10, 20, 2560, 3600, 3600]
