"""Cases by what people call them or their customers by, as an index finds them."""

from collections.abc import Sequence

from graph.database import Database
from graph.queries.conditions import CompiledFilter

_PART = """
CYPHER 25
MATCH (c:Complaint) WHERE c.referenceKey CONTAINS $part
RETURN c.id AS id ORDER BY c.receivedKey DESC LIMIT $limit
"""
# Also of an identifier that too many share: whoever types it sees all that was filed under it.
_FILED = """
CYPHER 25
CALL () {
  MATCH (i:Identifier)-[:IDENTIFIES]->(:Customer)-[:FILED]->(c:Complaint) WHERE i.hmac IN $hmacs
  RETURN c
  UNION
  MATCH (i:Identifier)<-[:FILED_WITH]-(c:Complaint) WHERE i.hmac IN $hmacs
  RETURN c
}
RETURN c.id AS id ORDER BY c.receivedKey DESC LIMIT $limit
"""
_SHARED = """
CYPHER 25
MATCH (i:Identifier) WHERE i.shared
RETURN i.hmac AS hash, i.kind AS kind, COUNT { (i)<-[:FILED_WITH]-() } AS complaints
ORDER BY complaints DESC, hash LIMIT $limit
"""


async def by_reference_keys(
    database: Database, keys: Sequence[str], narrowed: CompiledFilter | None = None
) -> list[str]:
    """Ids of the cases with these references, in the order of the keys."""
    narrowed = narrowed or CompiledFilter()
    statement = f"""
    CYPHER 25
    UNWIND $keys AS key
    MATCH (c:Complaint {{referenceKey: key}}) WHERE {narrowed.predicate}
    RETURN key, c.id AS id ORDER BY c.receivedKey DESC
    """
    rows = await database.read(statement, keys=list(keys), **narrowed.parameters)
    order = {key: place for place, key in enumerate(keys)}
    return [row["id"] for row in sorted(rows, key=lambda row: order[row["key"]])]


async def by_part(database: Database, part: str, limit: int) -> list[str]:
    """Ids of the newest cases whose reference has this part."""
    return [row["id"] for row in await database.read(_PART, part=part, limit=limit)]


async def by_identifiers(database: Database, hmacs: Sequence[str], limit: int) -> list[str]:
    """Ids of the newest cases of whoever files under these."""
    return [row["id"] for row in await database.read(_FILED, hmacs=list(hmacs), limit=limit)]


async def shared_identifiers(database: Database, limit: int) -> list[dict[str, object]]:
    """Identifiers under which too many people file, the most used first: hashes, no values."""
    return await database.read(_SHARED, limit=limit)
