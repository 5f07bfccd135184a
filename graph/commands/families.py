"""Write which filings of a customer duplicate or repeat an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.database import Transaction
from graph.domain.copies import DUPLICATE_WORD
from graph.domain.families import Corrections, FamilyKind, Filing, Likeness, relate
from graph.domain.spaces import EmbeddingSpace

# Whoever repeated an earlier one is judged anew: he may not do so any more.
_WRITE = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
CALL (c) {{
  MATCH (c)-[old:DUPLICATE_OF|REPEATS]->()
  SET c.escalatePending = CASE WHEN type(old) = 'REPEATS' THEN true ELSE c.escalatePending END
  DELETE old
}}
WITH c, c.id IN $duplicates AS duplicate
WHERE c.duplicate <> duplicate
SET c.duplicate = duplicate,
    c.filterTokens = CASE WHEN duplicate THEN c.filterTokens + ' {DUPLICATE_WORD}'
      ELSE replace(c.filterTokens, ' {DUPLICATE_WORD}', '') END
"""
_RELATE = {
    kind: f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (later:Complaint {{id: row.later}}), (earlier:Complaint {{id: row.earlier}})
    CREATE (later)-[:{kind.value}]->(earlier)
    {"SET later.escalatePending = true" if kind is FamilyKind.REPEATS else ""}
    """
    for kind in FamilyKind
}


# What people have said of a case that nobody's identifiers lead to, or was found when they did.
_CORRECTED = """
CYPHER 25
MATCH (c:Complaint)
WHERE c.id IN $ids AND c.customerId IS NULL
  AND EXISTS { (c)-[:SAME_CASE|OTHER_CASE|DUPLICATE_OF|REPEATS]-() }
RETURN c.id AS id
"""
_PAIRS = """
CYPHER 25
UNWIND $ids AS id
MATCH (a:Complaint {id: id})-[r:SAME_CASE|OTHER_CASE]-(b:Complaint)
RETURN DISTINCT type(r) AS kind, a.id AS one, b.id AS other, b.customerId AS customer
"""


@dataclass(slots=True)
class _Filings:
    """The filings that are related together: of some customers, and cases recorded to be theirs."""

    filings: dict[str, Filing] = field(default_factory=dict)
    cosines: dict[tuple[str, str], float] = field(default_factory=dict)
    related: bool = False
    corrected: set[str] = field(default_factory=set)


async def relate_families(
    transaction: Transaction,
    space: EmbeddingSpace,
    customers: Sequence[str],
    complaints: Sequence[str] = (),
) -> None:
    """Find and write the relations among each customer's filings anew.

    ``complaints``: also those among these that only a correction relates to another.
    """
    alone = await transaction.run(_CORRECTED, ids=list(complaints)) if complaints else []
    read, corrections = await _filings(
        transaction, space, set(customers), {row["id"] for row in alone}
    )
    likeness = Likeness(read.cosines, same_product=space.matter, otherwise=space.threshold)
    relations = relate(list(read.filings.values()), likeness, corrections)
    if not relations and not read.related:
        return
    duplicates = [r.later for r in relations if r.kind is FamilyKind.DUPLICATE_OF]
    await transaction.run(_WRITE, ids=sorted(read.filings), duplicates=duplicates)
    for kind, statement in _RELATE.items():
        rows = [{"later": r.later, "earlier": r.earlier} for r in relations if r.kind is kind]
        if rows:
            await transaction.run(statement, rows=rows)


async def _filings(
    transaction: Transaction, space: EmbeddingSpace, customers: set[str], alone: set[str]
) -> tuple[_Filings, Corrections]:
    """Everything that is related to these customers, over what people have recorded too."""
    read, seen = _Filings(), set[str]()
    same, other = set[frozenset[str]](), set[frozenset[str]]()
    while customers or alone:
        new = await _read(transaction, space, read, customers, alone)
        seen |= customers
        customers, alone = set(), set()
        if not new:
            break
        for row in await transaction.run(_PAIRS, ids=sorted(new)):
            pair = frozenset((row["one"], row["other"]))
            (same if row["kind"] == "SAME_CASE" else other).add(pair)
            if row["customer"] is None and row["other"] not in read.filings:
                alone.add(row["other"])
            elif row["customer"] is not None and row["customer"] not in seen:
                customers.add(row["customer"])
    return read, Corrections(frozenset(same), frozenset(other))


async def _read(
    transaction: Transaction,
    space: EmbeddingSpace,
    read: _Filings,
    customers: set[str],
    alone: set[str],
) -> set[str]:
    """Read some more; those of them that people have corrected."""
    rows = await transaction.run(
        _filings_statement(space), customers=sorted(customers), ids=sorted(alone)
    )
    corrected = set()
    for row in rows:
        read.cosines |= {(pair["earlier"], pair["later"]): pair["cosine"] for pair in row["pairs"]}
        read.related = read.related or row["related"]
        for values in row["filings"]:
            read.filings[values["id"]] = _filing(values)
            if values["corrected"]:
                corrected.add(values["id"])
    return corrected


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
