"""A receiver of webhooks on a real socket, which fails as it is told to."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

#: What becomes of the message with this number: None takes it.
Fate = Callable[[int], Awaitable[Response | None]]


async def takes_all(_: int) -> Response | None:
    return None


@dataclass
class Receiver:
    """``heard``: ids of all that came, in order; ``taken``: bodies of those that it took."""

    fate: Fate = takes_all
    port: int = 0
    heard: list[str] = field(default_factory=list)
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        self.heard.append(headers["webhook-id"])
        self.headers.append(headers)
        self.bodies.append(body)
        answer = await self.fate(len(self.heard))
        if answer is None:
            self.taken.append((headers["webhook-id"], json.loads(body)))
            answer = Response(status_code=204)
        return answer

    def proved(self, secret: str) -> None:
        """Everything that came was signed by this key."""
        signer = Webhook(secret)
        for body, headers in zip(self.bodies, self.headers, strict=True):
            signer.verify(body, headers)

    @property
    def positions(self) -> list[int]:
        """Of what was taken, each id once, in the order in which it was first taken."""
        first = dict.fromkeys(identity for identity, _ in self.taken)
        bodies = dict(self.taken)
        return [int(bodies[identity]["data"]["position"]) for identity in first]


@asynccontextmanager
async def receiving(
    receiver: Receiver, context: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    app = Starlette(routes=[Route("/{path:path}", receiver.take, methods=["POST", "GET"])])
    config = uvicorn.Config(app, log_config=None, access_log=False)
    config.load()
    config.ssl = context
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        receiver.port = listening.getsockname()[1]
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            yield receiver
        finally:
            server.should_exit = True
            await task
