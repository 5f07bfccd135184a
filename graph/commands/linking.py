"""Link complaints: SIMILAR_TO by vectors, DUPLICATE_OF and REPEATS by customer.

b is linked to a when a is among the k nearest of those that were received before b, above the
space's threshold. That definition knows no order of arrival. The vector index does not see the
nodes of its own transaction, so a complaint is stored with a mark, and linked after the commit.

Neighbours are searched without a lock. What is written then locks all that it touches, and is
written only where the claim still stands and the neighbours are as they were seen. Nobody is missed
who is stored at the same moment: a complaint marks anew every later one that is claimed or linked
and may have searched before this one was there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graph.commands.cluster_votes import assign
from graph.commands.families import CORRECTED, Affected, affected_by, relate_families
from graph.commands.locks import Kind, WiderError, taken
from graph.commands.waiting import (
    Claim,
    Work,
    claim_next,
    completed,
    lock_held,
    marked,
    unclaim,
    waiting_count,
)
from graph.database import Database, Row, Transaction, present
from graph.domain.spaces import EmbeddingSpace

#: Neighbours that a complaint is linked to.
LINKS = 10
#: Asked of the approximate index, so that the true ten are among them.
FETCHED = 100
#: Complaints linked in one transaction.
BATCH = 100
#: Cosines are compared to so many digits.
_DIGITS = 6

# Later ones can only be concerned where some are linked, or are being linked by somebody else.
_LATER = f"""
CYPHER 25
MATCH (m:Complaint) WHERE m.id IN $ids
WITH min(m.receivedKey) AS first
RETURN EXISTS {{ MATCH (c:Complaint) WHERE c.{Work.LINK.done} > first AND NOT c.id IN $ids }}
  OR EXISTS {{
    MATCH (c:Complaint) WHERE c.{Work.LINK.claim} > '' AND NOT c.id IN $ids
  }} AS later
"""
_LINKED = """
CYPHER 25
MATCH (c:Complaint)-[:SIMILAR_TO]-(n:Complaint) WHERE c.id IN $ids RETURN DISTINCT n.id AS id
"""
_UNLINK = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
CALL (c) {{ MATCH (c)-[r:SIMILAR_TO]->() DELETE r }}
CALL (c) {{ MATCH (n:Complaint)-[r:SIMILAR_TO]->(c) {marked("n", Work.LINK)} DELETE r }}
SET c.linkFloor = null
"""
# Filings are read after the lock of their customer: nobody else adds to them from there on.
_LOCK_FILINGS = """
CYPHER 25
UNWIND $customers AS id
MATCH (u:Customer {id: id})
SET u.lock = true REMOVE u.lock
WITH u
MATCH (u)-[:FILED]->(c:Complaint)
RETURN u.id AS customer, c.id AS id
"""


@dataclass(frozen=True, slots=True)
class _Neighbourhood:
    """What a search saw.

    ``near``: for each complaint the nearest before it, as (id, cosine), the nearest first.
    ``later``: complaints received after one of these (id, that one, cosine). ``before``: those
    that they are linked to now. ``affected``: whose filings are related anew.
    """

    near: dict[str, list[tuple[str, float]]]
    later: list[tuple[str, str, float]]
    before: frozenset[str]
    affected: Affected

    @property
    def ids(self) -> frozenset[str]:
        """Everyone whom the result concerns."""
        near = {other for others in self.near.values() for other, _ in others}
        later = {later for later, _, _ in self.later}
        return self.before | near | set(self.near) | later | self.affected.alone


async def pending_links(database: Database) -> int:
    """How many complaints wait to be linked."""
    return await waiting_count(database, Work.LINK)


async def link_pending(
    database: Database, space: EmbeddingSpace, *, limit: int = BATCH, k: int = LINKS
) -> int:
    """Link the oldest complaints that wait and that nobody links; how many (0: none is free)."""
    claim = await claim_next(database, Work.LINK, limit)
    if claim is None:
        return 0
    await link_claimed(database, space, claim, k=k)
    return len(claim.ids)


async def link_claimed(
    database: Database, space: EmbeddingSpace, claim: Claim, *, k: int = LINKS
) -> None:
    """Link what was claimed; what somebody changes meanwhile keeps its mark, for another round."""
    seen = await _neighbourhood(database, space, claim.ids, k)

    async def write(transaction: Transaction) -> None:
        await _write(transaction, space, claim, seen, k)

    await database.write(write)


async def unlink(transaction: Transaction, ids: Sequence[str]) -> None:
    """Forget the links of complaints whose text or date changes; who was linked to them waits.

    The caller has locked the complaints, and marks them itself.

    Raises:
        WiderError: their neighbours are not locked.
    """
    linked = {row["id"] for row in await transaction.run(_LINKED, ids=list(ids))}
    if not linked <= transaction.locked[Kind.COMPLAINT]:
        raise WiderError(linked)
    await transaction.run(_UNLINK, ids=list(ids))


async def _write(
    transaction: Transaction,
    space: EmbeddingSpace,
    claim: Claim,
    seen: _Neighbourhood,
    k: int,
) -> None:
    customers, filings = await _lock_filings(transaction, seen.affected.customers)
    standing = await lock_held(transaction, Work.LINK, claim, filings | seen.ids)
    # One whose customer is another by now waits for the next round.
    mine = {one for one, customer in standing.items() if customer is None or customer in customers}
    rows = [
        {"id": identity, "near": [{"id": other, "cosine": cosine} for other, cosine in near]}
        for identity, near in seen.near.items()
        if identity in mine
    ]
    linked = await transaction.run(
        _link_statement(space), rows=rows, k=k, threshold=space.threshold
    )
    done = [row["id"] for row in linked]
    await unclaim(transaction, Work.LINK, claim, sorted(set(standing) - set(done)))
    if seen.later:
        later = [
            {"id": later, "nearer": nearer, "cosine": cosine}
            for later, nearer, cosine in seen.later
            if later not in mine
        ]
        await transaction.run(_TOUCH, rows=later)
    affected = Affected(frozenset(customers), seen.affected.alone)
    if affected.customers or affected.alone:
        await relate_families(transaction, space, affected, claim.token)
    await assign(transaction, done)


