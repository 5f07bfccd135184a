"""A tour of the demo bank: what is planted there, each with the person who would see it."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console.asking import Console, Visit
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from graph.domain.enums import CaseStatus
from graph.domain.vocabulary import label_of
from ingest.demo.personas import PERSONAS

#: Where a case stands that can still be decided.
_OPEN = (CaseStatus.INVESTIGATING, CaseStatus.DISPATCHED, CaseStatus.REGISTERED)
_BY_CODE = {persona.code: persona for persona in PERSONAS}


@dataclass(frozen=True, slots=True)
class Stop:
    """``persona``: as whom; ``address``: where, None for the case of the tour."""

    title: str
    text: str
    persona: str
    address: str | None = None


STOPS = (
    Stop(
        N_("A case and its precedents"),
        N_(
            "A customer waits at the South Lake Outlet. Alike cases stand beside the text: rate "
            "one as useful, then propose a remedy. How alike cases were decided stands beside the "
            "form."
        ),
        "handler",
    ),
    Stop(
        N_("One subject, several customers"),
        N_(
            "Holders of the same asset plan complained within nine days, at most two at one "
            "outlet: none of the outlets could see it."
        ),
        "analyst",
        "/alerts?state=ALL",
    ),
    Stop(
        N_("An error in the fee system"),
        N_("In one month five branches had far more complaints about account fees than expected."),
        "analyst",
        "/insight/hotspots",
    ),
    Stop(
        N_("Branches compared fairly"),
        N_("Who lies outside the funnel differs from alike cases at other branches, not by size."),
        "analyst",
        "/insight/branches",
    ),
    Stop(
        N_("Whether a fix worked"),
        N_("Two causes were mended. Of one the complaints fell, of the other they did not."),
        "analyst",
        "/remediations",
    ),
    Stop(
        N_("A team's morning"),
        N_("Load by person, what is overdue, what was escalated and by which sentence."),
        "supervisor",
        "/team",
    ),
    Stop(
        N_("Who looked at what"),
        N_("Everything that you have just opened is on record."),
        "auditor",
        "/audit",
    ),
)


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

    @router.get("/tour")
    async def tour(request: Request) -> Response:
        visit = await console.visit(request)
        values = {
            "stops": STOPS,
            "people": _BY_CODE,
            "case": await _case(console, visit),
            "words": {
                code: label_of(min(persona.identity.roles)).text(visit.language)
                for code, persona in _BY_CODE.items()
            },
        }
        return page(visit, "tour/tour.html", values)

    return router


async def _case(console: Console, visit: Visit) -> str:
    """The page of an open case of the handler's; the desk if there is none any more."""
    handler = Visit(visit.request, _BY_CODE["handler"].identity, visit.language, visit.services)
    answer = await console.ask(handler, "tour", open=[status.value for status in _OPEN])
    nodes = answer.data["complaints"]["nodes"]
    return f"/cases/{nodes[0]['reference']}" if nodes else "/desk"
