"""Which embedding spaces exist, and which complaints still lack a vector."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.database import Database
from graph.domain.spaces import EmbeddingSpace, OwnCalibration, SpaceState

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
    results = [space for space in await spaces(database) if space.state is SpaceState.ACTIVE]
    return results[0] if results else None


def _space(values: dict[str, Any]) -> EmbeddingSpace:
    return EmbeddingSpace(
        name=values["name"],
        model=values["model"],
        dimension=values["dimension"],
        threshold=values["threshold"],
        duplicate_threshold=values["duplicateThreshold"],
        calibration=values["calibration"],
        centre=values["centre"],
        state=SpaceState(values["state"]),
        base=values.get("base"),
        adapter=values.get("adapter"),
        own={each["language"]: _own(each) for each in json.loads(values.get("own") or "[]")},
    )


def _own(values: Mapping[str, Any]) -> OwnCalibration:
    return OwnCalibration(**{**values, "at": datetime.fromisoformat(values["at"])})


async def texts_by_language(database: Database, space: EmbeddingSpace) -> Mapping[str, int]:
    """How many complaints have a vector in the space, by the language of their text."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.{space.vector_key} IS NOT NULL AND c.duplicate = false AND c.language IS NOT NULL
    RETURN c.language AS language, count(*) AS texts
    """
    return {row["language"]: row["texts"] for row in await database.read(statement)}


async def strangers(
    database: Database, space: EmbeddingSpace, language: str, limit: int
) -> list[Sequence[float]]:
    """Vectors of texts of one language, of one text a customer, drawn by chance.

    Chance is the hash within the sort key: the same rows give the same sample everywhere.
    """
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint {{language: $language}})
    WHERE c.{space.vector_key} IS NOT NULL AND c.duplicate = false
    WITH c, split(c.receivedKey, ':')[1] AS draw ORDER BY draw LIMIT $fetched
    WITH coalesce(c.customerId, c.id) AS customer, min(draw) AS draw, head(collect(c)) AS first
    RETURN first.{space.vector_key} AS vector ORDER BY draw LIMIT $limit
    """
    rows = await database.read(statement, language=language, limit=limit, fetched=2 * limit)
    return [row["vector"] for row in rows]


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


async def adaptable(
    database: Database, space: EmbeddingSpace, base: EmbeddingSpace, *, after: str, limit: int
) -> list[tuple[str, str, str, Sequence[float]]]:
    """The next complaints with a vector in ``base`` and none in ``space``.

    (sort key, id, text, vector)
    """
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.receivedKey > $after
      AND c.{base.vector_key} IS NOT NULL AND c.{space.vector_key} IS NULL
    RETURN c.receivedKey AS key, c.id AS id, c.{base.vector_key} AS vector,
           CASE WHEN c.subject IS NULL THEN c.narrative ELSE c.subject + '\\n' + c.narrative END
             AS text
    ORDER BY key LIMIT $limit
    """
    rows = await database.read(statement, after=after, limit=limit)
    return [(row["key"], row["id"], row["text"], row["vector"]) for row in rows]


async def texts_without_vector(database: Database, space: EmbeddingSpace) -> int:
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.narrative IS NOT NULL AND c.{space.vector_key} IS NULL
    RETURN count(*) AS missing
    """
    return int((await database.read(statement))[0]["missing"])
