"""What people of the bank are called."""

from collections.abc import Mapping, Sequence

from graph.database import Database

_NAMES = """
CYPHER 25
MATCH (s:Staff) WHERE s.actor IN $actors
RETURN s.actor AS actor, s.name AS name
"""


async def names(database: Database, actors: Sequence[str]) -> Mapping[str, str]:
    """The last known name of each, by what stands in events; who never signed in has none."""
    rows = await database.read(_NAMES, actors=list(actors))
    return {row["actor"]: row["name"] for row in rows}
