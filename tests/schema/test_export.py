"""The exported schema is the schema, says what everything is, and breaks no client."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
)

from schema.export import RELEASED_FILE, SDL_FILE, breaking_changes, sdl

WRITTEN = build_schema(SDL_FILE.read_text(encoding="utf-8"))
OURS = [t for name, t in WRITTEN.type_map.items() if not name.startswith("__")]


def test_the_file_is_the_schema() -> None:
    assert SDL_FILE.read_text(encoding="utf-8") == sdl(), (
        "run `complaint-graph export-schema > schema/schema.graphql`"
    )


def test_no_client_of_the_last_release_breaks() -> None:
    assert breaking_changes(RELEASED_FILE.read_text(encoding="utf-8"), sdl()) == []


def test_a_breaking_change_would_be_seen() -> None:
    changed = sdl().replace("  narrative: String\n", "  text: String\n", 1)
    assert breaking_changes(sdl(), changed) == ["Field Complaint.narrative was removed."]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_every_type_and_field_and_value_is_described(kind: object) -> None:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        assert kind.description
        assert [name for name, field in kind.fields.items() if not field.description] == []
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        undescribed = [
            f"{name}({argument})"
            for name, field in kind.fields.items()
            for argument, given in field.args.items()
            if not given.description
        ]
        assert undescribed == []
    if isinstance(kind, GraphQLEnumType):
        assert kind.description
        assert [name for name, value in kind.values.items() if not value.description] == []
