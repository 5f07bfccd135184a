"""The analysts' pages: measures and trends, hotspots, branches compared, bottlenecks."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console import choosing, plots
from api.console.asking import Answer, Console, Visit
from api.console.forms import choices, offered
from api.console.listing import opening
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from api.console.scope import Scope
from api.console.tables import Column, Kind, Row, Table, download, figure
from api.console.wording import translations
from graph.domain.periods import Interval
from graph.queries.trees import Facet

#: Pages of the room, in their order.
PAGES = (
    ("/insight", N_("Measures and trends")),
    ("/insight/hotspots", N_("Hotspots")),
    ("/insight/branches", N_("Branches compared")),
    ("/insight/bottlenecks", N_("Bottlenecks")),
)
#: As no group: one series of all.
_ALL = "NONE"
_WHOLE = "WHOLE"
#: The month comes first, as usual.
_INTERVALS = (Interval.MONTH, *(each for each in Interval if each is not Interval.MONTH))
_DIMENSIONS = {
    "PRODUCT,ROOT_CAUSE,BRANCH,MONTH": N_("product, root cause, branch, month"),
    "PRODUCT,BRANCH": N_("product, branch"),
    "ROOT_CAUSE,BRANCH": N_("root cause, branch"),
    "TYPE,BRANCH,MONTH": N_("type, branch, month"),
    "DEPARTMENT,CHANNEL,MONTH": N_("department, channel, month"),
}
_FIGURES = {
    "handlingDays": (N_("Handling days"), Kind.DECIMAL),
    "escalation": (N_("Escalated"), Kind.SHARE),
    "repeats": (N_("Filed again"), Kind.SHARE),
    "compensated": (N_("Compensated"), Kind.SHARE),
    "compensation": (N_("Compensation"), Kind.DECIMAL),
}
_CHANGES = {
    "ROSE": N_("rose"),
    "FELL": N_("fell"),
    "NO_EVIDENCE": N_("no evidence of a change"),
    "TOO_LITTLE": N_("too few to tell"),
}
_FUNNEL = {
    "WITHIN": N_("within the limits"),
    "HIGH": N_("high"),
    "LOW": N_("low"),
    "VERY_HIGH": N_("very high"),
    "VERY_LOW": N_("very low"),
    "TOO_LITTLE": N_("too few to tell"),
}
_LOW, _HIGH = N_("Interval from"), N_("to")


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/insight")
    async def insight(request: Request) -> Response:
        visit = await console.visit(request)
        scope = await _scope(console, visit, by=(_ALL, *Facet), interval=_INTERVALS)
        group = None if scope["by"] == _ALL else scope["by"]
        variables = {
            **scope.variables,
            "interval": scope["interval"],
            "groupBy": group,
            # Whoever reaches all of it has it in the trend already.
            "bank": not visit.identity.reach.everything,
            "since": scope.since.isoformat() if scope.since else None,
            "until": scope.until.isoformat() if scope.until else None,
        }
        answer = await console.ask(visit, "insight", **variables)
        return _answered(
            visit, "insight", scope, variables, answer, _measures(answer, scope, visit)
        )

    @router.get("/insight/hotspots")
    async def hotspots(request: Request) -> Response:
        visit = await console.visit(request)
        scope = await _scope(console, visit, by=_DIMENSIONS)
        variables = {**scope.variables, "dimensions": scope["by"].split(",")}
        answer = await console.ask(visit, "hotspots", **variables)
        return _answered(
            visit, "hotspots", scope, variables, answer, _hotspots(answer, scope, visit)
        )

    @router.get("/insight/branches")
    async def branches(request: Request) -> Response:
        visit = await console.visit(request)
        scope = await _scope(console, visit, figure=_FIGURES)
        answer = await console.ask(visit, "branches", **scope.variables)
        analysis = _branches(answer, scope, visit)
        return _answered(visit, "branches", scope, scope.variables, answer, analysis)

    @router.get("/insight/bottlenecks")
    async def bottlenecks(request: Request) -> Response:
        visit = await console.visit(request)
        usual = (Facet.DEPARTMENT, *(each for each in Facet if each is not Facet.DEPARTMENT))
        scope = await _scope(console, visit, by=usual, step=(_WHOLE, *plots.STEPS))
        variables = {**scope.variables, "groupBy": scope["by"]}
        answer = await console.ask(visit, "bottlenecks", **variables)
        analysis = _bottlenecks(answer, scope, visit)
        return _answered(visit, "bottlenecks", scope, variables, answer, analysis)

    return router


async def _scope(
    console: Console, visit: Visit, **choices: Sequence[str] | Mapping[str, Any]
) -> Scope:
    scope = Scope.of(visit.request.query_params.multi_items(), **choices)
    return await choosing.scope_of(console, visit, scope)


def _answered(
    visit: Visit,
    name: str,
    scope: Scope,
    variables: Mapping[str, Any],
    answer: Answer,
    analysis: Mapping[str, Any] | None,
) -> Response:
    """A page, or one of its tables as a file; ``analysis`` None: it is not the visitor's."""
    tables = [each for each in (analysis or {}).values() if isinstance(each, Table)]
    if (file := download(visit, tables, name, variables)) is not None:
        return file
    values = {
        "scope": scope,
        "pages": PAGES,
        "words": choices(answer.data),
        "choices": offered(answer.data),
        "dimensions": _DIMENSIONS,
        "compared": {name: heading for name, (heading, _) in _FIGURES.items()},
        "steps": plots.STEPS,
        "analysis": analysis,
    }
    return page(visit, f"insight/{name}.html", values)


