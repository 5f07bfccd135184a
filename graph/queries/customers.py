"""Customers, also by an id that they had before two of them turned out to be one person."""

from collections.abc import Mapping, Sequence

from graph.database import Database
from graph.domain.views import Customer

_BY_IDS = """
CYPHER 25
UNWIND $ids AS id
OPTIONAL MATCH (now:Customer {id: id})
OPTIONAL MATCH (:Identifier {customerKey: id})-[:IDENTIFIES]->(later:Customer)
WITH id, coalesce(now, later) AS u WHERE u IS NOT NULL
RETURN id, u {.id, .segment, .region, .vulnerable} AS customer
"""
_FILED = """
CYPHER 25
UNWIND $ids AS id
MATCH (u:Customer {id: id})
CALL (u) {
  MATCH (u)-[:FILED]->(c:Complaint)
  WITH c ORDER BY c.receivedKey DESC LIMIT $limit
  RETURN collect(c.id) AS filed
}
RETURN id, filed, COUNT { (u)-[:FILED]->(c:Complaint) WHERE c.duplicate = false } AS total
"""


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, Customer]:
    rows = await database.read(_BY_IDS, ids=list(ids))
    return {row["id"]: Customer(**row["customer"]) for row in rows}


async def filed(
    database: Database, ids: Sequence[str], *, limit: int
) -> Mapping[str, tuple[tuple[str, ...], int]]:
    """Ids of each customer's newest complaints, and how many he filed, duplicates left out."""
    rows = await database.read(_FILED, ids=list(ids), limit=limit)
    return {row["id"]: (tuple(row["filed"]), row["total"]) for row in rows}
