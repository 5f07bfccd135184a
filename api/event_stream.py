"""Server-sent events: an answer that lasts until something ends it.

The format is that of the HTML standard, section 9.2. uvicorn tells a response that its peer has
gone, but not that the peer reads no more: here each event must be taken within a time.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeAlias

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.page_headers import HEADERS

log = structlog.get_logger(__name__)

EVENTS = "text/event-stream"
#: Proxies keep nothing back, and nobody keeps a copy.
_HEADERS = {**HEADERS, "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
#: Browsers come again after so many milliseconds.
_RETRY = 3_000

Work: TypeAlias = Coroutine[Any, Any, None]


class EventStream(Response):
    """Events until one of its works is done, or the peer goes or takes nothing any more."""

    def __init__(self, works: Callable[["EventStream"], Iterable[Work]], seconds: float) -> None:
        """``works``: what is done meanwhile, and tells; ``seconds``: an event is taken within."""
        super().__init__(headers=_HEADERS, media_type=EVENTS)
        del self.headers["content-length"]
        self._works = works
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._send: Send | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        tasks = [
            asyncio.create_task(work)
            for work in (self._sent(f"retry: {_RETRY}\n\n"), *self._works(self), _gone(receive))
        ]
        try:
            await asyncio.wait(tasks[1:], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, TimeoutError):
                log.warning("a stream of events was not read", seconds=self._seconds)
                return
            if isinstance(error, Exception):
                raise error
        await self._sent("", more=False)

    async def tell(self, event: str, data: str, identity: str | None = None) -> None:
        """One event; ``identity``: by which a browser says what it heard last.

        Raises:
            TimeoutError: it was not taken.
        """
        named = "" if identity is None else f"id: {identity}\n"
        lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
        await self._sent(f"event: {event}\n{named}{lines}\n")

    async def _sent(self, text: str, *, more: bool = True) -> None:
        assert self._send is not None
        async with asyncio.timeout(self._seconds), self._turn:
            body = {"body": text.encode(), "more_body": more}
            await self._send({"type": "http.response.body", **body})


def later(seconds: float) -> Response:
    """In place of a stream for which there is no room now: a browser comes again by itself."""
    return Response(f"retry: {seconds * 1000:.0f}\n\n", headers=_HEADERS, media_type=EVENTS)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
