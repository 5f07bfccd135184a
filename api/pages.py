"""The pages for people: a query page of our own that needs nothing from elsewhere, and links."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from api.access.access import Access
from api.examples import examples
from api.page_headers import HEADERS
from api.settings import Settings
from graph.domain.access import Identity
from graph.errors import ForbiddenError
from schema.export import sdl
from schema.introspection import sees_schema

_TYPES = {"graphiql.js": "text/javascript", "graphiql.css": "text/css"}


def routes(access: Callable[[], Access]) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    async def home() -> Response:
        return HTMLResponse(_file("home.html"), headers=HEADERS)

    @router.get("/assets/{name}")
    async def asset(name: str) -> Response:
        if name not in _TYPES:
            return PlainTextResponse("There is no such file.", status_code=404)
        return Response(_file(name), media_type=_TYPES[name], headers=HEADERS)

    @router.get("/examples.json")
    async def example_queries(request: Request) -> Response:
        await documented(access(), request)
        return JSONResponse([{"title": e.title, "query": e.query} for e in examples()])

    @router.get("/schema.graphql")
    async def schema(request: Request) -> Response:
        await documented(access(), request)
        return PlainTextResponse(_schema(), headers=HEADERS)

    return router


async def documented(access: Access, request: Request) -> None:
    """Raises ForbiddenError: who asks may not see how the API is made."""
    if access.settings.environment == "production":
        require_documentation(access.settings, await access.identify(request))


def require_documentation(settings: Settings, identity: Identity) -> None:
    """In production the query page, introspection and the schema are for administrators.

    Raises:
        ForbiddenError: who asks is none.
    """
    if settings.environment == "production" and not sees_schema(identity):
        raise ForbiddenError("In production the schema and the query page are for administrators.")


def graphiql() -> Response:
    """The query page: editor, variables, result, example queries, the schema's documentation."""
    return HTMLResponse(_file("graphiql.html"), headers=HEADERS)


@cache
def _file(name: str) -> str:
    return files("api").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _schema() -> str:
    return sdl()
