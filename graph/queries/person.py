"""Everything that the graph holds of one person, to be handed out or taken away."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.database import Database, Reader

# A number that leads to several people, or to none, says not whose data is meant.
_OF_IDENTIFIERS = """
CYPHER 25
MATCH (i:Identifier)-[:IDENTIFIES]->(u:Customer) WHERE i.hmac IN $hmacs
RETURN collect(DISTINCT u.id) AS customers
"""
_FILED = """
CYPHER 25
MATCH (u:Customer)-[:FILED]->(c:Complaint) WHERE u.id IN $customers
RETURN c.id AS id ORDER BY c.receivedKey
"""
_COMPLAINTS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
WITH c ORDER BY c.receivedKey
RETURN c {.*} AS complaint,
  COLLECT { MATCH (c)-[:FILED_WITH]->(i) RETURN i {.kind, hash: i.hmac, shared: i.shared} }
    AS identifiers,
  COLLECT { MATCH (u)-[:FILED]->(c) RETURN u {.*} } AS customer,
  COLLECT { MATCH (c)-[:FILED_BY]->(p) RETURN p {.by, .at} } AS correctedBy,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r) RETURN r {.*} ORDER BY r.round } AS decisions,
  COLLECT { MATCH (c)-[:HAS_SUGGESTION]->(s) RETURN s {.*} } AS suggestions,
  COLLECT { MATCH (c)<-[:RATES|FOR]-(r:Rating) RETURN r {.*} } AS ratings,
  COLLECT { MATCH (c)<-[:RAISED_FOR|COVERS]-(a:Alert)
            RETURN DISTINCT a {.kind, .rule, .level, .at, .evidence} } AS alerts,
  COLLECT { MATCH (c)-[r:SIMILAR_TO|DUPLICATE_OF|REPEATS|SAME_CASE|OTHER_CASE]-(o:Complaint)
            RETURN {relation: type(r), reference: o.reference} } AS related,
  COLLECT { MATCH (c)-[:HAS_EVENT]->(e) OPTIONAL MATCH (e)-[:HAS_TEXT]->(t)
            WITH e, t ORDER BY e.seq RETURN e {.*, text: t {.*}} } AS events
"""
#: Made for indexes out of what is exported anyway, or of no meaning outside the graph.
_INTERNAL = ("filterTokens", "linkFloor", "receivedKey", "dueKey", "amountKey", "levelKey")


async def customers_of(database: Database, hmacs: Sequence[str]) -> list[str]:
    """The customers to whom identifiers lead."""
    rows = await database.read(_OF_IDENTIFIERS, hmacs=list(hmacs))
    result: list[str] = rows[0]["customers"]
    return result


async def complaints_of(read: Reader, customers: Sequence[str]) -> list[str]:
    return [row["id"] for row in await read(_FILED, customers=list(customers))]


async def everything(database: Database, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Each complaint with all that hangs on it, as JSON takes it; a vector is named, not written:
    it is made of the text beside it.
    """
    rows = await database.read(_COMPLAINTS, ids=list(ids))
    return [_readable(row) for row in rows]


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    own = row["complaint"]
    kept = {
        key: value
        for key, value in own.items()
        if key not in _INTERNAL and not key.startswith("embedding_")
    }
    vectors = sorted(key for key in own if key.startswith("embedding_"))
    return {
        "complaint": _json({**kept, "vectors": vectors}),
        **{name: _json(value) for name, value in row.items() if name != "complaint"},
    }


def _json(value: Any) -> Any:
    """Times as text, and JSON inside a text as what it says."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _json(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
