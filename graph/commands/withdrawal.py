"""Withdraw alerts that no longer hold after a correction, and the levels that followed from them.

Rules raise by themselves, but what people have corrected must not go on standing as if it were so.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graph.commands.events import append_events
from graph.commands.locks import Kind, lock
from graph.commands.rows import as_json
from graph.database import Row, Transaction
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.copies import copied, copies
from graph.domain.enums import EventKind, Level
from graph.domain.escalation import highest
from graph.domain.events import Event
from graph.domain.record import COPIED

# Alerts about one case alone: these have no changes that would have to go with them.
_DELETE = """
CYPHER 25
MATCH (a:Alert)-[:RAISED_FOR]->(c:Complaint) WHERE a.id IN $alerts AND c.id IN $ids
  AND NOT EXISTS { (a)-[:COVERS]->() }
DETACH DELETE a
"""
_STATE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids AND c.ruleLevel IS NOT NULL
RETURN c {{ {COPIED}, .ruleLevel, .levelBy, .eventSeq }} AS own,
COLLECT {{ MATCH (a:Alert)-[:RAISED_FOR|COVERS]->(c) WHERE NOT EXISTS {{ (a)-[:EXCLUDES]->(c) }}
          RETURN a.level }} AS levels,
COLLECT {{ MATCH (c)-[:HAS_EVENT]->(e:CaseEvent) WHERE e.kind IN $raised
          RETURN e.before ORDER BY e.seq LIMIT 1 }} AS raised
"""
_LEVELS = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id}) SET c += row.properties
"""


async def withdraw(
    transaction: Transaction, ids: Sequence[str], alerts: Sequence[str], now: datetime
) -> None:
    """Take these alerts back, and give the complaints the level that the others call for.

    A level that a person set stays. The complaints are locked by the caller; must be the last
    thing in its transaction, but for other events.
    """
    await lock(transaction, Kind.ALERT, alerts)
    await transaction.run(_DELETE, ids=list(ids), alerts=list(alerts))
    rows, events = [], []
    for row in await transaction.run(_STATE, ids=list(ids), raised=[EventKind.LEVEL_RAISED]):
        own = row["own"]
        after = _after(row)
        if after == {key: own[key] for key in ("level", "ruleLevel")}:
            continue
        properties = {**after, **copies({**own, **after}, copied(own))}
        rows.append({"id": own["id"], "properties": properties})
        events.append(_event(own, after, now))
    if rows:
        await transaction.run(_LEVELS, rows=rows)
    await append_events(transaction, events)


def _after(row: Row) -> dict[str, Any]:
    own, levels = row["own"], [Level(level) for level in row["levels"]]
    rule_level = highest(levels) if levels else None
    if own["levelBy"] is not None or not row["raised"]:
        return {"level": own["level"], "ruleLevel": rule_level}
    # Before any rule had spoken.
    first = Level(json.loads(row["raised"][0] or "{}").get("level", Level.GREEN))
    level = min(Level(own["level"]), highest([first, *levels]), key=list(Level).index)
    return {"level": level, "ruleLevel": rule_level}


def _event(own: Row, after: dict[str, Any], now: datetime) -> Event:
    known = {key: value for key, value in after.items() if value is not None}
    return Event(
        own["id"],
        own["eventSeq"] + 1,
        EventKind.ALERTS_WITHDRAWN,
        now,
        now,
        SYSTEM_ACTOR,
        before=as_json({"level": own["level"], "ruleLevel": own["ruleLevel"]}),
        after=as_json(known),
    )
