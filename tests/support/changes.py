"""Alerts and issues made on purpose, and what people do with them."""

from datetime import timedelta

from graph.commands.alerts import handle_alert, record_sightings
from graph.commands.issues import Grounds, propose_issue
from graph.commands.versioned import Target
from graph.database import Database
from graph.domain.alerts import AlertDecision
from graph.domain.enums import AlertState, Level, RuleKind
from graph.domain.evidence import Evidence
from graph.domain.issues import Statement
from graph.domain.sightings import Sighting, Subject
from ingest.escalation.rulebook import default_rules
from tests.support.graph import NOW

_RULES = {rule.kind: rule for rule in default_rules().watched}
_STANDS = """
MATCH (a:Alert {id: $id}) RETURN coalesce(a.state, 'OPEN') AS state, coalesce(a.version, 1) AS v
"""
_ON_RECORD = """
MATCH (n)-[:HAS_CHANGE|HAS_EVENT]->(x) WHERE x.position > $after
WITH x.position AS position, CASE WHEN x:CaseEvent THEN labels(x) ELSE labels(n) END AS of
WHERE $of IS NULL AND NOT 'CaseEvent' IN of OR $of IN of
RETURN position ORDER BY position
"""


async def raise_alert(
    database: Database, key: str, kind: RuleKind = RuleKind.SURGE, label: str = "Branch"
) -> str:
    """Let an alert be raised about a branch or a cause that the graph has; its id."""
    subject = Subject(label, key)
    week = timedelta(weeks=1)
    seen = Sighting(_RULES[kind], subject, NOW, NOW + week, week, Evidence())
    (raised,) = await record_sightings(database, [seen], NOW)
    return raised


async def settle(database: Database, alert: str, times: int = 1) -> None:
    """Acknowledge an open alert, reopen another one: so many times in a row."""
    for _ in range(times):
        row = (await database.read(_STANDS, id=alert))[0]
        state = AlertState.ACKNOWLEDGED if row["state"] == "OPEN" else AlertState.OPEN
        target = Target(alert, row["v"])
        await handle_alert(database, target, AlertDecision(state), actor="anna", now=NOW)


async def propose(database: Database, *alerts: str) -> str:
    said = Statement("费用", "fees", Level.RED, None, ())
    return await propose_issue(database, said, Grounds(alerts), actor="anna", now=NOW)


async def on_record(database: Database, after: int = 0, of: str | None = None) -> list[int]:
    """Positions of changes after a position, of nodes with a label or of all; or of `CaseEvent`."""
    rows = await database.read(_ON_RECORD, after=after, of=of)
    return [row["position"] for row in rows]
