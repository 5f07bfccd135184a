"""/graphql: operations as JSON by POST, queries by GET, subscriptions over a websocket.

By the specification "GraphQL over HTTP" (https://graphql.github.io/graphql-over-http/draft/). A
browser that opens the address gets the query page.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.exceptions import ConnectionRejectionError
from strawberry.fastapi import BaseContext, GraphQLRouter
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from api import pages
from api.access.access import Access
from api.connection import Connection, Messages
from api.languages import negotiated
from api.replies import GRAPHQL_RESPONSE, JSON, accepted, refusal
from api.seats import Seat, Seats
from api.services import Services
from api.settings import LiveSettings, Settings
from graph.domain.access import NOBODY, Method
from graph.errors import (
    BusyError,
    ForbiddenError,
    InvalidInputError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)
from schema.build import Schema
from schema.documents import DocumentReference
from schema.errors import INTERNAL
from schema.request import RequestContext
from schema.wordless import wordless_variables

_CODES = {
    400: "BAD_REQUEST",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
#: What an address may carry; any of them makes it a request rather than a visit of the page.
_PARAMETERS = frozenset(
    {"query", "documentId", "doc_id", "operationName", "variables", "extensions"}
)
#: Why cases are looked at, in the words of whoever asks.
PURPOSE_HEADER = "X-Purpose-Of-Use"
#: More than is kept of a purpose, so that it is masked before it is cut.
_LONGEST_PURPOSE = 1_000
_NEVER_KEPT = {"Cache-Control": "no-store"}


class HttpContext(RequestContext, BaseContext):
    """A request's context; the router adds the HTTP request itself."""

    #: How a websocket shows who asks again, for as long as it is open.
    authorization: str | None = None
    #: Of a websocket.
    seat: Seat | None = None


