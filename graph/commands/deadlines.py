"""Find what is due soon or overdue, and write each such event exactly once.

A case that will be noticed bears a mark (``noticeKey``) that is a sort key by the time of its next
notice. A batch reads the index of the marks from its start, so it costs the same however many
cases wait or are done; what is noticed has a later mark or none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from graph.commands.events import append_events
from graph.commands.locks import Kind, lock
from graph.commands.rows import as_json
from graph.database import Database, Row, Transaction
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.copies import received_key
from graph.domain.enums import OPEN_STATUSES, EventKind
from graph.domain.events import Event
from graph.domain.notices import notice_key, notice_now

#: Cases noticed in one transaction.
BATCH = 500

WAITING = """
CYPHER 25
MATCH (c:Complaint) WHERE c.noticeKey < $until
RETURN c.id AS id ORDER BY c.noticeKey LIMIT $limit
"""
STATE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c {.id, .status, .duplicate, .dueAt, .dueSoonAt, .dueNotice, .eventSeq} AS own
ORDER BY own.id
"""
NOTICE = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
SET c.noticeKey = row.noticeKey, c.dueNotice = coalesce(row.kind, c.dueNotice),
    c.overdueKey = coalesce(row.overdueKey, c.overdueKey)
"""
_OVERDUE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.overdueKey < $until
RETURN c.id AS id ORDER BY c.overdueKey LIMIT $limit
"""


def notice_mark(node: str) -> str:
    """Cypher that gives ``notice_key`` of a node, for statements that change what it rests on."""
    statuses = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
    at = f"""(CASE {node}.dueNotice WHEN 'OVERDUE' THEN null
      WHEN 'DUE_SOON' THEN {node}.dueAt ELSE {node}.dueSoonAt END)"""
    return f"""CASE WHEN NOT {node}.duplicate AND {node}.status IN [{statuses}]
      AND {node}.dueAt IS NOT NULL THEN {_padded(f"{at}.epochMillis")} + ':' + {node}.id END"""


def _padded(number: str) -> str:
    """As ``graph.domain.copies`` pads the times of sort keys."""
    return f"right('000000000000' + toString({number}), 13)"


_OVERDUE_KEYS = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
WITH c, [days IN $days WHERE c.dueAt + duration({{days: days}}) > $now |
  c.dueAt + duration({{days: days}})] AS times
SET c.overdueKey = CASE WHEN c.status IN $open
  THEN {_padded("times[0].epochMillis")} + ':' + c.id END
"""


async def notice_deadlines(database: Database, now: datetime) -> Sequence[str]:
    """Write DUE_SOON and OVERDUE for all open cases that have come so far; their ids."""
    noticed: list[str] = []
    while rows := await database.read(WAITING, until=_until(now), limit=BATCH):
        ids = sorted(row["id"] for row in rows)

        async def work(transaction: Transaction, ids: Sequence[str] = ids) -> list[str]:
            return await _notice(transaction, ids, now)

        noticed += await database.write(work)
    return noticed


async def _notice(transaction: Transaction, ids: Sequence[str], now: datetime) -> list[str]:
    """Notice those of the cases of which it still holds; all get the mark that is right."""
    await lock(transaction, Kind.COMPLAINT, ids)
    rows, events = [], []
    for state in await transaction.run(STATE, ids=list(ids)):
        own = state["own"]
        notice = notice_now(own, now)
        row: dict[str, Any] = {"id": own["id"], "kind": None, "overdueKey": None}
        if notice is not None:
            kind, at = notice
            events.append(_event(own, kind, at, now))
            row["kind"] = kind
            if kind is EventKind.OVERDUE:
                row["overdueKey"] = received_key(at, own["id"])
        after = own if notice is None else {**own, "dueNotice": notice[0]}
        rows.append({**row, "noticeKey": notice_key(after)})
    await transaction.run(NOTICE, rows=rows)
    await append_events(transaction, events)
    return [event.complaint for event in events]


async def overdue_cases(database: Database, now: datetime, limit: int) -> list[str]:
    """Cases that the rules about overdue ones are to judge now, longest overdue first.

    They are marked by ``overdueKey`` when they come to be overdue; see ``overdue_evaluated``.
    """
    rows = await database.read(_OVERDUE, until=_until(now), limit=limit)
    return [row["id"] for row in rows]


async def overdue_evaluated(
    transaction: Transaction, ids: Sequence[str], days: Sequence[int], now: datetime
) -> None:
    """The rules have judged these cases at ``now``.

    ``days``: after how many days beyond the deadline a rule fires. The mark moves to the next of
    them; after the last, and of what is not due any more, it goes.
    """
    await transaction.run(
        _OVERDUE_KEYS, ids=list(ids), days=sorted(set(days)), now=now, open=sorted(OPEN_STATUSES)
    )


def _until(now: datetime) -> str:
    """Above all keys of this millisecond and below those of the next."""
    return received_key(now + timedelta(milliseconds=1))


def _event(own: Row, kind: EventKind, at: datetime, now: datetime) -> Event:
    before = own["dueNotice"]
    return Event(
        complaint=own["id"],
        seq=own["eventSeq"] + 1,
        kind=kind,
        at=at,
        recorded_at=now,
        actor=SYSTEM_ACTOR,
        before=as_json({"dueNotice": before} if before else {}),
        after=as_json({"dueNotice": kind}),
    )
