"""Who looked at what, who changed what, and whether the log of it holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console.asking import Console, DocumentFailedError, Visit
from api.console.forms import choices
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from api.console.scope import Scope
from api.console.tables import Column, Kind, Row, Table, download
from api.console.wording import PUNCTUATION, translations
from graph.domain.enums import Language
from graph.errors import ForbiddenError, InvalidInputError

#: The room's pages, in the order of its menu.
PAGES = (
    ("/audit", N_("Who looked")),
    ("/audit/changes", N_("Who changed")),
    ("/audit/verify", N_("Whether the log holds")),
)
#: What the console's own documents are called; those of other programs keep their names.
_OPERATIONS = {
    "Activity": N_("Who changed"),
    "Alerts": N_("Early warning"),
    "AnswerDraft": N_("Draft of an answer"),
    "Audit": N_("Who looked"),
    "AuditedCase": N_("Who looked"),
    "AuditedCases": N_("The cases that were shown"),
    "Bottlenecks": N_("Bottlenecks"),
    "Branches": N_("Branches compared"),
    "Case": N_("A case"),
    "Cluster": N_("Cluster"),
    "Clusters": N_("Clusters"),
    "Comment": N_("Comment"),
    "Desk": N_("Desk"),
    "DeskNew": N_("Desk, new cases"),
    "Find": N_("Find cases"),
    "HandOver": N_("Hand over"),
    "Hotspots": N_("Hotspots"),
    "Insight": N_("Measures and trends"),
    "Issue": N_("Issue"),
    "Issues": N_("Issues"),
    "LiveArrivals": N_("Notices"),
    "LiveAssignments": N_("Notices"),
    "LiveCase": N_("Notices"),
    "LiveDeadlines": N_("Notices"),
    "LiveEscalations": N_("Notices"),
    "OpenCase": N_("Open a case from elsewhere"),
    "OutcomeCheck": N_("Beside alike cases"),
    "Preview": N_("Preview"),
    "Progress": N_("Customer's progress page"),
    "Rate": N_("Rating of a precedent"),
    "Register": N_("Register"),
    "Remediations": N_("Remediations"),
    "Step": N_("Form of a step"),
    "Team": N_("Team"),
    "Tour": N_("A tour of the demo bank"),
}
#: Cases of one record that are listed.
_LISTED = 50
_NOT_YOURS = "The access log is not yours to see."
#: How far back the log is verified where nothing else is asked for.
_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; ``period`` has the days.

    ``service``: with what the service does by itself.
    """

    period: Scope
    person: str | None
    case: str | None
    after: str | None
    service: bool = False

    @classmethod
    def of(cls, sent: Iterable[tuple[str, str]]) -> "Asked":
        last = {name: value.strip() for name, value in sent if value.strip()}
        period = Scope.of((name, value) for name, value in last.items() if name in ("from", "to"))
        return cls(
            period, last.get("person"), last.get("case"), last.get("after"), "service" in last
        )

    @property
    def variables(self) -> dict[str, Any]:
        period = self.period.variables
        return {
            "person": self.person,
            "from": period["from"],
            "to": period["to"],
            "after": self.after,
        }

    def address(self, path: str, **changes: str | None) -> str:
        """A page with the same choices; it begins at its first row."""
        service = "yes" if self.service else None
        values = {"person": self.person, "case": self.case, "service": service, **changes}
        plain = {name: value for name, value in values.items() if value}
        base = self.period.address(path)
        return base if not plain else f"{base}{'&' if '?' in base else '?'}{urlencode(plain)}"


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/audit")
    async def looked(request: Request) -> Response:
        visit = await console.visit(request)
        asked = Asked.of(request.query_params.multi_items())
        case, unknown = await _case(console, visit, asked.case)
        variables = {**asked.variables, "complaint": case}
        if unknown:
            return page(visit, "audit/looked.html", _values(asked, unknown=True))
        answer = await console.ask(visit, "audit", **variables)
        _yours("accessLog" in answer.denied)
        records, words = answer.data["accessLog"], choices(answer.data)
        table = _records(records["nodes"], words, visit.language)
        if (file := download(visit, [table], "audit", variables)) is not None:
            return file
        return page(
            visit,
            "audit/looked.html",
            {**_values(asked), "records": records, "table": table},
        )

    @router.get("/audit/cases")
    async def cases(request: Request) -> Response:
        visit = await console.visit(request)
        ids = request.query_params.getlist("id")[:_LISTED]
        answer = await console.ask(visit, "audited-cases", ids=ids)
        shown = [each for each in answer.data["nodes"] or () if each]
        values = {"cases": shown, "gone": len(ids) - len(shown), "words": choices(answer.data)}
        return page(visit, "audit/cases.html", {**_values(Asked.of(())), **values})

    @router.get("/audit/changes")
    async def changed(request: Request) -> Response:
        visit = await console.visit(request)
        asked = Asked.of(request.query_params.multi_items())
        variables = {**asked.variables, "people": not asked.service}
        answer = await console.ask(visit, "activity", **variables)
        _yours("activity" in answer.denied)
        activity = answer.data["activity"]
        table = _activities(activity["nodes"], PUNCTUATION[visit.language])
        if (file := download(visit, [table], "activity", variables)) is not None:
            return file
        return page(
            visit,
            "audit/changed.html",
            {**_values(asked), "activity": activity, "table": table},
        )

    @router.get("/audit/verify")
    async def verify(request: Request) -> Response:
        visit = await console.visit(request)
        sent = request.query_params.multi_items()
        begin = Scope.of(sent).since
        values: dict[str, Any] = {"since": begin or _lately(visit), "verified": None, "error": None}
        if begin is not None:
            try:
                answer = await console.ask(visit, "verification", **{"from": begin.isoformat()})
            except DocumentFailedError as error:
                if error.code != InvalidInputError.code:
                    raise
                values["error"] = error.message
            else:
                _yours("accessLogVerification" in answer.denied)
                values["verified"] = answer.data["accessLogVerification"]
        return page(visit, "audit/verify.html", {**_values(Asked.of(())), **values})

    return router


