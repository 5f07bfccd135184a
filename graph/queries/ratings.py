"""What handlers think of precedents: of each, and of all that were shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Database

#: Ratings read for a report at most; newer ones first.
MOST = 100_000

_OF = """
CYPHER 25
MATCH (r:Rating)-[:RATES]->(c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, sum(CASE WHEN r.useful THEN 1 ELSE 0 END) AS useful, count(r) AS total
"""
_BETWEEN = f"""
CYPHER 25
MATCH (r:Rating)-[:RATES]->(c:Complaint)
WHERE ($since IS NULL OR r.shownAt >= $since) AND ($until IS NULL OR r.shownAt < $until)
WITH r, c ORDER BY r.shownAt DESC LIMIT {MOST}
RETURN r.list AS list, r.rank AS rank, r.useful AS useful, r.shownAt AS shownAt,
  c.productCode AS product
"""
_ANSWERED = """
CYPHER 25
MATCH (c:Complaint)-[:RESOLVED_BY]->(d:Resolution)
WHERE ($since IS NULL OR d.decidedAt >= $since) AND ($until IS NULL OR d.decidedAt < $until)
WITH DISTINCT c
RETURN count(c) AS answered,
  sum(CASE WHEN EXISTS { (:Rating)-[:FOR]->(c) } THEN 1 ELSE 0 END) AS rated
"""


@dataclass(frozen=True, slots=True)
class RatedShowing:
    list: str
    rank: int
    useful: bool
    shown_at: datetime
    product: str | None


async def ratings_of(database: Database, ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """For each that has ratings: how many found it useful, of how many."""
    rows = await database.read(_OF, ids=list(ids))
    return {row["id"]: (row["useful"], row["total"]) for row in rows}


async def ratings_between(
    database: Database, since: datetime | None, until: datetime | None
) -> list[RatedShowing]:
    rows = await database.read(_BETWEEN, since=since, until=until)
    return [
        RatedShowing(r["list"], r["rank"], r["useful"], r["shownAt"], r["product"]) for r in rows
    ]


async def coverage_between(
    database: Database, since: datetime | None, until: datetime | None
) -> tuple[int, int]:
    """Of the complaints decided in this time: for how many a precedent was rated, of how many."""
    row = (await database.read(_ANSWERED, since=since, until=until))[0]
    return row["rated"], row["answered"]
