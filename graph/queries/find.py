"""Cases by what people call them or their customers by, as an index finds them."""

from collections.abc import Sequence

from graph.database import Database
from graph.queries.conditions import CompiledFilter

_SHARED = """
CYPHER 25
MATCH (i:Identifier) WHERE i.shared
RETURN i.hmac AS hash, i.kind AS kind, COUNT { (i)<-[:FILED_WITH]-() } AS complaints
ORDER BY complaints DESC, hash LIMIT $limit
"""


async def by_reference_keys(
    database: Database, keys: Sequence[str], narrowed: CompiledFilter
) -> list[str]:
    """Ids of the cases with these references that a filter leaves, in the order of the keys."""
    statement = f"""
    CYPHER 25
    UNWIND $keys AS key
    MATCH (c:Complaint {{referenceKey: key}}) WHERE {narrowed.predicate}
    RETURN key, c.id AS id ORDER BY c.receivedKey DESC
    """
    rows = await database.read(statement, keys=list(keys), **narrowed.parameters)
    order = {key: place for place, key in enumerate(keys)}
    return [row["id"] for row in sorted(rows, key=lambda row: order[row["key"]])]


async def by_part(database: Database, part: str, narrowed: CompiledFilter, limit: int) -> list[str]:
    """Ids of the newest cases whose reference has this part, and that a filter leaves."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.referenceKey CONTAINS $part AND {narrowed.predicate}
    RETURN c.id AS id ORDER BY c.receivedKey DESC LIMIT $limit
    """
    rows = await database.read(statement, part=part, limit=limit, **narrowed.parameters)
    return [row["id"] for row in rows]


async def by_identifiers(
    database: Database, hmacs: Sequence[str], narrowed: CompiledFilter, limit: int
) -> list[str]:
    """Ids of the newest cases of whoever files under these, that a filter leaves.

    Also of an identifier that too many share: whoever types it sees all that was filed under it.
    """
    statement = f"""
    CYPHER 25
    CALL () {{
      MATCH (i:Identifier)-[:IDENTIFIES]->(:Customer)-[:FILED]->(c:Complaint)
      WHERE i.hmac IN $hmacs
      RETURN c
      UNION
      MATCH (i:Identifier)<-[:FILED_WITH]-(c:Complaint) WHERE i.hmac IN $hmacs
      RETURN c
    }}
    WITH c WHERE {narrowed.predicate}
    RETURN c.id AS id ORDER BY c.receivedKey DESC LIMIT $limit
    """
    rows = await database.read(statement, hmacs=list(hmacs), limit=limit, **narrowed.parameters)
    return [row["id"] for row in rows]


async def shared_identifiers(database: Database, limit: int) -> list[dict[str, object]]:
    """Identifiers under which too many people file, the most used first: hashes, no values."""
    return await database.read(_SHARED, limit=limit)
