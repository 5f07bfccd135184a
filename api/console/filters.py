"""The API's filter in an address: its own fields, with values of their kind, and nothing else."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
)

#: Fields with their values as they stand in an address.
Filters: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
#: A field with this before its name holds beside one of the same name: both must.
ALSO = "also."

_FLAGS = {"true": True, "false": False}


@cache
def fields(schema: GraphQLSchema) -> Mapping[str, GraphQLInputType]:
    """The fields of ``ComplaintFilter`` that one value, or a list of them, tells."""
    whole = schema.type_map["ComplaintFilter"]
    assert isinstance(whole, GraphQLInputObjectType)
    return {
        name: field.type
        for name, field in whole.fields.items()
        if not isinstance(get_named_type(field.type), GraphQLInputObjectType)
    }


def read(known: Mapping[str, GraphQLInputType], sent: Iterable[tuple[str, str]]) -> Filters:
    """Those of an address's parameters that are fields, with values that the API takes."""
    made: dict[str, tuple[str, ...]] = {}
    for name, value in sent:
        kind = known.get(name.removeprefix(ALSO))
        if kind is None or not _fits(kind, value):
            continue
        before = made.get(name, ()) if _several(kind) else ()
        made[name] = before if value in before else (*before, value)
    return tuple(made.items())


def variables(known: Mapping[str, GraphQLInputType], chosen: Filters) -> dict[str, Any]:
    """The filter as the API takes it."""
    made: dict[str, Any] = {}
    also: dict[str, Any] = {}
    for name, values in chosen:
        plain = name.removeprefix(ALSO)
        kind = known[plain]
        typed = [_FLAGS[each] if _named(kind) == "Boolean" else each for each in values]
        (made if plain == name else also)[plain] = typed if _several(kind) else typed[-1]
    # What is not among those that are not so: the only way to ask for one field twice.
    return {**made, **({"not": {"not": also}} if also else {})}


def _several(kind: GraphQLInputType) -> bool:
    return isinstance(get_nullable_type(kind), GraphQLList)


def _named(kind: GraphQLInputType) -> str:
    return get_named_type(kind).name


def _fits(kind: GraphQLInputType, text: str) -> bool:
    named = get_named_type(kind)
    if not text.strip():
        return False
    if isinstance(named, GraphQLEnumType):
        return text in named.values
    if named.name == "Boolean":
        return text in _FLAGS
    assert isinstance(named, GraphQLScalarType)
    try:
        named.parse_value(text)
    except (GraphQLError, ValueError):
        return False
    return True
