"""Signing in as somebody of the demo bank: on this machine, and with the demo bank only."""

from collections.abc import Callable
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import assets
from api.access.access import SESSION, Access
from api.access.sessions import set_cookie
from api.access.signing_in import own_path
from api.page_headers import HEADERS
from graph.domain.access import Identity
from graph.errors import NotFoundError
from ingest.demo.personas import PERSONAS, Persona


def persona_routes(access: Callable[[], Access]) -> APIRouter:
    """The page on which one chooses, and what its buttons send."""
    router = APIRouter()

    @router.get("/personas")
    async def personas(request: Request) -> Response:
        viewer = await access().identify(request)
        return HTMLResponse(_page(viewer), headers={**HEADERS, "Cache-Control": "no-store"})

    @router.post("/personas/{code}")
    async def become(request: Request, code: str, to: str = "/personas") -> Response:
        persona = next((each for each in PERSONAS if each.code == code), None)
        if persona is None:
            raise NotFoundError("The demo bank has no such person: see /personas.")
        opened = access()
        token, _ = await opened.sessions.begin(persona.identity, opened.clock())
        answer = RedirectResponse(own_path(to), 303, headers={"Cache-Control": "no-store"})
        hours = opened.settings.access.session_hours
        set_cookie(answer, request, SESSION, token, hours * 3600)
        return answer

    return router


def _page(viewer: Identity) -> str:
    roles = ", ".join(role.lower() for role in sorted(viewer.roles))
    return _template().substitute(
        viewer=escape(viewer.name),
        roles=escape(roles),
        personas="\n".join(map(_row, PERSONAS)),
        signed_in="" if viewer.expires_at else "hidden",
    )


def _row(persona: Persona) -> str:
    return (
        f'<li><form method="post" action="/personas/{persona.code}">'
        f"<button>{escape(persona.identity.name)} {escape(persona.name_zh)}</button></form>"
        f"<p>{escape(persona.description)}</p></li>"
    )


@cache
def _template() -> Template:
    page = files("api").joinpath("static", "personas.html").read_text(encoding="utf-8")
    return Template(assets.versioned(page))
