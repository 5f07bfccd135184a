"""POST /graphql: JSON only. GET gives the query page, a websocket takes subscriptions."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cross_web import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.fastapi import BaseContext, GraphQLRouter
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api import pages
from api.connection import Connection, Messages
from api.identity import identify
from api.replies import refusal
from api.services import Services
from api.settings import LiveSettings
from schema.build import Schema
from schema.request import RequestContext

_CODES = {400: "BAD_REQUEST", 405: "METHOD_NOT_ALLOWED", 415: "UNSUPPORTED_MEDIA_TYPE"}


class HttpContext(RequestContext, BaseContext):
    """A request's context; the router adds the HTTP request itself."""


class GraphQLEndpoint(GraphQLRouter[HttpContext, None]):
    """The router of /graphql, with refusals as JSON."""

    graphql_transport_ws_handler_class = Connection
    websocket_adapter_class = Messages
    live: LiveSettings
    connections = 0

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        if isinstance(request, WebSocket):
            return await self._connected(request, context, root_value)
        if request.method == "GET":
            return _page(request)
        if _media_type(request) != "application/json":
            return refusal(
                415,
                _CODES[415],
                "Send the query as JSON with the header `Content-Type: application/json`.",
            )
        try:
            return await super().run(request, context, root_value)
        except HTTPException as error:
            code = _CODES.get(error.status_code, "BAD_REQUEST")
            return refusal(error.status_code, code, error.reason)

    async def _connected(self, websocket: WebSocket, context: Any, root_value: Any) -> None:
        if self.connections >= self.live.connections:
            await websocket.close(1013)
            return
        self.connections += 1
        try:
            await super().run(websocket, context, root_value)
        finally:
            self.connections -= 1

    def decode_json(self, data: str | bytes) -> object:
        """A GraphQL request's body; whatever is odd about it is the client's error."""
        try:
            decoded = json.loads(data)
            # A half of a surrogate pair can be written in JSON, but is no text.
            json.dumps(decoded, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise HTTPException(400, "The body is not valid JSON in UTF-8.") from error
        if isinstance(decoded, list):
            raise HTTPException(400, "Send one operation at a time.")
        if not isinstance(decoded, dict):
            raise HTTPException(400, "The body must be a JSON object with a `query`.")
        if not isinstance(decoded.get("operationName"), str | None):
            raise HTTPException(400, "`operationName` must be a string.")
        return decoded


def graphql_endpoint(
    schema: Schema, services: Callable[[], Services], live: LiveSettings
) -> GraphQLEndpoint:
    """The endpoint over a schema; ``services`` are asked for once per request."""

    async def context(connection: HTTPConnection) -> HttpContext:
        return HttpContext(services(), identify(connection))

    endpoint = GraphQLEndpoint(
        schema,
        path="/graphql",
        context_getter=context,
        allow_queries_via_get=False,
        subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        connection_init_wait_timeout=timedelta(seconds=live.init_seconds),
        max_subscriptions_per_connection=live.per_connection,
        multipart_uploads_enabled=False,
    )
    endpoint.live = live
    return endpoint


def _page(request: Request) -> Response:
    if "query" in request.query_params:
        return refusal(405, _CODES[405], "Send queries with POST: addresses end up in logs.")
    return pages.graphiql()


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
