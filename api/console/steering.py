"""Forms of what is done: remediations are planned and changed, systemic issues changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from graphql import GraphQLInputObjectType
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import choosing, forms
from api.console.asking import Console, Visit
from api.console.forms import Field, Filled, Offer, posted
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from graph.errors import ForbiddenError, InvalidInputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is about.

    ``document`` reads it and asks in ``may`` whether its visitor may change it; ``field``: of the
    document, and of the input, that names it; None for something new. ``mutation``: the document
    that sends ``kind``. ``to``: where one goes on.
    """

    title: str
    document: str
    may: str
    mutation: str
    kind: str
    labels: Mapping[str, str]
    to: str
    field: str | None = None
    named: str | None = None


_REMEDIATION = {
    "title": N_("What is done"),
    "rootCause": N_("Against the root cause"),
    "issue": N_("or against the issue"),
    "owner": N_("Who answers for it"),
    "startedAt": N_("Begins"),
    "completedAt": N_("Done"),
}
_ISSUE = {
    "title": N_("Title"),
    "titleEn": N_("Title in English"),
    "level": N_("Level"),
    "owner": N_("Who answers for it"),
    "rootCauses": N_("Root causes"),
}
PLAN = Subject(
    N_("Plan a remediation"),
    "plan-form",
    "plan",
    "plan-remediation",
    "PlanRemediationInput",
    _REMEDIATION,
    "/remediations",
)
REMEDIATION = Subject(
    N_("Change a remediation"),
    "remediation-form",
    "change",
    "change-remediation",
    "ChangeRemediationInput",
    _REMEDIATION,
    "/remediations",
    "remediation",
    "remediation",
)
ISSUE = Subject(
    N_("Change an issue"),
    "issue-form",
    "change",
    "edit-issue",
    "ChangeSystemicIssueInput",
    _ISSUE,
    "/issues/{id}",
    "systemicIssue",
    "issue",
)


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)
    for address, subject in (
        ("/remediations/plan", PLAN),
        ("/remediations/edit", REMEDIATION),
        ("/issues/edit", ISSUE),
    ):
        _add(router, console, address, subject)
    return router


def _add(router: APIRouter, console: Console, address: str, subject: Subject) -> None:
    @router.get(address)
    async def form(request: Request, id: str | None = None) -> Response:  # noqa: A002 - the address's name
        visit = await console.visit(request)
        first = {name: request.query_params.getlist(name) for name in subject.labels}
        chosen = {name: values for name, values in first.items() if values}
        return await _form(console, visit, subject, id, sent=chosen or None)

    @router.post(address)
    async def send(request: Request, id: str | None = None) -> Response:  # noqa: A002
        visit = await console.visit(request)
        wanted = _fields(console, subject)
        sent = await choosing.resolved(console, visit, wanted, await posted(request))
        if errors := forms.problems(wanted, sent):
            return await _form(console, visit, subject, id, sent=sent, payload={"errors": errors})
        data = forms.sent(wanted, sent, _seen(sent), visit.services.zone)
        data["idempotencyKey"] = sent.get("key", [None])[0]
        if subject.named is not None:
            data |= {subject.named: id, "version": _version(sent)}
        payload = await console.change(visit, subject.mutation, data)
        if payload["errors"]:
            return await _form(console, visit, subject, id, sent=sent, payload=payload)
        return RedirectResponse(subject.to.format(id=id), 303)


async def _form(
    console: Console,
    visit: Visit,
    subject: Subject,
    identity: str | None,
    *,
    sent: Mapping[str, Sequence[str]] | None,
    payload: Mapping[str, Any] | None = None,
) -> Response:
    """The form as it stands; ``payload``: why it was refused as ``sent``, which is kept."""
    variables = {} if subject.field is None else {"id": identity or ""}
    answer = await console.ask(visit, subject.document, **variables)
    if not answer.data["viewer"][subject.may]:
        raise ForbiddenError("This is not yours to change.")
    now = {} if subject.field is None else answer.data[subject.field]
    if now is None:
        raise NotFoundError("There is nothing of this id within your reach.")
    wanted, zone = _fields(console, subject), visit.services.zone
    errors = (payload or {}).get("errors") or []
    by_field = {each["path"][-1]: each["message"] for each in errors if each["path"]}
    fresh = [_filled(field, now.get(field.name), zone) for field in wanted]
    values = {
        "heading": subject.title,
        "fields": fresh if sent is None else forms.filled(wanted, sent),
        "choices": _offered(answer.data, now, fresh),
        "errors": {name: text for name, text in by_field.items() if name in subject.labels},
        "others": [text for name, text in by_field.items() if name not in subject.labels]
        + [each["message"] for each in errors if not each["path"]],
        "changed": (payload or {}).get("changedSince") or [],
        "version": now.get("version"),
        "seen": json.dumps({field.name: _plain(now.get(field.name)) for field in wanted}),
        "back": subject.to.format(id=identity),
        "key": str(uuid4()),
    }
    return page(visit, "watch/form.html", values, status=422 if payload else 200)


def _fields(console: Console, subject: Subject) -> tuple[Field, ...]:
    kind = console.schema._schema.type_map[subject.kind]
    assert isinstance(kind, GraphQLInputObjectType)
    return forms.fields_of(kind, subject.labels)


def _offered(
    data: Mapping[str, Any], now: Mapping[str, Any], fresh: Sequence[Filled]
) -> dict[str, Offer]:
    """What fields offer, with what stands in them now: a list does not reach to every entry."""
    choices = forms.offered(data)
    for filled in fresh:
        offered = choices.get(filled.field.values or "")
        if offered is None:
            continue
        known = {value for value, _ in offered.listed}
        entry = now.get(filled.field.name)
        title = entry.get("title") if isinstance(entry, dict) else None
        offered.listed += [(value, title or value) for value in filled.values if value not in known]
    return choices


def _plain(value: Any) -> Any:
    """A value of the answer as the input takes it: the code or id of an entry."""
    if isinstance(value, list):
        return sorted(_plain(each) for each in value)
    return (value.get("code") or value.get("id")) if isinstance(value, dict) else value


def _filled(field: Field, value: Any, zone: ZoneInfo) -> Filled:
    plain = _plain(value)
    if plain is None:
        return Filled(field)
    if field.widget == "time":
        local = datetime.fromisoformat(plain).astimezone(zone)
        return Filled(field, (local.strftime("%Y-%m-%dT%H:%M"),))
    return Filled(field, tuple(plain) if isinstance(plain, list) else (str(plain),))


def _seen(sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The values that the form showed first."""
    try:
        seen = json.loads(sent.get("seen", ["{}"])[0])
    except ValueError as error:
        raise InvalidInputError("The form is not of this page.", path=["seen"]) from error
    if not isinstance(seen, dict):
        raise InvalidInputError("The form is not of this page.", path=["seen"])
    return seen


def _version(sent: Mapping[str, Sequence[str]]) -> int:
    text = sent.get("version", [""])[0]
    if not (text.isascii() and text.isdigit()):
        raise InvalidInputError("The form is not of this page.", path=["version"])
    return int(text)
