"""Forms of steps, made from what each step's mutation takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
)

from api.console.pages import N_
from graph.domain.lifecycle import Step
from schema.desk.inputs import KINDS, MUTATIONS

_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,6})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_OF_THE_FORM = {"complaint", "version", "idempotencyKey", "clientMutationId", "note"}
#: Where the values of a field with codes come from, by names of the document ``step``.
_CODES = {
    "type": "types",
    "riskTypes": "riskTypes",
    "product": "products",
    "branch": "branches",
    "lead": "departments",
    "assisting": "departments",
    "rootCauses": "rootCauses",
}
#: What a form calls its fields.
LABELS: Mapping[str, str] = {
    "type": N_("Type"),
    "product": N_("Product"),
    "branch": N_("Branch"),
    "nature": N_("Nature"),
    "severity": N_("Severity"),
    "urgency": N_("Urgency"),
    "riskTypes": N_("Risks"),
    "amount": N_("Amount in dispute"),
    "complex": N_("Complex case"),
    "confirmSuggestion": N_("Take the suggested values where nothing is set"),
    "lead": N_("Department that answers"),
    "assisting": N_("Departments that help"),
    "assignee": N_("Who works on it"),
    "outcome": N_("What was found"),
    "remedy": N_("What is done for the customer"),
    "compensation": N_("Compensation"),
    "rootCauses": N_("Root causes"),
    "summary": N_("Answer to the customer"),
    "satisfaction": N_("Satisfaction of the customer, 1 to 5"),
    "dueAt": N_("Deadline of its own"),
    "confirmed": N_("The decision was right"),
    "days": N_("More days"),
    "level": N_("Level"),
    "note": N_("Note"),
}
_STEP = """mutation {name}($input: {kind}!) {{ {mutation}(input: $input) {{
  errors {{ code message path }}
  changedSince {{ kind actor actorName at fields }}
  complaint {{ reference version }} }} }}"""


@dataclass(frozen=True, slots=True)
class Field:
    """``widget``: ``choice``, ``choices``, ``flag``, ``number``, ``money``, ``text``, ``line`` or
    ``time``; ``values``: where its choices come from, a name of the vocabulary or of the document.
    """

    name: str
    label: str
    widget: str
    required: bool
    values: str | None = None


def mutation(step: Step) -> str:
    """The document that takes a step."""
    name = MUTATIONS[step]
    return _STEP.format(name=name[0].upper() + name[1:], kind=KINDS[step].__name__, mutation=name)


@cache
def fields(schema: GraphQLSchema, step: Step) -> tuple[Field, ...]:
    """What a step's form asks for, the note aside."""
    kind = schema.type_map[KINDS[step].__name__]
    assert isinstance(kind, GraphQLInputObjectType)
    return tuple(
        _field(name, each.type, always=each.default_value is Undefined)
        for name, each in kind.fields.items()
        if name not in _OF_THE_FORM
    )


def _field(name: str, kind: Any, *, always: bool) -> Field:
    """``always``: the input has no default for it."""
    several = isinstance(get_nullable_type(kind), GraphQLList)
    named = get_named_type(kind)
    required = isinstance(kind, GraphQLNonNull) and always
    widget, values = (
        {
            "Boolean": "flag",
            "Int": "number",
            "MoneyInput": "money",
            "DateTime": "time",
        }.get(named.name, "text" if name == "summary" else "line"),
        _CODES.get(name),
    )
    if isinstance(named, GraphQLEnumType):
        widget, values = "choice", named.name
    elif values is not None:
        widget = "choices" if several else "choice"
    return Field(name, LABELS[name], widget, required, values)


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
        if message is not None:
            errors.append({"path": [field.name], "message": message})
    return errors


def _decimal(typed: str) -> str | None:
    """An amount as typed, with or without thousands separators; None for what is none."""
    plain = typed.strip().replace(",", "")
    return plain if _AMOUNT.fullmatch(plain) else None


