"""What reads leave out, and that a connection which broke costs no read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from graph.database import Database, present
from graph.embedded import Connection


def test_what_was_removed_while_it_was_read_is_left_out() -> None:
    rows = [{"id": "a", "key": "1"}, {"id": None, "key": None}, {"id": "b", "key": None}]
    assert [row["id"] for row in present(rows)] == ["a", "b"]
    assert [row["id"] for row in present(rows, "id", "key")] == ["a"]


@dataclass
class Wire:
    """Between the service and the graph: carries bytes until it is cut."""

    uri: str
    ends: list[asyncio.StreamWriter] = field(default_factory=list)
    carried: int = 0

    def cut(self) -> None:
        while self.ends:
            self.ends.pop().transport.abort()


@asynccontextmanager
async def wire(to: Connection) -> AsyncIterator[Wire]:
    address = urlsplit(to.uri)

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass  # it was cut
        finally:
            target.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.carried += 1
        far_reader, far_writer = await asyncio.open_connection(address.hostname, address.port)
        made.ends += [writer, far_writer]
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = Wire(f"bolt://127.0.0.1:{port}")
    try:
        yield made
    finally:
        server.close()
        made.cut()


@pytest.mark.graph
async def test_a_read_is_sent_again_when_its_connection_broke(neo4j_engine: Connection) -> None:
    async with (
        wire(neo4j_engine) as between,
        Database.open(between.uri, neo4j_engine.user, neo4j_engine.password) as database,
    ):
        assert await database.read("RETURN 1 AS n") == [{"n": 1}]
        before = between.carried
        for _ in range(3):
            between.cut()
            read = [database.read("RETURN $n AS n", n=n) for n in range(5)]
            assert await asyncio.gather(*read) == [[{"n": n}] for n in range(5)]
        assert between.carried > before