def _measures(answer: Answer, scope: Scope, visit: Visit) -> dict[str, Any] | None:
    measures, trend = answer.data["measures"], answer.data["trend"]
    if measures is None:
        return None
    say = translations(visit.language).gettext
    return {
        "measures": measures,
        "opens": opening(measures["narrowing"], scope.filters),
        "measured": _measured(measures, scope, say),
        "trend": trend,
        "plot": plots.trend(trend, scope, say) if trend else None,
        "changes": _changes(trend, say) if trend else None,
        "counts": _counts(trend, scope, say) if trend else None,
        **_bank(answer.data.get("monthlyCounts"), say),
    }


def _bank(counts: Mapping[str, Any] | None, say: Callable[[str], str]) -> dict[str, Any]:
    """The whole bank's months, for those who do not reach its cases; some are hidden."""
    if counts is None:
        return {"bank": None}
    rows = [
        Row(
            (
                _group(series, say),
                month["month"],
                month["count"],
                say(N_("hidden")) if month["hidden"] else "",
            )
        )
        for series in counts["series"]
        for month in series["months"]
    ]
    columns = (
        Column(N_("Group")),
        Column(N_("Month")),
        Column(N_("Complaints"), Kind.COUNT),
        Column(N_("Note")),
    )
    return {
        "bank": Table("whole-bank", columns, rows, opens=False),
        "bank_plot": plots.bank(counts["series"], say),
        "threshold": counts["threshold"],
    }


def _measured(measures: Mapping[str, Any], scope: Scope, say: Callable[[str], str]) -> Table:
    days = measures["handlingDays"] or {}
    rates = (
        (N_("Repeat rate, per cent"), measures["repeatRate"]),
        (N_("First-time-right rate, per cent"), measures["firstTimeRight"]),
    )
    lines = [
        (N_("Handling days, median"), days.get("median")),
        (N_("Handling days, mean"), days.get("mean")),
        (N_("Handling days, nine of ten"), days.get("p90")),
        *((name, _hundredfold(rate)) for name, rate in rates),
    ]
    opens = opening(measures["narrowing"], scope.filters)
    return Table(
        "measures",
        (
            Column(N_("Measure")),
            Column(N_("Value"), Kind.DECIMAL),
            Column(_LOW, Kind.DECIMAL),
            Column(_HIGH, Kind.DECIMAL),
            Column(N_("Of how many"), Kind.COUNT),
        ),
        [Row((say(name), *figure(of), of["count"] if of else 0), opens) for name, of in lines],
    )