def _values(asked: Asked, *, unknown: bool = False) -> dict[str, Any]:
    return {"asked": asked, "unknown": unknown, "pages": PAGES}


def _yours(denied: bool) -> None:
    if denied:
        raise ForbiddenError(_NOT_YOURS)


async def _case(console: Console, visit: Visit, reference: str | None) -> tuple[str | None, bool]:
    """The id behind a reference; and whether there is no such case."""
    if reference is None:
        return None, False
    answer = await console.ask(visit, "audited-case", reference=reference)
    _yours("complaint" in answer.denied)
    case = answer.data["complaint"]
    return (case["id"], False) if case else (None, True)


def _lately(visit: Visit) -> date:
    return (datetime.now(UTC) - _LATELY).astimezone(visit.services.zone).date()


def _opens(record: Mapping[str, Any]) -> str | None:
    """The cases that a record names, as far as they are listed."""
    ids = record["complaintIds"][:_LISTED]
    return f"/audit/cases?{urlencode({'id': ids}, doseq=True)}" if ids else None


def _records(
    nodes: Sequence[Mapping[str, Any]], words: Mapping[str, Any], language: Language
) -> Table:
    say, comma = translations(language).gettext, PUNCTUATION[language]["comma"]
    columns = [
        Column(N_("When"), Kind.MOMENT),
        Column(N_("Person")),
        Column(N_("Roles")),
        Column(N_("Asked for")),
        Column(N_("Purpose")),
        Column(N_("Became of it")),
        Column(N_("Cases shown"), Kind.COUNT),
        Column(N_("In the log")),
    ]
    rows = [
        Row(
            (
                each["at"],
                each["personName"] or each["person"],
                comma.join(words["Role"][role] for role in each["roles"]),
                _operation(each["operation"], say),
                each["purpose"],
                words["AccessOutcome"][each["outcome"]],
                each["shown"],
                f"{each['segment']}-{each['number']}",
            ),
            _opens(each),
        )
        for each in nodes
    ]
    return Table("access-log", columns, rows, opens=False)


def _operation(name: str | None, say: Callable[[str], str]) -> str | None:
    return say(_OPERATIONS[name]) if name in _OPERATIONS else name


def _activities(nodes: Sequence[Mapping[str, Any]], marks: Mapping[str, str]) -> Table:
    columns = [
        Column(N_("When"), Kind.MOMENT),
        Column(N_("Person")),
        Column(N_("Of what")),
        Column(N_("What was done")),
        Column(N_("Changes")),
        Column(N_("Note")),
    ]
    rows = []
    for each in nodes:
        name, address = _changed(each)
        event, change = each["event"], each["change"]
        rows.append(
            Row(
                (
                    each["at"],
                    each["personName"] or each["person"],
                    name,
                    event["label"] if event else None,
                    _differences(event["changes"], marks)
                    if event
                    else marks["comma"].join(change["fields"]),
                    (event or change)["note"],
                ),
                address,
            )
        )
    return Table("activity", columns, rows, opens=False)


def _changed(of: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What something was changed of: its name and its page."""
    if case := of["complaint"]:
        return case["reference"], f"/cases/{case['reference']}"
    if alert := of["alert"]:
        return alert["summary"] or alert["label"], "/alerts?state=ALL"
    if issue := of["issue"]:
        return issue["title"], f"/issues/{issue['id']}"
    if remediation := of["remediation"]:
        return remediation["title"], "/remediations"
    return None, None


def _differences(changes: Sequence[Mapping[str, Any]], marks: Mapping[str, str]) -> str:
    def text(of: Mapping[str, Any] | None) -> str:
        return of["text"] if of else "–"

    return marks["semicolon"].join(
        f"{each['label']}{marks['colon']}{text(each['before'])} → {text(each['after'])}"
        for each in changes
    )
