"""Complaints that the last fit of clusters has given no place, and what they are near to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.database import Database
from graph.queries.clusters import placed

#: Placed complaints by which is told how young an ordinary complaint's nearest are: the newest.
_SAMPLE = 1_000
#: Fewer of them tell nothing.
_FEWEST_PLACED = 100
#: The first of the newcomers may have waited long: the others tell the time since the fit.
_WAITED_LONG = 0.1

_OTHERS = """
n.duplicate = false AND coalesce(n.customerId, n.id) <> coalesce(c.customerId, c.id)
"""
_NEWCOMERS = f"""
CYPHER 25
MATCH (c:Complaint)
WHERE c.receivedAt >= $since AND c.receivedAt < $until AND c.duplicate = false
  AND c.narrative IS NOT NULL AND NOT {placed("c")}
CALL (c) {{
  MATCH (c)-[link:SIMILAR_TO]->(n:Complaint) WHERE {_OTHERS}
  WITH n, link ORDER BY link.score DESC, n.receivedKey
  RETURN collect(CASE WHEN n.receivedAt >= $since AND NOT {placed("n")} THEN n.id ELSE '' END)
    AS near
}}
RETURN c.id AS id, coalesce(c.customerId, c.id) AS customer, c.receivedAt AS at, near
ORDER BY c.receivedKey
"""
_TOTAL = """
CYPHER 25
MATCH (c:Complaint)
WHERE c.narrative IS NOT NULL AND c.duplicate = false AND c.receivedAt < $until
RETURN count(*) AS total
"""
_USUAL = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey IS NOT NULL AND {placed("c")}
WITH c ORDER BY c.receivedKey DESC LIMIT {_SAMPLE}
OPTIONAL MATCH (c)-[:SIMILAR_TO]->(n:Complaint) WHERE {_OTHERS}
RETURN count(DISTINCT c) AS placed, count(n) AS links,
  count(CASE WHEN n.receivedAt >= c.receivedAt - $window THEN 1 END) AS young
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A complaint that the last fit has given no place.

    ``near``: the earlier complaints of other customers that it is linked to, nearest first: the id
    of one that is a newcomer, too, and None for one that has its place.
    """

    id: str
    customer: str
    near: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Newcomers:
    """``usual``: the share of an ordinary complaint's nearest that are as young as newcomers."""

    newcomers: Sequence[Newcomer]
    usual: float


async def newcomers(database: Database, since: datetime, until: datetime) -> Newcomers | None:
    """The newcomers received in a period; None where too little has its place to compare with."""
    rows = await database.read(_NEWCOMERS, since=since, until=until)
    total = (await database.read(_TOTAL, until=until))[0]["total"]
    if not rows or 2 * len(rows) > total:
        return None
    waited = sorted(row["at"] for row in rows)
    window: timedelta = waited[-1] - waited[int(_WAITED_LONG * len(waited))]
    usual = (await database.read(_USUAL, window=window))[0]
    if usual["placed"] < _FEWEST_PLACED:
        return None
    result = [
        Newcomer(row["id"], row["customer"], tuple(one or None for one in row["near"]))
        for row in rows
    ]
    return Newcomers(result, max(len(rows) / total, (usual["young"] + 1) / (usual["links"] + 1)))
