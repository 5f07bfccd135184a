"""Forms of steps, made from what each step's mutation takes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLInputObjectType, GraphQLSchema

from api.console import forms
from api.console.forms import Field, Filled
from api.console.pages import N_
from graph.domain.lifecycle import Step
from schema.desk.inputs import KINDS, MUTATIONS

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
}
_STEP = """mutation {name}($input: {kind}!) {{ {mutation}(input: $input) {{
  errors {{ code message path }}
  changedSince {{ kind actor actorName at fields }}
  complaint {{ reference version }} }} }}"""


def mutation(step: Step) -> str:
    """The document that takes a step."""
    name = MUTATIONS[step]
    return _STEP.format(name=name[0].upper() + name[1:], kind=KINDS[step].__name__, mutation=name)


@cache
def fields(schema: GraphQLSchema, step: Step) -> tuple[Field, ...]:
    """What a step's form asks for, the note aside."""
    kind = schema.type_map[KINDS[step].__name__]
    assert isinstance(kind, GraphQLInputObjectType)
    return forms.fields_of(kind, LABELS)


def sent(
    wanted: Sequence[Field],
    form: Mapping[str, Sequence[str]],
    now: Mapping[str, Any],
    zone: ZoneInfo,
) -> dict[str, Any]:
    """A form as the mutation's input (``forms.sent``), with the note."""
    made = forms.sent(wanted, form, now, zone, {"rootCauses": _with_shares})
    note = form.get("note", [""])[0].strip()
    return {**made, "note": note} if note else made


def _with_shares(codes: Sequence[str], before: Any) -> list[dict[str, Any]]:
    return [_cause(code, before or ()) for code in codes]


def _cause(code: str, before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chosen root cause; one that stood there keeps its share."""
    return next((dict(each) for each in before if each["rootCause"] == code), {"rootCause": code})


def filled(
    wanted: Sequence[Field],
    form: Mapping[str, Sequence[str]] | None,
    now: Mapping[str, Any],
) -> list[Filled]:
    """Each field with what was typed, or as the case stands where nothing was sent yet."""
    if form is not None:
        return forms.filled(wanted, form)
    return [_filled(field, now.get(field.name)) for field in wanted]


def _filled(field: Field, value: Any) -> Filled:
    if value in (None, False):
        return Filled(field)
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
