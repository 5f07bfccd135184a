"""Protocol rules for every request, before anything reads it.

A browser sends what it keeps for us wherever a page makes it ask. So pages from elsewhere must not
be able to ask on somebody's behalf, unless their origin is named in the settings, nor a foreign
name that resolves to this address.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.event_stream import EVENTS
from api.replies import refusal

log = structlog.get_logger(__name__)
#: Names of this machine; a host of the settings is added.
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """``body``: bytes of a request, enough for the longest narrative however it is escaped.

    ``message``: bytes of one message on a websocket, which carries no narrative. ``files``: paths
    whose handlers take files, bound them, and have ``file_seconds`` for it.
    """

    body: int = 2_000_000
    message: int = 100_000
    seconds: float = 60.0
    files: frozenset[str] = frozenset({"/imports", "/imports/check"})
    file_seconds: float = 900.0


_ELSEWHERE = (
    "Pages from another origin may not use this service, unless "
    "COMPLAINT_GRAPH_SERVER__ALLOWED_ORIGINS names it."
)


class Guard:
    """Refuses foreign hosts and origins, large bodies, and requests that take too long."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: frozenset[str],
        bounds: Bounds,
        origins: frozenset[str] = frozenset(),
        shown: Callable[[Request, Response], Response] = lambda _, reply: reply,
    ) -> None:
        """``hosts``: names beside those of this machine; ``origins``: whose pages may ask;
        ``shown``: what is sent in place of a refusal.
        """
        self.app = app
        self.shown = shown
        self.hosts = LOCAL_NAMES | hosts
        self.bounds = bounds
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        reason = self._foreign(Headers(scope=scope))
        if scope["type"] == "websocket":
            if reason:
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.app(scope, self._short(receive, send), send)
        elif reason:
            # Browsers hide what was answered. The origin itself is whatever somebody sent.
            log.warning("a request was refused", reason=reason)
            await refusal(403, "FORBIDDEN", reason)(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    def _foreign(self, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if _hostname(f"//{host}") not in self.hosts:
            return (
                "This is no name of the service: ask for 127.0.0.1 or localhost, or add the name "
                "to COMPLAINT_GRAPH_SERVER__ALLOWED_HOSTS."
            )
        origin = headers.get("origin")
        if origin in self.origins:
            return None
        # As texts: what a browser sends as its origin is in one form, and anything else is foreign.
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return _ELSEWHERE
        # Following a link to a page of ours is fine.
        followed = headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not followed:
            return _ELSEWHERE
        return None

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        takes_file = scope["method"] == "POST" and scope["path"] in self.bounds.files
        seconds = self.bounds.file_seconds if takes_file else self.bounds.seconds

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            if _endless(message):
                bound.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(seconds) as bound:
                if takes_file:
                    await self.app(scope, receive, watched)
                    return
                body = await self._body(scope, receive)
                if body is None:
                    await self._too_large()(scope, receive, watched)
                else:
                    await self.app(scope, _replayed(body, receive), watched)
        except TimeoutError:
            if not started:
                reply = refusal(
                    503, "TIMEOUT", "This took too long: ask for less, or try again later."
                )
                await self.shown(Request(scope), reply)(scope, receive, send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body, or None as soon as it is too large."""
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self.bounds.body:
            return None
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(body)
            body += message.get("body", b"")
            if len(body) > self.bounds.body:
                return None
            if not message.get("more_body", False):
                return bytes(body)

    def _short(self, receive: Receive, send: Send) -> Receive:
        """Messages as they come; one that is too long ends the connection."""

        async def bounded() -> Message:
            message = await receive()
            size = len(message.get("text") or message.get("bytes") or "")
            if size <= self.bounds.message:
                return message
            await send({"type": "websocket.close", "code": 1009, "reason": "Message too long"})
            return {"type": "websocket.disconnect", "code": 1009}

        return bounded

    def _too_large(self) -> ASGIApp:
        return refusal(
            413,
            "TOO_LARGE",
            f"The request is larger than {self.bounds.body:,} bytes; a narrative takes at most "
            "100,000 characters.",
        )


def _endless(message: Message) -> bool:
    """Whether a stream of events begins: it lasts as long as somebody listens."""
    if message["type"] != "http.response.start":
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith(EVENTS)


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
