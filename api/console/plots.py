"""What plots show, as data for `plots.js`: numbers, names, and the cases behind each mark."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.console.listing import opening
from api.console.pages import N_
from api.console.scope import Scope
from api.console.tables import Table
from graph.domain.steps import TIMED

#: The steps whose time is known.
STEPS = tuple(status.value for status in TIMED)
#: Of a funnel: the figure, what alike cases let expect, and the limits.
PLACES = ("value", "expected", "innerLow", "innerHigh", "outerLow", "outerHigh")
Say = Callable[[str], str]
#: Colours of series.
_COLOURS = 6


def trend(trend: Mapping[str, Any], scope: Scope, say: Say) -> dict[str, Any]:
    """Counts by bucket; one that is not over is ``hollow``."""
    series = trend["series"]
    return {
        "kind": "lines",
        "y": say(N_("Complaints")),
        "x": [_bucket(point["day"], scope["interval"]) for point in series[0]["points"]]
        if series
        else [],
        "hollow": say(N_("incomplete")),
        "series": [
            {
                "name": each["key"]["label"] if each["key"] else say(N_("all complaints")),
                "points": [
                    {
                        "y": point["count"],
                        "hollow": not point["complete"],
                        "open": opening(point["narrowing"], scope.filters),
                    }
                    for point in each["points"]
                ],
            }
            for each in series
        ],
    }


def _bucket(day: str, interval: str) -> str:
    """A bucket by its first day, as short as its length lets."""
    if interval == "YEAR":
        return day[:4]
    if interval == "QUARTER":
        return f"{day[:4]} Q{(int(day[5:7]) + 2) // 3}"
    return day[:7] if interval == "MONTH" else day


def clusters(points: Sequence[Mapping[str, Any]], say: Say) -> dict[str, Any]:
    """A map of texts; the six largest clusters have colours of their own."""
    sizes = Counter(each["cluster"] for each in points if each["cluster"])
    largest = [
        cluster for cluster, _ in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    names = {each["cluster"]: each["label"] for each in points if each["cluster"]}
    series = [(cluster, names[cluster]) for cluster in largest[:_COLOURS]]
    places: dict[str | None, list[dict[str, Any]]] = {cluster: [] for cluster, _ in series}
    places[None] = []
    for each in points:
        cluster = each["cluster"]
        mark = {
            "x": round(each["x"], 4),
            "y": round(each["y"], 4),
            "name": each["label"] or say(N_("in no cluster")),
            "open": f"/clusters/{cluster}" if cluster else None,
        }
        places[cluster if cluster in places else None].append(mark)
    return {
        "kind": "map",
        "series": [{"name": name, "points": places[cluster]} for cluster, name in series],
        "rest": {"name": say(N_("smaller clusters, and texts in none")), "points": places[None]},
    }


def spot(spot: Mapping[str, Any]) -> str:
    """A hotspot by what it combines."""
    return " · ".join(each["label"] for each in spot["key"])


def hotspots(spots: Sequence[Mapping[str, Any]], scope: Scope, say: Say) -> dict[str, Any]:
    """Complaints beyond the expected; the interval is that of the ratio, in complaints."""
    return {
        "kind": "bars",
        "x": say(N_("Complaints beyond the expected, with the 95-per-cent interval")),
        "rows": [
            {
                "name": spot(each),
                "value": each["excess"],
                "low": each["expected"] * (each["low"] - 1),
                "high": each["expected"] * (each["high"] - 1),
                "open": opening(each["narrowing"], scope.filters),
            }
            for each in spots
        ],
    }


def funnel(
    places: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    scope: Scope,
    say: Say,
    verdicts: Mapping[str, str],
) -> dict[str, Any]:
    """Each branch over what alike cases let expect, by how many there are; and the limits so."""
    drawn = [
        (branch, place)
        for branch, place in places
        if place["expected"] and place["value"] is not None
    ]
    return {
        "kind": "funnel",
        "x": say(N_("Complaints compared")),
        "y": say(N_("Times what alike cases have")),
        "inner": say(N_("one in twenty outside")),
        "outer": say(N_("one in five hundred outside")),
        "points": [
            {
                "name": branch["key"]["label"],
                "x": place["count"],
                "y": place["value"] / place["expected"],
                "outside": place["verdict"] not in ("WITHIN", "TOO_LITTLE"),
                "note": say(verdicts[place["verdict"]]),
                "open": opening(branch["narrowing"], scope.filters),
            }
            for branch, place in drawn
        ],
        "limits": [
            {
                "x": place["count"],
                **{
                    name: None if place[name] is None else place[name] / place["expected"]
                    for name in PLACES[2:]
                },
            }
            for _, place in sorted(drawn, key=lambda each: each[1]["count"])
        ],
    }


def curves(
    groups: Sequence[Mapping[str, Any]], status: str | None, scope: Scope, say: Say
) -> dict[str, Any]:
    """Of each group the share that still waits in a step (None: the whole way), by days."""
    return {
        "kind": "curves",
        "x": say(N_("Days")),
        "y": say(N_("Still waiting, per cent")),
        "series": [
            {
                "name": group["key"]["label"],
                "open": opening(group["narrowing"], scope.filters),
                "points": [{"x": 0, "y": 100, "low": None, "high": None}, *_curve(step["curve"])],
            }
            for group in groups
            for step in group["steps"]
            if step["status"] == status and step["curve"]
        ],
    }


def _curve(curve: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In percent; who ended within a day no longer waits at its end."""
    return [
        {
            "x": each["day"] + 1,
            "y": each["share"] * 100,
            **{e: None if each[e] is None else each[e] * 100 for e in ("low", "high")},
        }
        for each in curve
    ]


