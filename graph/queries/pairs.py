"""Pairs of complaints that are known to be alike, or not: what a bank can learn likeness from."""

from dataclasses import dataclass
from enum import StrEnum

from graph.database import Database

#: Pairs that are read of each kind.
MOST = 50_000


class PairKind(StrEnum):
    """Where a pair is known from."""

    FILED_AGAIN = "FILED_AGAIN"
    GROUP_EVENT = "GROUP_EVENT"
    RATED_USEFUL = "RATED_USEFUL"
    RATED_NOT_USEFUL = "RATED_NOT_USEFUL"


@dataclass(frozen=True, slots=True)
class Pair:
    """Ids of two complaints; both have a text."""

    kind: PairKind
    one: str
    other: str


_FILED_AGAIN = f"""
CYPHER 25
MATCH (a:Complaint)-[:DUPLICATE_OF|REPEATS]->(b:Complaint)
WHERE a.narrative IS NOT NULL AND b.narrative IS NOT NULL
RETURN a.id AS one, b.id AS other ORDER BY one, other LIMIT {MOST}
"""
# Of a group of n, n - 1 pairs: each with the next one received, so that large groups do not rule.
_GROUPS = f"""
CYPHER 25
MATCH (e:Alert {{kind: 'GROUP_EVENT'}})-[:COVERS]->(c:Complaint)
WHERE c.narrative IS NOT NULL AND c.duplicate = false
WITH e, c ORDER BY e.id, c.receivedKey
WITH e, collect(c.id) AS ids
UNWIND range(1, size(ids) - 1) AS n
RETURN ids[n - 1] AS one, ids[n] AS other LIMIT {MOST}
"""
_RATED = f"""
CYPHER 25
MATCH (a:Complaint)<-[:FOR]-(:Rating {{useful: $useful}})-[:RATES]->(b:Complaint)
WHERE a.narrative IS NOT NULL AND b.narrative IS NOT NULL AND a <> b
RETURN DISTINCT a.id AS one, b.id AS other ORDER BY one, other LIMIT {MOST}
"""


async def known_pairs(database: Database) -> list[Pair]:
    """All of them, kind by kind; four statements."""
    rows = {
        PairKind.FILED_AGAIN: await database.read(_FILED_AGAIN),
        PairKind.GROUP_EVENT: await database.read(_GROUPS),
        PairKind.RATED_USEFUL: await database.read(_RATED, useful=True),
        PairKind.RATED_NOT_USEFUL: await database.read(_RATED, useful=False),
    }
    return [Pair(kind, row["one"], row["other"]) for kind, of in rows.items() for row in of]
