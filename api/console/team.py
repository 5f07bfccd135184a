"""A team's day: load, what is late, what was raised, and who opened cases from elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console.asking import Console
from api.console.forms import choices, posted, refuse
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from api.console.scope import Scope
from api.console.tables import Column, Kind, Row, Table, download
from graph.domain.enums import OPEN_STATUSES
from graph.errors import ForbiddenError


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/team")
    async def team(request: Request) -> Response:
        visit = await console.visit(request)
        answer = await console.ask(
            visit,
            "team",
            open=sorted(status.value for status in OPEN_STATUSES),
            now=datetime.now(UTC).isoformat(),
        )
        data = answer.data
        values = {
            **{name: data[name] for name in ("open", "overdue", "raised", "alerts", "openings")},
            "viewer": data["viewer"],
            "words": choices(data),
            "load": _load(data["open"], data["overdue"]),
        }
        return page(visit, "team/team.html", values)

    @router.get("/team/answers")
    async def answers(request: Request) -> Response:
        visit = await console.visit(request)
        scope = Scope.of(request.query_params.multi_items())
        asked = scope.variables
        period = {"since": asked["from"], "until": asked["to"]}
        answer = await console.ask(visit, "template-uses", **period)
        if "templateUses" in answer.denied:
            raise ForbiddenError("How templates are used is not yours to see.")
        table = _uses(answer.data["templateUses"])
        if (file := download(visit, [table], "template-uses", period)) is not None:
            return file
        return page(visit, "team/answers.html", {"scope": scope, "table": table})

    @router.get("/openings")
    async def form(request: Request, reference: str = "") -> Response:
        visit = await console.visit(request)
        return page(visit, "team/open.html", _opening(reference))

    @router.post("/openings")
    async def open_case(request: Request) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        reference, precedent, reason = (
            sent.get(name, [""])[0].strip() for name in ("reference", "precedent", "reason")
        )
        data = {
            "reason": reason,
            "idempotencyKey": sent.get("key", [str(uuid4())])[0],
            **({"precedent": precedent} if precedent else {"reference": reference}),
        }
        payload = await console.change(visit, "open-case", data)
        if payload["errors"]:
            values = _opening(reference, precedent, reason, payload)
            return page(visit, "team/open.html", values, status=422)
        return RedirectResponse(f"/cases/{payload['complaint']['reference']}", 303)

    @router.post("/openings/end")
    async def end(request: Request) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        opening = {"opening": sent.get("opening", [""])[0]}
        refuse(await console.change(visit, "end-opening", opening))
        return RedirectResponse("/team#openings", 303)

    return router


def _opening(
    reference: str,
    precedent: str = "",
    reason: str = "",
    payload: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """``payload``: why it was not opened."""
    return {
        "reference": reference,
        "precedent": precedent,
        "reason": reason,
        "errors": [each["message"] for each in payload["errors"]] if payload else [],
        "key": str(uuid4()),
    }


def _uses(nodes: Sequence[Mapping[str, Any]]) -> Table:
    columns = [
        Column(N_("Template")),
        Column(N_("Answers made from it"), Kind.COUNT),
        Column(N_("Sent as drafted"), Kind.COUNT),
        Column(N_("Sent in spite of what was wrong"), Kind.COUNT),
        Column(N_("Edited, median"), Kind.SHARE),
        Column(N_("Edited, nine in ten at most"), Kind.SHARE),
    ]
    names = ("label", "count", "unchanged", "insisted", "median", "high")
    rows = [Row(tuple(each[name] for name in names)) for each in nodes]
    return Table("templates", columns, rows, opens=False)


def _load(open_: Mapping[str, Any] | None, overdue: Mapping[str, Any] | None) -> list[Any]:
    """(person, open cases, of them overdue), the most burdened first; None is nobody."""
    late = _counts(overdue)
    return [(person, count, late.get(person, 0)) for person, count in _counts(open_).items()]


def _counts(of: Mapping[str, Any] | None) -> dict[str | None, int]:
    rows: Sequence[Mapping[str, Any]] = (of or {}).get("byAssignee") or ()
    return {row["assignee"]: row["count"] for row in rows}
