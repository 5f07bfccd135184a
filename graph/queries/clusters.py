"""What a fit of clusters is made from: vectors, the clusters of before, texts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Database, Row
from graph.domain.copies import source_name
from graph.domain.spaces import EmbeddingSpace

#: Vectors read at once: as Python numbers they take 12 kB each.
PAGE = 2_000

_IDS = "CYPHER 25 MATCH (k:Cluster) RETURN k.id AS id"
_FIT = """
CYPHER 25
MATCH (f:ClusterFit {name: 'current'}) WHERE f.at IS NOT NULL
RETURN f.at AS at, f.texts AS texts, f.space AS space
"""
_TEXTS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids AND c.narrative IS NOT NULL
RETURN c.id AS id,
       CASE WHEN c.subject IS NULL THEN '' ELSE c.subject + '\\n' END + left(c.narrative, $length)
         AS text
"""
_NAMES = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c.sourceSystem AS system, c.sourceId AS source
"""
_MEMBERS = """
CYPHER 25
MATCH (c:Complaint)-[m:MEMBER_OF]->(k:Cluster)
RETURN c.id AS id, k.id AS cluster, m.weight AS weight
"""


def placed(complaint: str) -> str:
    """A predicate: a fit has given the complaint its place. Who joined since is provisional."""
    return f"EXISTS {{ ({complaint})-[m:MEMBER_OF]->() WHERE m.provisional IS NULL }}"


@dataclass(frozen=True, slots=True)
class VectorPage:
    """``names``: of the source rows (see ``source_name``); ids depend on the installation's key."""

    names: Sequence[str]
    ids: Sequence[str]
    vectors: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class FitState:
    """The last fit that was switched to: when, of how many texts, in which space."""

    at: datetime
    texts: int
    space: str


async def fit_state(database: Database) -> FitState | None:
    """The last fit; None before the first."""
    rows = await database.read(_FIT)
    return FitState(rows[0]["at"], rows[0]["texts"], rows[0]["space"]) if rows else None


async def vector_count(database: Database, space: EmbeddingSpace) -> int:
    """Complaints that a fit looks at: with a vector, duplicates left out."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.{space.vector_key} IS NOT NULL AND c.duplicate = false
    RETURN count(*) AS total
    """
    return int((await database.read(statement))[0]["total"])


async def vector_pages(database: Database, space: EmbeddingSpace) -> AsyncIterator[VectorPage]:
    """Their names, ids and vectors, page by page in order of receipt."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.receivedKey > $after AND c.{space.vector_key} IS NOT NULL AND c.duplicate = false
    RETURN c.receivedKey AS key, c.sourceSystem AS system, c.sourceId AS source, c.id AS id,
      c.{space.vector_key} AS vector
    ORDER BY key LIMIT $limit
    """
    after = ""
    while rows := await database.read(statement, after=after, limit=PAGE):
        yield VectorPage(
            [source_name(row["system"], row["source"]) for row in rows],
            [row["id"] for row in rows],
            [row["vector"] for row in rows],
        )
        after = rows[-1]["key"]


async def source_names(database: Database, ids: Sequence[str]) -> Mapping[str, str]:
    """The name of each complaint's source row, by id."""
    rows = await database.read(_NAMES, ids=list(ids))
    return {row["id"]: source_name(row["system"], row["source"]) for row in rows}


async def memberships(database: Database) -> Mapping[str, tuple[str, float | None]]:
    """Each member's cluster and weight; a provisional member has no weight."""
    rows: list[Row] = await database.read(_MEMBERS)
    return {row["id"]: (row["cluster"], row["weight"]) for row in rows}


async def ids_ever(database: Database) -> frozenset[str]:
    """Of every cluster, those of before included."""
    return frozenset(row["id"] for row in await database.read(_IDS))


async def texts(database: Database, ids: Sequence[str], length: int) -> Mapping[str, str]:
    """Subjects and the beginnings of narratives."""
    result: dict[str, str] = {}
    for start in range(0, len(ids), PAGE):
        rows = await database.read(_TEXTS, ids=list(ids[start : start + PAGE]), length=length)
        result |= {row["id"]: row["text"] for row in rows}
    return result
