"""The server: uvicorn, which waits for every open answer before it closes."""

import asyncio
import socket

import uvicorn


class Server(uvicorn.Server):
    """Says first that it closes, so that answers without an end of their own end."""

    def __init__(self, config: uvicorn.Config, ending: asyncio.Event) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending.set()
        await super().shutdown(sockets)
