"""A wrong value is the client's error and named alike, as a literal and as a variable.

Every argument and every field of an input is tried, by reflection.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    is_composite_type,
    is_input_object_type,
    is_required_argument,
    is_required_input_field,
)

from schema.build import build_schema
from schema.spending import Spent

SCHEMA = build_schema()
GRAPHQL = SCHEMA._schema
SECRET = "13812345678"
#: By scalar, what it does not take; whatever holds text or an id takes any text and any number.
BAD: dict[str, object] = {
    "Int": SECRET,
    "Float": SECRET,
    "Boolean": SECRET,
    "DateTime": SECRET,
    "Date": SECRET,
    "Decimal": f"{SECRET}x",
    "Position": f"{SECRET}x",
    "String": {"secret": SECRET},
    "ID": {"secret": SECRET},
}
#: The fields of inputs that a place stands for.
TRIED: set[str] = set()


@dataclass(frozen=True)
class Place:
    """An argument or a field of its input, and a document that leads there."""

    operation: str
    way: tuple[str, ...]
    field: str
    argument: str
    definition: GraphQLArgument
    inside: tuple[str, ...]
    value: object
    literal: str

    def __str__(self) -> str:
        return ".".join((self.field, self.argument, *self.inside))


def places() -> Iterator[Place]:
    """Each argument and input field once, by the shortest way from a root."""
    roots = {
        "query": GRAPHQL.query_type,
        "mutation": GRAPHQL.mutation_type,
        "subscription": GRAPHQL.subscription_type,
    }
    seen: set[str] = set()
    inputs: set[str] = set()
    pending: list[tuple[str, GraphQLObjectType, tuple[str, ...]]] = [
        (operation, root, ()) for operation, root in roots.items() if root
    ]
    while pending:
        operation, parent, way = pending.pop(0)
        if parent.name in seen:
            continue
        seen.add(parent.name)
        for name, field in parent.fields.items():
            step = f"{name}{required(field)}"
            for argument, definition in field.args.items():
                for inside, value, literal in wrong(definition.type, inputs):
                    yield Place(operation, way, name, argument, definition, inside, value, literal)
            for kind in objects(get_named_type(field.type)):
                inner = step if kind is get_named_type(field.type) else f"{step}|{kind.name}"
                pending.append((operation, kind, (*way, inner)))


def objects(kind: Any) -> list[GraphQLObjectType]:
    if isinstance(kind, GraphQLObjectType):
        return [kind]
    return list(GRAPHQL.get_possible_types(kind)) if is_composite_type(kind) else []


def required(field: GraphQLField, but: str | None = None) -> str:
    needed = [
        f"{name}: {fitting(argument.type)}"
        for name, argument in field.args.items()
        if is_required_argument(argument) and name != but
    ]
    return f"({', '.join(needed)})" if needed else ""


def fitting(kind: Any) -> str:
    """A literal that the type takes."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        return "{" + ", ".join(f"{n}: {fitting(f.type)}" for n, f in needed_of(named)) + "}"
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return {"Int": "1", "Float": "1", "Boolean": "true", "DateTime": '"2026-01-31"'}.get(
        named.name, '"1"'
    )


def needed_of(kind: GraphQLInputObjectType) -> list[tuple[str, GraphQLInputField]]:
    return [(name, field) for name, field in kind.fields.items() if is_required_input_field(field)]


