"""The recorder: one chain a process, whoever asks at once, and whatever becomes of processes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from graph.database import Database, Transaction, metered
from graph.embedded import Connection
from graph.errors import UnavailableError
from schema.recorder import Options, Recorder
from tests.support.access_log import SEALER, Task, access, operations, segment, verify

pytestmark = pytest.mark.graph
T = TypeVar("T")


class Counting:
    """A database that counts transactions, and is away for as long as ``gone``."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.transactions = 0
        self.gone = False
        self.slow = 0.0

    async def read(self, statement: str, /, **parameters: Any) -> list[dict[str, Any]]:
        return await self.database.read(statement, **parameters)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self.transactions += 1
        if self.gone:
            raise UnavailableError("Neo4j does not answer.")
        await asyncio.sleep(self.slow)
        return await self.database.write(work)


def recorder(database: Any, **options: Any) -> Recorder:
    return Recorder(database, SEALER, options=Options(**options))


async def chain(database: Database, of: int) -> list[dict[str, Any]]:
    rows = await database.read(
        "MATCH (r:AccessRecord {segment: $of}) RETURN properties(r) AS own ORDER BY r.number",
        of=of,
    )
    return [row["own"] for row in rows]


async def test_nothing_is_written_before_the_first_access(database: Database) -> None:
    await recorder(database).close()
    assert await database.read("MATCH (n) WHERE NOT n:Migration RETURN n") == []


async def test_sixteen_at_once_share_transactions_and_leave_one_chain(database: Database) -> None:
    counting = Counting(database)
    made = recorder(counting)

    async def client(number: int) -> None:
        for turn in range(20):
            await made.record(access(number, operation=f"Of{number}_{turn}"))

    await asyncio.gather(*(client(number) for number in range(16)))
    await made.close()
    kinds = [record["kind"] for record in await chain(database, 1)]
    assert kinds == ["OPENED", *["ACCESS"] * 320, "CLOSED"]
    assert sorted(await operations(database)) == sorted(
        f"Of{number}_{turn}" for number in range(16) for turn in range(20)
    )
    assert (await verify(database)).breaks == []
    assert counting.transactions < 320 / 2


async def test_what_is_written_counts_as_the_cost_of_no_operation(database: Database) -> None:
    with metered() as meter:
        await recorder(database).record(access())
    assert meter.statements == 0


async def test_a_request_that_was_given_up_leaves_its_record_and_the_chain_whole(
    database: Database,
) -> None:
    counting = Counting(database)
    counting.slow = 0.2
    made = recorder(counting)
    given_up = asyncio.create_task(made.record(access(1)))
    await asyncio.sleep(0.05)
    given_up.cancel()
    await made.record(access(2))
    assert await operations(database) == ["Desk1", "Desk2"]
    assert (await verify(database)).breaks == []


async def test_without_a_graph_nothing_is_confirmed_and_then_another_segment_begins(
    database: Database,
) -> None:
    counting = Counting(database)
    made = recorder(counting)
    await made.record(access(1))
    counting.gone = True
    refused = await asyncio.gather(
        *(made.record(access(n)) for n in (2, 3)), return_exceptions=True
    )
    assert [type(error) for error in refused] == [UnavailableError] * 2
    counting.gone = False
    await made.record(access(4))
    assert await operations(database) == ["Desk1", "Desk4"]
    assert [head.segment for head in (await verify(database)).heads] == [1, 2]


async def test_who_waits_for_too_long_is_told_so(database: Database) -> None:
    counting = Counting(database)
    counting.slow = 5
    with pytest.raises(UnavailableError):
        await recorder(counting, seconds=0.1).record(access())
    assert await operations(database) == []


async def test_a_defect_is_no_reason_to_wait_for_ever(database: Database) -> None:
    made = recorder(database)
    with pytest.raises(RuntimeError):
        await made.record(access(actor=object()))
    await made.record(access(1))


async def test_a_segment_that_somebody_removed_is_left_as_it_is(database: Database) -> None:
    made = recorder(database)
    await made.record(access(1))
    await database.write(lambda t: t.run("MATCH (s:AccessSegment) DELETE s"))
    await made.record(access(2))
    await made.close()
    assert [str(each) for each in (await verify(database)).breaks] == [
        "segment 1: the segment is missing",
        "segment 1: there are records of it, but no such segment",
    ]
    assert [record["kind"] for record in await chain(database, 2)] == ["OPENED", "ACCESS", "CLOSED"]


async def test_a_segment_ends_when_it_is_old_and_the_next_goes_on(database: Database) -> None:
    now = datetime.now(UTC)
    made = Recorder(database, SEALER, options=Options(), clock=lambda: now)
    await made.record(access(1))
    now += timedelta(hours=13)
    await made.record(access(2))
    first, second = await chain(database, 1), await chain(database, 2)
    assert [record["kind"] for record in first] == ["OPENED", "ACCESS", "CLOSED"]
    assert second[0]["heads"] == [f"1:3:{first[-1]['hash']}"]
    assert (await verify(database)).breaks == []


async def test_a_segment_keeps_where_the_others_stand(database: Database) -> None:
    other = await segment(database, 3)
    made = recorder(database, anchor=timedelta(microseconds=1))
    await made.record(access(1))
    await made.record(access(2))
    records = await chain(database, 2)
    assert [record["kind"] for record in records] == ["OPENED", "ACCESS", "ANCHOR", "ACCESS"]
    assert records[2]["heads"] == [str(other.stands())]
    assert (await verify(database)).breaks == []


@asynccontextmanager
async def looking(
    connection: Connection, folder: Path, names: Sequence[str], clients: int = 4
) -> AsyncIterator[list[tuple[asyncio.subprocess.Process, Path]]]:
    """Processes that look at cases until they are killed."""
    started = []
    for name in names:
        journal = folder / name
        task = Task(
            connection.uri, connection.user, connection.password, str(journal), name, clients
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.access_log", json.dumps(asdict(task))
        )
        started.append((process, journal))
    try:
        yield started
    finally:
        for process, _ in started:
            if process.returncode is None:
                process.kill()
            await process.wait()


def confirmed(journal: Path) -> list[str]:
    if not journal.exists():
        return []
    whole = journal.read_text().rpartition("\n")[0]
    return [json.loads(line)["what"] for line in whole.splitlines()]


async def reach(journal: Path, count: int) -> None:
    while len(confirmed(journal)) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def test_processes_killed_at_any_moment_lose_nothing_that_was_confirmed(
    database: Database, neo4j_engine: Connection, tmp_path: Path
) -> None:
    seen: list[str] = []
    for turn in range(3):
        names = (f"a{turn}", f"b{turn}")
        async with looking(neo4j_engine, tmp_path, names) as started:
            for process, journal in started:
                await reach(journal, 20 + 37 * turn)
                process.kill()
                await process.wait()
                seen += confirmed(journal)
    known = await operations(database)
    assert set(seen) <= set(known)
    assert len(known) == len(set(known))
    # What was written when its process died, and confirmed to nobody: at most what each client had.
    assert len(known) - len(seen) <= 6 * 4
    verified = await verify(database)
    assert verified.breaks == []
    assert len(verified.heads) == 6
