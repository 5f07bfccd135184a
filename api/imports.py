"""`POST /imports`: a file of complaints by HTTP, for programs; answered with the job."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.access.access import Access
from api.file_forms import received
from api.services import Services
from schema.ids import NodeKind, global_id


def import_routes(services: Callable[[], Services], access: Callable[[], Access]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/imports")
    async def import_file(request: Request) -> Response:
        identity = await access().identify(request)
        uses = services()
        sent = await received(request, uses, identity)
        job = await uses.imports.start(sent.upload, sent.mapping, identity.actor)
        number = global_id(NodeKind.JOB, job.id)
        told = {"job": {"id": number, "kind": job.kind.value, "state": job.state.value}}
        headers = {"Location": f"/jobs/{number}", "Cache-Control": "no-store"}
        return JSONResponse(told, 202, headers)

    return router
