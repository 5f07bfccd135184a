"""One websocket: graphql-transport-ws for subscriptions, bounded in time and in what it may hold.

Strawberry speaks the protocol. Here stands what it leaves open: messages of a wrong shape, peers
that stay without a subscription or stop reading, errors that end a stream, and logs that repeat
nothing that was sent.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from api.settings import LiveSettings
from graph.errors import BusyError, ComplaintGraphError, described
from schema.build import Schema
from schema.documents import DocumentReference
from schema.errors import refusal

log = structlog.get_logger(__name__)

#: Past the end of a token, so that it has ended when it is looked at.
_AFTER = 0.05
_LONGEST_ID = 200
_TYPES = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})


class Messages(ASGIWebSocketAdapter):
    """The peer's messages as JSON."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object]:
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
            try:
                message = json.loads(await self.ws.receive_text())
                # A half of a surrogate pair can be written in JSON, but is no text.
                json.dumps(message, ensure_ascii=False).encode()
            except WebSocketDisconnect:
                return
            except KeyError as error:
                raise NonTextMessageReceived from error
            except (ValueError, RecursionError) as error:
                raise NonJsonMessageReceived from error
            yield message


class Connection(BaseGraphQLTransportWSHandler[Any, None]):
    """The protocol's rules for one peer."""

    schema: Schema

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.live: LiveSettings = self.view.live  # type: ignore[attr-defined]
        self.started = 0
        self.stuck = asyncio.Event()

    async def handle(self) -> None:
        """Serve until the peer goes, stays without a subscription, or reads no more."""
        tasks = [
            asyncio.create_task(work)
            for work in (super().handle(), self._idle(), self._stuck(), self._known())
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def handle_message(self, message: Any) -> None:
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")

    async def handle_connection_init(self, message: Any) -> None:
        try:
            await super().handle_connection_init(message)
        except BusyError as error:
            log.warning("a websocket found no place", **described(error))
            await self._close("Too many websockets", 1013)
        except ComplaintGraphError as error:
            log.warning("nobody can be known", **described(error))
            # Clients of the protocol try again.
            await self._close("Try again later", 1013)

    async def handle_subscribe(self, message: Any) -> None:
        most = self.max_subscriptions_per_connection
        full = most is not None and len(self.operations) >= most
        if full and self.connection_acknowledged and message["id"] not in self.operations:
            error = refusal(f"A connection takes {most} subscriptions at once.", "BUSY")
            await self._refuse(message["id"], error)
            return
        self.started += 1
        if self.connection_acknowledged and message["id"] not in self.operations:
            payload = message["payload"]
            try:
                # As over HTTP: what may not run there may not run here.
                query = self.schema.documents.text(DocumentReference.of(payload))
            except GraphQLError as error:
                await self._refuse(message["id"], error)
                return
            message = {**message, "payload": {**payload, "query": query}}
        await super().handle_subscribe(message)

    async def _refuse(self, identity: str, error: GraphQLError) -> None:
        await self.send_message({"id": identity, "type": "error", "payload": [error.formatted]})

    async def handle_task_exception(self, error: Exception) -> None:
        # That the peer has gone is how connections end.
        if not isinstance(error, WebSocketDisconnected):
            log.error("a subscription failed", **described(error))

    async def send_message(self, message: Any) -> None:
        try:
            async with asyncio.timeout(self.live.send_seconds):
                await super().send_message(message)
        except TimeoutError as error:
            self.stuck.set()
            raise WebSocketDisconnected from error

    async def _send_result_stream(self, operation: Any, result_source: Any) -> None:
        """An error of the stream itself ends it as `error`; one of a field stays in its message."""
        async for result in result_source:
            if result.data is None and all(error.path is None for error in result.errors or ()):
                await operation.send_initial_errors(result.errors or [])
                return
            await operation.send_next(result)

    async def _idle(self) -> None:
        """Return when there was no subscription for a whole period."""
        while True:
            started = self.started
            await asyncio.sleep(self.live.idle_seconds)
            if not self.operations and started == self.started:
                await self._close("No subscription")
                return

    async def _known(self) -> None:
        """Return when what was shown ends, or was revoked; looked at again and again."""
        while True:
            await asyncio.sleep(self._until_asked_again())
            if self.connection_acknowledged and not await self._still_known():
                # 4403: clients of the protocol come again, with a new token.
                await self._close("Signed out", 4403)
                return

    async def _still_known(self) -> bool:
        before = self.context.identity
        if before.expires_at is not None and before.expires_at <= datetime.now(UTC):
            return False
        try:
            await self.view.identify(self.context)  # type: ignore[attr-defined]
        except ConnectionRejectionError:
            return False
        except ComplaintGraphError:
            return True  # the graph or the sign-in is away: nothing is known to have ended
        now = self.context.identity
        return (now.actor, now.method) == (before.actor, before.method)

    def _until_asked_again(self) -> float:
        expires_at = self.context.identity.expires_at
        if expires_at is None:
            return self.live.identify_seconds
        left = (expires_at - datetime.now(UTC)).total_seconds()
        return float(min(self.live.identify_seconds, max(left, 0.0) + _AFTER))

    async def _stuck(self) -> None:
        """Return when the peer reads no more; a close would wait behind what it does not read."""
        await self.stuck.wait()
        log.warning("a connection took no message", seconds=self.live.send_seconds)

    async def _close(self, reason: str, code: int = 1000) -> None:
        async with asyncio.timeout(self.live.send_seconds):
            await self.websocket.close(code, reason)


def _is_message(message: Any) -> bool:
    """Whether it has the protocol's shape, so that nothing later trips over it."""
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in _TYPES:
        return False
    if kind not in {"subscribe", "complete"}:
        return True
    identity, payload = message.get("id"), message.get("payload")
    if not isinstance(identity, str) or not 0 < len(identity) <= _LONGEST_ID:
        return False
    return kind == "complete" or (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str | None)
        and isinstance(payload.get("extensions"), dict | None)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