def _hundredfold(rate: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if rate is None:
        return None
    ends = {name: None if rate[name] is None else rate[name] * 100 for name in ("low", "high")}
    return {"value": rate["value"] * 100, "count": rate["count"], **ends}


def _changes(trend: Mapping[str, Any], say: Callable[[str], str]) -> Table:
    """The last complete bucket against the one before and a year before."""
    against = ((N_("the one before"), "againstBefore"), (N_("a year before"), "againstYearBefore"))
    rows = [
        Row(
            (
                _group(series, say),
                series["compared"],
                say(name),
                change["count"],
                change["before"],
                change["ratio"],
                change["low"],
                change["high"],
                say(_CHANGES[change["verdict"]]),
            )
        )
        for series in trend["series"]
        for name, field in against
        if (change := series[field]) is not None
    ]
    columns = (
        Column(N_("Group")),
        Column(N_("Period from")),
        Column(N_("Against")),
        Column(N_("Complaints"), Kind.COUNT),
        Column(N_("Before"), Kind.COUNT),
        Column(N_("Ratio"), Kind.DECIMAL),
        Column(_LOW, Kind.DECIMAL),
        Column(_HIGH, Kind.DECIMAL),
        Column(N_("Verdict")),
    )
    return Table("changes", columns, rows, opens=False)


def _counts(trend: Mapping[str, Any], scope: Scope, say: Callable[[str], str]) -> Table:
    rows = [
        Row(
            (
                _group(series, say),
                point["day"],
                point["count"],
                point["perThousandOutlets"],
                "" if point["complete"] else say(N_("incomplete")),
            ),
            opening(point["narrowing"], scope.filters),
        )
        for series in trend["series"]
        for point in series["points"]
    ]
    columns = (
        Column(N_("Group")),
        Column(N_("Period from")),
        Column(N_("Complaints"), Kind.COUNT),
        Column(N_("Per 1,000 outlets"), Kind.DECIMAL),
        Column(N_("Note")),
    )
    return Table("trend", columns, rows)


def _group(of: Mapping[str, Any], say: Callable[[str], str]) -> str:
    key = of["key"]
    return say(N_("all complaints")) if key is None else str(key["label"])


def _hotspots(answer: Answer, scope: Scope, visit: Visit) -> dict[str, Any] | None:
    spots = answer.data["hotspots"]
    if spots is None:
        return None
    say = translations(visit.language).gettext
    rows = [
        Row(
            (
                plots.spot(each),
                each["count"],
                each["expected"],
                each["excess"],
                each["ratio"],
                each["low"],
                each["high"],
                each["probability"],
                each["reason"],
            ),
            opening(each["narrowing"], scope.filters),
        )
        for each in spots
    ]
    columns = (
        Column(N_("Where")),
        Column(N_("Complaints"), Kind.COUNT),
        Column(N_("Expected at most"), Kind.DECIMAL),
        Column(N_("Beyond it"), Kind.DECIMAL),
        Column(N_("Ratio"), Kind.DECIMAL),
        Column(_LOW, Kind.DECIMAL),
        Column(_HIGH, Kind.DECIMAL),
        Column(N_("Probability"), Kind.PROBABILITY),
        Column(N_("Reason")),
    )
    return {
        "spots": [(each, opening(each["narrowing"], scope.filters)) for each in spots],
        "table": Table("hotspots", columns, rows),
        "plot": plots.hotspots(spots, scope, say),
    }


def _branches(answer: Answer, scope: Scope, visit: Visit) -> dict[str, Any] | None:
    compared = answer.data["branchComparison"]
    if compared is None:
        return None
    say = translations(visit.language).gettext
    heading, kind = _FIGURES[scope["figure"]]
    places = [(each, _plain(each[scope["figure"]])) for each in compared]
    rows = [
        Row(
            (
                each["key"]["label"],
                place["count"],
                *(place[name] for name in plots.PLACES),
                say(_FUNNEL[place["verdict"]]),
            ),
            opening(each["narrowing"], scope.filters),
        )
        for each, place in places
    ]
    columns = (
        Column(N_("Branch")),
        Column(N_("Of how many"), Kind.COUNT),
        Column(heading, kind),
        Column(N_("Of alike cases"), kind),
        Column(N_("Inner limit from"), kind),
        Column(_HIGH, kind),
        Column(N_("Outer limit from"), kind),
        Column(_HIGH, kind),
        Column(N_("Verdict")),
    )
    plot = plots.funnel(places, scope, say, _FUNNEL)
    return {
        "table": Table(f"branches-{scope['figure']}", columns, rows),
        "plot": plot,
        "left_out": len(places) - len(plot["points"]),
    }


def _plain(place: Mapping[str, Any]) -> dict[str, Any]:
    """A place in the funnel with numbers alone, money as its amount."""
    return {
        name: float(Decimal(value["value"])) if isinstance(value, Mapping) else value
        for name, value in place.items()
    }


def _bottlenecks(answer: Answer, scope: Scope, visit: Visit) -> dict[str, Any] | None:
    groups = answer.data["bottlenecks"]
    if groups is None:
        return None
    say = translations(visit.language).gettext
    statuses = choices(answer.data)["CaseStatus"]
    rows = [
        Row(
            (
                group["key"]["label"],
                statuses[step["status"]] if step["status"] else say(N_("the whole way")),
                step["ended"],
                step["waiting"],
                *figure(step["medianDays"]),
                *figure(step["p90Days"]),
                *figure(step["overdue"]),
            ),
            opening(group["narrowing"], scope.filters),
        )
        for group in groups
        for step in group["steps"]
    ]
    columns = (
        Column(N_("Group")),
        Column(N_("Step")),
        Column(N_("Ended"), Kind.COUNT),
        Column(N_("Waiting"), Kind.COUNT),
        Column(N_("Median days"), Kind.DECIMAL),
        Column(_LOW, Kind.DECIMAL),
        Column(_HIGH, Kind.DECIMAL),
        Column(N_("Nine of ten within days"), Kind.DECIMAL),
        Column(_LOW, Kind.DECIMAL),
        Column(_HIGH, Kind.DECIMAL),
        Column(N_("Overdue"), Kind.SHARE),
        Column(_LOW, Kind.SHARE),
        Column(_HIGH, Kind.SHARE),
    )
    wanted = None if scope["step"] == _WHOLE else scope["step"]
    return {
        "table": Table("bottlenecks", columns, rows),
        "plot": plots.curves(groups, wanted, scope, say),
    }
