"""Append events: the record of a case, in one global order without gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.commands.rows import as_json
from graph.commands.times import apart, set_apart
from graph.commands.versioned import difference
from graph.database import Database, Transaction
from graph.domain.changes import PAIRS
from graph.domain.enums import EventKind

# The counter's lock is held to the commit, so positions follow the order of commits; that is why
# this is the last statement of its transaction. A batch takes a block of positions.
_APPEND = f"""
CYPHER 25
MERGE (k:Counter {{name: 'events'}})
SET k.value = coalesce(k.value, 0) + size($events)
WITH k.value - size($events) AS base
UNWIND range(0, size($events) - 1) AS i
WITH base + i + 1 AS position, $events[i] AS event
MATCH (c:Complaint {{id: event.complaint}})
SET c.eventSeq = event.properties.plain.seq
CREATE (c)-[:HAS_EVENT]->(e:CaseEvent)
{set_apart("e", "event.properties")}
SET e.position = position
WITH e, event
WHERE event.text IS NOT NULL
CREATE (e)-[:HAS_TEXT]->(t:TextVersion)
SET t = event.text
"""

# Only a property that is written takes the node's lock: removing one that nobody ever had does
# not. The value is read by a statement of its own, so that no plan reads it before.
_LOCK = "CYPHER 25 MATCH (k:Counter {name: 'events'}) SET k.awaited = true"
_COUNTED = "CYPHER 25 MATCH (k:Counter {name: 'events'}) RETURN k.value AS value"


@dataclass(frozen=True, slots=True)
class Event:
    """``before`` and ``after`` are JSON of codes, numbers and ids; ``text`` is masked.

    ``text``: properties of the TextVersion that the event refers to (subject, narrative, summary
    or note), without its id. ``version``: the complaint's version after it; what the system does
    by itself leaves the version as it is.
    """

    complaint: str
    seq: int
    kind: EventKind
    at: datetime
    recorded_at: datetime
    actor: str
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    text: dict[str, str | None] | None = None
    version: int | None = None


def state_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, str]:
    """What differs of a case's state, as an event keeps it: an amount goes with its currency."""
    was, now = difference(before, after)
    for pair in PAIRS:
        if any(name in was or name in now for name in pair):
            was |= {name: before[name] for name in pair if before.get(name) is not None}
            now |= {name: after[name] for name in pair if after.get(name) is not None}
    return as_json(was), as_json(now)


async def append_events(transaction: Transaction, events: Sequence[Event]) -> None:
    """Write the events with the next positions; the last statement of the transaction."""
    if events:
        await transaction.run(_APPEND, events=[_row(event) for event in events])


async def settled_position(database: Database) -> int:
    """The last position given out, once its transaction and all before it are wholly visible.

    It waits for whoever is committing right now, as the next writer would.
    """

    async def work(transaction: Transaction) -> int:
        await transaction.run(_LOCK)
        rows = await transaction.run(_COUNTED)
        return int(rows[0]["value"]) if rows else 0

    return await database.write(work)


def _row(event: Event) -> dict[str, Any]:
    identity = f"{event.complaint}.{event.seq}"
    return {
        "complaint": event.complaint,
        "properties": apart(
            {
                "id": identity,
                "seq": event.seq,
                "kind": event.kind,
                "at": event.at,
                "recordedAt": event.recorded_at,
                "actor": event.actor,
                "reason": event.reason,
                "before": event.before,
                "after": event.after,
                "version": event.version,
            }
        ),
        "text": {"id": identity, **event.text} if event.text else None,
    }