def ratios(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Ratios with their intervals beside 1; each row with ``name``, ``note`` and what it opens."""
    return {"kind": "ratios", "x": name, "rows": list(rows)}


def months(table: Table, name: str, say: Say) -> dict[str, Any]:
    """Counts of one thing by month, of a table of month and count."""
    points = [{"y": row.cells[1], "hollow": False, "open": row.opens} for row in table.rows]
    return {
        "kind": "lines",
        "y": say(N_("Complaints")),
        "x": [row.cells[0] for row in table.rows],
        "hollow": "",
        "series": [{"name": name, "points": points}],
    }


def bank(series: Sequence[Mapping[str, Any]], say: Say) -> dict[str, Any]:
    """Months of the whole bank, of the six largest groups: what is hidden is a gap."""
    return {
        "kind": "lines",
        "y": say(N_("Complaints")),
        "x": [month["month"] for month in series[0]["months"]] if series else [],
        "hollow": "",
        "series": [
            {
                "name": each["key"]["label"] if each["key"] else say(N_("all complaints")),
                "points": [
                    {"y": month["count"], "hollow": False, "open": None} for month in each["months"]
                ],
            }
            for each in series[:6]
        ],
    }


def shares(rows: Sequence[tuple[str, Mapping[str, Any]]], name: str) -> dict[str, Any]:
    """Shares with their intervals, in percent, that stand on no complaint."""
    return _plain([(label, each, 100) for label, each in rows], name)


def kappas(rows: Sequence[tuple[str, Mapping[str, Any] | None]], name: str) -> dict[str, Any]:
    """Kappas with their intervals; those that are not defined are left out."""
    return _plain([(label, each, 1) for label, each in rows if each is not None], name)


def _plain(rows: Sequence[tuple[str, Mapping[str, Any], int]], name: str) -> dict[str, Any]:
    return {
        "kind": "bars",
        "x": name,
        "rows": [
            {
                "name": label,
                **{e: None if of[e] is None else of[e] * times for e in ("value", "low", "high")},
                "open": None,
            }
            for label, of, times in rows
        ],
    }
