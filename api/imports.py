"""`POST /imports`: a file of complaints by HTTP, answered with the job; `POST /intake/{source}`:
records of a source that sends by itself, answered with what became of them.
"""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.access.access import Access
from api.file_forms import received, require_feeding
from api.services import Services
from graph.errors import InvalidInputError
from ingest.importer import ImportReport
from ingest.problems import Weight
from schema.ids import NodeKind, global_id

_KINDS = frozenset({"application/json", "application/x-ndjson", "application/jsonl"})


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

    @router.post("/intake/{source}")
    async def take(request: Request, source: str) -> Response:
        identity = await access().identify(request)
        uses = services()
        require_feeding(uses, identity)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _KINDS:
            raise InvalidInputError("Send JSON, as application/json.", path=["body"])
        report = await uses.intake.take(source, await request.body())
        # Whatever comes again would be refused again.
        status = 422 if report.rows and report.rejected == report.rows else 200
        return JSONResponse(_told(report), status, {"Cache-Control": "no-store"})

    return router


def _told(report: ImportReport) -> dict[str, object]:
    problems = [
        {
            "rejected": each.weight is Weight.REJECTED,
            "field": each.field,
            "reason": each.reason,
            "count": each.count,
            "record": each.line,
        }
        for each in report.problems
    ]
    return {
        "rows": report.rows,
        "created": report.loaded,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "problems": problems,
    }
