"""Writing the access log: segments opened and closed, records appended, old segments removed.

Only opening a segment and removing old ones take a lock that processes share; a process's records
go to a segment of its own. A node that its seal no longer fits is never sealed anew: what somebody
has changed stays to be found.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graph.commands.locks import take_turn
from graph.database import Database, Row, Transaction
from graph.domain.access_log import (
    LONGEST_SEGMENT,
    RecordKind,
    Sealer,
    Segment,
    anchors,
)
from graph.queries import access_log as queries

_TURN = "access-log"
_BATCH = 5_000

_SET_REGISTER = "CYPHER 25 MERGE (l:AccessLog {name: $own.name}) SET l = $own"
_CREATE = """
CYPHER 25
CREATE (s:AccessSegment) SET s = $own
CREATE (r:AccessRecord) SET r = $record
"""
# The clock is the database's: nobody writes to a segment that others take for ended.
_APPEND = """
CYPHER 25
MATCH (s:AccessSegment {id: $id})
WHERE s.seal = $seal AND s.openedAt > datetime() - duration({seconds: $seconds})
SET s = $own
WITH s
UNWIND $records AS record
CREATE (r:AccessRecord) SET r = record
RETURN count(r) AS written
"""
_REMOVE_RECORDS = """
CYPHER 25
MATCH (r:AccessRecord) WHERE r.segment < $first AND r.number IS NOT NULL
WITH r LIMIT $limit
DELETE r
RETURN count(*) AS removed
"""
_REMOVE_SEGMENTS = """
CYPHER 25
MATCH (s:AccessSegment) WHERE s.id < $first
WITH s LIMIT $limit
DELETE s
RETURN count(*) AS removed
"""


async def open_segment(
    database: Database, sealer: Sealer, *, process: str, host: str, now: datetime
) -> Segment:
    """A new segment whose first record says where the others stand."""

    async def work(transaction: Transaction) -> Segment:
        await take_turn(transaction, _TURN)
        identity, own = _next(
            sealer,
            await queries.register(transaction.run),
            await queries.last_segment(transaction.run),
        )
        await transaction.run(_SET_REGISTER, own=own)
        heads = await queries.heads(transaction.run, now - 2 * LONGEST_SEGMENT)
        before = await queries.segment(transaction.run, identity - 1)
        if before is not None and all(head.segment != before["id"] for head in heads):
            heads.append(queries.segment_of(before).stands())
        opened = Segment(identity, process, host, opened_at=now, last_at=now)
        opened, record = opened.with_record(sealer, RecordKind.OPENED, now, anchors(heads))
        sealed = sealer.sealed(opened.properties(), "seal")
        await transaction.run(_CREATE, own=sealed, record=record)
        return opened

    return await database.write(work)


def _next(sealer: Sealer, register: Row | None, last: int) -> tuple[int, dict[str, Any]]:
    """The next segment's id, and the register with it.

    A register that is missed or was changed gets no seal: ``audit verify`` goes on saying so.
    """
    whole = last == 0 if register is None else sealer.holds(register, "seal")
    known = register or {}
    identity = max(_number(known.get("next"), 1), last + 1)
    own = {"name": queries.REGISTER, "next": identity + 1, "first": _number(known.get("first"), 1)}
    return identity, sealer.sealed(own, "seal") if whole else {**own, "seal": "broken"}


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


async def append(
    database: Database,
    sealer: Sealer,
    before: Segment,
    after: Segment,
    records: Sequence[Row],
) -> bool:
    """Write a process's next records, all or none.

    False: the segment is not as this process left it, or too old, and nothing was written.
    """

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.run(
            _APPEND,
            id=before.id,
            seal=sealer.digest(before.properties()),
            seconds=LONGEST_SEGMENT.total_seconds(),
            own=sealer.sealed(after.properties(), "seal"),
            records=list(records),
        )
        return bool(rows[0]["written"])

    return await database.write(work)


async def remove_expired(
    database: Database, sealer: Sealer, *, before: datetime, now: datetime
) -> int:
    """Remove the oldest segments that ended ``before``, whole ones only; how many.

    The register says first where the log begins from now on, so that a process that dies in the
    middle leaves what the next one removes.
    """

    async def work(transaction: Transaction) -> tuple[int, int]:
        await take_turn(transaction, _TURN)
        own = await queries.register(transaction.run)
        if own is None or not sealer.holds(own, "seal"):
            return 0, 0
        first = own["first"]
        for row in await queries.segments(transaction.run, first):
            segment = queries.segment_of(row)
            if segment.id != first or segment.last_at >= before or not segment.ended(now):
                break
            first += 1
        changed = {name: value for name, value in own.items() if name != "seal"}
        await transaction.run(_SET_REGISTER, own=sealer.sealed({**changed, "first": first}, "seal"))
        return first, first - own["first"]

    first, removed = await database.write(work)
    for statement in (_REMOVE_RECORDS, _REMOVE_SEGMENTS):
        while await _removed(database, statement, first):
            pass
    return removed


async def _removed(database: Database, statement: str, first: int) -> int:
    rows = await database.write(lambda t: t.run(statement, first=first, limit=_BATCH))
    return int(rows[0]["removed"])
