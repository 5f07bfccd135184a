"""Events made on purpose, in this process and in another one that is told when to commit."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from graph.commands.events import Event, append_events
from graph.database import Database, Transaction
from graph.domain.enums import EventKind
from graph.embedded import Connection
from graph.embedded.process import program_environment
from tests.support.changes import settle

_SEQ = "MATCH (c:Complaint {id: $id}) SET c.touched = true RETURN c.eventSeq AS seq"


async def happen(
    database: Database, complaint: str, count: int = 1, kind: EventKind = EventKind.DUE_SOON
) -> None:
    """Let something happen to a case that changes nothing else: ``count`` events, one commit."""

    async def work(transaction: Transaction) -> None:
        seq = await _touch(transaction, complaint)
        await append_events(transaction, _events(complaint, seq, count, kind))

    await database.write(work)


async def _touch(transaction: Transaction, complaint: str) -> int:
    return int((await transaction.run(_SEQ, id=complaint))[0]["seq"])


def _events(complaint: str, seq: int, count: int, kind: EventKind) -> Sequence[Event]:
    now = datetime.now(UTC)
    return [Event(complaint, seq + n + 1, kind, now, now, "test") for n in range(count)]


@dataclass(slots=True)
class Held:
    """A transaction that appends and commits when it is told to."""

    database: Database
    complaint: str
    count: int = 1
    append: asyncio.Event = field(default_factory=asyncio.Event)
    appended: asyncio.Event = field(default_factory=asyncio.Event)
    commit: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async def work(transaction: Transaction) -> None:
            seq = await _touch(transaction, self.complaint)
            self.begun.set()
            await self.append.wait()
            found = _events(self.complaint, seq, self.count, EventKind.DUE_SOON)
            await append_events(transaction, found)
            self.appended.set()
            await self.commit.wait()

        await self.database.write(work)


class Writer:
    """Another process that holds transactions open and commits them when asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._heard: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def start(cls, connection: Connection) -> AsyncIterator[Self]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.events",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env=program_environment(),
        )
        writer = cls(process)
        try:
            writer.tell(uri=connection.uri, user=connection.user, password=connection.password)
            yield writer
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    def tell(self, **order: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def hears(self, said: str) -> None:
        """Wait until the process has said it, whatever else it says before."""
        assert self._process.stdout is not None
        while said not in self._heard:
            line = await self._process.stdout.readline()
            assert line, "the other process has ended"
            self._heard.add(line.decode().strip())


async def _obey() -> None:
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with Database.open(**json.loads(await lines.readline())) as database:
        held: dict[str, Held] = {}
        async with asyncio.TaskGroup() as tasks:
            while line := await lines.readline():
                order = json.loads(line)
                tasks.create_task(_do(database, held, order))


async def _do(database: Database, held: dict[str, Held], order: dict[str, Any]) -> None:
    name, act = order["name"], order["act"]
    if act == "begin":
        held[name] = Held(database, order["complaint"], order["count"])
        running = asyncio.create_task(held[name].run())
        await held[name].begun.wait()
        _say(f"begun {name}")
        await running
        _say(f"committed {name}")
    elif act == "append":
        held[name].append.set()
        await held[name].appended.wait()
        _say(f"appended {name}")
    elif act == "commit":
        held[name].commit.set()
    elif act == "happen":
        for count in order["counts"]:
            await happen(database, order["complaint"], count)
        _say(f"committed {name}")
    elif act == "settle":
        await settle(database, order["alert"], order["times"])
        _say(f"committed {name}")


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_obey())
