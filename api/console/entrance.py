"""The way in: the first page, and in the demo bank the people as whom one may sign in."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api import assets
from api.console.asking import Console, language_of
from api.console.pages import environment, page
from api.console.room import ConsoleRoute
from api.page_headers import HEADERS
from graph.domain.access import Role
from graph.domain.vocabulary import label_of
from ingest.demo.personas import PERSONAS

#: Where a person's work begins.
_BEGINS = {
    Role.HANDLER: "/desk",
    Role.SUPERVISOR: "/team",
    Role.ANALYST: "/insight",
    Role.AUDITOR: "/audit",
    Role.ADMINISTRATOR: "/desk",
}


def first_page() -> APIRouter:
    """``/``: for whoever has not signed in, too."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home(request: Request) -> Response:
        language = language_of(request)
        template = environment(language).get_template("entrance/home.html")
        text = template.render(language=language)
        return HTMLResponse(
            assets.versioned(text), headers={**HEADERS, "Cache-Control": "no-store"}
        )

    return router


def people(console: Console) -> APIRouter:
    """``/personas``: its buttons sign in (`api.access.personas`)."""
    router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

    @router.get("/personas")
    async def personas(request: Request) -> Response:
        visit = await console.visit(request)
        values = {
            "people": [
                {
                    "code": person.code,
                    "name": person.identity.name,
                    "role": label_of(role).text(visit.language),
                    "about": person.about.text(visit.language),
                    "begins": _BEGINS[role],
                }
                for person in PERSONAS
                for role in person.identity.roles
            ],
        }
        return page(visit, "entrance/personas.html", values)

    return router
