"""Links against their definition: to the nearest of those received before, above the threshold."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.commands.linking import LINKS
from graph.commands.waiting import Work
from graph.consistency.findings import Finding
from graph.consistency.paging import Rule
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace

#: A part of the smallest link that may be missing: the index is approximate.
TOLERATED = 0.02
#: Complaints that are compared in one statement with each of the sample.
PAGE = 20_000
#: Complaints that are looked through for the next one with a text; few have one in some banks.
SAMPLE_SIZE = 1_000

WAITING = Rule(
    "links",
    "Complaint",
    Work.LINK.mark,
    "RETURN 'not linked yet' AS detail",
)
# Evenly over the time of receipt, by its index.
_BOUNDS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > ''
RETURN min(c.receivedKey) AS first, max(c.receivedKey) AS last
"""
_LINKED = """
CYPHER 25
MATCH (b:Complaint)-[:SIMILAR_TO]->(a:Complaint) WHERE b.id IN $ids
RETURN b.id AS id, collect(a.id) AS others
"""


def as_defined(space: EmbeddingSpace) -> Rule:
    """Every link by itself: ``$space``, ``$threshold`` and ``$most`` are parameters."""
    key = space.vector_key
    return Rule(
        "links",
        "Complaint",
        "receivedKey",
        f"""
        MATCH (n)-[r:SIMILAR_TO]->(a:Complaint)
        WITH n, r, a, 2 * vector.similarity.cosine(a.{key}, n.{key}) - 1 AS cosine
        WITH count(r) AS links, count(DISTINCT a) AS others,
             count(CASE WHEN cosine IS NULL OR r.space <> $space OR a.receivedKey >= n.receivedKey
                          OR abs(cosine - r.score) > 0.00001 OR r.score < $threshold THEN 1 END)
               AS bad
        WHERE bad > 0 OR links > $most OR others <> links
        RETURN 'not as defined' AS detail
        """,
    )


def parameters(space: EmbeddingSpace) -> Mapping[str, Any]:
    """Of ``as_defined``."""
    return {"space": space.name, "threshold": space.threshold, "most": LINKS}


async def completeness(database: Database, space: EmbeddingSpace, *, sample: int) -> list[Finding]:
    """Whether the links of some complaints are those of an exact comparison with all before them.

    It disagrees as a whole when more than 2 % of the links that exact comparison gives are missing.
    """
    ids = await _sample(database, space, sample)
    exact = await _exact(database, space, ids)
    linked = {row["id"]: set(row["others"]) for row in await database.read(_LINKED, ids=ids)}
    expected = sum(len(others) for others in exact.values())
    missing = sum(len(set(others) - linked.get(one, set())) for one, others in exact.items())
    if missing <= TOLERATED * expected:
        return []
    return [Finding("links", "all", f"{missing} of {expected} in a sample are missing")]


async def _sample(database: Database, space: EmbeddingSpace, size: int) -> list[str]:
    bounds = (await database.read(_BOUNDS))[0]
    if bounds["first"] is None:
        return []
    first, last = (int(bounds[name].partition(":")[0]) for name in ("first", "last"))
    keys = [format(first + (last - first) * i // size, "013d") for i in range(size)]
    statement = f"""
    CYPHER 25
    UNWIND $keys AS key
    CALL (key) {{
      MATCH (c:Complaint) WHERE c.receivedKey >= key
      WITH c ORDER BY c.receivedKey LIMIT {SAMPLE_SIZE}
      WITH c WHERE c.{space.vector_key} IS NOT NULL
      RETURN c.id AS id ORDER BY c.receivedKey LIMIT 1
    }}
    RETURN DISTINCT id
    """
    return [row["id"] for row in await database.read(statement, keys=keys)]


async def _exact(
    database: Database, space: EmbeddingSpace, ids: Sequence[str]
) -> dict[str, list[str]]:
    """The nearest before each of these, from all complaints, page by page."""
    key = space.vector_key
    statement = f"""
    CYPHER 25
    MATCH (a:Complaint) WHERE a.receivedKey > $after
    WITH a ORDER BY a.receivedKey LIMIT $limit
    WITH max(a.receivedKey) AS last, collect(a) AS page
    UNWIND $ids AS id
    MATCH (b:Complaint {{id: id}})
    CALL (b, page) {{
      UNWIND page AS a
      WITH a, b WHERE a.receivedKey < b.receivedKey AND a.{key} IS NOT NULL
      WITH a, round(2 * vector.similarity.cosine(a.{key}, b.{key}) - 1, 6) AS cosine
      WHERE cosine >= $threshold
      WITH a, cosine ORDER BY cosine DESC, a.receivedKey LIMIT $most
      RETURN collect([-cosine, a.receivedKey, a.id]) AS near
    }}
    RETURN last, id, near
    """
    best: dict[str, list[list[Any]]] = {identity: [] for identity in ids}
    after: str | None = "" if ids else None
    while after is not None:
        rows = await database.read(
            statement,
            ids=list(ids),
            after=after,
            limit=PAGE,
            threshold=space.threshold,
            most=LINKS,
        )
        after = rows[0]["last"] if rows else None
        for row in rows:
            best[row["id"]] = sorted(best[row["id"]] + row["near"])[:LINKS]
    return {identity: [near[2] for near in results] for identity, results in best.items()}
