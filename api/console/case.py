"""One case: all that stands beside it, its steps, comments and ratings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import choosing, drafts, forms, steps
from api.console.asking import Console, Visit
from api.console.comparison import VERDICTS, comparison
from api.console.drafts import Drafted
from api.console.drawing import drawing
from api.console.forms import choices, posted, refuse
from api.console.pages import page
from api.console.room import ConsoleRoute
from graph.domain.lifecycle import Step
from graph.errors import ForbiddenError, InvalidInputError, NotFoundError

#: Steps whose forms hold a decision.
DECIDING = frozenset({Step.PROPOSE, Step.ANSWER})
#: Steps on the way to an answer, and back from a pause; the others correct, or stand beside.
FORWARD = frozenset(
    {
        *(Step.CLASSIFY, Step.DISPATCH, Step.INVESTIGATE, Step.PROPOSE, Step.AGREE, Step.REFUSE),
        *(Step.ANSWER, Step.RECORD_FEEDBACK, Step.CLOSE, Step.REVIEW, Step.RESUME),
    }
)


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/cases/{reference}")
    async def case(
        request: Request, reference: str, at: str | None = None, events: str | None = None
    ) -> Response:
        visit = await console.visit(request)
        return await _page(console, visit, reference, at=at or None, after=events or None)

    @router.get("/cases/{reference}/steps/{step}")
    async def form(request: Request, reference: str, step: str) -> Response:
        visit = await console.visit(request)
        return await _form(console, visit, reference, _step(step))

    @router.post("/cases/{reference}/steps/{step}")
    async def take(request: Request, reference: str, step: str) -> Response:
        visit = await console.visit(request)
        wanted = _step(step)
        asked = steps.fields(console.schema._schema, wanted)
        sent = await choosing.resolved(console, visit, asked, await posted(request))
        seen = _Seen.of(sent)
        data = {
            **steps.sent(asked, sent, seen.values, visit.services.zone),
            "complaint": seen.case,
            "version": seen.version,
            "idempotencyKey": seen.key,
        }
        if problems := forms.problems(asked, sent):
            payload: Mapping[str, Any] = {"errors": problems}
            return await _form(console, visit, reference, wanted, sent=sent, payload=payload)
        if wanted is Step.ANSWER:
            kept = drafts.kept_in(sent)
            faults = await drafts.problems_of(console, visit, seen.case, sent)
            if faults and "insist" not in sent:
                drafted = Drafted(problems=faults, kept=kept)
                return await _form(console, visit, reference, wanted, sent=sent, drafted=drafted)
            data |= {"draft": kept} if kept else {}
            data |= {"insisted": sorted({each["kind"] for each in faults})}
        payload = await console.changed(visit, steps.mutation(wanted), data)
        if payload["errors"]:
            return await _form(console, visit, reference, wanted, sent=sent, payload=payload)
        return RedirectResponse(f"/cases/{reference}", 303)

    @router.post("/cases/{reference}/comparison")
    async def compare(request: Request, reference: str) -> Response:
        visit = await console.visit(request)
        return await _comparison(console, visit, await posted(request))

    @router.post("/cases/{reference}/steps/answer/draft")
    async def draft(request: Request, reference: str) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        answer = await console.ask(visit, "step", reference=reference)
        complaint = _case(answer.data, answer.denied)
        drafted = await drafts.draft_of(console, visit, complaint, sent)
        if drafted.text is not None:
            sent = {**sent, "summary": [drafted.text]}
        return await _form(console, visit, reference, Step.ANSWER, sent=sent, drafted=drafted)

    @router.post("/cases/{reference}/steps/answer/problems")
    async def problems(request: Request, reference: str) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        faults = await drafts.problems_of(console, visit, _Seen.of(sent).case, sent)
        return page(visit, "case/problems.html", {"problems": faults})

    @router.post("/cases/{reference}/comments")
    async def comment(request: Request, reference: str) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        seen = await console.ask(visit, "step", reference=reference)
        note = sent.get("note", [""])[0]
        data = {
            "complaint": _case(seen.data, seen.denied)["id"],
            "note": note,
            "idempotencyKey": sent.get("key", [None])[0],
        }
        payload = await console.change(visit, "comment", data)
        if payload["errors"]:
            return await _page(console, visit, reference, note=note, payload=payload)
        return RedirectResponse(f"/cases/{reference}#events", 303)

    @router.post("/cases/{reference}/ratings")
    async def rate(request: Request, reference: str) -> Response:
        visit = await console.visit(request)
        sent = await posted(request)
        useful = sent.get("useful", [""])[0] == "yes"
        data = {"token": sent.get("token", [""])[0], "useful": useful}
        payload = await console.change(visit, "rate", data)
        if "hx-request" in request.headers:
            messages = [each["message"] for each in payload["errors"]]
            return page(visit, "case/rated.html", {"useful": useful, "errors": messages})
        refuse(payload)
        return RedirectResponse(f"/cases/{reference}#precedents", 303)

    return router


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a form was made of: sent again as it came, it asks for the same."""

    case: str
    version: int
    key: str
    values: Mapping[str, Any]

    @classmethod
    def of(cls, sent: Mapping[str, list[str]]) -> "_Seen":
        try:
            values = json.loads(sent["seen"][0])
            made = cls(sent["case"][0], int(sent["version"][0]), sent["key"][0], values)
        except (KeyError, ValueError) as error:
            raise InvalidInputError("The form is not of this page.", path=["seen"]) from error
        if not isinstance(made.values, dict):
            raise InvalidInputError("The form is not of this page.", path=["seen"])
        return made


