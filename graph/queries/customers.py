"""Customers, also by an id that they had before two of them turned out to be one person."""

from collections.abc import Mapping, Sequence

from graph.database import Database, Reader, Row
from graph.domain.scope import WHOLE_BANK, Scope
from graph.domain.views import Customer
from graph.queries.conditions import within


def _by_ids(reached: str) -> str:
    """Any id that a customer ever had is that of an identifier, or of a record that people made.

    The id is read once: one who becomes another meanwhile is a node without properties.
    """
    return f"""
    CYPHER 25
    UNWIND $ids AS id
    OPTIONAL MATCH (now:Customer {{id: id}})
    WITH id, [now] + COLLECT {{
      MATCH (:Identifier {{customerKey: id}})-[:IDENTIFIES]->(later:Customer) RETURN later
      UNION
      MATCH (:Person {{customerKey: id}})<-[:FILED_BY]-(:Complaint)<-[:FILED]-(later:Customer)
      RETURN later
    }} AS found
    UNWIND found AS u
    WITH id, u, u.id AS current WHERE current IS NOT NULL
    RETURN id, u {{id: current, .segment, .region, .vulnerable}} AS customer, {reached} AS reached
    ORDER BY current = id, current DESC
    """


async def by_ids(database: Database, ids: Sequence[str], scope: Scope) -> Mapping[str, Customer]:
    """The customer that each id stands for now, if he has filed a complaint in the scope."""
    return await _resolved(database.read, ids, scope)


async def resolve(read: Reader, ids: Sequence[str]) -> Mapping[str, Customer]:
    """The customer that each id stands for now; of several that one became, the first."""
    return await _resolved(read, ids, WHOLE_BANK)


async def _resolved(read: Reader, ids: Sequence[str], scope: Scope) -> Mapping[str, Customer]:
    bounds = within(scope)
    filed = f"EXISTS {{ MATCH (u)-[:FILED]->(c:Complaint) WHERE {bounds.predicate} }}"
    statement = _by_ids("true" if scope.everything else filed)
    known: dict[str, Row] = {}
    # One who became another while the first statement ran is complete for the second.
    for _ in range(2):
        missing = [id_ for id_ in ids if id_ not in known]
        if missing:
            rows = await read(statement, ids=missing, **bounds.parameters)
            known |= {row["id"]: row for row in rows}
    return {key: Customer(**row["customer"]) for key, row in known.items() if row["reached"]}


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
