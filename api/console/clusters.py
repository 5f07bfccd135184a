"""Complaints whose texts belong together: the list, and one of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console import choosing, plots
from api.console.asking import Console, Visit
from api.console.forms import choices, offered
from api.console.listing import opening
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from api.console.scope import Scope
from api.console.tables import Column, Kind, Row, Table, download
from api.console.wording import translations
from graph.errors import ForbiddenError, NotFoundError

_ORDERS = {
    "SIZE_DESC": N_("largest first"),
    "COHESION_DESC": N_("most alike first"),
    "SIZE_ASC": N_("smallest first"),
}
#: The field of the filter that a driver's value is one of.
_FIELDS = {
    "PRODUCT": "products",
    "BRANCH": "branches",
    "CHANNEL": "channels",
    "TYPE": "types",
    "SEGMENT": "segments",
    "ROOT_CAUSE": "rootCauses",
}
_KINDS = {
    "PRODUCT": N_("product"),
    "BRANCH": N_("branch"),
    "CHANNEL": N_("channel"),
    "TYPE": N_("type"),
    "MONTH": N_("month"),
    "DAY_OF_MONTH": N_("day of the month"),
    "AMOUNT_BAND": N_("amount"),
    "SEGMENT": N_("segment"),
    "ROOT_CAUSE": N_("root cause"),
}
#: Where there is no text, or no fit yet.
_NOTHING: Mapping[str, Any] = {"nodes": (), "totalCount": 0, "pageInfo": {"hasNextPage": False}}
_DESCENTS = {"SPLIT": N_("split from"), "MERGE": N_("merged from")}


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/clusters")
    async def clusters(request: Request, after: str | None = None) -> Response:
        visit = await console.visit(request)
        scope = Scope.of(request.query_params.multi_items(), order=_ORDERS)
        scope = await choosing.scope_of(console, visit, scope)
        return await _list(console, visit, scope, after)

    @router.get("/clusters/{identity:path}")
    async def cluster(request: Request, identity: str) -> Response:
        return await _one(console, await console.visit(request), identity)

    return router


async def _list(console: Console, visit: Visit, scope: Scope, after: str | None) -> Response:
    filters = {name: list(codes) for name, codes in scope.filters}
    variables = {"filter": filters, "order": scope["order"], "after": after}
    answer = await console.ask(visit, "clusters", **variables)
    data, listed = answer.data, answer.data["clusters"]
    if listed is None and "clusters" not in answer.denied:
        listed = _NOTHING
    table = _table(listed["nodes"] if listed else ())
    if (file := download(visit, [table], "clusters", variables)) is not None:
        return file
    values = {
        "listed": listed,
        "may_refit": data["viewer"]["refit"],
        "table": table,
        "scope": scope,
        "orders": _ORDERS,
        "map": plots.clusters(data["clusterMap"] or (), translations(visit.language).gettext),
        "choices": offered(data),
    }
    return page(visit, "clusters/clusters.html", values)


def _table(nodes: Sequence[Mapping[str, Any]]) -> Table:
    columns = [
        Column(N_("Cluster")),
        Column(N_("Complaints"), Kind.COUNT),
        Column(N_("Cohesion"), Kind.DECIMAL),
        Column(N_("Usual root cause")),
        Column(N_("Of those with one"), Kind.SHARE),
        Column(N_("Satisfaction"), Kind.DECIMAL),
        Column(N_("Since"), Kind.DAY),
    ]
    return Table("clusters", columns, [_row(each) for each in nodes])


def _row(cluster: Mapping[str, Any]) -> Row:
    cause = next(iter(cluster["causes"] or ()), None)
    satisfaction = cluster["satisfaction"]
    return Row(
        (
            cluster["label"],
            cluster["size"],
            cluster["cohesion"],
            cause["rootCause"]["label"] if cause and cause["rootCause"] else None,
            cause["share"] if cause else None,
            satisfaction["mean"] if satisfaction else None,
            cluster["since"],
        ),
        f"/clusters/{cluster['id']}",
    )


async def _one(console: Console, visit: Visit, identity: str) -> Response:
    answer = await console.ask(visit, "cluster", id=identity)
    if "cluster" in answer.denied:
        raise ForbiddenError("Clusters are not yours to see.")
    cluster = answer.data["cluster"]
    if cluster is None:
        raise NotFoundError("There is no such cluster.")
    say = translations(visit.language).gettext
    drivers = _drivers(cluster, await _labels(console, visit, answer.data), say)
    months = _months(cluster, visit.services.zone)
    if (file := download(visit, [drivers, months], "cluster", {"id": identity})) is not None:
        return file
    values = {
        "cluster": cluster,
        "viewer": answer.data["viewer"],
        "words": choices(answer.data),
        "opens": opening({"clusters": [cluster["id"]]}),
        "scope": Scope(),
        "drivers": drivers,
        "driver_plot": plots.ratios(
            [
                {"name": f"{row.cells[0]} · {row.cells[1]}", "value": row.cells[4]}
                | {"low": row.cells[5], "high": row.cells[6], "note": "", "open": row.opens}
                for row in drivers.rows
            ],
            say(N_("Times as often as among the rest")),
        ),
        "months": months,
        "month_plot": plots.months(months, cluster["label"], say),
        "descents": _DESCENTS,
        "key": str(uuid4()),
    }
    return page(visit, "clusters/cluster.html", values)


async def _labels(
    console: Console, visit: Visit, data: Mapping[str, Any]
) -> dict[tuple[str, str], str]:
    """What the values of drivers are called."""
    made = {("CHANNEL", code): label for code, label in choices(data)["Channel"].items()}
    made |= {("TYPE", e["code"]): e["label"] for e in data["vocabulary"]["types"] or ()}
    fields = {kind: _FIELDS[kind] for kind in ("BRANCH", "PRODUCT", "ROOT_CAUSE")}
    coded = {
        name: [each["value"] for each in data["cluster"]["drivers"] or () if each["kind"] == kind]
        for kind, name in fields.items()
    }
    answer = await console.ask(visit, "labels", filter=coded)
    called = {(each["field"], each["code"]): each["label"] for each in answer.data["filterLabels"]}
    for kind, name in fields.items():
        made |= {(kind, code): called.get((name, code), code) for code in coded[name]}
    return made


def _drivers(
    cluster: Mapping[str, Any],
    labels: Mapping[tuple[str, str], str],
    say: Callable[[str], str],
) -> Table:
    columns = [
        Column(N_("What")),
        Column(N_("Value")),
        Column(N_("Share here"), Kind.SHARE),
        Column(N_("Among the rest"), Kind.SHARE),
        Column(N_("Times as often"), Kind.DECIMAL),
        Column(N_("Interval from"), Kind.DECIMAL),
        Column(N_("to"), Kind.DECIMAL),
        Column(N_("Probability"), Kind.PROBABILITY),
        Column(N_("Complaints"), Kind.COUNT),
    ]
    rows = [
        Row(
            (
                say(_KINDS[each["kind"]]),
                labels.get((each["kind"], each["value"]), each["value"]),
                each["share"],
                each["restShare"],
                each["lift"],
                each["low"],
                each["high"],
                each["p"],
                each["count"],
            ),
            opening({"clusters": [cluster["id"]], _FIELDS[each["kind"]]: [each["value"]]})
            if each["kind"] in _FIELDS
            else None,
        )
        for each in cluster["drivers"] or ()
    ]
    return Table("drivers", columns, rows)


def _months(cluster: Mapping[str, Any], zone: ZoneInfo) -> Table:
    """From the first month to the last one, those of none among them too."""
    counts = {each["month"]: each["count"] for each in cluster["trend"] or ()}
    rows = []
    month = min(counts, default="")
    while counts and month <= max(counts):
        rows.append(Row((month, counts.get(month, 0)), _month_of(cluster, month, zone)))
        month = _following(datetime.fromisoformat(f"{month}-01")).isoformat()[:7]
    return Table("months", [Column(N_("Month")), Column(N_("Complaints"), Kind.COUNT)], rows)


def _month_of(cluster: Mapping[str, Any], month: str, zone: ZoneInfo) -> str | None:
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=zone)
    return opening(
        {
            "clusters": [cluster["id"]],
            "receivedFrom": start.isoformat(),
            "receivedTo": (_following(start) - timedelta(microseconds=1)).isoformat(),
        }
    )


def _following(month: datetime) -> datetime:
    """The first moment of the month after."""
    return (month + timedelta(days=32)).replace(day=1)