def as_json(kind: Any) -> object:
    """The same as a variable."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        return {name: as_json(field.type) for name, field in needed_of(named)}
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return json.loads(fitting(kind))


def wrong(kind: Any, inputs: set[str]) -> Iterator[tuple[tuple[str, ...], object, str]]:
    """Wrong values for a type and for each field in it: where, as a variable, as a literal."""
    named = get_named_type(kind)
    if not is_input_object_type(named):
        bad = SECRET if isinstance(named, GraphQLEnumType) else BAD[named.name]
        yield (), bad, literal_of(bad)
        return
    yield (), SECRET, literal_of(SECRET)
    if named.name in inputs:
        return
    inputs.add(named.name)
    for name, field in named.fields.items():
        others = [each for each in needed_of(named) if each[0] != name]
        TRIED.add(f"{named.name}.{name}")
        rest = {n: as_json(f.type) for n, f in others}
        text = "".join(f"{n}: {fitting(f.type)}, " for n, f in others)
        for inside, value, literal in wrong(field.type, inputs):
            yield (name, *inside), {**rest, name: value}, "{" + f"{text}{name}: {literal}" + "}"


def literal_of(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {literal_of(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


def document(place: Place, literal: bool) -> str:
    parent = GRAPHQL.get_root_type(next(o for o in OPERATIONS if o.value == place.operation))
    assert parent is not None
    opened = ""
    kind: Any = parent
    for step in place.way:
        called, _, condition = step.partition("|")
        kind = get_named_type(kind.fields[called.partition("(")[0]].type)
        opened += f"{{ {called} "
        if condition:
            opened += f"{{ ... on {condition} "
            kind = GRAPHQL.get_type(condition)
    field = kind.fields[place.field]
    given = place.literal if literal else "$given"
    other = required(field, place.argument).strip("()")
    arguments = ", ".join(part for part in (other, f"{place.argument}: {given}") if part)
    below = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    closing = "}" * (len(place.way) + sum("|" in step for step in place.way))
    head = place.operation if literal else f"{place.operation} ($given: {place.definition.type})"
    return f"{head} {opened}{{ {place.field}({arguments}){below} }} {closing}"


OPERATIONS = list(OperationType)
PLACES = list(places())


def test_every_field_of_every_input_is_tried() -> None:
    names = {str(place) for place in PLACES}
    assert {"complaint.at", "complaints.first", "similar.minScore", "caseEvents.after"} <= names
    inputs = [k for k in GRAPHQL.type_map.values() if isinstance(k, GraphQLInputObjectType)]
    assert {f"{kind.name}.{name}" for kind in inputs for name in kind.fields} == TRIED


async def error_of(place: Place, *, literal: bool) -> dict[str, Any]:
    text = document(place, literal)
    values = {} if literal else {"given": place.value}
    if place.operation == "subscription":
        stream = await SCHEMA.stream(text, variable_values=values, context_value=Nobody())
        result = await anext(stream)
        await stream.aclose()
    else:
        result = await SCHEMA.execute(text, variable_values=values)
    assert result.errors, text
    assert result.data is None
    return dict(result.errors[0].formatted)


class Nobody:
    """A context that nothing is asked of but how large the bank is, for the price."""

    def __init__(self) -> None:
        self.uses, self.spent = SimpleNamespace(size=SimpleNamespace(complaints=0)), Spent()

    def fresh(self) -> "Nobody":
        return self


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_a_literal_and_a_variable_are_treated_alike(place: Place) -> None:
    as_literal = await error_of(place, literal=True)
    as_variable = await error_of(place, literal=False)
    for error in (as_literal, as_variable):
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert f"rgument '{place.argument}' of '{place.field}'" in error["message"]
        assert place.inside == () or f".{'.'.join(place.inside)}" in error["message"]
        assert SECRET not in str(error)
    head, _, told = as_variable["message"].partition(" for a")
    assert head == "Variable '$given'"
    assert as_literal["message"] == f"A{told}"


async def test_a_number_in_a_wrong_argument_is_named_and_not_repeated() -> None:
    result = await SCHEMA.execute(f'{{ complaint(reference: "x", at: "{SECRET}") {{ id }} }}')
    assert result.errors
    assert result.errors[0].formatted == {
        "message": "Argument 'at' of 'complaint' does not fit its type: it takes DateTime.",
        "locations": [{"line": 1, "column": 33}],
        "extensions": {"code": "BAD_USER_INPUT"},
    }


@pytest.mark.parametrize(
    ("query", "values", "message"),
    [
        (
            "query ($first: Int = true) { complaints(first: $first) { totalCount } }",
            {},
            "The default of variable '$first' does not fit its type: it takes Int.",
        ),
        (
            'query ($id: ID!) { node(id: $id) { id } complaint(reference: "x") { id } }',
            {},
            "Variable '$id' for argument 'id' of 'node' is missing: it takes ID!.",
        ),
        (
            "query ($t: [CaseStatus!]) "
            "{ complaints(filter: {not: {statuses: $t}}) { totalCount } }",
            {"t": ["OPEN"]},
            "Variable '$t' for argument 'filter' of 'complaints' at .not.statuses[0] does not fit "
            "its type: it takes CaseStatus!.",
        ),
        (
            "query ($f: ComplaintFilter) { complaints(filter: $f) { totalCount } }",
            {"f": {SECRET: 1}},
            "Variable '$f' for argument 'filter' of 'complaints' has a field that ComplaintFilter "
            "does not have.",
        ),
        (
            "{ __typename @include(if: 7) }",
            {},
            "Argument 'if' of '@include' does not fit its type: it takes Boolean!.",
        ),
        (
            "mutation { registerComplaint(input: {}) { errors { code } } }",
            {},
            "Argument 'input' of 'registerComplaint' lacks the field 'narrative'.",
        ),
    ],
)
async def test_what_is_wrong_is_told(query: str, values: dict[str, Any], message: str) -> None:
    result = await SCHEMA.execute(query, variable_values=values)
    assert result.errors
    assert message in [error.message for error in result.errors]


async def test_many_wrong_values_are_not_all_told() -> None:
    query = "query ($t: [CaseStatus!]) { complaints(filter: {statuses: $t}) { totalCount } }"
    result = await SCHEMA.execute(query, variable_values={"t": ["X"] * 1_000})
    assert result.errors
    assert len(result.errors) == 20
