"""How an answer travels: which media type a client takes, and refusals in GraphQL's own shape.

A refusal is answered before anything is executed, so it holds ``errors`` and no ``data``.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graph.errors import (
    ComplaintGraphError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)

#: Taken by every client; a request that could be read is answered with 200.
JSON = "application/json"
#: The media type of "GraphQL over HTTP", whose status codes tell whether anything was executed.
GRAPHQL_RESPONSE = "application/graphql-response+json"

_MESSAGES = {
    404: ("NOT_FOUND", "There is nothing at this address; the API is at /graphql."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take this method."),
}
#: The status of each kind, and what is said beside it.
_STATUSES: dict[type[ComplaintGraphError], tuple[int, Mapping[str, str]]] = {
    UnauthenticatedError: (401, {"WWW-Authenticate": "Bearer"}),
    ForbiddenError: (403, {}),
    NotFoundError: (404, {}),
    ConflictError: (409, {}),
    TooLargeError: (413, {}),
    InvalidInputError: (400, {}),
    UnavailableError: (503, {"Retry-After": "1"}),
}


def accepted(header: str | None) -> str | None:
    """Which media type a client wants by its ``Accept`` header.

    JSON where it does not say, or takes anything; None where it takes neither of both.
    """
    if not header:
        return JSON
    ranges = weighted(header)
    ranked = [(_rank(kind, ranges), kind) for kind in (JSON, GRAPHQL_RESPONSE)]
    (quality, *_), kind = max(ranked, key=lambda each: each[0])
    return kind if quality > 0 else None


def refusal(
    status: int,
    code: str,
    message: str,
    *,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One GraphQL error with its ``extensions.code``, never anything that was sent."""
    error = {"message": message, "extensions": {"code": code}}
    return JSONResponse(
        {"errors": [error]},
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=media,
    )


async def no_such_address(_: Request, error: HTTPException) -> Response:
    """What the router refuses: an unknown path, or a method that a path does not take."""
    code, message = _MESSAGES.get(error.status_code, ("BAD_REQUEST", "This cannot be answered."))
    return refusal(error.status_code, code, message, headers=error.headers)


async def not_executed(_: Request, error: ComplaintGraphError) -> Response:
    """What went wrong before anything was executed: who asks, or a part that is away."""
    kinds = (kind for kind in _STATUSES if isinstance(error, kind))
    status, headers = _STATUSES.get(next(kinds, ComplaintGraphError), (500, {}))
    return refusal(status, error.code, error.message, headers=headers)


#: For ``FastAPI(exception_handlers=)``.
HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    HTTPException: no_such_address,
    ComplaintGraphError: not_executed,
}


def weighted(header: str) -> list[tuple[str, float]]:
    """What a header such as ``Accept`` lists, in small letters, with the quality of each."""
    return [_range(part) for part in header.split(",")]


def _range(part: str) -> tuple[str, float]:
    """A range and its quality; one that cannot be read counts for nothing."""
    kind, *parameters = (each.strip().lower() for each in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return kind, float(value)
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _rank(kind: str, ranges: list[tuple[str, float]]) -> tuple[float, int, int]:
    """Quality, then how exactly the type is named, then how early."""
    wider = ("*/*", "application/*", kind)
    found = [
        (wider.index(name), -place, quality)
        for place, (name, quality) in enumerate(ranges)
        if name in wider
    ]
    if not found:
        return (0.0, 0, 0)
    exactness, place, quality = max(found)
    return (quality, exactness, place)
