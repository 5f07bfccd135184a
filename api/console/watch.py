"""Early warnings, systemic issues and remediations: what was seen, and made of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import plots
from api.console.asking import Answer, Console, Visit
from api.console.forms import choices, posted, refuse
from api.console.listing import opening
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from api.console.scope import Scope
from api.console.tables import Column, Kind, Row, Table, download
from api.console.wording import translations
from graph.domain.enums import AlertState
from graph.domain.issues import IssueStatus
from graph.errors import ForbiddenError, InvalidInputError, NotFoundError

#: What can be made of an alert, by the last part of the address: its document.
_HANDLING = {
    "acknowledge": "acknowledge-alert",
    "dismiss": "dismiss-alert",
    "reopen": "reopen-alert",
}
#: Which alerts, and which issues: those in work, or those of one state.
_IN_WORK = "WORK"
_LAST_MOMENT = timedelta(microseconds=1)
VERDICTS = {
    "FELL": N_("fell"),
    "ROSE": N_("rose"),
    "NO_EVIDENCE": N_("no evidence of an effect"),
    "TOO_EARLY": N_("too early to tell"),
}


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/alerts")
    async def alerts(request: Request) -> Response:
        return await _alerts(console, await console.visit(request))

    @router.post("/alerts/{handling}")
    async def handle(request: Request, handling: str) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        if handling not in _HANDLING:
            raise NotFoundError("There is nothing like this to do with an alert.")
        payload = await console.change(visit, _HANDLING[handling], _handled(sent, handling))
        if payload["errors"]:
            return await _alerts(console, visit, sent=sent, payload=payload)
        return RedirectResponse("/alerts", 303)

    @router.get("/issues")
    async def issues(request: Request, after: str | None = None) -> Response:
        visit = await console.visit(request)
        scope = Scope.of(request.query_params.multi_items(), state=(_IN_WORK, *IssueStatus, "ALL"))
        asked = {"statuses": _wanted(scope, IssueStatus.PROPOSED, IssueStatus.CONFIRMED)}
        variables = {**asked, "after": after}
        answer = await console.ask(visit, "issues", **variables)
        return _listed(visit, "issues", "systemicIssues", scope, variables, answer, _issues)

    @router.post("/issues")
    async def propose(request: Request) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        payload = await console.change(visit, "propose-issue", _proposed(sent))
        if payload["errors"]:
            if "alert" in sent:
                return await _alerts(console, visit, sent=sent, payload=payload)
            refuse(payload)
        return RedirectResponse(f"/issues/{payload['issue']['id']}", 303)

    @router.get("/issues/{identity:path}")
    async def issue(request: Request, identity: str) -> Response:
        return await _issue(console, await console.visit(request), identity)

    @router.post("/issues/{identity:path}")
    async def change(request: Request, identity: str) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        data = {
            "issue": identity,
            "version": _version(sent),
            "status": _one(sent, "status"),
            "idempotencyKey": _one(sent, "key"),
        }
        payload = await console.change(visit, "change-issue", data)
        if payload["errors"]:
            return await _issue(console, visit, identity, payload=payload)
        return RedirectResponse(f"/issues/{identity}", 303)

    @router.get("/remediations")
    async def remediations(request: Request, after: str | None = None) -> Response:
        visit = await console.visit(request)
        answer = await console.ask(visit, "remediations", after=after)
        variables = {"after": after}
        return _listed(
            visit, "remediations", "remediations", Scope(), variables, answer, _remediations
        )

    return router


async def _alerts(
    console: Console,
    visit: Visit,
    *,
    sent: Mapping[str, Sequence[str]] | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Response:
    """The list; ``payload``: why nothing was made of an alert as ``sent``, which is kept."""
    asked = visit.request.query_params
    scope = Scope.of(asked.multi_items(), state=(_IN_WORK, *AlertState, "ALL"))
    states = _wanted(scope, AlertState.OPEN, AlertState.ACKNOWLEDGED)
    variables = {"states": states, "after": asked.get("after")}
    answer = await console.ask(visit, "alerts", **variables)
    more = {
        "viewer": answer.data["viewer"],
        "opened": _opened,
        "wrong": _wrong(sent, payload),
        "key": lambda: str(uuid4()),
    }
    status = 422 if payload else 200
    return _listed(
        visit, "alerts", "alerts", scope, variables, answer, _warnings, more=more, status=status
    )


def _wrong(
    sent: Mapping[str, Sequence[str]] | None, payload: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    if sent is None or payload is None:
        return None
    typed = {name: _one(sent, name) or "" for name in ("alert", "note", "reason", "title")}
    return {**typed, "messages": [each["message"] for each in payload["errors"]]}


def _listed(
    visit: Visit,
    name: str,
    field: str,
    scope: Scope,
    variables: Mapping[str, Any],
    answer: Answer,
    make: Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any], Callable[[str], str]], Table],
    *,
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """A list as a page or a file; where it is not the visitor's, the page says so."""
    listed = answer.data[field]
    words = choices(answer.data)
    say = translations(visit.language).gettext
    nodes = listed["nodes"] if listed else []
    table = make(nodes, words, say)
    if (file := download(visit, [table], name, variables)) is not None:
        return file
    values = {
        "listed": listed,
        "viewer": answer.data.get("viewer"),
        "table": table,
        "scope": scope,
        "words": words,
        "verdicts": VERDICTS,
        "plot": _effects(nodes, say) if name == "remediations" else None,
        **(more or {}),
    }
    return page(visit, f"watch/{name}.html", values, status=status)


