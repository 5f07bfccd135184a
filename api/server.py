"""The server: uvicorn, which waits for every open answer before it closes."""

import asyncio
import socket
from types import FrameType

import uvicorn

#: How often is looked whether the last connection has gone, in seconds.
_TICK = 0.05


class Server(uvicorn.Server):
    """Says first that it closes, so that answers without an end of their own end.

    Where others serve the same socket, connections that wait for a next request get the time to
    send it: its answer says that it is the last one, and the next request goes to another process.
    """

    def __init__(
        self, config: uvicorn.Config, ending: asyncio.Event, *, drain_seconds: float = 0.0
    ) -> None:
        """``ending`` is set with the first signal. ``drain_seconds``: the time that they get."""
        super().__init__(config)
        self._ending = ending
        self._drain_seconds = drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ending.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending.set()
        if self._drain_seconds:
            await self._drain()
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        for server in self.servers:
            server.close()
        connections = self.server_state.connections
        for connection in list(connections):
            if isinstance(connection, self.config.ws_protocol_class or ()):
                # Clients of subscriptions come again with their position.
                connection.shutdown()
        loop = asyncio.get_running_loop()
        last = loop.time() + self._drain_seconds
        while connections and loop.time() < last and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(_TICK)