async def _page(
    console: Console,
    visit: Visit,
    reference: str,
    *,
    at: str | None = None,
    after: str | None = None,
    note: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Response:
    """The case, with its events behind ``after``; ``payload``: why ``note`` was not taken."""
    answer = await console.ask(visit, "case", reference=reference, at=at, after=after)
    complaint = _case(answer.data, answer.denied)
    values = {
        "case": complaint,
        "viewer": answer.data["viewer"],
        "words": choices(answer.data),
        "evidence": _sentences(complaint),
        "drawing": drawing(complaint),
        "compared": comparison(
            complaint["outcomeCheck"], complaint["amountBand"], _decision(complaint)
        ),
        "verdicts": VERDICTS,
        "forward": FORWARD,
        "at": at,
        "after": after,
        "note": note,
        "errors": [each["message"] for each in (payload or {}).get("errors", ())],
        "key": str(uuid4()),
    }
    return page(visit, "case/case.html", values, status=422 if payload else 200)


async def _form(
    console: Console,
    visit: Visit,
    reference: str,
    step: Step,
    *,
    sent: Mapping[str, list[str]] | None = None,
    payload: Mapping[str, Any] | None = None,
    drafted: Drafted | None = None,
) -> Response:
    """A step's form; ``payload``: why it was refused as ``sent``, which is kept.

    ``drafted``: what stands beside an answer; left out, the draft for the case as it stands.
    """
    answer = await console.ask(visit, "step", reference=reference)
    complaint = _case(answer.data, answer.denied)
    allowed = next(
        (each for each in complaint["course"]["allowedSteps"] if each["step"] == step.value), None
    )
    errors = (payload or {}).get("errors") or []
    now = steps.shown(step, complaint)
    if step is Step.ANSWER and drafted is None:
        drafted = await _drafted(console, visit, complaint, sent)
    values = {
        "case": complaint,
        "step": step,
        "allowed": allowed,
        "fields": steps.filled(
            steps.fields(console.schema._schema, step),
            sent,
            {**now, "summary": drafted.text} if drafted else now,
        ),
        "seen": json.dumps(now),
        "drafted": drafted,
        "sent": sent,
        "choices": forms.offered(answer.data),
        "compares": step in DECIDING,
        "errors": {each["path"][-1]: each["message"] for each in errors if each["path"]},
        "others": [each["message"] for each in errors if not each["path"]],
        "changed": (payload or {}).get("changedSince") or [],
        "key": str(uuid4()),
    }
    refused = payload or (drafted and drafted.problems)
    return page(visit, "case/step.html", values, status=422 if refused else 200)


async def _drafted(
    console: Console,
    visit: Visit,
    complaint: Mapping[str, Any],
    sent: Mapping[str, list[str]] | None,
) -> Drafted:
    """The draft of a fresh form; of one that was sent, what it was made from."""
    if sent is None:
        return await drafts.draft_of(console, visit, complaint)
    faults = await drafts.problems_of(console, visit, complaint["id"], sent)
    return Drafted(problems=faults, kept=drafts.kept_in(sent))


async def _comparison(console: Console, visit: Visit, sent: Mapping[str, list[str]]) -> Response:
    """What is typed into a form that decides, beside alike cases; nothing without an outcome."""
    asked = steps.fields(console.schema._schema, Step.PROPOSE)
    typed = forms.sent(asked, sent, {}, visit.services.zone)
    decision = {name: typed.get(name) for name in ("outcome", "remedy", "compensation")}
    values: dict[str, Any] = {"compared": None, "verdicts": VERDICTS, "words": {}}
    if decision["outcome"] is not None:
        answer = await console.ask(
            visit, "outcome-check", complaint=_Seen.of(sent).case, proposed=decision
        )
        case = answer.data["node"] or {}
        values["words"] = choices(answer.data)
        values["compared"] = comparison(
            answer.data["outcomeCheck"], case.get("amountBand"), decision
        )
    return page(visit, "case/compared.html", values)


def _case(data: Mapping[str, Any], denied: frozenset[str]) -> dict[str, Any]:
    if "complaint" in denied:
        raise ForbiddenError("Cases are not yours to see.")
    if data["complaint"] is None:
        raise NotFoundError("There is no case of this reference within your reach.")
    complaint: dict[str, Any] = data["complaint"]
    return complaint


def _decision(case: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the customer was offered, else what was decided last."""
    rounds = case["resolutions"] or ()
    decision: Mapping[str, Any] | None = case["course"]["proposal"] or (
        rounds[-1] if rounds else None
    )
    return decision


def _sentences(case: Mapping[str, Any]) -> list[str]:
    """What rules and the classification rest on, in the text itself."""
    alerts = (case["escalation"] or {}).get("alerts") or ()
    sentences = [alert["evidence"].get("sentence") for alert in alerts]
    dimensions = (case["suggestion"] or {}).get("dimensions") or ()
    terms = [term for each in dimensions for term in each["evidence"]["terms"]]
    return [piece for piece in (*sentences, *terms) if piece]


def _step(text: str) -> Step:
    """Raises NotFoundError: there is no such step."""
    name = text.upper().replace("-", "_")
    if name not in set(Step):
        raise NotFoundError("There is no such step.")
    return Step(name)
