"""The exported schema is the schema, says what everything is, and breaks no client."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
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
    """What is to go is deprecated in one release, and taken away in a later major one."""
    assert breaking_changes(RELEASED_FILE.read_text(encoding="utf-8"), sdl()) == []


def test_no_root_field_takes_others_with_it() -> None:
    roots = [WRITTEN.query_type, WRITTEN.mutation_type]
    for root in roots:
        assert root
        assert [n for n, f in root.fields.items() if isinstance(f.type, GraphQLNonNull)] == []


def test_no_count_takes_its_page_with_it() -> None:
    objects = [kind for kind in OURS if isinstance(kind, GraphQLObjectType)]
    counted = {
        kind.name: kind.fields["totalCount"] for kind in objects if "totalCount" in kind.fields
    }
    assert len(counted) > 5
    assert [n for n, field in counted.items() if isinstance(field.type, GraphQLNonNull)] == []


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
