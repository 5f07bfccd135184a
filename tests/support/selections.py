"""Selections of every field there is, made from the schema."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
)

from benchmarks.operations.wide import SCHEMA

_BRIEF = (
    "id", "reference", "subject", "narrative", "status", "assignee", "decided", "duplicate",
    "version", "level",
)  # fmt: skip
CATALOGUE = {"Branch", "Department", "Product", "RootCause", "CatalogueEntry"}
May = Callable[[str, str], bool]


@cache
def leads_to_cases(kind: str) -> bool:
    """Whether an object of the type has ways to a complaint."""
    seen, waiting = set(), [kind]
    while waiting:
        name = waiting.pop()
        if name == "Complaint":
            return True
        found = SCHEMA.type_map[name]
        if name in seen:
            continue
        seen.add(name)
        if isinstance(found, GraphQLUnionType):
            waiting += [one.name for one in found.types]
        if not isinstance(found, GraphQLObjectType):
            continue
        waiting += [get_named_type(f.type).name for f in found.fields.values()]
    return False


@dataclass(frozen=True)
class Selecting:
    """``may``: which fields are left in; ``first``: of each list that takes it."""

    may: May
    first: int = 50
    arguments: Mapping[tuple[str, str], str] = field(default_factory=dict)
    without: frozenset[tuple[str, str]] = frozenset()

    def of(self, kind: str, hops: int = 1, stack: tuple[str, ...] = ()) -> str:
        """A selection set; ``hops``: how often it comes back to a complaint."""
        named = SCHEMA.type_map[kind]
        if isinstance(named, GraphQLUnionType):
            each_of = (f"... on {one.name} {self.of(one.name, hops, stack)}" for one in named.types)
            return f"{{ __typename {' '.join(each_of)} }}"
        assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
        parts = ["__typename"]
        for name, each in named.fields.items():
            part = self._field(kind, name, each, hops, stack)
            if part:
                parts.append(part)
        return "{ " + " ".join(parts) + " }"

    def brief(self) -> str:
        """Of a complaint that another one leads to: which it is, whose, where and what it says."""
        parts = [name for name in _BRIEF if self.may("Complaint", name)]
        if self.may("Complaint", "customer"):
            parts.append("customer { __typename id complaintCount }")
        if not parts:
            return ""
        places = "branch { __typename id code } department { __typename id code }"
        return f"{{ __typename {' '.join(parts)} {places} }}"

    def _field(
        self, kind: str, name: str, each: GraphQLField, hops: int, stack: tuple[str, ...]
    ) -> str:
        if (kind, name) in self.without:
            return ""
        target = get_named_type(each.type)
        if not self.may(kind, name):
            # Null in its place, with one error; where it may not be null, it would take more away.
            if isinstance(each.type, GraphQLNonNull) or is_composite_type(target):
                return ""
            return name + self.given(kind, name, each)
        called = name + self.given(kind, name, each)
        if not is_composite_type(target):
            return called
        inside = self._inside(target.name, hops, (*stack, kind))
        return f"{called} {inside}" if inside else ""

    def _inside(self, target: str, hops: int, stack: tuple[str, ...]) -> str:
        if target in CATALOGUE:
            return "{ __typename id code }" if self.may(target, "id") else ""
        if target == "Complaint":
            return self.brief() if hops else ""
        if target in stack:
            return ""
        if target == "FieldValue":
            return "{ __typename text }" if self.may(target, "text") else ""
        made = self.of(target, hops, stack)
        return made if made != "{ __typename }" else ""

    def given(self, kind: str, name: str, each: GraphQLField) -> str:
        own = self.arguments.get((kind, name))
        if own is not None:
            return own
        return f"(first: {self.first})" if "first" in each.args else ""


def places(kind: str) -> Iterator[tuple[str, GraphQLField]]:
    named = SCHEMA.type_map[kind]
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    yield from named.fields.items()


def kinds() -> Iterator[str]:
    """Every type of the answer."""
    for name, named in sorted(SCHEMA.type_map.items()):
        if isinstance(named, GraphQLObjectType) and not name.startswith("__"):
            yield name


def required(each: Any) -> bool:
    return isinstance(each.type, GraphQLNonNull)
