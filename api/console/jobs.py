"""Long work: what runs and what became of it, left and found again; files of exports."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from babel.dates import format_timedelta
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from api.console.asking import Console, Visit
from api.console.desk import asked_for
from api.console.forms import choices, posted, refuse
from api.console.pages import page
from api.console.room import ConsoleRoute
from api.page_headers import HEADERS
from graph.errors import NotFoundError
from schema.ids import NodeKind, key_of
from schema.policy import Group

#: From so many seconds on, what is left of a phase can be told from how fast it went.
_TOLD_SECONDS = 3.0


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/jobs")
    async def jobs(request: Request, after: str | None = None) -> Response:
        visit = await _visit(console, request)
        answer = await console.ask(visit, "jobs", after=after)
        values = {
            "jobs": answer.data["jobs"],
            "viewer": answer.data["viewer"],
            "words": choices(answer.data),
            "feeding": Group.FEEDING in visit.services.policy.permitted(visit.identity),
            "after": after,
        }
        return page(visit, "jobs/jobs.html", values)

    @router.post("/jobs/refit")
    async def refit(request: Request) -> Response:
        visit = await console.visit(request)
        data = {"idempotencyKey": _key(await posted(request))}
        return _begun(await console.change(visit, "start-refit", data))

    @router.post("/jobs/export")
    async def export(request: Request) -> Response:
        visit = await console.visit(request)
        form = await posted(request)
        data = {
            "filter": asked_for(console, visit, form.get("view", [""])[0]),
            "format": form.get("format", ["CSV"])[0],
            "idempotencyKey": _key(form),
        }
        return _begun(await console.change(visit, "start-export", data))

    @router.get("/jobs/{identity}")
    async def job(request: Request, identity: str) -> Response:
        visit = await _visit(console, request)
        found, data = await _job(console, visit, identity)
        values = {
            "job": found,
            "viewer": data["viewer"],
            "words": choices(data),
            "rest": _rest(found, visit),
            "key": str(uuid4()),
        }
        return page(visit, "jobs/job.html", values)

    @router.get("/jobs/{identity}/file")
    async def file(request: Request, identity: str) -> Response:
        visit = await console.visit(request)
        found, _ = await _job(console, visit, identity)
        if found["file"] is None or found["startedBy"] != visit.identity.actor:
            raise NotFoundError("There is no file of yours.")
        path = visit.services.exports.file(key_of(identity, NodeKind.JOB), found["file"])
        headers = {**HEADERS, "Cache-Control": "no-store"}
        return FileResponse(path, headers=headers, filename=found["file"])

    @router.post("/jobs/{identity}/cancel")
    async def cancel(request: Request, identity: str) -> Response:
        visit = await console.visit(request)
        data = {"job": identity, "idempotencyKey": _key(await posted(request))}
        refuse(await console.change(visit, "cancel-job", data))
        return RedirectResponse(f"/jobs/{identity}", 303)

    return router


async def _visit(console: Console, request: Request) -> Visit:
    """What a page asks for by itself keeps nobody signed in."""
    return await console.visit(request, used="hx-request" not in request.headers)


async def _job(
    console: Console, visit: Visit, identity: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Raises NotFoundError: there is none, or it is another person's."""
    answer = await console.ask(visit, "job", id=identity)
    if answer.data["job"] is None:
        raise NotFoundError("There is no job with this id.")
    return answer.data["job"], answer.data


def _begun(payload: Mapping[str, Any]) -> Response:
    refuse(payload)
    return RedirectResponse(f"/jobs/{payload['job']['id']}", 303)


def _key(form: Mapping[str, list[str]]) -> str:
    return form.get("key", [str(uuid4())])[0]


def _rest(job: Mapping[str, Any], visit: Visit) -> str | None:
    """How long the phase still takes, as it went so far; None where that cannot be told."""
    if job["state"] != "RUNNING" or not job["done"] or not job["total"]:
        return None
    begun = datetime.fromisoformat(job["phaseStartedAt"])
    seconds = (datetime.now(begun.tzinfo) - begun).total_seconds()
    if seconds < _TOLD_SECONDS:
        return None
    left = timedelta(seconds=seconds * (job["total"] - job["done"]) / job["done"])
    return format_timedelta(left, threshold=1, locale="zh" if visit.language == "ZH" else "en")
