"""One process of many does what is done for all, and another one goes on when it has died."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from graph.commands import leases
from graph.commands.leases import lead
from graph.database import Database
from graph.embedded import Connection
from graph.errors import UnavailableError

pytestmark = pytest.mark.graph
NAME = "one-of-all"


async def test_one_at_a_time_leads_and_each_in_turn(database: Database) -> None:
    leading, most, turns = 0, 0, 0

    async def work() -> None:
        nonlocal leading, most, turns
        leading += 1
        most = max(most, leading)
        await asyncio.sleep(0.05)
        leading, turns = leading - 1, turns + 1

    async def process() -> None:
        for _ in range(5):
            while not await lead(database, NAME, work, seconds=30):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    await asyncio.gather(*(process() for _ in range(6)))
    assert (most, turns) == (1, 30)


async def test_what_the_work_raises_is_raised_and_the_lease_is_free(database: Database) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await lead(database, NAME, broken, seconds=30)
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    assert await lead(database, NAME, work, seconds=30)
    assert done.is_set()


async def test_the_work_ends_when_the_lease_has_passed_to_another(database: Database) -> None:
    """As to a process that took it while this one was stopped."""
    ended = asyncio.Event()

    async def work() -> None:
        await database.run(
            "MATCH (l:Lease {name: $name}) SET l.owner = 'another', "
            "l.expiresAt = datetime() + duration('PT1H')",
            name=NAME,
        )
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    assert await lead(database, NAME, work, seconds=0.3)
    assert ended.is_set()
    assert not await lead(database, NAME, work, seconds=0.3)


async def test_the_work_ends_when_nobody_answers_for_as_long_as_the_lease_lasts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()

    async def away(*_: object) -> bool:
        raise UnavailableError("Neo4j does not answer")

    async def work() -> None:
        monkeypatch.setattr(leases, "_take", away)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    assert await lead(database, NAME, work, seconds=0.3)
    assert ended.is_set()


async def test_another_process_leads_when_the_one_that_did_is_killed(
    database: Database, neo4j_engine: Connection
) -> None:
    said: asyncio.Queue[Process] = asyncio.Queue()
    async with started(neo4j_engine, 3, said) as processes:
        for left in (3, 2, 1):
            leader = await said.get()
            assert said.empty()
            processes.remove(leader)
            assert len(processes) == left - 1
            leader.kill()
            await leader.wait()


async def tell(process: Process, said: asyncio.Queue[Process]) -> None:
    assert process.stdout is not None
    while await process.stdout.readline():
        said.put_nowait(process)


@asynccontextmanager
async def started(
    engine: Connection, number: int, said: asyncio.Queue[Process]
) -> AsyncIterator[list[Process]]:
    task = {
        "uri": engine.uri,
        "user": engine.user,
        "password": engine.password,
        "name": NAME,
        "seconds": 2.0,
    }
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.leader", json.dumps(task), stdout=PIPE
        )
        for _ in range(number)
    ]
    telling = [asyncio.create_task(tell(each, said)) for each in processes]
    try:
        yield list(processes)
    finally:
        for each in processes:
            if each.returncode is None:
                each.kill()
        await asyncio.gather(*telling, *(each.wait() for each in processes))
