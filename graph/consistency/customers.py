"""Customers against identifiers: each identifier leads to one, whose id is the smallest of them."""

from graph.consistency.findings import Finding
from graph.database import Database

_IDENTIFIERS = """
CYPHER 25
MATCH (i:Identifier) WHERE COUNT { (i)-[:IDENTIFIES]->(:Customer) } <> 1
RETURN i.hmac AS id, 'not of exactly one customer' AS what
"""
_CUSTOMERS = """
CYPHER 25
MATCH (u:Customer)
WITH u, COLLECT { MATCH (i:Identifier)-[:IDENTIFIES]->(u) RETURN i.customerKey } AS keys
WHERE size(keys) = 0 OR any(key IN keys WHERE key < u.id) OR NOT u.id IN keys
RETURN u.id AS id, 'id is not the smallest of its identifiers' AS what
"""


async def disagreements(database: Database) -> list[Finding]:
    return [
        Finding("identifiers", row["id"], row["what"], repairable=False)
        for statement in (_IDENTIFIERS, _CUSTOMERS)
        for row in await database.read(statement)
    ]
