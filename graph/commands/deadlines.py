"""Find what is due soon or overdue, and write each such event exactly once."""

from collections.abc import Sequence
from datetime import datetime

from graph.commands.events import append_events
from graph.commands.rows import as_json
from graph.database import Database, Row, Transaction
from graph.domain.enums import OPEN_STATUSES, EventKind
from graph.domain.events import Event

#: Notices written in one transaction.
BATCH = 500
#: Who acts when nobody does.
SYSTEM = "system"

_MATCHES = """
  c.dueSoonAt <= $now AND c.status IN $open AND NOT coalesce(c.duplicate, false)
  AND (c.dueNotice IS NULL OR c.dueNotice = 'DUE_SOON' AND c.dueAt <= $now)
"""
_FIND = f"""
CYPHER 25
MATCH (c:Complaint) WHERE {_MATCHES}
RETURN c.id AS id ORDER BY c.dueSoonAt LIMIT $limit
"""
# The first SET locks: another process that swept at the same moment waits, then finds it noticed.
_NOTICE = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
SET c.dueSoonAt = c.dueSoonAt
WITH c WHERE {_MATCHES}
WITH c, c.dueNotice AS before,
  CASE WHEN c.dueAt <= $now THEN 'OVERDUE' ELSE 'DUE_SOON' END AS kind
SET c.dueNotice = kind
RETURN c.id AS id, c.eventSeq AS seq, kind, before, c.dueAt AS dueAt, c.dueSoonAt AS dueSoonAt
"""


async def notice_deadlines(database: Database, now: datetime) -> Sequence[str]:
    """Write DUE_SOON and OVERDUE for all open cases that have come so far; their ids."""
    noticed: list[str] = []
    asked = {"now": now, "open": sorted(OPEN_STATUSES)}
    while rows := await database.read(_FIND, limit=BATCH, **asked):
        ids = sorted(row["id"] for row in rows)

        async def work(transaction: Transaction, ids: Sequence[str] = ids) -> list[str]:
            found = await transaction.run(_NOTICE, ids=ids, **asked)
            await append_events(transaction, [_event(row, now) for row in found])
            return [row["id"] for row in found]

        noticed += await database.write(work)
    return noticed


def _event(row: Row, now: datetime) -> Event:
    kind = EventKind(row["kind"])
    return Event(
        complaint=row["id"],
        seq=row["seq"] + 1,
        kind=kind,
        at=row["dueAt"] if kind is EventKind.OVERDUE else row["dueSoonAt"],
        recorded_at=now,
        actor=SYSTEM,
        before=as_json({"dueNotice": row["before"]} if row["before"] else {}),
        after=as_json({"dueNotice": kind}),
    )
