"""All events and changes in their one order: what came after a position, without gaps."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from graph.database import WRITE_SECONDS, Database, Row, Transaction
from graph.domain.enums import RuleKind
from graph.domain.events import Event
from graph.domain.following import (
    CoveredCase,
    Followed,
    FollowedChanges,
    S,
    Streamed,
    StreamedChange,
    StreamedEvent,
)
from graph.domain.recorded import Recorded, RecordedChange

T = TypeVar("T")
# Only a property that is written takes the node's lock: removing one that nobody ever had does
# not. The value is read by a statement of its own, so that no plan reads it before.
_LOCK = "CYPHER 25 MATCH (k:Counter {name: 'events'}) SET k.awaited = true"
_COUNTED = "CYPHER 25 MATCH (k:Counter {name: 'events'}) RETURN k.value AS value"
_EVENT = """
RETURN e.position AS position,
  e {.*, note: head(COLLECT { MATCH (e)-[:HAS_TEXT]->(t) RETURN t.note })} AS event,
  null AS change, c {.id, .branchCodes, .departmentCodes, .assignee} AS own
ORDER BY position
"""
# What an issue covers is not asked for: whoever may see one sees all.
_CHANGE = """
RETURN x.position AS position, null AS event, x {.*} AS change,
  n {.id, .kind, label: labels(n)[0], cases: COLLECT {
    MATCH (n:Alert)-[:COVERS|RAISED_FOR]->(c:Complaint)
    RETURN DISTINCT c {.id, .branchCodes, .departmentCodes, .assignee}
  }} AS own
ORDER BY position
"""
# Fewer rows than the limit must mean that there are no more: whatever drops rows stands before it.
_EVENTS_AFTER = """
MATCH (e:CaseEvent) USING INDEX e:CaseEvent(position)
WHERE e.position > $after AND e.position <= $upto
MATCH (c:Complaint)-[:HAS_EVENT]->(e)
WITH c, e ORDER BY e.position LIMIT $limit
"""
_CHANGES_AFTER = """
MATCH (x:Change) USING INDEX x:Change(position)
WHERE x.position > $after AND x.position <= $upto
MATCH (n)-[:HAS_CHANGE]->(x)
WITH n, x ORDER BY x.position LIMIT $limit
"""
_AFTER = f"""
CYPHER 25
CALL () {{
  {_EVENTS_AFTER} {_EVENT}
  UNION ALL
  {_CHANGES_AFTER} {_CHANGE}
}}
RETURN position, event, change, own ORDER BY position LIMIT $limit
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
_CHANGES = f"CYPHER 25 {_CHANGES_AFTER} {_CHANGE}"
_NO_END = 2**62


@dataclass(frozen=True, slots=True)
class Stretch(Generic[S]):
    """What happened, in order, and the position up to which it is all that there is."""

    streamed: tuple[S, ...]
    reached: int


async def settled_position(database: Database) -> int:
    """The last position given out, once its transaction and all before it are wholly visible.

    It waits for whoever is committing right now, as the next writer would.
    """

    async def at_once(position: int) -> int:
        return position

    return await while_settled(database, at_once)


async def while_settled(
    database: Database, work: Callable[[int], Awaitable[T]], *, seconds: float = WRITE_SECONDS
) -> T:
    """Do something while no event can be added, with the last position that was given out.

    Who would write an event waits. ``seconds`` bound all of it; ``work`` may be called again.
    """

    async def held(transaction: Transaction) -> T:
        await transaction.run(_LOCK)
        rows = await transaction.run(_COUNTED)
        return await work(int(rows[0]["value"]) if rows else 0)

    return await database.write(held, seconds=seconds)


async def next_streamed(database: Database, after: int, *, limit: int) -> Stretch[Streamed]:
    """What happens next: the events of all cases, and the changes of all that has some.

    Positions are taken under a lock that is held to the commit, so whoever sees one knows that
    every transaction with a smaller one has ended. But a commit becomes visible piece by piece,
    and what was removed leaves a gap for ever: only who has held the lock himself can tell the two
    apart, so a gap is looked at a second time after that. Each position is an event's or a
    change's, never both: that neither sort has a gap says nothing, and both together are looked at.
    """
    results = await _read(database, after, _NO_END, limit)
    if _unbroken(results.streamed, after):
        return Stretch(results.streamed, after + len(results.streamed))
    return await _read(database, after, await settled_position(database), limit)


async def past_events(
    database: Database, followed: Followed, after: int, upto: int, *, limit: int
) -> Stretch[StreamedEvent]:
    """A part of what somebody follows, up to a position that is known to be settled.

    It looks at ``limit`` positions at most, or ``limit`` events of one case: whatever is followed,
    a statement is bounded.
    """
    parameters = {"after": after, "limit": limit}
    if followed.complaint is not None:
        rows = await database.read(_OF_CASE, complaint=followed.complaint, upto=upto, **parameters)
        reached = _reached(rows, upto, limit)
    else:
        reached = min(upto, after + limit)
        rows = await database.read(
            _OF_KINDS, kinds=sorted(followed.kinds), upto=reached, **parameters
        )
    events = (_event(row) for row in _whole(rows))
    return Stretch(tuple(event for event in events if followed.matches(event)), reached)


async def past_changes(
    database: Database, followed: FollowedChanges, after: int, upto: int, *, limit: int
) -> Stretch[StreamedChange]:
    """The same of changes: it looks at ``limit`` of them, of whatever sort, for they are few."""
    rows = await database.read(_CHANGES, after=after, upto=upto, limit=limit)
    changes = (_change(row) for row in _whole(rows))
    return Stretch(
        tuple(change for change in changes if followed.matches(change)), _reached(rows, upto, limit)
    )


async def _read(database: Database, after: int, upto: int, limit: int) -> Stretch[Streamed]:
    rows = await database.read(_AFTER, after=after, upto=upto, limit=limit)
    results = tuple(_event(row) if row["change"] is None else _change(row) for row in _whole(rows))
    return Stretch(results, _reached(rows, upto, limit))


def _reached(rows: Sequence[Row], upto: int, limit: int) -> int:
    return upto if len(rows) < limit else int(rows[-1]["position"])


def _unbroken(results: Sequence[Streamed], after: int) -> bool:
    return [each.position for each in results] == list(range(after + 1, after + 1 + len(results)))


def _whole(rows: Sequence[Row]) -> list[Row]:
    """Less what was removed while it was read: its properties are null from there on."""
    return [
        row
        for row in rows
        if (row["event"] and _stands(row["own"]))
        or (row["change"] and row["own"]["id"] and row["own"]["label"])
    ]


def _stands(case: Row) -> bool:
    return case["id"] is not None and case["branchCodes"] is not None


def _event(row: Row) -> StreamedEvent:
    own = row["own"]
    return StreamedEvent(Event.from_record(own["id"], row["event"]), *_place(own))


def _change(row: Row) -> StreamedChange:
    own, of = row["own"], Recorded(row["own"]["label"])
    return StreamedChange(
        of=of,
        id=own["id"],
        position=row["position"],
        change=RecordedChange.from_record(row["change"]),
        rule=RuleKind(own["kind"]) if of is Recorded.ALERT else None,
        cases=tuple(
            CoveredCase(case["id"], *_place(case)) for case in own["cases"] if _stands(case)
        ),
    )


def _place(own: Row) -> tuple[frozenset[str], frozenset[str], str | None]:
    return frozenset(own["branchCodes"]), frozenset(own["departmentCodes"]), own["assignee"]