async def _lock_filings(
    transaction: Transaction, customers: Collection[str]
) -> tuple[set[str], set[str]]:
    """Lock customers; those that still exist, and the complaints that they have filed."""
    if not customers:
        return set(), set()
    taken(transaction, Kind.CUSTOMER, customers)
    rows = await transaction.run(_LOCK_FILINGS, customers=sorted(customers))
    return {row["customer"] for row in rows}, {row["id"] for row in rows}


async def _neighbourhood(
    database: Database, space: EmbeddingSpace, ids: Sequence[str], k: int
) -> _Neighbourhood:
    rows = await database.read(
        _near_statement(space), ids=list(ids), k=k, threshold=space.threshold
    )
    later: list[Row] = []
    if (await database.read(_LATER, ids=list(ids)))[0]["later"]:
        later = await database.read(
            _later_statement(space), ids=list(ids), threshold=space.threshold
        )
    return _Neighbourhood(
        near={
            row["id"]: [(other["id"], other["cosine"]) for other in present(row["others"])]
            for row in present(rows)
        },
        later=[(row["id"], row["nearer"], row["cosine"]) for row in present(later, "id", "nearer")],
        before=frozenset(other for row in rows for other in row["before"]) - {None},
        affected=await affected_by(database.read, ids)
        if any(row["corrected"] for row in rows)
        else Affected(frozenset(row["customer"] for row in rows) - {None}),
    )


def _cosine(space: EmbeddingSpace, one: str, other: str) -> str:
    key = space.vector_key
    return f"round(2 * vector.similarity.cosine({one}.{key}, {other}.{key}) - 1, {_DIGITS})"


def _near_statement(space: EmbeddingSpace) -> str:
    return f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (m:Complaint {{id: id}})
    CALL (m) {{
      WITH m WHERE m.{space.vector_key} IS NOT NULL
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR m.{space.vector_key}
        WHERE c.receivedKey < m.receivedKey LIMIT {FETCHED}
      )
      WITH c, {_cosine(space, "c", "m")} AS cosine
      WHERE cosine >= $threshold
      WITH c, cosine ORDER BY cosine DESC, c.receivedKey LIMIT $k
      RETURN collect({{id: c.id, cosine: cosine}}) AS others
    }}
    RETURN m.id AS id, m.customerId AS customer, others, {CORRECTED} AS corrected,
      COLLECT {{ MATCH (m)-[:SIMILAR_TO]->(old:Complaint) RETURN old.id }} AS before
    """


def _link_statement(space: EmbeddingSpace) -> str:
    # Nothing is written for a complaint of which a neighbour has another text or date by now.
    # linkFloor: the cosine that a newcomer must exceed to be among the k nearest.
    return f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (m:Complaint {{id: row.id}})
    CALL (m, row) {{
      UNWIND row.near AS one
      MATCH (c:Complaint {{id: one.id}})
      WHERE c.receivedKey < m.receivedKey AND {_cosine(space, "c", "m")} = one.cosine
      RETURN collect(c) AS others
    }}
    WITH m, row, others
    WHERE size(others) = size(row.near)
    CALL (m) {{ OPTIONAL MATCH (m)-[old:SIMILAR_TO]->() DELETE old }}
    SET m.linkFloor = CASE
      WHEN m.{space.vector_key} IS NULL THEN null
      WHEN size(row.near) < $k THEN $threshold
      ELSE row.near[$k - 1].cosine END
    {completed("m", Work.LINK)}
    WITH m, row, others
    CALL (m, row, others) {{
      UNWIND range(0, size(others) - 1) AS i
      WITH others[i] AS other, row.near[i].cosine AS cosine
      CREATE (m)-[:SIMILAR_TO {{score: cosine, space: '{space.name}'}}]->(other)
    }}
    RETURN m.id AS id
    """


def _later_statement(space: EmbeddingSpace) -> str:
    """Later complaints that these would be among the k nearest of, or that search right now."""
    return f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (m:Complaint {{id: id}})
    WHERE m.{space.vector_key} IS NOT NULL
    CALL (m) {{
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR m.{space.vector_key}
        WHERE c.receivedKey > m.receivedKey LIMIT {10 * FETCHED}
      ) SCORE AS score
      WHERE NOT c.id IN $ids AND (
        c.{Work.LINK.claim} IS NOT NULL AND 2 * score - 1 >= $threshold - 0.000001
        OR c.linkFloor IS NOT NULL AND 2 * score - 1 >= c.linkFloor - 0.000001
          AND NOT EXISTS {{ (c)-[:SIMILAR_TO]->(m) }}
      )
      RETURN c.id AS later, {_cosine(space, "c", "m")} AS cosine
    }}
    RETURN later AS id, m.id AS nearer, cosine
    """


# They are locked and read again: somebody may have linked them, with or without these.
_TOUCH = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}}), (m:Complaint {{id: row.nearer}})
WHERE c.{Work.LINK.claim} IS NOT NULL
  OR c.linkFloor IS NOT NULL AND row.cosine >= c.linkFloor
    AND NOT EXISTS {{ (c)-[:SIMILAR_TO]->(m) }}
WITH DISTINCT c
{marked("c", Work.LINK)}
"""
