"""Write which filings of a customer duplicate or repeat an earlier one."""

from collections.abc import Sequence
from typing import Any

from graph.commands.deadlines import notice_mark
from graph.commands.waiting import Work, marked
from graph.database import Row, Transaction
from graph.domain.copies import DUPLICATE_WORD
from graph.domain.families import FamilyKind, Filing, Likeness, Relation, relate
from graph.domain.spaces import EmbeddingSpace

_WRITE = f"""
CYPHER 25
UNWIND $customers AS id
MATCH (:Customer {{id: id}})-[:FILED]->(c:Complaint)
CALL (c) {{ OPTIONAL MATCH (c)-[old:DUPLICATE_OF|REPEATS]->() DELETE old }}
WITH c, c.id IN $duplicates AS duplicate
WHERE c.duplicate <> duplicate
SET c.duplicate = duplicate,
    c.filterTokens = CASE WHEN duplicate THEN c.filterTokens + ' {DUPLICATE_WORD}'
      ELSE replace(c.filterTokens, ' {DUPLICATE_WORD}', '') END
SET c.noticeKey = {notice_mark("c")}
"""
# Whoever links right now looks at its own complaints after this: its claims on them stay.
_MARK = f"""
WITH later, later.{Work.ESCALATE.claim} AS claim
{marked("later", Work.ESCALATE)}
SET later.{Work.ESCALATE.claim} = CASE WHEN claim ENDS WITH $token THEN claim END
"""
_RELATE = {
    kind: f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (later:Complaint {{id: row.later}}), (earlier:Complaint {{id: row.earlier}})
    CREATE (later)-[:{kind.value}]->(earlier)
    {_MARK if kind is FamilyKind.REPEATS else ""}
    """
    for kind in FamilyKind
}


async def relate_families(
    transaction: Transaction, space: EmbeddingSpace, customers: Sequence[str], token: str
) -> None:
    """Find and write the relations among each customer's filings anew."""
    rows = await transaction.run(_filings_statement(space), customers=list(customers))
    relations = [relation for row in rows for relation in _relations(row, space)]
    if not relations and not any(row["related"] for row in rows):
        return
    duplicates = [r.later for r in relations if r.kind is FamilyKind.DUPLICATE_OF]
    await transaction.run(_WRITE, customers=list(customers), duplicates=duplicates)
    for kind, statement in _RELATE.items():
        found = [{"later": r.later, "earlier": r.earlier} for r in relations if r.kind is kind]
        if found:
            await transaction.run(statement, rows=found, token=token)


def _filings_statement(space: EmbeddingSpace) -> str:
    # Pairs are bounded: a filing is compared with the 50 before it.
    return f"""
    CYPHER 25
    UNWIND $customers AS id
    MATCH (u:Customer {{id: id}})-[:FILED]->(c:Complaint)
    WITH u, c ORDER BY c.receivedKey
    WITH u, collect(c) AS cases, collect(
      c.duplicate OR EXISTS {{ (c)-[:DUPLICATE_OF|REPEATS]->() }}
    ) AS related
    CALL (cases) {{
      UNWIND range(0, size(cases) - 1) AS i
      UNWIND range(CASE WHEN i > 50 THEN i - 50 ELSE 0 END, i - 1) AS j
      WITH cases[j] AS a, cases[i] AS b
      WHERE a.{space.vector_key} IS NOT NULL AND b.{space.vector_key} IS NOT NULL
      RETURN collect({{
        earlier: a.id, later: b.id,
        cosine: 2 * vector.similarity.cosine(a.{space.vector_key}, b.{space.vector_key}) - 1
      }}) AS pairs
    }}
    RETURN pairs, any(some IN related WHERE some) AS related, [c IN cases | c {{
      .id, .receivedKey, .receivedAt, .decided, .decidedAt, .productCode, .type,
      hasText: c.{space.vector_key} IS NOT NULL
    }}] AS filings
    """


def _relations(row: Row, space: EmbeddingSpace) -> list[Relation]:
    cosines = {(pair["earlier"], pair["later"]): pair["cosine"] for pair in row["pairs"]}
    likeness = Likeness(cosines, same_product=space.matter, otherwise=space.threshold)
    return relate([_filing(values) for values in row["filings"]], likeness)


def _filing(values: dict[str, Any]) -> Filing:
    return Filing(
        id=values["id"],
        key=values["receivedKey"],
        received_at=values["receivedAt"],
        answered=values["decided"],
        answered_at=values["decidedAt"],
        product=values["productCode"],
        type=values["type"],
        has_text=values["hasText"],
    )
