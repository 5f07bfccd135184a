"""All events in their global order: what came after a position, without gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.database import Database, Row, Transaction
from graph.domain.events import Event
from graph.domain.following import Followed, StreamedEvent

# Only a property that is written takes the node's lock: removing one that nobody ever had does
# not. The value is read by a statement of its own, so that no plan reads it before.
_LOCK = "CYPHER 25 MATCH (k:Counter {name: 'events'}) SET k.awaited = true"
_COUNTED = "CYPHER 25 MATCH (k:Counter {name: 'events'}) RETURN k.value AS value"
_EVENT = """
RETURN e {.*, note: head(COLLECT { MATCH (e)-[:HAS_TEXT]->(t) RETURN t.note })} AS event,
       c.id AS complaint, c.branchCodes AS branches, c.departmentCodes AS departments,
       c.assignee AS assignee
ORDER BY e.position
"""
# Fewer rows than the limit must mean that there are no more: whatever drops rows stands before it.
_AFTER = f"""
CYPHER 25
MATCH (e:CaseEvent) USING INDEX e:CaseEvent(position)
WHERE e.position > $after AND e.position <= $upto
MATCH (c:Complaint)-[:HAS_EVENT]->(e)
WITH c, e ORDER BY e.position LIMIT $limit
{_EVENT}
"""
_OF_KINDS = f"""
CYPHER 25
MATCH (e:CaseEvent) USING INDEX e:CaseEvent(position)
WHERE e.position > $after AND e.position <= $upto AND (e.kind IN $kinds OR $kinds = [])
MATCH (c:Complaint)-[:HAS_EVENT]->(e)
{_EVENT}
"""
_OF_CASE = f"""
CYPHER 25
MATCH (c:Complaint {{id: $complaint}})-[:HAS_EVENT]->(e:CaseEvent)
WHERE e.position > $after AND e.position <= $upto
WITH c, e ORDER BY e.position LIMIT $limit
{_EVENT}
"""
_NO_END = 2**62


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events in order, and the position up to which they are all that there is."""

    events: tuple[StreamedEvent, ...]
    reached: int


async def settled_position(database: Database) -> int:
    """The last position given out, once its transaction and all before it are wholly visible.

    It waits for whoever is committing right now, as the next writer would.
    """

    async def work(transaction: Transaction) -> int:
        await transaction.run(_LOCK)
        rows = await transaction.run(_COUNTED)
        return int(rows[0]["value"]) if rows else 0

    return await database.write(work)


async def next_events(database: Database, after: int, *, limit: int) -> Stretch:
    """The next events of all cases.

    Positions are taken under a lock that is held to the commit, so whoever sees one knows that
    every transaction with a smaller one has ended. But a commit becomes visible piece by piece,
    and events that were removed leave a gap for ever: only who has held the lock himself can tell
    the two apart, so a gap is looked at a second time after that.
    """
    results = await _read(database, after, _NO_END, limit)
    if _unbroken(results, after):
        return Stretch(results, results[-1].position if results else after)
    settled = await settled_position(database)
    results = await _read(database, after, settled, limit)
    return Stretch(results, results[-1].position if len(results) == limit else settled)


async def past_events(
    database: Database, followed: Followed, after: int, upto: int, *, limit: int
) -> Stretch:
    """A part of what somebody follows, up to a position that is known to be settled.

    It looks at ``limit`` positions at most, or ``limit`` events of one case: whatever is followed,
    a statement is bounded.
    """
    parameters = {"after": after, "limit": limit}
    if followed.complaint is not None:
        rows = await database.read(_OF_CASE, complaint=followed.complaint, upto=upto, **parameters)
        reached = upto if len(rows) < limit else int(rows[-1]["event"]["position"])
    else:
        reached = min(upto, after + limit)
        rows = await database.read(
            _OF_KINDS, kinds=sorted(followed.kinds), upto=reached, **parameters
        )
    events = (_streamed(row) for row in rows)
    return Stretch(tuple(event for event in events if followed.matches(event)), reached)


async def _read(database: Database, after: int, upto: int, limit: int) -> tuple[StreamedEvent, ...]:
    rows = await database.read(_AFTER, after=after, upto=upto, limit=limit)
    return tuple(_streamed(row) for row in rows)


def _unbroken(results: Sequence[StreamedEvent], after: int) -> bool:
    return [event.position for event in results] == list(range(after + 1, after + 1 + len(results)))


def _streamed(row: Row) -> StreamedEvent:
    return StreamedEvent(
        event=Event.from_record(row["complaint"], row["event"]),
        branches=frozenset(row["branches"]),
        departments=frozenset(row["departments"]),
        assignee=row["assignee"],
    )
