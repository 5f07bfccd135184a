"""The relations of complaints to codes, customers, decisions and suggestions, many at once."""

from collections.abc import Mapping
from typing import Any

from graph.commands.rows import ComplaintRow
from graph.database import Transaction

#: One kind of relation of a complaint ``c`` to what ``row`` names, as part of a statement.
_KINDS = {
    "product": "MATCH (n:Product {code: row.product}) CREATE (c)-[:ABOUT]->(n)",
    "branch": "MATCH (n:Branch {code: row.branch}) CREATE (c)-[:ARISES_AT]->(n)",
    "customer": "MATCH (u:Customer {id: row.customer}) CREATE (u)-[:FILED]->(c)",
    "handling": """
        UNWIND row.handling AS handling
        MATCH (n:Department {code: handling.code})
        CREATE (c)-[:HANDLED_BY {role: handling.role}]->(n)
        """,
    "causes": """
        UNWIND row.causes AS cause
        MATCH (n:RootCause {code: cause.code})
        CREATE (c)-[r:CAUSED_BY]->(n)
        SET r = cause.properties
        """,
    "decisions": """
        UNWIND row.decisions AS decision
        CREATE (c)-[:RESOLVED_BY {round: decision.round}]->(n:Resolution)
        SET n = decision
        """,
    "suggestions": """
        UNWIND row.suggestions AS suggestion
        MERGE (s:Suggestion {id: suggestion.id})
        SET s = suggestion
        MERGE (c)-[:HAS_SUGGESTION]->(s)
        """,
}
#: The end of a statement that has ``c`` and ``row``: all relations at once, without finding the
#: complaint again for each kind.
RELATE = "\n".join(f"CALL (c, row) {{ {part} }}" for part in _KINDS.values())
_RELATE_ONE = {
    name: f"""
    CYPHER 25
    UNWIND [$row] AS row
    MATCH (c:Complaint {{id: row.id}})
    CALL (c, row) {{ {part} }}
    """
    for name, part in _KINDS.items()
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


def ends(row: ComplaintRow) -> dict[str, Any]:
    """What ``RELATE`` needs of a row; None and empty make no relation."""
    return {name: getattr(row, name) for name in _KINDS}


async def replace_relations(
    transaction: Transaction, identity: str, changed: Mapping[str, Any]
) -> None:
    """Other ends for some kinds of one complaint's relations (product, branch, handling, causes).

    The ends are as ``ComplaintRow`` has them.
    """
    for name, end in changed.items():
        await transaction.run(_REMOVE[name], id=identity)
        if end:
            await transaction.run(_RELATE_ONE[name], row={"id": identity, name: end})


async def decide(transaction: Transaction, identity: str, decision: Mapping[str, Any]) -> None:
    """Write a round's decision, or write it anew."""
    await transaction.run(_DECIDE, id=identity, decision=dict(decision))
