"""The one translation of our errors into GraphQL's; everything else is masked and logged.

An error that reaches a client tells a code and a sentence, never internals and never the value of
a variable. The log tells where a masked error came from, without its message: messages of drivers
and parsers repeat what they were given.
"""

import re
from collections.abc import Iterable
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from graph.errors import ComplaintGraphError, described

#: What Strawberry raises before it knows what to run.
_NOTHING_TO_RUN: dict[type[BaseException], str] = {
    InvalidOperationTypeError: "Only subscriptions go over the websocket: send queries and "
    "mutations with POST.",
    CannotGetOperationTypeError: "The document has no operation of this name.",
    MissingQueryError: "The request has no `query`.",
}

log = structlog.get_logger(__name__)

INTERNAL = "INTERNAL"
_MASKED = "Something went wrong on our side; the service's log tells more under this request's id."
_VALUE = re.compile(r"(Variable '\$\w+'|Argument '[\w.():]+') has invalid value")
_AT = re.compile(r" at '?(\.[\w.\[\]]+)'?:")
_EXPECTED = re.compile(r"Expected (?:a )?value of (?:non-null )?type '([^']+)'")
_REQUIRED = re.compile(r"to include required field '(\w+)'")
_SNAKE = re.compile(r"_([a-z])")


def message_and_path(error: ComplaintGraphError) -> tuple[str, list[str]]:
    """Our error's sentence and path, in the API's spelling."""
    return _message(error), _camel(error.path)


def translate(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """What the client is told; a masked error is logged once, however many rows it struck."""
    logged: set[int] = set()
    return [_translated(error, logged) for error in errors]


def refusal(message: str, code: str) -> GraphQLError:
    """An error about the request as a whole."""
    return GraphQLError(message, extensions={"code": code})


def _translated(error: GraphQLError, logged: set[int]) -> GraphQLError:
    cause = _cause(error)
    if isinstance(cause, ComplaintGraphError):
        extensions: dict[str, Any] = {"code": cause.code, **cause.details}
        if cause.path:
            extensions["path"] = _camel(cause.path)
        return _error(error, _message(cause), extensions)
    if cause is not None and type(cause) in _NOTHING_TO_RUN:
        return _error(error, _NOTHING_TO_RUN[type(cause)], {"code": "BAD_REQUEST"})
    if cause is None and (error.extensions or {}).get("code"):
        return error
    if _VALUE.match(error.message):
        return _error(error, _without_value(error.message), {"code": "INVALID_INPUT"})
    if cause is None and error.path is None:
        code = "SYNTAX" if isinstance(error, GraphQLSyntaxError) else "INVALID_DOCUMENT"
        return _error(error, error.message, {"code": code})
    _log(cause or error, logged)
    return _error(error, _MASKED, {"code": INTERNAL})


def _cause(error: GraphQLError) -> BaseException | None:
    """The exception behind it that is not GraphQL's own."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _error(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _without_value(message: str) -> str:
    """GraphQL's own words about a wrong value, less the value."""
    result = _VALUE.match(message)
    what = result.group(1) if result else "A value"
    at = _AT.search(message)
    where = f"{what} at {at.group(1)}" if at else what
    required = _REQUIRED.search(message)
    if required:
        return f"{where} lacks the field '{required.group(1)}'."
    expected = _EXPECTED.search(message)
    if expected is None:
        return f"{where} does not fit its type; see the schema."
    return f"{where} does not fit its type: it takes {expected.group(1)}."


def _message(error: ComplaintGraphError) -> str:
    """The sentence, with the API's spelling of the field's name."""
    message = error.message
    for name in error.path:
        message = re.sub(rf"\b{re.escape(name)}\b", _camel([name])[0], message)
    return message


def _camel(path: Iterable[str]) -> list[str]:
    return [_SNAKE.sub(lambda result: result.group(1).upper(), name) for name in path]


def _log(cause: BaseException, logged: set[int]) -> None:
    if id(cause) in logged:
        return
    logged.add(id(cause))
    log.error("an operation failed", **described(cause))
