"""The service on a real socket, and a client of graphql-transport-ws."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from api.app import create_app
from api.server import Server
from schema.follower import Follower
from tests.support.bank import Bank

PROTOCOL = "graphql-transport-ws"
#: Bytes that either end's kernel keeps of a connection: as few as leave it fast.
LINE = 65_536


@asynccontextmanager
async def serving(bank: Bank, **live: Any) -> AsyncIterator[str]:
    """The service over the bank; the address of its websocket. ``live``: other settings."""
    settings = bank.services.settings
    # Nobody is closed for being slow on a busy machine, unless that is what is tried.
    patient = {"poll_seconds": 0.02, "init_seconds": 120.0, "idle_seconds": 600.0}
    changed = settings.live.model_copy(update={**patient, **live})
    settings = settings.model_copy(update={"live": changed})
    follower = Follower(bank.services.database, settings.follower_options)
    services = replace(bank.services, settings=settings, follower=follower)
    app = create_app(settings, services)
    config = uvicorn.Config(app, log_config=None, access_log=False, ws_max_size=200_000)
    server = Server(config, app.state.service.ending)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINE)
        listening.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await until(lambda: server.started)
            yield f"ws://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            await task


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that nobody announces."""
    while not true():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@dataclass(slots=True)
class Client:
    """One websocket that has introduced itself."""

    socket: ClientConnection

    @classmethod
    @asynccontextmanager
    async def slow(cls, address: str) -> AsyncIterator[Self]:
        """One that reads only when it is asked, over a line that holds little."""
        host, port = address.removeprefix("ws://").removesuffix("/graphql").split(":")
        with socket.socket() as narrow:
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LINE)
            narrow.connect((host, int(port)))
            async with cls.connected(address, sock=narrow, max_queue=1, compression=None) as made:
                yield made

    @classmethod
    @asynccontextmanager
    async def connected(cls, address: str, **options: Any) -> AsyncIterator[Self]:
        async with opened(address, **options) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            yield cls(socket)

    async def tell(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(await self.socket.recv())
        return heard

    async def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.tell(id=name, type="subscribe", payload=payload)

    async def refused(self, query: str, **variables: Any) -> dict[str, Any]:
        """The one error of a subscription that must not come about."""
        await self.subscribe(query, "refused", **variables)
        heard = await self.hear()
        assert heard["type"] == "error", heard
        assert heard["id"] == "refused"
        return dict(heard["payload"][0])

    def drop(self) -> None:
        """Vanish without a word."""
        self.socket.transport.abort()


@asynccontextmanager
async def opened(
    address: str, *, origin: str | None = None, protocol: str = PROTOCOL, **options: Any
) -> AsyncIterator[ClientConnection]:
    socket = await connect(
        address,
        origin=None if origin is None else Origin(origin),
        subprotocols=[Subprotocol(protocol)],
        proxy=None,
        **options,
    )
    try:
        yield socket
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(socket.close(), 5)


async def messages(address: str, query: str, **variables: Any) -> AsyncGenerator[dict[str, Any]]:
    """A subscription's payloads over a connection of its own; ends with an error or complete."""
    async with Client.connected(address) as client:
        await client.subscribe(query, **variables)
        while True:
            heard = await client.hear()
            if heard["type"] != "next":
                return
            yield heard["payload"]


async def positions(address: str, query: str, last: int, **variables: Any) -> list[int]:
    """The positions that a subscriber gets until the last one."""
    seen: list[int] = []
    async with aclosing(messages(address, query, **variables)) as payloads:
        async for payload in payloads:
            (message,) = payload["data"].values()
            seen.append(int(message["position"]))
            if seen[-1] >= last:
                break
    return seen
