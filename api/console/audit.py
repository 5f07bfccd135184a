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
from graph.errors import ForbiddenError, InvalidInputError, NotFoundError

#: The room's pages, in the order of its menu.
PAGES = (
    ("/audit", N_("Who looked")),
    ("/audit/changes", N_("Who changed")),
    ("/audit/verify", N_("Whether the log holds")),
)
#: What the console's own documents are called; those of other programs keep their names.
NAMES = {
    "AcknowledgeAlert": N_("Alert looked after"),
    "Activity": N_("Who changed"),
    "Alerts": N_("Early warning"),
    "AnswerDraft": N_("Draft of an answer"),
    "AnswerProblems": N_("Check of an answer"),
    "Audit": N_("Who looked"),
    "AuditedCase": N_("Who looked"),
    "AuditedCases": N_("The cases that were shown"),
    "AuditedRecord": N_("The cases that were shown"),
    "Bottlenecks": N_("Bottlenecks"),
    "Branches": N_("Branches compared"),
    "CancelJob": N_("Jobs"),
    "Case": N_("A case"),
    "ChangeIssue": N_("Change of an issue"),
    "ChangeRemediation": N_("Change of a remediation"),
    "Choices": N_("Choices of a field"),
    "Cluster": N_("Cluster"),
    "Clusters": N_("Clusters"),
    "Comment": N_("Comment"),
    "Desk": N_("Desk"),
    "DeskNew": N_("Desk, new cases"),
    "DismissAlert": N_("Alert dismissed"),
    "Drill": N_("Drill"),
    "DrillAgreement": N_("Agreement in a drill"),
    "DrillAnswer": N_("Drill"),
    "DrillFinish": N_("Drill"),
    "DrillStart": N_("Drill"),
    "EditIssue": N_("Change of an issue"),
    "EndOpening": N_("End of an opening"),
    "Find": N_("Find cases"),
    "HandOver": N_("Hand over"),
    "Hotspots": N_("Hotspots"),
    "Insight": N_("Measures and trends"),
    "Issue": N_("Issue"),
    "IssueForm": N_("Change of an issue"),
    "Issues": N_("Issues"),
    "Labels": N_("Choices of a field"),
    "Job": N_("Jobs"),
    "Jobs": N_("Jobs"),
    "LiveArrivals": N_("Notices"),
    "LiveAssignments": N_("Notices"),
    "LiveCase": N_("Notices"),
    "LiveDeadlines": N_("Notices"),
    "LiveEscalations": N_("Notices"),
    "LivePosition": N_("Notices"),
    "OpenCase": N_("Open a case from elsewhere"),
    "OutcomeCheck": N_("Beside alike cases"),
    "PlanForm": N_("Plan of a remediation"),
    "PlanRemediation": N_("Plan of a remediation"),
    "Preview": N_("Preview"),
    "Progress": N_("Customer's progress page"),
    "ProposeIssue": N_("Proposal of an issue"),
    "Rate": N_("Rating of a precedent"),
    "Register": N_("Register"),
    "RegisterForm": N_("Register"),
    "RemediationForm": N_("Change of a remediation"),
    "Remediations": N_("Remediations"),
    "RemoveView": N_("Kept lists"),
    "ReopenAlert": N_("Alert opened again"),
    "SaveView": N_("Kept lists"),
    "StartExport": N_("Jobs"),
    "StartRefit": N_("Jobs"),
    "Step": N_("Form of a step"),
    "Team": N_("Team"),
    "TemplateUses": N_("Use of drafts"),
    "Tour": N_("A tour of the demo bank"),
    "Verification": N_("Whether the log holds"),
}
#: Cases of one record that are listed on a page.
_LISTED = 50
#: What auditors read, by its field.
_READ = {
    "accessLog": N_("Who looked"),
    "activity": N_("Who changed"),
    "accessLogVerification": N_("Whether the log holds"),
    "explainAccess": N_("Why somebody may see something"),
}
#: What tells a record from all others.
_PLACE = ("person", "at", "segment", "number")
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
        sent = request.query_params
        record = await _record(console, visit, sent)
        begin = _begin(sent.get("begin"))
        ids = record["complaintIds"][begin : begin + _LISTED]
        answer = await console.ask(visit, "audited-cases", ids=ids)
        shown = [each for each in answer.data["nodes"] or () if each]
        end = begin + len(ids)
        values = {
            "cases": shown,
            "gone": len(ids) - len(shown),
            "words": choices(answer.data),
            "record": record,
            "end": end,
            "further": _cases(sent, begin=end) if end < len(record["complaintIds"]) else None,
        }
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
    """The page of the cases that a record names; None: it names none."""
    return _cases(record) if record["complaintIds"] else None


def _cases(record: Mapping[str, Any], **begin: int) -> str:
    place = {name: record[name] for name in _PLACE}
    return f"/audit/cases?{urlencode({**place, **begin})}"


async def _record(console: Console, visit: Visit, sent: Mapping[str, str]) -> Mapping[str, Any]:
    """The record of an address.

    Raises:
        NotFoundError: there is none like it.
    """
    try:
        person, at = sent["person"], datetime.fromisoformat(sent["at"])
        place = int(sent["segment"]), int(sent["number"])
    except (KeyError, ValueError) as error:
        raise NotFoundError("The address names no record of the log.") from error
    period = {"from": at.isoformat(), "to": (at + timedelta(milliseconds=1)).isoformat()}
    answer = await console.ask(visit, "audited-record", person=person, **period)
    _yours("accessLog" in answer.denied)
    for each in answer.data["accessLog"]["nodes"]:
        if (each["segment"], each["number"]) == place:
            return dict(each)
    raise NotFoundError("There is no such record in the log.")


def _begin(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0


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
        Column(N_("Of these opened from beyond reach"), Kind.COUNT),
        Column(N_("Read of the log")),
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
                len(each["openedIds"]),
                comma.join(say(_READ.get(name, name)) for name in each["read"]),
                f"{each['segment']}-{each['number']}",
            ),
            _opens(each),
        )
        for each in nodes
    ]
    return Table("access-log", columns, rows, opens=False)


def _operation(name: str | None, say: Callable[[str], str]) -> str | None:
    return say(NAMES[name]) if name in NAMES else name


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
