"""Import of a file: sent, looked at, then stored as a job."""

from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console.asking import Console, Visit
from api.console.forms import posted
from api.console.pages import page
from api.console.room import ConsoleRoute
from api.file_forms import received, require_feeding
from graph.errors import ConflictError, SourceError, TooLargeError
from schema.ids import NodeKind, global_id


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/imports")
    async def choose(request: Request) -> Response:
        return _start(await _visit(console, request))

    @router.post("/imports/check")
    async def send(request: Request) -> Response:
        visit = await console.visit(request)
        imports = visit.services.imports
        try:
            sent = await received(request, visit.services, visit.identity)
            token = await imports.look(sent.upload, sent.mapping, visit.identity.actor)
        except (SourceError, TooLargeError) as error:
            return _start(visit, error.message, 413 if isinstance(error, TooLargeError) else 422)
        return RedirectResponse(f"/imports/{token}", 303)

    @router.get("/imports/{token}")
    async def look(request: Request, token: str) -> Response:
        return _held(await _visit(console, request), token)

    @router.post("/imports/{token}/mapping")
    async def again(request: Request, token: str) -> Response:
        visit = await _visit(console, request)
        mapping = (await posted(request)).get("mapping", [""])[0]
        await visit.services.imports.look_again(token, visit.identity.actor, mapping)
        return RedirectResponse(f"/imports/{token}", 303)

    @router.post("/imports/{token}")
    async def store(request: Request, token: str) -> Response:
        visit = await _visit(console, request)
        actor = visit.identity.actor
        try:
            job = await visit.services.imports.start_held(token, actor)
        except ConflictError as error:
            return _held(visit, token, error.message, 409)
        return RedirectResponse(f"/jobs/{global_id(NodeKind.JOB, job.id)}", 303)

    return router


async def _visit(console: Console, request: Request) -> Visit:
    """Raises ForbiddenError: imports are not the visitor's."""
    visit = await console.visit(request, used="hx-request" not in request.headers)
    require_feeding(visit.services, visit.identity)
    return visit


def _start(visit: Visit, error: str | None = None, status: int = 200) -> Response:
    values = {"error": error, "most": visit.services.settings.jobs.upload_mb}
    return page(visit, "jobs/import.html", values, status=status)


def _held(visit: Visit, token: str, error: str | None = None, status: int = 200) -> Response:
    held = visit.services.imports.uploads.of(token, visit.identity.actor)
    values = {"held": held, "token": token, "error": error, "key": str(uuid4())}
    return page(visit, "jobs/check.html", values, status=status)
