"""Forms made from what a mutation takes: what is asked for, what was typed, what is sent."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    get_named_type,
    get_nullable_type,
)
from starlette.requests import Request

from api.console.pages import N_
from graph.errors import InvalidInputError

_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,6})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
#: Fields of inputs that a form fills in by itself.
OF_THE_FORM = frozenset({"complaint", "version", "idempotencyKey", "clientMutationId", "insisted"})
_LONG_TEXTS = {"summary", "narrative"}
_WIDGETS = {
    "Boolean": "flag",
    "Int": "number",
    "MoneyInput": "money",
    "DateTime": "time",
    "TimeOrDate": "time",
}
#: Where the values of a field with codes come from, by names of the page's document.
_CODES = {
    "type": "types",
    "riskTypes": "riskTypes",
    "product": "products",
    "branch": "branches",
    "department": "departments",
    "lead": "departments",
    "assisting": "departments",
    "rootCause": "rootCauses",
    "rootCauses": "rootCauses",
    "issue": "issues",
}
#: Made of a chosen value and of what stood there before.
Convert = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """``name``: of the input's field; of one inside another ``outer.inner``.

    ``widget``: ``choice``, ``choices``, ``flag``, ``number``, ``money``, ``text``, ``line`` or
    ``time``; ``values``: where its choices come from, a name of the vocabulary or of the document.
    """

    name: str
    label: str
    widget: str
    required: bool
    values: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what stands in it: values as a form sends them."""

    field: Field
    values: tuple[str, ...] = ()
    currency: str = "CNY"


def fields_of(kind: GraphQLInputObjectType, labels: Mapping[str, str]) -> tuple[Field, ...]:
    """What a form asks for: the fields of an input that have a label, in the order of labels."""
    known = dict(paths(kind))
    return tuple(
        _field(path, known[path], label) for path, label in labels.items() if path in known
    )


def paths(kind: GraphQLInputObjectType) -> Iterator[tuple[str, GraphQLInputField]]:
    """The fields of an input with their names, those inside others as ``outer.inner``."""
    for name, each in kind.fields.items():
        inner = get_named_type(each.type)
        if isinstance(inner, GraphQLInputObjectType) and not (
            name in _CODES or inner.name in _WIDGETS
        ):
            yield from ((f"{name}.{path}", field) for path, field in paths(inner))
        else:
            yield name, each


def _field(path: str, of: GraphQLInputField, label: str) -> Field:
    name, named = path.rpartition(".")[2], get_named_type(of.type)
    several = isinstance(get_nullable_type(of.type), GraphQLList)
    required = isinstance(of.type, GraphQLNonNull) and of.default_value is Undefined
    widget = _WIDGETS.get(named.name) or ("text" if name in _LONG_TEXTS else "line")
    values = _CODES.get(name)
    if isinstance(named, GraphQLEnumType):
        widget, values = "choice", named.name
    elif values is not None:
        widget = "choices" if several else "choice"
    return Field(path, label, widget, required, values)


