"""Events against the state that they must rebuild, and the global order without gaps."""

from collections.abc import Sequence

from graph.consistency.findings import Finding
from graph.database import Database, Row
from graph.domain.record import IN_EVENTS, event_state
from graph.domain.replay import replay

_POSITIONS = """
CYPHER 25
MATCH (e:CaseEvent)
WITH count(e) AS events
CALL () {
  OPTIONAL MATCH (e:CaseEvent) WHERE e.position > 0
  RETURN e.position AS last ORDER BY e.position DESC LIMIT 1
}
CALL () {
  MATCH (x:Change) WHERE x.position > 0
  RETURN count(x) AS changes, max(x.position) AS lastChange
}
OPTIONAL MATCH (k:Counter {name: 'events'})
OPTIONAL MATCH (gone:Counter {name: 'removedEvents'})
RETURN events + changes AS placed, coalesce(k.value, 0) AS counter,
       coalesce(last, 0) AS lastEvent, coalesce(lastChange, 0) AS lastChange,
       coalesce(gone.value, 0) AS removed
"""
_CASES = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
WITH c ORDER BY c.receivedKey LIMIT $limit
RETURN c.receivedKey AS key, c.id AS id, c.eventSeq AS eventSeq, c {{ {IN_EVENTS} }} AS properties,
  COLLECT {{
    MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r {{.*}} ORDER BY r.round
  }} AS decisions,
  COLLECT {{
    MATCH (c)-[:HAS_EVENT]->(e:CaseEvent)
    RETURN e {{.seq, .kind, .before, .after}} ORDER BY e.seq
  }} AS events
"""


async def order(database: Database) -> list[Finding]:
    """Positions of events and changes have no gaps, but for what was removed with a source, which
    is counted. Changes that are older than that order have places below 0.
    """
    row = (await database.read(_POSITIONS))[0]
    last = max(row["lastEvent"], row["lastChange"])
    if row["placed"] + row["removed"] == row["counter"] >= last:
        return []
    return [Finding("positions", "events", "gaps or a wrong counter", repairable=False)]


async def page(database: Database, after: str, limit: int) -> list[Row]:
    return await database.read(_CASES, after=after, limit=limit)


def disagreements(rows: Sequence[Row]) -> list[Finding]:
    """Cases whose events are not numbered 1, 2, 3 … or do not rebuild their state."""
    findings = []
    for row in rows:
        seqs = [event["seq"] for event in row["events"]]
        if seqs != list(range(1, row["eventSeq"] + 1)):
            findings.append(Finding("events", row["id"], "not numbered 1, 2, 3", repairable=False))
            continue
        state = event_state(row["properties"], row["decisions"])
        rebuilt = replay(row["events"])
        # A merge changes it elsewhere; the check of customers looks after it.
        names = (state.keys() | rebuilt.keys()) - {"customerId"}
        wrong = sorted(key for key in names if state.get(key) != rebuilt.get(key))
        if wrong:
            detail = ", ".join(wrong)
            findings.append(Finding("state", row["id"], detail, repairable=False))
    return findings
