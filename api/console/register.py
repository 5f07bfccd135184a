"""Registering: what would become of a complaint stands beside the form while it is typed."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from graphql import GraphQLInputObjectType, GraphQLSchema
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import choosing, forms
from api.console.asking import Console, Visit
from api.console.forms import Field, choices, posted
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from graph.errors import ForbiddenError
from schema.registration import RegisterComplaintInput

#: What the form asks for, in its order.
LABELS: Mapping[str, str] = {
    "narrative": N_("What the customer says"),
    "subject": N_("Subject"),
    "customer.name": N_("Name of the customer"),
    "customer.mobile": N_("Mobile number"),
    "customer.idNumber": N_("Resident ID number"),
    "customer.account": N_("Account or card number"),
    "customer.vulnerable": N_("The customer is vulnerable"),
    "channel": N_("How it came in"),
    "receivedAt": N_("Received, if not now"),
    "occurredAt": N_("When it happened"),
    "product": N_("Product"),
    "branch": N_("Branch"),
    "department": N_("Department that answers"),
    "type": N_("Type"),
    "nature": N_("Nature"),
    "severity": N_("Severity"),
    "urgency": N_("Urgency"),
    "riskTypes": N_("Risks"),
    "amount": N_("Amount in dispute"),
    "assignee": N_("Who works on it"),
}


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/register")
    async def form(request: Request) -> Response:
        return await _form(console, await console.visit(request), {})

    @router.post("/register/preview")
    async def preview(request: Request) -> Response:
        visit = await console.visit(request)
        sent = await _posted(console, visit, request)
        answer = await console.ask(visit, "preview", input=_input(console, visit, sent))
        values = {"preview": answer.data["registrationPreview"], "words": choices(answer.data)}
        if "registrationPreview" in answer.denied:
            raise ForbiddenError("Registering is not yours to do.")
        if "hx-request" in request.headers:
            return page(visit, "register/preview.html", values)
        return await _form(console, visit, sent, **values)

    @router.post("/register")
    async def register(request: Request) -> Response:
        visit = await console.visit(request)
        sent = await _posted(console, visit, request)
        problems: Sequence[Mapping[str, Any]] = forms.problems(fields(console.schema._schema), sent)
        if not problems:
            key = sent.get("key", [str(uuid4())])[0]
            data = {**_input(console, visit, sent), "idempotencyKey": key}
            payload = await console.change(visit, "register", data)
            if payload["complaint"]:
                return RedirectResponse(f"/cases/{payload['complaint']['reference']}", 303)
            problems = payload["errors"]
        return await _form(console, visit, sent, problems)

    return router


@cache
def fields(schema: GraphQLSchema) -> tuple[Field, ...]:
    """What the form asks for."""
    kind = schema.type_map[RegisterComplaintInput.__name__]
    assert isinstance(kind, GraphQLInputObjectType)
    return forms.fields_of(kind, LABELS)


async def _posted(console: Console, visit: Visit, request: Request) -> dict[str, list[str]]:
    wanted = fields(console.schema._schema)
    return await choosing.resolved(console, visit, wanted, await posted(request))


def _input(console: Console, visit: Visit, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    made = forms.sent(fields(console.schema._schema), sent, {}, visit.services.zone)
    return {**made, "narrative": made.get("narrative") or ""}


async def _form(
    console: Console,
    visit: Visit,
    sent: Mapping[str, Sequence[str]],
    problems: Sequence[Mapping[str, Any]] = (),
    **values: Any,
) -> Response:
    """The form as it was typed; ``problems``: why it was refused."""
    answer = await console.ask(visit, "register-form")
    if not answer.data["viewer"]["register"]:
        raise ForbiddenError("Registering is not yours to do.")
    wanted = fields(console.schema._schema)
    errors = {".".join(each["path"][1:]): each["message"] for each in problems}
    shown = {
        "fields": {each.field.name: each for each in forms.filled(wanted, sent)},
        "choices": forms.offered(answer.data),
        "errors": {name: text for name, text in errors.items() if name in LABELS},
        "others": [text for name, text in errors.items() if name not in LABELS],
        "key": sent.get("key", [str(uuid4())])[0],
        "preview": None,
        "words": {},
        **values,
    }
    return page(visit, "register/register.html", shown, status=422 if problems else 200)
