"""Customers, also by an id that they had before two of them turned out to be one person."""

from collections.abc import Mapping, Sequence

from graph.database import Database, Reader
from graph.domain.views import Customer

# Any id that a customer ever had is that of an identifier, or of a record that people made.
_BY_IDS = """
CYPHER 25
UNWIND $ids AS id
OPTIONAL MATCH (now:Customer {id: id})
WITH id, [now] + COLLECT {
  MATCH (:Identifier {customerKey: id})-[:IDENTIFIES]->(later:Customer) RETURN later
  UNION
  MATCH (:Person {customerKey: id})<-[:FILED_BY]-(:Complaint)<-[:FILED]-(later:Customer)
  RETURN later
} AS found
UNWIND found AS u
WITH id, u WHERE u IS NOT NULL
RETURN id, u {.id, .segment, .region, .vulnerable} AS customer ORDER BY u.id = id, u.id DESC
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
    return await resolve(database.read, ids)


async def resolve(read: Reader, ids: Sequence[str]) -> Mapping[str, Customer]:
    """The customer that each id stands for now; of several that one became, the first."""
    rows = await read(_BY_IDS, ids=list(ids))
    return {row["id"]: Customer(**row["customer"]) for row in rows}


async def filed(
    database: Database, ids: Sequence[str], *, limit: int
) -> Mapping[str, tuple[tuple[str, ...], int]]:
    """Ids of each customer's newest complaints, and how many he filed, duplicates left out."""
    rows = await database.read(_FILED, ids=list(ids), limit=limit)
    return {row["id"]: (tuple(row["filed"]), row["total"]) for row in rows}
