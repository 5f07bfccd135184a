"""Which embedding spaces exist, and which complaints still lack a vector."""

from datetime import datetime
from typing import Any

from graph.database import Database
from graph.domain.spaces import EmbeddingSpace, SpaceState

_SPACES = """
CYPHER 25
MATCH (s:EmbeddingSpace) RETURN s {.*} AS space ORDER BY s.name
"""
_RETIREMENTS = """
CYPHER 25
MATCH (s:EmbeddingSpace {state: 'RETIRED'}) RETURN s.name AS name, s.retiredAt AS at
"""


async def spaces(database: Database) -> list[EmbeddingSpace]:
    return [_space(row["space"]) for row in await database.read(_SPACES)]


async def retirements(database: Database) -> dict[str, datetime]:
    """When each space that is retired became so, by its name."""
    return {row["name"]: row["at"] for row in await database.read(_RETIREMENTS)}


async def active_space(database: Database) -> EmbeddingSpace | None:
    """The space that is searched; None in a graph that never had a text."""
    found = [space for space in await spaces(database) if space.state is SpaceState.ACTIVE]
    return found[0] if found else None


def _space(values: dict[str, Any]) -> EmbeddingSpace:
    return EmbeddingSpace(
        name=values["name"],
        model=values["model"],
        dimension=values["dimension"],
        threshold=values["threshold"],
        matter=values["matter"],
        calibration=values["calibration"],
        centre=values["centre"],
        state=SpaceState(values["state"]),
    )


async def without_vector(
    database: Database, space: EmbeddingSpace, *, after: str, limit: int
) -> list[tuple[str, str, str]]:
    """The next complaints with a text and no vector in this space: (sort key, id, text)."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.receivedKey > $after AND c.narrative IS NOT NULL AND c.{space.vector_key} IS NULL
    RETURN c.receivedKey AS key, c.id AS id,
           CASE WHEN c.subject IS NULL THEN c.narrative ELSE c.subject + '\\n' + c.narrative END
             AS text
    ORDER BY key LIMIT $limit
    """
    rows = await database.read(statement, after=after, limit=limit)
    return [(row["key"], row["id"], row["text"]) for row in rows]


async def texts_without_vector(database: Database, space: EmbeddingSpace) -> int:
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.narrative IS NOT NULL AND c.{space.vector_key} IS NULL
    RETURN count(*) AS missing
    """
    return int((await database.read(statement))[0]["missing"])
