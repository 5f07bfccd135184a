"""Of several processes the one that holds a file that was sent: its requests are handed to it.

A file that is not masked yet stays in the process that took it, without a name. So each of several
processes also listens at a socket of its own, in a folder that only its user may enter, and a path
that names a process is asked there.
"""

import re
from pathlib import Path

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(__name__)
#: The process stands before the token.
_PATH = re.compile(r"/imports/(?P<process>[0-9]+-[0-9]+)\.[\w-]+(?:/|$)")
#: Said between two processes for each other, and by each client for itself.
_OWN_HEADERS = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "date"}
)
_SECONDS = 60.0


class Forwarding:
    """Hands what another process holds to that process; everything else is answered here."""

    def __init__(self, app: ASGIApp, process: str, folder: Path) -> None:
        """``process``: this one; ``folder``: each process's socket, by its name."""
        self.app = app
        self.process = process
        self.folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.match(scope["path"]) if scope["type"] == "http" else None
        if match is None or match["process"] == self.process:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            reply = await self._asked(request, self.folder / match["process"])
        except httpx.TransportError as error:
            # It has died, and its files with it: this one says so.
            log.warning("another process does not answer", error=type(error).__name__)
            await self.app(scope, _replayed(await request.body()), send)
            return
        await reply(scope, receive, send)

    async def _asked(self, request: Request, path: Path) -> Response:
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        headers = [
            (name, value)
            for name, value in request.headers.raw
            if name.decode("latin-1") not in _OWN_HEADERS
        ]
        async with httpx.AsyncClient(transport=transport, timeout=_SECONDS) as client:
            answer = await client.request(
                request.method,
                httpx.URL("http://process", raw_path=_target(request)),
                headers=headers,
                content=await request.body(),
            )
        reply = Response(answer.content, answer.status_code)
        reply.raw_headers += [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.lower().decode("latin-1") not in _OWN_HEADERS
        ]
        return reply


def _target(request: Request) -> bytes:
    """Path and query as they were sent."""
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return path + (b"?" + query if query else b"")


def _replayed(body: bytes) -> Receive:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
