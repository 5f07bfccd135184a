"""What people keep beside cases: named lists, answers in drills, cases opened from beyond."""

from graph.consistency.findings import Finding
from graph.consistency.paging import Rule
from graph.database import Database
from graph.domain.saved_views import LONGEST_NAME, LONGEST_QUERY, MOST

_TOO_MANY = """
CYPHER 25
MATCH (v:SavedView)
WITH v.person AS person, count(*) AS views,
  sum(CASE WHEN size(v.name) <= $name AND size(v.query) <= $query THEN 0 ELSE 1 END) AS wrong
WHERE views > $most OR wrong > 0
RETURN person, CASE WHEN views > $most THEN 'too many' ELSE 'without what shows it' END AS detail
ORDER BY person LIMIT 1000
"""
OPENINGS = Rule(
    "openings",
    "Opening",
    "id",
    """
    WITH n, COLLECT { MATCH (n)-[:OPENS]->(c:Complaint) RETURN c.id } AS opens
    RETURN CASE
      WHEN n.person IS NULL OR n.at IS NULL OR n.endsAt IS NULL THEN 'lacks a person or a time'
      WHEN n.endsAt < n.at THEN 'ends before it begins'
      WHEN n.at > $now THEN 'begins in the future'
      WHEN opens <> [n.complaint] THEN 'opens another case, or none'
      WHEN NOT EXISTS { (:Complaint {id: n.complaint})-[:HAS_EVENT]->({id: n.id}) }
        THEN 'without an event'
    END AS detail
    """,
    repairable=False,
)
SITTINGS = Rule(
    "drills",
    "Sitting",
    "id",
    """
    RETURN CASE
      WHEN n.person IS NULL OR n.drill IS NULL OR n.startedAt IS NULL
        THEN 'lacks a person, a drill or a time'
      WHEN n.finishedAt < n.startedAt THEN 'ends before it begins'
      WHEN n.startedAt > $now OR n.finishedAt > $now THEN 'lies in the future'
    END AS detail
    """,
    repairable=False,
)


async def views(database: Database) -> list[Finding]:
    """People who keep more than one may, or what no list is."""
    rows = await database.read(_TOO_MANY, most=MOST, name=LONGEST_NAME, query=LONGEST_QUERY)
    return [Finding("views", row["person"], row["detail"], repairable=False) for row in rows]
