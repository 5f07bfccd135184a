"""The pages for people: a query page of our own that needs nothing from elsewhere, and links."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from api.examples import examples
from schema.export import sdl

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_TYPES = {"graphiql.js": "text/javascript", "graphiql.css": "text/css"}


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/")
    async def home() -> Response:
        return HTMLResponse(_file("home.html"), headers=_HEADERS)

    @router.get("/assets/{name}")
    async def asset(name: str) -> Response:
        if name not in _TYPES:
            return PlainTextResponse("There is no such file.", status_code=404)
        return Response(_file(name), media_type=_TYPES[name], headers=_HEADERS)

    @router.get("/examples.json")
    async def example_queries() -> Response:
        return JSONResponse([{"title": e.title, "query": e.query} for e in examples()])

    @router.get("/schema.graphql")
    async def schema() -> Response:
        return PlainTextResponse(_schema(), headers=_HEADERS)

    return router


def graphiql() -> Response:
    """The query page: editor, variables, result, example queries, the schema's documentation."""
    return HTMLResponse(_file("graphiql.html"), headers=_HEADERS)


@cache
def _file(name: str) -> str:
    return files("api").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _schema() -> str:
    return sdl()
