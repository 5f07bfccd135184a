"""Closed cases that have been kept for as long as they are to be kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from graph.database import Database
from graph.domain.retention import CLOSED, RetentionTerms

# A case is closed after it was received, so the index of the latter leaves only what may be due.
# Those of a person of whom a case is held stay.
_DUE = """
MATCH (c:Complaint)
WHERE c.receivedAt < $latest AND c.status IN $closed AND c.erased IS NULL
WITH c, coalesce(c.closedAt, c.decidedAt, c.receivedAt) AS closed,
     [code IN c.productCodes WHERE $products[code] IS NOT NULL | $products[code]] AS own
WITH c, closed, CASE WHEN own = [] THEN $days
  ELSE reduce(longest = 0, each IN own | CASE WHEN each > longest THEN each ELSE longest END)
END AS kept
WHERE kept IS NOT NULL AND closed < $now - duration({days: kept})
  AND coalesce(c.legalHold, false) = false
  AND NOT EXISTS { (c)<-[:FILED]-(:Customer)-[:FILED]->(:Complaint {legalHold: true}) }
"""
_IDS = f"CYPHER 25 {_DUE} WITH c ORDER BY c.receivedAt, c.id LIMIT $most RETURN c.id AS id"
_COUNTS = f"""
CYPHER 25 {_DUE}
RETURN c.productCode AS product, count(*) AS cases ORDER BY cases DESC, product
"""


async def due(database: Database, terms: RetentionTerms, now: datetime, *, most: int) -> list[str]:
    """Ids of cases whose time is over, the oldest first."""
    if not terms.used:
        return []
    return [row["id"] for row in await database.read(_IDS, most=most, **_given(terms, now))]


async def counts(
    database: Database, terms: RetentionTerms, now: datetime
) -> Mapping[str | None, int]:
    """How many those are, by the code of their product (None: they have none)."""
    if not terms.used:
        return {}
    rows = await database.read(_COUNTS, **_given(terms, now))
    return {row["product"]: row["cases"] for row in rows}


def _given(terms: RetentionTerms, now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "closed": sorted(CLOSED),
        "latest": now - timedelta(days=terms.shortest),
        "days": terms.days,
        "products": dict(terms.of_products),
    }
