"""Customers against what complaints were filed under: see ``graph.domain.people``."""

from graph.consistency.findings import Finding
from graph.database import Database

# An identifier that tells who somebody is leads to the customer of all that was filed under it.
_IDENTIFIERS = """
CYPHER 25
MATCH (i:Identifier)
WITH i, COLLECT { MATCH (i)-[:IDENTIFIES]->(u:Customer) RETURN u.id } AS customers
WHERE NOT EXISTS { (i)<-[:FILED_WITH]-() } OR
  CASE WHEN i.shared THEN size(customers) > 0
  ELSE size(customers) = 1 AND EXISTS {
    MATCH (i)<-[:FILED_WITH]-(c:Complaint) WHERE c.customerId <> customers[0]
  } OR size(customers) = 0 AND EXISTS {
    MATCH (i)<-[:FILED_WITH]-(c:Complaint) WHERE c.customerId IS NOT NULL
  } END
RETURN i.hmac AS id, 'not of the customer of its complaints' AS what
"""
_CUSTOMERS = """
CYPHER 25
MATCH (u:Customer)
WITH u, COLLECT {
  MATCH (i:Identifier)-[:IDENTIFIES]->(u)
  WHERE COUNT { (i)-[:IDENTIFIES]->() } = 1
  RETURN i.customerKey
} AS own, COLLECT {
  MATCH (u)-[:FILED]->(:Complaint)-[:FILED_BY]->(p:Person) RETURN DISTINCT p.customerKey
} AS records
WITH u, CASE WHEN own = [] THEN records ELSE own END AS keys
WHERE NOT u.id IN keys OR any(key IN keys WHERE key < u.id)
RETURN u.id AS id, 'id is not the smallest of its identifiers' AS what
"""


async def disagreements(database: Database) -> list[Finding]:
    return [
        Finding("identifiers", row["id"], row["what"], repairable=False)
        for statement in (_IDENTIFIERS, _CUSTOMERS)
        for row in await database.read(statement)
    ]
