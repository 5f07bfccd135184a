"""The desk: whose cases there are, in which order, and many of them handed over at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import filters
from api.console.asking import LANGUAGE_COOKIE, Console, Visit
from api.console.forms import choices, posted, refuse
from api.console.listing import FILTER_NAMES, MOST, Known, Listing
from api.console.pages import page
from api.console.room import ConsoleRoute
from graph.domain.enums import Language
from graph.errors import InvalidInputError

_YEAR_SECONDS = 31_536_000
#: Whose words a field of the filter has.
_ENUMS = {
    "channels": "Channel",
    "natures": "Nature",
    "severities": "Severity",
    "urgencies": "Urgency",
    "outcomes": "OutcomeKind",
}


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/desk")
    async def desk(request: Request) -> Response:
        visit = await console.visit(request)
        return await _list(console, visit, _listing(console, request))

    @router.post("/desk")
    async def hand_over(request: Request) -> Response:
        visit = await console.visit(request)
        form = await posted(request)
        cases = [_version(each) for each in form.get("case", ())]
        person = form.get("assignee", [""])[0].strip() or None
        note = form.get("note", [""])[0].strip()
        listing = _listing(console, request)
        if not cases:
            return await _list(console, visit, listing, nothing_chosen=True)
        step = {"assign": {"assignee": person, **({"note": note} if note else {})}}
        data = {
            "cases": cases,
            "step": step,
            "idempotencyKey": form.get("key", [str(uuid4())])[0],
        }
        done = await console.change(visit, "hand-over", data)
        return await _list(console, visit, listing, done=done)

    @router.post("/desk/views")
    async def keep(request: Request) -> Response:
        visit = await console.visit(request)
        form = await posted(request)
        listing = Listing.of(parse_qsl(form.get("view", [""])[0]), _known(console))
        data = {
            "name": form.get("name", [""])[0],
            "query": listing.address(),
            "idempotencyKey": form.get("key", [str(uuid4())])[0],
        }
        payload = await console.change(visit, "save-view", data)
        if payload["errors"]:
            messages = [each["message"] for each in payload["errors"]]
            return await _list(console, visit, listing, not_kept=messages)
        return RedirectResponse(listing.address(), 303)

    @router.post("/desk/views/remove")
    async def forget(request: Request) -> Response:
        visit = await console.visit(request)
        form = await posted(request)
        refuse(await console.change(visit, "remove-view", {"name": form.get("name", [""])[0]}))
        return RedirectResponse("/desk", 303)

    @router.get("/desk/new")
    async def new(request: Request, since: datetime) -> Response:
        """How many of a list were recorded since; a page asks by itself."""
        visit = await console.visit(request, used=False)
        listing = _listing(console, request)
        asked = listing.variables(visit.identity.actor, _known(console))["filter"]
        asked["recordedFrom"] = since.isoformat()
        answer = await console.ask(visit, "desk-new", filter=asked)
        complaints = answer.data["complaints"]
        if not complaints or not complaints["totalCount"]:
            return Response(status_code=204)
        values = {"count": complaints["totalCount"], "address": listing.address()}
        return page(visit, "live/new.html", values)

    @router.get("/find")
    async def find(request: Request, text: str = "") -> Response:
        visit = await console.visit(request)
        if not text.strip():
            return RedirectResponse("/desk", 303)
        answer = await console.ask(visit, "find", text=text)
        matches = answer.data["findCases"]
        listed: list[Any] = matches["complaints"] if matches else []
        if len(listed) == 1 and matches["matchedBy"] != "WORDS":
            return RedirectResponse(f"/cases/{listed[0]['reference']}", 303)
        words = choices(answer.data)
        return page(visit, "desk/find.html", {"text": text, "matches": matches, "words": words})

    @router.post("/language/{language}")
    async def choose(request: Request, language: str) -> Response:
        if language not in set(Language):
            raise InvalidInputError("There are pages in ZH and EN.", path=["language"])
        to = request.headers.get("referer", "/desk")
        back = RedirectResponse(to if to.startswith(str(request.base_url)) else "/desk", 303)
        back.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return back

    return router


def _known(console: Console) -> Known:
    return filters.fields(console.schema._schema)


def asked_for(console: Console, visit: Visit, view: str) -> dict[str, Any]:
    """The filter of a list by what stands behind its address."""
    known = _known(console)
    listing = Listing.of(parse_qsl(view), known)
    asked: dict[str, Any] = listing.variables(visit.identity.actor, known)["filter"]
    return asked


def _listing(console: Console, request: Request) -> Listing:
    return Listing.of(request.query_params.multi_items(), _known(console))


async def _list(
    console: Console,
    visit: Visit,
    listing: Listing,
    *,
    done: Mapping[str, Any] | None = None,
    nothing_chosen: bool = False,
    not_kept: Sequence[str] = (),
) -> Response:
    variables = listing.variables(visit.identity.actor, _known(console))
    since = datetime.now(UTC)
    answer = await console.ask(visit, "desk", **variables)
    values = {
        "listing": listing,
        "most": MOST,
        "since": since,
        "names": FILTER_NAMES,
        "enums": _ENUMS,
        "labels": {
            (each["field"], each["code"]): each["label"]
            for each in answer.data["filterLabels"] or ()
        },
        "viewer": answer.data["viewer"],
        "complaints": answer.data["complaints"],
        "denied": "complaints" in answer.denied,
        "words": choices(answer.data),
        "done": done,
        "refused": _refused(done["results"]) if done else [],
        "nothing_chosen": nothing_chosen,
        "not_kept": not_kept,
        "key": str(uuid4()),
    }
    return page(visit, "desk/desk.html", values, status=422 if nothing_chosen or not_kept else 200)


def _refused(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for each in results if each["errors"]]


def _version(text: str) -> dict[str, Any]:
    """A box of the list: the case's id and the version that was seen."""
    identity, _, version = text.rpartition(" ")
    if not identity or not version.isdigit():
        raise InvalidInputError("The form names no case.", path=["case"])
    return {"complaint": identity, "version": int(version)}
