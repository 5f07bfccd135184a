"""Write which filings of a customer duplicate or repeat an earlier one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from graph.commands.deadlines import notice_mark
from graph.commands.waiting import Work, marked
from graph.database import Reader, Row, Transaction
from graph.domain.copies import DUPLICATE_WORD
from graph.domain.families import Corrections, FamilyKind, Filing, Likeness, relate
from graph.domain.spaces import EmbeddingSpace

# Filings are related together that one customer has, and those that people have related to them.
_AFFECTED = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id})
OPTIONAL MATCH (u:Customer {id: c.customerId})
RETURN id, u.id AS customer, COLLECT {
  MATCH (u)-[:FILED]->(:Complaint)-[:SAME_CASE|OTHER_CASE]-(o:Complaint) RETURN o.id
  UNION
  MATCH (c)-[:SAME_CASE|OTHER_CASE]-(o:Complaint) RETURN o.id
} AS corrected, EXISTS { (c)-[:DUPLICATE_OF|REPEATS]-() } AS related
"""
#: Whether people have said something of a complaint ``m`` or of its customer's others.
CORRECTED = """(EXISTS {
      MATCH (:Customer {id: m.customerId})-[:FILED]->(:Complaint)-[:SAME_CASE|OTHER_CASE]-()
    } OR m.customerId IS NULL AND EXISTS {
      MATCH (m)-[:SAME_CASE|OTHER_CASE|DUPLICATE_OF|REPEATS]-()
    })"""
# Whoever links right now looks at its own complaints after this: its claims on them stay.
_MARK = f"""
WITH c, c.{Work.ESCALATE.claim} AS claim
{marked("c", Work.ESCALATE)}
SET c.{Work.ESCALATE.claim} = CASE WHEN claim ENDS WITH $token THEN claim END
"""
# The rules see those anew that repeat no other any more: an alert may not hold.
_WRITE = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
CALL (c) {{
  MATCH (c)-[old:DUPLICATE_OF|REPEATS]->()
  WITH c, old, type(old) = 'REPEATS' AS repeated
  DELETE old
  WITH c, repeated WHERE repeated AND NOT c.id IN $repeats
  {_MARK}
}}
WITH c, c.id IN $duplicates AS duplicate
WHERE c.duplicate <> duplicate
SET c.duplicate = duplicate,
    c.filterTokens = CASE WHEN duplicate THEN c.filterTokens + ' {DUPLICATE_WORD}'
      ELSE replace(c.filterTokens, ' {DUPLICATE_WORD}', '') END
SET c.noticeKey = {notice_mark("c")}
"""
_RELATE = {
    kind: f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (c:Complaint {{id: row.later}}), (earlier:Complaint {{id: row.earlier}})
    CREATE (c)-[:{kind.value}]->(earlier)
    {_MARK if kind is FamilyKind.REPEATS else ""}
    """
    for kind in FamilyKind
}
_PAIRS = """
CYPHER 25
UNWIND $ids AS id
MATCH (a:Complaint {id: id})-[r:SAME_CASE|OTHER_CASE]-(b:Complaint)
RETURN DISTINCT type(r) AS kind, a.id AS one, b.id AS other
"""


@dataclass(frozen=True, slots=True)
class Affected:
    """Whose filings are related together: customers, and complaints of nobody that people related.

    Everything here is to be locked before ``relate_families``.
    """

    customers: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()


async def affected_by(read: Reader, ids: Collection[str]) -> Affected:
    """All that has to be related anew with these complaints, over what people have recorded."""
    customers, alone, seen = set[str](), set[str](), set(ids)
    frontier = set(ids)
    while frontier:
        rows = await read(_AFFECTED, ids=sorted(frontier))
        customers |= {row["customer"] for row in rows if row["customer"]}
        alone |= {
            row["id"]
            for row in rows
            if row["customer"] is None and (row["corrected"] or row["related"])
        }
        frontier = {other for row in rows for other in row["corrected"]} - seen
        seen |= frontier
    return Affected(frozenset(customers), frozenset(alone))


async def relate_families(
    transaction: Transaction, space: EmbeddingSpace, affected: Affected, token: str
) -> None:
    """Find and write the relations among the filings of the affected anew; they are locked.

    A correction that somebody has recorded since they were read marks its complaints: they are
    linked once more.
    """
    rows = await transaction.run(
        _filings_statement(space), customers=sorted(affected.customers), ids=sorted(affected.alone)
    )
    corrections = await _corrections(transaction, rows)
    of_customers = [[_filing(values) for values in row["filings"]] for row in rows]
    filings = [filing for part in of_customers for filing in part]
    likeness = Likeness(
        _cosines(rows), same_product=space.duplicate_threshold, otherwise=space.threshold
    )
    # Only what people have recorded relates filings of different customers.
    parts = [filings] if corrections.same or corrections.other else of_customers
    relations = [each for part in parts for each in relate(part, likeness, corrections)]
    if not relations and not any(row["related"] for row in rows):
        return
    later = {kind: [r.later for r in relations if r.kind is kind] for kind in FamilyKind}
    await transaction.run(
        _WRITE,
        ids=sorted(filing.id for filing in filings),
        duplicates=later[FamilyKind.DUPLICATE_OF],
        repeats=later[FamilyKind.REPEATS],
        token=token,
    )
    for kind, statement in _RELATE.items():
        written = [{"later": r.later, "earlier": r.earlier} for r in relations if r.kind is kind]
        if written:
            await transaction.run(statement, rows=written, token=token)


async def _corrections(transaction: Transaction, rows: Iterable[Row]) -> Corrections:
    """What people have recorded of these filings."""
    ids = [filing["id"] for row in rows for filing in row["filings"] if filing["corrected"]]
    pairs = await transaction.run(_PAIRS, ids=ids) if ids else []
    same, other = (
        frozenset(frozenset((p["one"], p["other"])) for p in pairs if p["kind"] == kind)
        for kind in ("SAME_CASE", "OTHER_CASE")
    )
    return Corrections(same, other)


def _cosines(rows: Iterable[Row]) -> dict[tuple[str, str], float]:
    return {
        (pair["earlier"], pair["later"]): pair["cosine"] for row in rows for pair in row["pairs"]
    }


def _filings_statement(space: EmbeddingSpace) -> str:
    # Of an erased case only what was known before is left, as a correction.
    # Pairs are bounded: a filing is compared with the 50 before it.
    return f"""
    CYPHER 25
    CALL () {{
      UNWIND $customers AS id
      MATCH (u:Customer {{id: id}})-[:FILED]->(c:Complaint)
      WITH u, c ORDER BY c.receivedKey
      WITH u, collect(c) AS cases
      RETURN cases
      UNION ALL
      UNWIND $ids AS id
      MATCH (c:Complaint {{id: id}})
      RETURN [c] AS cases
    }}
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
    CALL (cases) {{
      UNWIND cases AS c
      WITH c, c.duplicate OR EXISTS {{ (c)-[:DUPLICATE_OF|REPEATS]->() }} AS related,
           EXISTS {{ (c)-[:SAME_CASE|OTHER_CASE]-() }} AS corrected
      RETURN count(CASE WHEN related THEN 1 END) > 0 AS related, collect(c {{
        .id, .receivedKey, .receivedAt, .decided, .decidedAt, .productCode, .type, corrected,
        customerId: CASE WHEN c.erased THEN null ELSE c.customerId END,
        hasText: c.{space.vector_key} IS NOT NULL
      }}) AS filings
    }}
    RETURN pairs, related, filings
    """


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
        customer=values["customerId"],
    )
