"""Signing in as somebody of the demo bank: on this machine, and with the demo bank only."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access.access import SESSION, Access
from api.access.sessions import set_cookie
from api.access.signing_in import own_path
from graph.errors import NotFoundError
from ingest.demo.personas import PERSONAS


def persona_routes(access: Callable[[], Access]) -> APIRouter:
    """What the buttons of `/personas` send."""
    router = APIRouter()

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