class _RefusedError(Exception):
    """A request that is not executed."""

    def __init__(self, status: int, message: str, allow: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = {"Allow": allow} if allow else {}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request's parameters, of the right types."""

    document: DocumentReference
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> "_Asked":
        kinds = {"query": str, "operationName": str, "variables": dict, "extensions": dict}
        for name, kind in kinds.items():
            if not isinstance(sent.get(name), kind | None):
                called = "a string" if kind is str else "an object"
                raise _RefusedError(400, f"`{name}` must be {called}.")
        try:
            document = DocumentReference.of(sent)
        except GraphQLError as error:
            raise _RefusedError(400, error.message) from error
        return cls(
            document, sent.get("operationName"), sent.get("variables"), sent.get("extensions")
        )


class GraphQLEndpoint(GraphQLRouter[HttpContext, None]):
    """The router of /graphql."""

    graphql_transport_ws_handler_class = Connection
    websocket_adapter_class = Messages
    schema: Schema
    live: LiveSettings
    access: Callable[[], Access]
    #: Addresses end up in logs, so that in production none holds what people typed.
    text_in_addresses = True
    seats: Seats

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        if isinstance(request, WebSocket):
            return await self._connected(request, context, root_value)
        if request.method == "GET" and self._is_visit(request):
            try:
                pages.require_documentation(self.access().settings, context.identity)
            except ForbiddenError as error:
                return pages.message(403, "For administrators only", error.message)
            return pages.query_page()
        media = accepted(request.headers.get("accept"))
        try:
            if media is None:
                raise _RefusedError(406, f"Answers are {JSON} or {GRAPHQL_RESPONSE}: accept one.")
            return await self._answered(request, context, media)
        except _RefusedError as refused:
            return refusal(
                refused.status,
                _CODES[refused.status],
                refused.message,
                media=media or JSON,
                headers={**_NEVER_KEPT, **refused.headers},
            )

    async def _answered(self, request: Request, context: HttpContext, media: str) -> Response:
        asked = _Asked.of(await self._sent(request, context))
        try:
            query = self.schema.documents.text(asked.document)
        except GraphQLError as error:
            return self._reply(PreExecutionError(data=None, errors=[error]), media)
        if request.method == "GET":
            self._refuse_words(query, asked.variables)
        # By GET nothing is ever changed, whoever may send it.
        kinds = {OperationType.QUERY} if request.method == "GET" else set(OperationType)
        try:
            result = await self.schema.execute(
                query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                operation_extensions=asked.extensions,
                allowed_operation_types=kinds,
            )
        except InvalidOperationTypeError as error:
            raise _RefusedError(
                405, "Only queries are taken by GET: send mutations with POST.", allow="POST"
            ) from error
        return self._reply(result, media)

    async def _sent(self, request: Request, context: HttpContext) -> dict[str, Any]:
        """The parameters as they came.

        What a browser sends of itself, such as a cookie, opens no GET: links must do nothing.
        """
        if request.method == "GET":
            if context.identity.method is Method.SESSION:
                raise _RefusedError(
                    405, "A browser that has signed in asks with POST.", allow="POST"
                )
            return self._of_address(request)
        if _media_type(request) != JSON:
            raise _RefusedError(
                415, f"Send the query as JSON with the header `Content-Type: {JSON}`."
            )
        sent = _decoded(await request.body(), "The body")
        if isinstance(sent, list):
            raise _RefusedError(400, "Send one operation at a time.")
        if not isinstance(sent, dict):
            raise _RefusedError(400, "The body must be a JSON object with a `query`.")
        return sent

    def _of_address(self, request: Request) -> dict[str, Any]:
        """The parameters of an address.

        Pages from elsewhere are held off before (``guard``), as for every request.
        """
        sent: dict[str, Any] = dict(request.query_params)
        if "query" in sent and not self.text_in_addresses:
            raise _RefusedError(
                405, "Send queries with POST: addresses end up in logs.", allow="POST"
            )
        for name in ("variables", "extensions"):
            if name in sent:
                sent[name] = _decoded(sent[name], f"`{name}`")
        return sent

    def _refuse_words(self, query: str, variables: Mapping[str, Any] | None) -> None:
        """In production no address holds what names a person or a case, or what somebody wrote."""
        if self.text_in_addresses or not variables:
            return
        if variables.keys() - wordless_variables(self.schema._schema, query):
            raise _RefusedError(
                405,
                "Send this document with POST: its `variables` may hold words or ids, and "
                "addresses end up in logs. By GET they may be numbers, times, truths and enums.",
                allow="POST",
            )

    def _is_visit(self, request: Request) -> bool:
        """Whether somebody opens the query page, rather than a program asking."""
        if "query" in request.query_params and not self.text_in_addresses:
            return False
        accept = request.headers.get("accept", "*/*").lower()
        if request.headers.get("sec-fetch-mode") == "navigate" or "text/html" in accept:
            return True
        return _PARAMETERS.isdisjoint(request.query_params) and "*/*" in accept

    def _reply(self, result: ExecutionResult, media: str) -> Response:
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [error.formatted for error in result.errors]
        if not isinstance(result, PreExecutionError):
            body["data"] = result.data
        if result.extensions:
            body["extensions"] = result.extensions
        headers = {**_NEVER_KEPT, **_retry_after(result)}
        return Response(self.encode_json(body), _status(result, media), headers, media)

    async def on_ws_connect(self, context: HttpContext) -> UnsetType | dict[str, object] | None:
        """Who asks on a websocket, why, and in which language; `connection_init` may say it, as
        browsers can set no header.

        Raises:
            ConnectionRejectionError: nobody, or somebody who does not hold.
            BusyError: there is no place.
        """
        params = context.connection_params or {}
        sent = params.get("authorization", params.get("Authorization"))
        if not isinstance(sent, str | None):
            raise ConnectionRejectionError
        context.authorization = sent
        context.purpose = _text(params.get("purposeOfUse")) or context.purpose
        if language := _text(params.get("acceptLanguage")):
            context.language = negotiated(language)
        await self.identify(context)
        if context.seat is not None and context.seat.actor is None:
            context.seat.take(context.identity)
        unset: UnsetType = UNSET
        return unset

    async def identify(self, context: HttpContext) -> None:
        """Raises ConnectionRejectionError: nobody asks any more."""
        assert context.request is not None
        try:
            context.identity = await self.access().identify(context.request, context.authorization)
        except (UnauthenticatedError, InvalidInputError) as error:
            raise ConnectionRejectionError from error

    async def _connected(self, websocket: WebSocket, context: Any, root_value: Any) -> None:
        try:
            context.seat = self.seats.enter(websocket.client.host if websocket.client else "")
        except BusyError:
            await websocket.close(1013)
            return
        try:
            await super().run(websocket, context, root_value)
        finally:
            context.seat.leave()


def graphql_endpoint(
    schema: Schema,
    services: Callable[[], Services],
    access: Callable[[], Access],
    settings: Settings,
) -> GraphQLEndpoint:
    """The endpoint over a schema; ``services`` are asked for once per request."""

    async def context(connection: HTTPConnection) -> HttpContext:
        identity = NOBODY  # on a websocket until `connection_init`
        if connection.scope["type"] != "websocket":
            identity = await access().identify(connection)
        made = HttpContext(services(), identity)
        made.purpose = _sent_purpose(connection)
        made.language = negotiated(connection.headers.get("accept-language"))
        return made

    endpoint = GraphQLEndpoint(
        schema,
        path="/graphql",
        context_getter=context,
        subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        connection_init_wait_timeout=timedelta(seconds=settings.live.init_seconds),
        max_subscriptions_per_connection=settings.live.per_connection,
        multipart_uploads_enabled=False,
        allowed_origins=settings.server.allowed_origins,
    )
    endpoint.live = settings.live
    endpoint.seats = Seats(settings.live)
    endpoint.access = access
    endpoint.text_in_addresses = settings.environment != "production"

    @endpoint.api_route("/graphql", methods=["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
    async def other_method() -> Response:
        message = "Send operations with POST; queries may come by GET."
        return refusal(405, _CODES[405], message, headers={"Allow": "GET, POST"})

    return endpoint


def _status(result: ExecutionResult, media: str) -> int:
    """JSON's 200 only says that the request could be read; the other media type tells more.

    That somebody asks too much is told to proxies and clients' libraries in either.
    """
    if not isinstance(result, PreExecutionError):
        return 200
    codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
    if ThrottledError.code in codes:
        return 429
    if media == JSON:
        return 200
    if UnavailableError.code in codes:
        return 503
    return 500 if INTERNAL in codes else 400


def _retry_after(result: ExecutionResult) -> dict[str, str]:
    """When somebody who asked too much may come again."""
    found = [(error.extensions or {}).get("retryAfter") for error in result.errors or ()]
    seconds = next((each for each in found if each is not None), None)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _sent_purpose(connection: HTTPConnection) -> str | None:
    """The purpose in a header, which may be UTF-8 though headers are read as Latin-1."""
    sent = connection.headers.get(PURPOSE_HEADER)
    return None if sent is None else _text(sent.encode("latin-1").decode("utf-8", "replace"))


def _text(sent: object) -> str | None:
    """What a purpose may be: text, without control characters, and bounded."""
    if not isinstance(sent, str):
        return None
    plain = "".join(c if c.isprintable() else " " for c in sent[:_LONGEST_PURPOSE]).strip()
    return plain or None


def _decoded(data: str | bytes, what: str) -> Any:
    """JSON; whatever is odd about it is the client's error."""
    try:
        decoded = json.loads(data)
        # A half of a surrogate pair can be written in JSON, but is no text.
        json.dumps(decoded, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _RefusedError(400, f"{what} is not valid JSON in UTF-8.") from error
    return decoded


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
