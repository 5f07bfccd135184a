"""Customers against what complaints were filed under: see ``graph.domain.people``."""

from graph.consistency.paging import Rule

# An identifier that tells who somebody is leads to the customer of all that was filed under it.
IDENTIFIERS = Rule(
    "identifiers",
    "Identifier",
    "hmac",
    """
    WITH n, COLLECT { MATCH (n)-[:IDENTIFIES]->(u:Customer) RETURN u.id } AS customers
    WHERE NOT EXISTS { (n)<-[:FILED_WITH]-() } OR
      CASE WHEN n.shared THEN size(customers) > 0
      ELSE size(customers) = 1 AND EXISTS {
        MATCH (n)<-[:FILED_WITH]-(c:Complaint)
        WHERE c.customerId <> customers[0] OR c.customerId IS NULL AND COUNT {
          MATCH (c)-[:FILED_WITH]->(:Identifier)-[:IDENTIFIES]->(u) RETURN DISTINCT u
        } = 1
      } OR size(customers) = 0 AND EXISTS {
        MATCH (n)<-[:FILED_WITH]-(c:Complaint) WHERE c.customerId IS NOT NULL
      } END
    RETURN 'not of the customer of its complaints' AS detail
    """,
    repairable=False,
    subject="hmac",
)
CUSTOMERS = Rule(
    "identifiers",
    "Customer",
    "id",
    """
    WITH n, COLLECT {
      MATCH (i:Identifier)-[:IDENTIFIES]->(n)
      WHERE COUNT { (i)-[:IDENTIFIES]->() } = 1
      RETURN i.customerKey
    } AS own, COLLECT {
      MATCH (n)-[:FILED]->(:Complaint)-[:FILED_BY]->(p:Person) RETURN DISTINCT p.customerKey
    } AS records
    WITH n, CASE WHEN own = [] THEN records ELSE own END AS keys
    WHERE NOT n.id IN keys OR any(key IN keys WHERE key < n.id)
    RETURN 'id is not the smallest of its identifiers' AS detail
    """,
    repairable=False,
)
