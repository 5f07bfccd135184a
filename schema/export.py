"""The schema as text: what is released, and whether it still is what was released."""

from pathlib import Path

from graphql import build_schema as parse_schema
from graphql import find_breaking_changes

from schema.build import build_schema

#: The schema as it is now; ``complaint-graph export-schema`` writes it.
SDL_FILE = Path(__file__).with_name("schema.graphql")
#: The schema of the last release; replaced when a release is made.
RELEASED_FILE = Path(__file__).with_name("released.graphql")


def sdl() -> str:
    """The schema in GraphQL's own language."""
    return build_schema().as_str() + "\n"


def write(path: Path = SDL_FILE) -> Path:
    """Write the schema down."""
    path.write_text(sdl(), encoding="utf-8")
    return path


def breaking_changes(before: str, after: str) -> list[str]:
    """What a client of ``before`` can no longer rely on in ``after``."""
    results = find_breaking_changes(parse_schema(before), parse_schema(after))
    return [change.description for change in results]
