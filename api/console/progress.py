"""A customer's page: whoever has its address sees how far one complaint has come, and no more."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console.asking import Console, Visit, language_of
from api.console.pages import page
from api.console.room import ConsoleRoute
from graph.domain.access import Identity, Method, Role
from graph.errors import NotFoundError


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/progress/{token}")
    async def progress(request: Request, token: str) -> Response:
        visit = Visit(request, _customer(request), language_of(request), console.services())
        answer = await console.ask(visit, "progress", token=token)
        if answer.data["progress"] is None:
            raise NotFoundError("This complaint is not on record any more.")
        values = {
            "progress": answer.data["progress"],
            "review_days": visit.services.limits.review_days,
        }
        return page(visit, "progress/progress.html", values)

    return router


def _customer(request: Request) -> Identity:
    """Nobody signs in: the token opens one complaint; rates are held against the address."""
    address = request.client.host if request.client else "unknown"
    return Identity(f"customer@{address}", roles=frozenset({Role.CUSTOMER}), method=Method.TOKEN)