def problems(wanted: Sequence[Field], form: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """What is wrong with a form as typed, in the shape of a payload's ``errors``."""
    errors = []
    for field in wanted:
        typed = next((each.strip() for each in form.get(field.name, ()) if each.strip()), None)
        message = None
        if typed is None:
            needed = field.required and field.widget != "flag"
            message = N_("Fill this in.") if needed else None
        elif field.widget == "number" and not _WHOLE.fullmatch(typed):
            message = N_("A whole number is needed.")
        elif field.widget == "money" and _decimal(typed) is None:
            message = N_("An amount is needed, such as 1250.50.")
        elif field.widget == "time" and _local(typed) is None:
            message = N_("A time is needed, such as 2026-01-31T09:30.")
        if message is not None:
            errors.append({"path": ["input", *field.name.split(".")], "message": message})
    return errors


def _decimal(typed: str) -> str | None:
    """An amount as typed, with or without thousands separators; None for what is none."""
    plain = typed.strip().replace(",", "")
    return plain if _AMOUNT.fullmatch(plain) else None


def _local(typed: str) -> datetime | None:
    try:
        return datetime.fromisoformat(typed.strip())
    except ValueError:
        return None


def sent(
    wanted: Sequence[Field],
    form: Mapping[str, Sequence[str]],
    now: Mapping[str, Any],
    zone: ZoneInfo,
    convert: Mapping[str, Convert] | None = None,
) -> dict[str, Any]:
    """A form as the mutation's input; what cannot be read (``problems``) is left out.

    ``now``: values as the form showed them first; what was not changed is left out, what was
    emptied is null. ``zone``: of times that are typed.
    """
    made: dict[str, Any] = {}
    for field in wanted:
        value, before = _value(field, form, zone), now.get(field.name)
        if convert and field.name in convert:
            value = convert[field.name](value, before)
        # Nothing chosen where nothing was is no change, in whatever form it comes.
        if field.required or (value or None) != (before or None):
            *outer, name = field.name.split(".")
            into = made
            for each in outer:
                into = into.setdefault(each, {})
            into[name] = value
    return made


def _value(field: Field, form: Mapping[str, Sequence[str]], zone: ZoneInfo) -> Any:
    typed = [each for each in form.get(field.name, ()) if each.strip()]
    if field.widget == "flag":
        return bool(typed)
    if field.widget == "choices":
        return sorted(typed)
    if not typed:
        return None
    match field.widget:
        case "number":
            return int(typed[0]) if _WHOLE.fullmatch(typed[0].strip()) else None
        case "money":
            amount = _decimal(typed[0])
            currency = form.get(f"{field.name}Currency", ["CNY"])[0].strip().upper()
            return None if amount is None else {"value": amount, "currency": currency}
        case "time":
            at = _local(typed[0])
            return None if at is None else at.replace(tzinfo=at.tzinfo or zone).isoformat()
        case "text":
            return typed[0]
    return typed[0].strip()


def filled(wanted: Sequence[Field], form: Mapping[str, Sequence[str]]) -> list[Filled]:
    """Each field with what was typed."""
    return [
        Filled(
            field,
            tuple(form.get(field.name, ())),
            form.get(f"{field.name}Currency", ["CNY"])[0],
        )
        for field in wanted
    ]


@dataclass(slots=True)
class Offer:
    """``listed``: codes or values with their labels; ``whole``: there are no others."""

    listed: list[tuple[str, str]]
    whole: bool = True


def offered(data: Mapping[str, Any]) -> dict[str, Offer]:
    """What fields offer, of a document's answer."""
    made = {name: Offer(list(labels.items())) for name, labels in choices(data).items()}
    for name in ("products", "branches", "departments", "rootCauses"):
        part = data.get(name) or {"nodes": (), "pageInfo": {"hasNextPage": False}}
        listed = [(node["code"], node["label"]) for node in part["nodes"]]
        made[name] = Offer(listed, not part["pageInfo"]["hasNextPage"])
    issues = (data.get("systemicIssues") or {}).get("nodes") or ()
    made["issues"] = Offer([(each["id"], each["title"]) for each in issues])
    for name in ("types", "riskTypes"):
        known = (data.get("vocabulary") or {}).get(name) or ()
        made[name] = Offer([(each["code"], each["label"]) for each in known])
    return made


def choices(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Labels by enum and value, of a document's ``vocabulary``."""
    known = (data.get("vocabulary") or {}).get("choices") or ()
    return {
        choice["name"]: {value["value"]: value["label"] for value in choice["values"]}
        for choice in known
    }


async def posted(request: Request) -> dict[str, list[str]]:
    """The fields of a form, each with all its values.

    Raises:
        InvalidInputError: it is none.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise InvalidInputError("This takes the form of a page.", path=["body"])
    try:
        return parse_qs((await request.body()).decode(), keep_blank_values=True)
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidInputError("The form could not be read.", path=["body"]) from error


def refuse(payload: Mapping[str, Any]) -> None:
    """Raises InvalidInputError: the mutation was refused; for forms in which nothing is typed."""
    if payload["errors"]:
        raise InvalidInputError(payload["errors"][0]["message"], path=["input"])
