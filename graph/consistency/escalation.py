"""Levels against the alerts that they follow from."""

from graph.consistency.findings import Finding
from graph.database import Database
from graph.domain.enums import OPEN_STATUSES

_WITHOUT_ALERT = """
CYPHER 25
MATCH (c:Complaint)
WHERE c.ruleLevel IS NOT NULL AND NOT EXISTS { (c)<-[:RAISED_FOR|COVERS]-(:Alert) }
RETURN c.id AS id
"""
_WITHOUT_LEVEL = """
CYPHER 25
MATCH (a:Alert)-[:RAISED_FOR|COVERS]->(c:Complaint) WHERE NOT EXISTS { (a)-[:EXCLUDES]->(c) }
WITH DISTINCT c
WHERE c.ruleLevel IS NULL OR c.levelBy IS NULL AND c.status IN $open
  AND (c.ruleLevel = 'RED' AND c.level <> 'RED' OR c.level = 'GREEN')
RETURN c.id AS id
"""
_STRAY = """
CYPHER 25
MATCH (a:Alert) WHERE NOT EXISTS { (a)-[:RAISED_FOR|COVERS|CONCERNS]->() } RETURN a.id AS id
"""


async def disagreements(database: Database) -> list[Finding]:
    """Verdicts without an alert, alerts without their level, alerts that are about nothing.

    An answered case keeps the level with which it was handled, and a person may set any.
    """
    without = await database.read(_WITHOUT_ALERT)
    lower = await database.read(_WITHOUT_LEVEL, open=sorted(OPEN_STATUSES))
    stray = await database.read(_STRAY)
    return [
        *(Finding("levels", row["id"], "no alert", repairable=False) for row in without),
        *(Finding("levels", row["id"], "below its alerts", repairable=False) for row in lower),
        *(Finding("alerts", row["id"], "about nothing", repairable=False) for row in stray),
    ]
