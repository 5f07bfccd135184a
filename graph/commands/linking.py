"""Find the links of complaints: SIMILAR_TO by vectors, DUPLICATE_OF and REPEATS by customer.

b is linked to a when a is among the k nearest of those that were received before b, above the
space's threshold. That definition knows no order of arrival. The vector index does not see the
nodes of its own transaction, so a complaint is stored with a mark, and linked after the commit.
"""

from collections.abc import Sequence

from graph.commands.clusters import assign
from graph.commands.families import relate_families
from graph.database import Database, Row, Transaction
from graph.domain.spaces import EmbeddingSpace

#: Neighbours that a complaint is linked to.
LINKS = 10
#: Asked of the approximate index, so that the true ten are among them.
FETCHED = 100
#: Complaints linked in one transaction.
BATCH = 100

_PENDING = """
CYPHER 25
MATCH (c:Complaint {linkPending: true})
RETURN c.id AS id, c.receivedKey AS key, c.customerId AS customer ORDER BY key LIMIT $limit
"""
_COUNT = "CYPHER 25 MATCH (c:Complaint {linkPending: true}) RETURN count(*) AS pending"
_WAITING = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids AND c.linkPending
RETURN c.id AS id, c.receivedKey AS key, c.customerId AS customer ORDER BY key
"""
# Tells whether there are later ones that were linked without these.
_DONE = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id}) SET c.linkPending = null
WITH count(*) AS linked
RETURN EXISTS {
  MATCH (c:Complaint)
  WHERE c.receivedKey > $key AND c.linkFloor IS NOT NULL AND NOT c.id IN $ids
} AS later
"""


async def pending_links(database: Database) -> int:
    """How many complaints wait to be linked."""
    return int((await database.read(_COUNT))[0]["pending"])


async def link_pending(
    database: Database, space: EmbeddingSpace, *, limit: int = BATCH, k: int = LINKS
) -> int:
    """Link the oldest complaints that wait; how many they were (0: nothing waits)."""
    pending = await database.read(_PENDING, limit=limit)
    if pending:
        await database.write(lambda transaction: _link(transaction, space, pending, k))
    return len(pending)


async def link_these(
    transaction: Transaction, space: EmbeddingSpace, ids: Sequence[str], *, k: int = LINKS
) -> None:
    """Link complaints that an earlier transaction has stored, if they still wait."""
    pending = await transaction.run(_WAITING, ids=list(ids))
    if pending:
        await _link(transaction, space, pending, k)


async def _link(
    transaction: Transaction, space: EmbeddingSpace, pending: Sequence[Row], k: int
) -> None:
    """Find the links of some complaints, and mark the later ones whose nearest they join."""
    ids = [row["id"] for row in pending]
    customers = sorted({row["customer"] for row in pending if row["customer"]})
    await transaction.run(_link_statement(space), ids=ids, k=k, threshold=space.threshold)
    done = await transaction.run(_DONE, ids=ids, key=pending[0]["key"])
    if done[0]["later"]:
        await transaction.run(_touched_statement(space), ids=ids)
    await relate_families(transaction, space, customers, ids)
    await assign(transaction, ids)


def _link_statement(space: EmbeddingSpace) -> str:
    # linkFloor: the cosine that a newcomer must exceed to be among the k nearest.
    return f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (m:Complaint {{id: id}})
    SET m.linkFloor = null  // takes the lock: another linker waits, then sees our links
    WITH m
    CALL (m) {{ OPTIONAL MATCH (m)-[old:SIMILAR_TO]->() DELETE old }}
    WITH m WHERE m.{space.vector_key} IS NOT NULL
    CALL (m) {{
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR m.{space.vector_key}
        WHERE c.receivedKey < m.receivedKey LIMIT {FETCHED}
      )
      WITH c, round(2 * vector.similarity.cosine(c.{space.vector_key}, m.{space.vector_key}) - 1, 6)
        AS cosine
      WHERE cosine >= $threshold
      WITH c, cosine ORDER BY cosine DESC, c.receivedKey LIMIT $k
      RETURN collect(c) AS others, collect(cosine) AS cosines
    }}
    SET m.linkFloor = CASE WHEN size(cosines) < $k THEN $threshold ELSE cosines[$k - 1] END
    WITH m, others, cosines
    UNWIND range(0, size(others) - 1) AS i
    WITH m, others[i] AS other, cosines[i] AS cosine
    CREATE (m)-[:SIMILAR_TO {{score: cosine, space: '{space.name}'}}]->(other)
    """


def _touched_statement(space: EmbeddingSpace) -> str:
    """Mark later, linked complaints that these would be among the k nearest of."""
    return f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (m:Complaint {{id: id}})
    WHERE m.{space.vector_key} IS NOT NULL
    CALL (m) {{
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR m.{space.vector_key}
        WHERE c.receivedKey > m.receivedKey LIMIT {10 * FETCHED}
      ) SCORE AS score
      WHERE c.linkFloor IS NOT NULL AND 2 * score - 1 >= c.linkFloor - 0.000001
        AND NOT c.id IN $ids
        AND NOT EXISTS {{ (c)-[:SIMILAR_TO]->(m) }}
      SET c.linkPending = true
    }}
    """
