"""The pages for people: GraphiQL with what this service adds, and links; nothing from elsewhere."""

import secrets
from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from api import assets
from api.access.access import Access
from api.examples import examples
from api.page_headers import HEADERS, page_headers
from api.settings import Settings
from graph.domain.access import Identity
from graph.errors import ForbiddenError
from schema.export import sdl
from schema.introspection import sees_schema

_GRAPHIQL = ("graphiql.css", "graphiql.js", "graphql-ws.js", "react-dom.js", "react.js")


def routes(access: Callable[[], Access]) -> APIRouter:
    router = APIRouter()

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


def query_page() -> Response:
    """GraphiQL with example queries; where files of it are missing, how to get them."""
    if absent := assets.missing(_GRAPHIQL):
        return incomplete(absent)
    nonce = secrets.token_urlsafe(16)
    page = Template(_file("query_page.html")).substitute(nonce=nonce)
    return HTMLResponse(assets.versioned(page), headers=page_headers(nonce))


def incomplete(absent: Iterable[str]) -> Response:
    """In place of a page whose files are missing: which, and how to get them."""
    return message(
        503,
        "Files are missing",
        f"This page needs files that this installation lacks: {', '.join(absent)}. In a clone, "
        "the command make setup fetches them from npm's registry or your mirror of it; then load "
        "this page again. A wheel has them. The API is not affected.",
    )


def message(status: int, title: str, text: str) -> Response:
    """A page that says why there is no other."""
    page = Template(_file("message.html")).substitute(title=escape(title), text=escape(text))
    return HTMLResponse(assets.versioned(page), status, headers=HEADERS)


@cache
def _file(name: str) -> str:
    return files("api").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _schema() -> str:
    return sdl()