def _opened(alert: Mapping[str, Any]) -> str | None:
    """The cases behind an alert, where a filter finds them."""
    evidence, subject = alert["evidence"], alert["subject"]
    if evidence["kind"] == "RiseEvidence":
        return opening(evidence["narrowing"])
    if subject and subject["kind"] == "Cluster":
        return opening({"clusters": [subject["id"]]})
    return None


def _warnings(
    nodes: Sequence[Mapping[str, Any]], words: Mapping[str, Any], say: Callable[[str], str]
) -> Table:
    columns = [
        Column(N_("Early warning")),
        Column(N_("Kind")),
        Column(N_("Level")),
        Column(N_("Since"), Kind.MOMENT),
        Column(N_("State")),
        Column(N_("Issue")),
    ]
    rows = [
        Row(
            (
                each["summary"],
                words["RuleKind"][each["kind"]],
                words["Level"][each["level"]],
                each["at"],
                words["AlertState"][each["handling"]["state"]] if each["handling"] else "",
                each["issue"]["title"] if each["issue"] else "",
            ),
            _opened(each),
        )
        for each in nodes
    ]
    return Table("alerts", columns, rows)


def _issues(
    nodes: Sequence[Mapping[str, Any]], words: Mapping[str, Any], say: Callable[[str], str]
) -> Table:
    columns = [
        Column(N_("Issue")),
        Column(N_("Level")),
        Column(N_("Status")),
        Column(N_("Complaints"), Kind.COUNT),
        Column(N_("Root causes")),
        Column(N_("Owner")),
        Column(N_("Proposed"), Kind.DAY),
    ]
    rows = [
        Row(
            (
                each["title"],
                words["Level"][each["level"]],
                words["IssueStatus"][each["status"]],
                each["complaintCount"],
                " · ".join(cause["label"] for cause in each["rootCauses"]),
                each["owner"],
                each["createdAt"],
            ),
            f"/issues/{each['id']}",
        )
        for each in nodes
    ]
    return Table("issues", columns, rows)


def _remediations(
    nodes: Sequence[Mapping[str, Any]], words: Mapping[str, Any], say: Callable[[str], str]
) -> Table:
    columns = [
        Column(N_("Remediation")),
        Column(N_("About")),
        Column(N_("Status")),
        Column(N_("Owner")),
        Column(N_("Complaints before"), Kind.COUNT),
        Column(N_("Complaints after"), Kind.COUNT),
        Column(N_("To be expected"), Kind.DECIMAL),
        Column(N_("Ratio"), Kind.DECIMAL),
        Column(N_("Interval from"), Kind.DECIMAL),
        Column(N_("to"), Kind.DECIMAL),
        Column(N_("Verdict")),
    ]
    figures = ("countBefore", "countAfter", "expected", "ratio", "low", "high")
    rows = []
    for each in nodes:
        effect = each["effect"]
        values = [effect[name] if effect else None for name in figures]
        verdict = say(VERDICTS[effect["verdict"]]) if effect else None
        about = (each["rootCause"] or {}).get("label") or (each["issue"] or {}).get("title")
        status = words["RemediationStatus"][each["status"]]
        cells = (each["title"], about, status, each["owner"], *values, verdict)
        rows.append(Row(cells, _compared(each, "after")))
    return Table("remediations", columns, rows)


