"""One log line a request or connection, and none that repeats what was sent."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.replies import refusal
from graph.errors import described

log = structlog.get_logger(__name__)


class RequestLog:
    """Gives each request an id, logs what became of it, and answers for what nobody caught."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        """``paths``: those that may be named in the log; any other is what somebody typed."""
        self.app = app
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connection(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identity, started = uuid4().hex[:16], time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = identity
            await send(message)

        with structlog.contextvars.bound_contextvars(request=identity):
            try:
                await self.app(scope, receive, watched)
            except Exception as error:  # noqa: BLE001 - the last one who can answer
                log.error("a request failed", **described(error))
                if not status:
                    reply = refusal(500, "INTERNAL", "Something went wrong on our side.")
                    await reply(scope, receive, watched)
            log.info(
                "request",
                method=scope["method"],
                path=self._path(scope),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )

    async def _connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, failed = time.perf_counter(), False
        with structlog.contextvars.bound_contextvars(request=uuid4().hex[:16]):
            try:
                await self.app(scope, receive, send)
            except Exception as error:  # noqa: BLE001 - the server would print it whole
                failed = True
                log.error("a connection failed", **described(error))
                # Refuses what was not yet accepted; what was closed already stays closed.
                with suppress(RuntimeError, OSError):
                    await send({"type": "websocket.close", "code": 1011})
            log.info(
                "connection",
                path=self._path(scope),
                failed=failed,
                seconds=round(time.perf_counter() - started, 1),
            )

    def _path(self, scope: Scope) -> str:
        return str(scope["path"]) if scope["path"] in self.paths else "other"


@contextmanager
def quiet_loop() -> Iterator[None]:
    """Asyncio's own reports print exceptions whole; log their kind instead."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def report(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("a task failed", **(described(error) if error else {}))

    loop.set_exception_handler(report)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