def sent(
    wanted: Sequence[Field], form: Mapping[str, Sequence[str]], now: Mapping[str, Any]
) -> dict[str, Any]:
    """A form as the mutation's input. ``now``: values as the form showed them first; what was not
    changed is left out, what was emptied is null.
    """
    made: dict[str, Any] = {}
    for field in wanted:
        value, before = _value(field, form), now.get(field.name)
        if field.name == "rootCauses":
            value = [_cause(code, before or ()) for code in value]
        # Nothing chosen where nothing was is no change, in whatever form it comes.
        if field.required or (value or None) != (before or None):
            made[field.name] = value
    note = form.get("note", [""])[0].strip()
    if note:
        made["note"] = note
    return made


def _value(field: Field, form: Mapping[str, Sequence[str]]) -> Any:
    typed = [each for each in form.get(field.name, ()) if each.strip()]
    match field.widget:
        case "flag":
            return bool(typed)
        case "choices":
            return sorted(typed)
        case "number":
            return int(typed[0]) if typed and _WHOLE.fullmatch(typed[0].strip()) else None
        case "money":
            if not typed:
                return None
            currency = form.get(f"{field.name}Currency", ["CNY"])[0]
            return {"value": _decimal(typed[0]), "currency": currency}
        case "time":
            return f"{typed[0]}:00" if typed else None
    return typed[0].strip() if typed else None


def _cause(code: str, before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chosen root cause; one that stood there keeps its share."""
    return next((dict(each) for each in before if each["rootCause"] == code), {"rootCause": code})


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what stands in it: values as a form sends them."""

    field: Field
    values: tuple[str, ...]
    currency: str = "CNY"


def filled(
    wanted: Sequence[Field],
    form: Mapping[str, Sequence[str]] | None,
    now: Mapping[str, Any],
) -> list[Filled]:
    """Each field with what was typed, or as the case stands where nothing was sent yet."""
    if form is not None:
        return [
            Filled(
                field,
                tuple(form.get(field.name, ())),
                form.get(f"{field.name}Currency", ["CNY"])[0],
            )
            for field in wanted
        ]
    return [_filled(field, now.get(field.name)) for field in wanted]


def _filled(field: Field, value: Any) -> Filled:
    if value in (None, False):
        return Filled(field, ())
    if field.widget == "money":
        return Filled(field, (str(value["value"]),), value["currency"])
    if field.name == "rootCauses":
        return Filled(field, tuple(each["rootCause"] for each in value))
    return Filled(field, tuple(value) if isinstance(value, list) else (str(value),))


def shown(step: Step, case: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a step's form shows first: as they stand on the case."""

    def code(of: Any) -> Any:
        return None if of is None else of["code"]

    course = case["course"]
    departments = case["handledBy"] or []
    if step in (Step.CLASSIFY, Step.CORRECT_CLASSIFICATION):
        return {
            **{name: code(case[name]) for name in ("type", "product", "branch")},
            **{name: case[name] for name in ("nature", "severity", "urgency", "amount")},
            "riskTypes": sorted(code(each) for each in case["riskTypes"]),
            "complex": course["complex"],
            "confirmSuggestion": False,
        }
    if step in (Step.DISPATCH, Step.TRANSFER):
        return {
            "lead": next((code(d["department"]) for d in departments if d["role"] == "LEAD"), None),
            "assisting": sorted(code(d["department"]) for d in departments if d["role"] != "LEAD"),
            "assignee": case["assignee"],
        }
    if step is Step.ASSIGN:
        return {"assignee": case["assignee"]}
    if step is Step.ATTRIBUTE_CAUSES:
        return {"rootCauses": _causes(case["rootCauses"])}
    if step is Step.PROPOSE:
        return dict(course["proposal"] or {})
    if step is Step.ANSWER:
        return {**(course["proposal"] or {}), "rootCauses": _causes(case["rootCauses"])}
    return {}


def _causes(stand: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The root causes of a case as inputs, by code."""
    made = [
        {
            "rootCause": each["rootCause"]["code"],
            **({} if each["share"] is None else {"share": each["share"]}),
        }
        for each in stand
        if each["rootCause"]
    ]
    return sorted(made, key=lambda each: str(each["rootCause"]))
