"""Customers, also by an id that they had before two of them turned out to be one person."""

from collections.abc import Mapping, Sequence

from graph.database import Database, Reader
from graph.domain.scope import Scope
from graph.domain.views import Customer
from graph.queries.conditions import within

# Any id that a customer ever had is that of an identifier, or of a record that people made.
# The id is read once: one who becomes another meanwhile is a node without properties.
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
WITH id, u, u.id AS current WHERE current IS NOT NULL
RETURN id, u {id: current, .segment, .region, .vulnerable} AS customer
ORDER BY current = id, current DESC
"""


async def by_ids(database: Database, ids: Sequence[str], scope: Scope) -> Mapping[str, Customer]:
    """The customer that each id stands for now, if he has filed a complaint in the scope."""
    known = await resolve(database.read, ids)
    if scope.everything:
        return known
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (u:Customer) WHERE u.id IN $ids
      AND EXISTS {{ MATCH (u)-[:FILED]->(c:Complaint) WHERE {bounds.predicate} }}
    RETURN u.id AS id
    """
    current = sorted({customer.id for customer in known.values()})
    rows = await database.read(statement, ids=current, **bounds.parameters)
    reached = {row["id"] for row in rows}
    return {key: customer for key, customer in known.items() if customer.id in reached}


async def resolve(read: Reader, ids: Sequence[str]) -> Mapping[str, Customer]:
    """The customer that each id stands for now; of several that one became, the first."""
    known: dict[str, Customer] = {}
    # One who became another while the first statement ran is complete for the second.
    for _ in range(2):
        missing = [id_ for id_ in ids if id_ not in known]
        if missing:
            rows = await read(_BY_IDS, ids=missing)
            known |= {row["id"]: Customer(**row["customer"]) for row in rows}
    return known


async def filed(
    database: Database, ids: Sequence[str], scope: Scope, *, limit: int
) -> Mapping[str, tuple[tuple[str, ...], int]]:
    """Ids of each customer's newest complaints in the scope, and how many there are, duplicates
    left out.
    """
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (u:Customer {{id: id}})
    CALL (u) {{
      MATCH (u)-[:FILED]->(c:Complaint) WHERE {bounds.predicate}
      WITH c ORDER BY c.receivedKey DESC LIMIT $limit
      RETURN collect(c.id) AS filed
    }}
    RETURN id, filed, COUNT {{
      MATCH (u)-[:FILED]->(c:Complaint) WHERE c.duplicate = false AND {bounds.predicate}
    }} AS total
    """
    rows = await database.read(statement, ids=list(ids), limit=limit, **bounds.parameters)
    return {row["id"]: (tuple(row["filed"]), row["total"]) for row in rows}
