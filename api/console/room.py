"""A room's routes: what goes wrong in them becomes a page that says what to do."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api import assets
from api.console.asking import DocumentFailedError, language_of
from api.console.pages import N_, environment, room_of
from api.page_headers import HEADERS
from api.replies import no_such_address, weighted
from graph.domain.vocabulary import label_of
from graph.errors import (
    ComplaintGraphError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    UnknownCodeError,
)

#: By code: status, heading, what to do.
_PAGES = {
    NotFoundError.code: (
        404,
        N_("There is nothing here"),
        N_("It was removed, or it is beyond your reach."),
    ),
    ForbiddenError.code: (
        403,
        N_("This room is not yours"),
        N_("Your roles do not open it. Ask an administrator which role does."),
    ),
    InvalidInputError.code: (400, N_("This cannot be shown"), N_("Go back, and try it otherwise.")),
    "BAD_USER_INPUT": (
        400,
        N_("This cannot be shown"),
        N_("Something in the address is not of its kind."),
    ),
    UnknownCodeError.code: (
        400,
        N_("This cannot be shown"),
        N_("Something in the address names nothing that there is."),
    ),
    ConflictError.code: (
        409,
        N_("This cannot be done now"),
        N_("Go back, and try it again a little later."),
    ),
    UnavailableError.code: (
        503,
        N_("The service is away for a moment"),
        N_("Nothing was lost. Try again in a minute."),
    ),
    "THROTTLED": (429, N_("Too much at once"), N_("Wait a little, then try again.")),
    "TIMEOUT": (
        503,
        N_("This took too long"),
        N_("Ask for less, such as a shorter period, or try again later."),
    ),
}
_DEFECT = (
    500,
    N_("Something went wrong here"),
    N_("It is on record. Try again; if it stays, tell whoever keeps the service."),
)


class ConsoleRoute(APIRoute):
    """Refusals as pages; who has not signed in is led there (``api.access.turned_away``)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except DocumentFailedError as error:
                return refused(request, error.code, error.message, error.retry_after)
            except UnauthenticatedError:
                raise
            except ComplaintGraphError as error:
                return refused(request, error.code, error.message)

        return handled


def refused(request: Request, code: str, message: str, retry_after: int | None = None) -> Response:
    """The page of an error; ``message`` is shown where it tells more than the heading."""
    status, heading, advice = _PAGES.get(code, _DEFECT)
    detail = message if code in {InvalidInputError.code, ConflictError.code} else None
    language = language_of(request)
    room = room_of(request.url.path) if code == ForbiddenError.code else None
    who = [label_of(role).text(language) for role in sorted(room.roles)] if room else []
    case = request.path_params.get("reference") if code == NotFoundError.code else None
    text = (
        environment(language)
        .get_template("refused.html")
        .render(
            heading=heading,
            advice=advice,
            detail=detail,
            case=case,
            language=language,
            who=who,
            whole=bool(room and room.whole),
        )
    )
    headers = {**HEADERS, "Cache-Control": "no-store"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return HTMLResponse(assets.versioned(text), status, headers)


def as_page(request: Request, reply: Response) -> Response:
    """In place of a refusal as JSON, for a browser that was sent to an address: its page."""
    code = {404: NotFoundError.code, 503: "TIMEOUT"}.get(reply.status_code)
    reads = any(kind == "text/html" for kind, _ in weighted(request.headers.get("accept", "")))
    if request.method != "GET" or code is None or not reads:
        return reply
    return refused(request, code, "")


async def no_such_page(request: Request, error: HTTPException) -> Response:
    return as_page(request, await no_such_address(request, error))
