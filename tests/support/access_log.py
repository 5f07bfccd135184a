"""Accesses to write down, and a process that does nothing else: ``python -m`` with a task."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graph.commands.access_log import append, open_segment
from graph.consistency.access_log import Verified
from graph.consistency.access_log import verify as verify_log
from graph.database import Database
from graph.domain.access_log import Access, Head, Outcome, Sealer, Segment
from schema.recorder import PURPOSE, Options, Recorder
from tests.support.graph import KEYRING
from tests.support.walker import Journal

SEALER = Sealer(KEYRING.secret(PURPOSE))


def access(number: int = 0, **changes: Any) -> Access:
    """Somebody's look at one case."""
    facts: dict[str, Any] = {
        "at": datetime.now(UTC),
        "actor": f"u-{number % 3}",
        "roles": ("HANDLER",),
        "method": "TOKEN",
        "operation": f"Desk{number}",
        "cases": (KEYRING.complaint_id("test", str(number)),),
        "shown": 1,
        "outcome": Outcome.ANSWERED,
        **changes,
    }
    return Access(**facts)


async def segment(
    database: Database, accesses: int, *, at: datetime | None = None, process: str = "p"
) -> Segment:
    """A segment with so many accesses, not closed."""
    now = at or datetime.now(UTC)
    opened = await open_segment(database, SEALER, process=process, host="h", now=now)
    return await extended(database, opened, accesses, at=now)


async def extended(
    database: Database, before: Segment, accesses: int, *, at: datetime | None = None
) -> Segment:
    at = at or datetime.now(UTC)
    made = [access(n, at=at + timedelta(milliseconds=n)) for n in range(accesses)]
    after, records = before.with_accesses(SEALER, made)
    assert await append(database, SEALER, before, after, records)
    return after


async def verify(database: Database, known: Sequence[Head] = ()) -> Verified:
    return await verify_log(database, SEALER, known)


async def operations(database: Database) -> list[str]:
    """Names of all operations in the log."""
    rows = await database.read(
        "MATCH (r:AccessRecord {kind: 'ACCESS'}) RETURN r.operation AS name ORDER BY r.key"
    )
    return [row["name"] for row in rows]


@dataclass(frozen=True)
class Task:
    """``clients`` record at once, for ever; each one's confirmed operations stand in a journal."""

    uri: str
    user: str
    password: str
    journal: str
    name: str
    clients: int


async def look(task: Task) -> None:
    journal = Journal(Path(task.journal))

    async def client(recorder: Recorder, number: int) -> None:
        turn = 0
        while True:
            name = f"{task.name}_{number}_{turn}"
            await recorder.record(access(number, operation=name))
            journal.add(what=name)
            turn += 1

    async with Database.open(task.uri, task.user, task.password) as database:
        recorder = Recorder(database, SEALER, options=Options(anchor=timedelta(seconds=0.2)))
        async with asyncio.TaskGroup() as tasks:
            for number in range(task.clients):
                tasks.create_task(client(recorder, number))


if __name__ == "__main__":
    asyncio.run(look(Task(**json.loads(sys.argv[1]))))
