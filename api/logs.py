"""One log line a request or connection, and none that repeats what was sent."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import structlog
from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.replies import refusal
from graph.errors import described
from graph.log_stream import log_stream
from graph.telemetry import METER, SECONDS, spanned

log = structlog.get_logger(__name__)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_PROBES = frozenset({"/health/live", "/health/ready"})
_DURATION = METER.create_histogram(
    "http.server.request.duration",
    unit="s",
    description="From a request to the end of its answer.",
    explicit_bucket_boundaries_advisory=SECONDS,
)


class RequestLog:
    """Gives each request an id, logs what became of it, and answers for what nobody caught."""

    def __init__(self, app: ASGIApp, paths: frozenset[str], ending: asyncio.Event) -> None:
        """``paths``: those that may be named in the log; any other is what somebody typed.
        ``ending``: once it is set, each answer is the last one of its connection.
        """
        self.app = app
        self.paths = paths
        self.ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connection(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identity, started = uuid4().hex[:16], time.perf_counter()
        status, path = 0, self._path(scope)
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        told: dict[str, str | int] = {"http.request.method": method, "http.route": path}
        parent = propagate.extract(Headers(scope=scope))

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = identity
                if self.ending.is_set():
                    headers["Connection"] = "close"
            await send(message)

        with (
            spanned(f"{method} {path}", told, kind=SpanKind.SERVER, parent=parent) as span,
            structlog.contextvars.bound_contextvars(request=identity, **_trace(span)),
        ):
            try:
                await self.app(scope, receive, watched)
            except Exception as error:  # noqa: BLE001 - the last one who can answer
                log.error("a request failed", **described(error))
                if not status:
                    reply = refusal(500, "INTERNAL", "Something went wrong on our side.")
                    await reply(scope, receive, watched)
            seconds = time.perf_counter() - started
            told["http.response.status_code"] = status
            span.set_attributes(told)
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR))
            _DURATION.record(seconds, told)
            # Whoever watches asks every few seconds; that all is well would bury the rest.
            note = log.debug if path in _PROBES and status < 400 else log.info
            note(
                "request",
                method=scope["method"],
                path=path,
                status=status,
                milliseconds=round(seconds * 1000, 1),
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


class LibraryLogs(logging.Handler):
    """Warnings of libraries in the form of our own lines, without what was put into them.

    The driver's hold what the server answered, a server's the exception of a request: the template
    and the kind of the error say what to look after.
    """

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        log.log(
            record.levelno,
            str(record.msg).strip(),
            logger=record.name,
            **(described(error) if isinstance(error, Exception) else {}),
        )


def log_as_json() -> None:
    """One JSON object a line on standard error, with the time in UTC: for whoever collects logs."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(log_stream()),
    )


def _trace(span: Span) -> dict[str, str]:
    """The id by which log lines are found beside their trace; nothing where there is none."""
    context = span.get_span_context()
    return {"trace": format_trace_id(context.trace_id)} if context.is_valid else {}


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
