"""The group of every field of the schema, from ``fields.toml``."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from graph.errors import ConfigurationError
from schema.policy.groups import Group

#: (type, field), as the schema calls them.
Field: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FieldRules:
    """``groups``: of each output field, and of those input fields that not everybody may set."""

    groups: Mapping[Field, Group]

    def group(self, type_: str, field: str) -> Group:
        """The group of an output field; those that GraphQL adds itself are open."""
        return Group.OPEN if field.startswith("__") else self.groups[type_, field]

    def input_group(self, type_: str, field: str) -> Group:
        return self.groups.get((type_, field), Group.OPEN)

    def check(self, schema: GraphQLSchema) -> None:
        """Every output field has a group, and no group stands for a field that there is not.

        Raises:
            ConfigurationError: names the fields.
        """
        outputs, inputs = set(_fields(schema)), set(_input_fields(schema))
        if without := sorted(outputs - self.groups.keys()):
            raise ConfigurationError(f"fields.toml has no group for {_named(without)}.")
        if unknown := sorted(self.groups.keys() - outputs - inputs):
            raise ConfigurationError(f"fields.toml has a group for {_named(unknown)}: no such.")


@cache
def field_rules() -> FieldRules:
    """The rules that ship with the schema.

    Raises:
        ConfigurationError: a field stands in two groups.
    """
    text = (files("schema.policy") / "fields.toml").read_text("utf-8")
    groups: dict[Field, Group] = {}
    for group, types in tomllib.loads(text).items():
        for type_, names in types.items():
            for name in names:
                if (type_, name) in groups:
                    raise ConfigurationError(f"fields.toml has two groups for {type_}.{name}.")
                groups[type_, name] = Group(group)
    return FieldRules(groups)


def _fields(schema: GraphQLSchema) -> Iterator[Field]:
    for named in schema.type_map.values():
        kinds = GraphQLObjectType | GraphQLInterfaceType
        if isinstance(named, kinds) and not named.name.startswith("__"):
            yield from ((named.name, field) for field in named.fields)


def _input_fields(schema: GraphQLSchema) -> Iterator[Field]:
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            yield from ((named.name, field) for field in named.fields)


def _named(fields: list[Field]) -> str:
    return ", ".join(f"{type_}.{name}" for type_, name in fields)
