"""The relations of complaints to codes, customers and decisions, many at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.commands.rows import ComplaintRow
from graph.database import Transaction

_RELATE = {
    "product": """
        CYPHER 25
        UNWIND $rows AS row
        MATCH (c:Complaint {id: row.id}), (n:Product {code: row.product})
        CREATE (c)-[:ABOUT]->(n)
        """,
    "branch": """
        CYPHER 25
        UNWIND $rows AS row
        MATCH (c:Complaint {id: row.id}), (n:Branch {code: row.branch})
        CREATE (c)-[:ARISES_AT]->(n)
        """,
    "customer": """
        CYPHER 25
        UNWIND $rows AS row
        MATCH (c:Complaint {id: row.id}), (u:Customer {id: row.customer})
        CREATE (u)-[:FILED]->(c)
        """,
    "handling": """
        CYPHER 25
        UNWIND $rows AS row
        UNWIND row.handling AS handling
        MATCH (c:Complaint {id: row.id}), (n:Department {code: handling.code})
        CREATE (c)-[:HANDLED_BY {role: handling.role}]->(n)
        """,
    "causes": """
        CYPHER 25
        UNWIND $rows AS row
        UNWIND row.causes AS cause
        MATCH (c:Complaint {id: row.id}), (n:RootCause {code: cause.code})
        CREATE (c)-[r:CAUSED_BY]->(n)
        SET r = cause.properties
        """,
    "decisions": """
        CYPHER 25
        UNWIND $rows AS row
        UNWIND row.decisions AS decision
        MATCH (c:Complaint {id: row.id})
        CREATE (c)-[:RESOLVED_BY {round: decision.round}]->(n:Resolution)
        SET n = decision
        """,
}

_REMOVE = {
    "product": "CYPHER 25 MATCH (c:Complaint {id: $id})-[r:ABOUT]->() DELETE r",
    "branch": "CYPHER 25 MATCH (c:Complaint {id: $id})-[r:ARISES_AT]->() DELETE r",
    "handling": "CYPHER 25 MATCH (c:Complaint {id: $id})-[r:HANDLED_BY]->() DELETE r",
    "causes": "CYPHER 25 MATCH (c:Complaint {id: $id})-[r:CAUSED_BY]->() DELETE r",
}
_DECIDE = """
CYPHER 25
MATCH (c:Complaint {id: $id})
MERGE (n:Resolution {id: $decision.id})
SET n = $decision
MERGE (c)-[:RESOLVED_BY {round: n.round}]->(n)
"""


async def relate(transaction: Transaction, rows: Sequence[ComplaintRow]) -> None:
    """Create all relations of complaints that have none."""
    for name, statement in _RELATE.items():
        ends = [{"id": row.id, name: getattr(row, name)} for row in rows if getattr(row, name)]
        if ends:
            await transaction.run(statement, rows=ends)


async def replace_relations(
    transaction: Transaction, identity: str, ends: Mapping[str, Any]
) -> None:
    """Other ends for some kinds of one complaint's relations (product, branch, handling, causes).

    The ends are as ``ComplaintRow`` has them.
    """
    for name, end in ends.items():
        await transaction.run(_REMOVE[name], id=identity)
        if end:
            await transaction.run(_RELATE[name], rows=[{"id": identity, name: end}])


async def decide(transaction: Transaction, identity: str, decision: Mapping[str, Any]) -> None:
    """Write a round's decision, or write it anew."""
    await transaction.run(_DECIDE, id=identity, decision=dict(decision))