def _compared(remediation: Mapping[str, Any], side: str) -> str | None:
    """The complaints that an effect counts on one side; None: there is nothing to count."""
    cause, issue, effect = (remediation[name] for name in ("rootCause", "issue", "effect"))
    causes = [cause["code"]] if cause else [e["code"] for e in issue["rootCauses"]] if issue else []
    if effect is None or not causes:
        return None
    # The end does not count; a filter's bounds do.
    last = datetime.fromisoformat(effect[side]["end"]) - _LAST_MOMENT
    return opening(
        {
            "rootCauses": causes,
            "receivedFrom": effect[side]["start"],
            "receivedTo": last.isoformat(),
            "duplicate": False,
        }
    )


def _effects(nodes: Sequence[Mapping[str, Any]], say: Callable[[str], str]) -> dict[str, Any]:
    """Those of which a ratio tells."""
    rows = [
        {
            "name": each["title"],
            "value": each["effect"]["ratio"],
            "low": each["effect"]["low"],
            "high": each["effect"]["high"],
            "note": say(VERDICTS[each["effect"]["verdict"]]),
            "open": _compared(each, "after"),
        }
        for each in nodes
        if each["effect"] and each["effect"]["ratio"] is not None
    ]
    return plots.ratios(rows, say(N_("Odds of the cause, after over before; left of 1: fewer")))


async def _issue(
    console: Console, visit: Visit, identity: str, *, payload: Mapping[str, Any] | None = None
) -> Response:
    """An issue; ``payload``: why it was not changed."""
    answer = await console.ask(visit, "issue", id=identity)
    if "systemicIssue" in answer.denied:
        raise ForbiddenError("Systemic issues are not yours to see.")
    issue = answer.data["systemicIssue"]
    if issue is None:
        raise NotFoundError("There is no such issue within your reach.")
    if (file := download(visit, [], "issue", {"id": identity})) is not None:
        return file
    (_, standing), *parts = _lines(issue["summary"]) or [("", [])]
    values = {
        "issue": issue,
        "viewer": answer.data["viewer"],
        "words": choices(answer.data),
        "standing": standing,
        "parts_of": parts,
        "statuses": _NEXT.get(issue["status"], {}),
        "errors": [each["message"] for each in (payload or {}).get("errors", ())],
        "key": str(uuid4()),
    }
    return page(visit, "watch/issue.html", values, status=422 if payload else 200)


#: What an issue's page offers, by how it stands.
_NEXT = {
    "PROPOSED": {"CONFIRMED": N_("Confirm"), "REJECTED": N_("Reject")},
    "CONFIRMED": {"RESOLVED": N_("Resolve")},
    "REJECTED": {"CONFIRMED": N_("Confirm after all")},
    "RESOLVED": {"CONFIRMED": N_("Open again")},
}


def _lines(summary: str | None) -> list[tuple[str, list[str]]]:
    """The page's own Markdown as parts: each heading with what is said under it."""
    parts: list[tuple[str, list[str]]] = []
    for line in (summary or "").splitlines():
        if line.startswith("#"):
            parts.append((line.lstrip("# "), []))
        elif line.strip() and parts:
            parts[-1][1].append(line)
    return parts


def _wanted(scope: Scope, *in_work: str) -> list[str] | None:
    if scope["state"] == "ALL":
        return None
    return [*in_work] if scope["state"] == _IN_WORK else [scope["state"]]


def _handled(sent: Mapping[str, Sequence[str]], handling: str) -> dict[str, Any]:
    note = (_one(sent, "note") or "").strip()
    return {
        "alert": _one(sent, "alert"),
        "version": _version(sent),
        "idempotencyKey": _one(sent, "key"),
        **({"note": note} if note else {}),
        **({"reason": _one(sent, "reason")} if handling == "dismiss" else {}),
    }


def _proposed(sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "title": _one(sent, "title"),
        "level": _one(sent, "level") or "YELLOW",
        "alerts": list(sent.get("alert", ())),
        "clusters": list(sent.get("cluster", ())),
        "idempotencyKey": _one(sent, "key"),
    }


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str | None:
    return next(iter(sent.get(name, ())), None)


def _version(sent: Mapping[str, Sequence[str]]) -> int:
    text = _one(sent, "version") or ""
    if not text.isascii() or not text.isdigit():
        raise InvalidInputError("The form is not of this page.", path=["version"])
    return int(text)
