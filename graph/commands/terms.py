"""Compute open deadlines again when what they rest on has changed: a setting, or a calendar.

Beside the deadlines the graph keeps what they rest on. Every start compares it with its own: other
limits, or another day that counts (the library has learned the days of the next year), and all
open deadlines are computed anew. An interrupted run is taken up by the next start, for the record
is written last.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from graph.commands.desk import standing_of
from graph.commands.events import append_events
from graph.commands.locks import Kind, lock
from graph.commands.rows import as_json
from graph.database import Database, Row, Transaction
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.copies import sort_keys
from graph.domain.deadlines import Terms, TimeLimits
from graph.domain.desk.standing import deadline
from graph.domain.enums import OPEN_STATUSES, EventKind
from graph.domain.events import Event
from graph.domain.notices import notice_key, overdue_key
from graph.domain.record import event_state
from graph.progress import Progress, silent

log = structlog.get_logger(__name__)

#: Complaints read in one page, and written in one transaction at most.
PAGE = 1_000
#: Why the events are there.
REASON = "TIME_LIMITS_CHANGED"

_RECORD = (
    "CYPHER 25 MATCH (t:Terms {name: 'deadlines'}) RETURN t.limits AS limits, t.years AS years"
)
_KEEP = """
CYPHER 25
MERGE (t:Terms {name: 'deadlines'}) SET t.limits = $limits, t.years = $years
"""
_PAGE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
WITH c ORDER BY c.receivedKey LIMIT $limit
RETURN c.receivedKey AS key, c.id AS id, c.dueAt IS NOT NULL AND c.status IN $open AS open
"""
_STATE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c {
  .id, .sourceSystem, .sourceId, .status, .version, .round, .level, .receivedAt, .amountMinor,
  .roundStartedAt, .roundDueAt,
  .reviewStartedAt, .extendedDays, .pausedAt, .pauses, .complex, .dueAt, .dueSoonAt, .dueNotice,
  .duplicate, .eventSeq
} AS own ORDER BY own.id
"""
_SET = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id}) SET c += row.properties
"""


async def terms_on_record(database: Database) -> Terms | None:
    """What the deadlines in the graph rest on; None before the first start."""
    rows = await database.read(_RECORD)
    if not rows:
        return None
    years = dict(text.split(":") for text in rows[0]["years"])
    return Terms(rows[0]["limits"], {int(year): digest for year, digest in years.items()})


async def follow_terms(
    database: Database, limits: TimeLimits, now: datetime, progress: Progress = silent
) -> int:
    """Compute open deadlines again if they rest on other terms; how many have changed."""
    known, present = await terms_on_record(database), limits.terms(now)
    changed = 0
    if known is None or present.differs(known):
        changed = await _compute_again(database, limits, now, progress)
    if known is None or present.differs(known) or not known.covers(present):
        years = [f"{year}:{digest}" for year, digest in present.years.items()]

        async def keep(transaction: Transaction) -> None:
            await transaction.run(_KEEP, limits=present.limits, years=years)

        await database.write(keep)
    return changed


async def _compute_again(
    database: Database, limits: TimeLimits, now: datetime, progress: Progress
) -> int:
    done = cases = changed = 0
    after = ""
    statuses = sorted(OPEN_STATUSES)
    while page := await database.read(_PAGE, after=after, limit=PAGE, open=statuses):
        ids = [row["id"] for row in page if row["open"]]
        wrong = [
            row["own"]["id"]
            for row in (await database.read(_STATE, ids=ids) if ids else [])
            if _computed(row["own"], limits)
        ]

        async def work(transaction: Transaction, ids: Sequence[str] = wrong) -> int:
            return await _write(transaction, ids, limits, now)

        changed += await database.write(work) if wrong else 0
        cases, done, after = cases + len(ids), done + len(page), page[-1]["key"]
        progress("deadlines", done, None)
    if done:
        log.info("open deadlines computed again", cases=cases, changed=changed)
    return changed


async def _write(
    transaction: Transaction, ids: Sequence[str], limits: TimeLimits, now: datetime
) -> int:
    await lock(transaction, Kind.COMPLAINT, ids)
    rows, events = [], []
    for row in await transaction.run(_STATE, ids=list(ids)):
        own = row["own"]
        properties = _computed(own, limits)
        if properties:
            rows.append({"id": own["id"], "properties": properties})
            events.append(_event(own, properties, now))
    await transaction.run(_SET, rows=rows)
    await append_events(transaction, events)
    return len(events)


def _computed(own: Row, limits: TimeLimits) -> dict[str, Any]:
    """The properties that change with the deadline; empty where it stays, or does not run."""
    status_open = own["status"] in OPEN_STATUSES
    if not status_open or own["dueAt"] is None:
        return {}
    dates_now = deadline(standing_of(own, []), limits)
    if dates_now["dueAt"] is None:
        return {}
    dates = {key: dates_now[key] for key in ("dueAt", "dueSoonAt")}
    if all(own.get(key) == value for key, value in dates.items()):
        return {}
    notice = own.get("dueNotice") if dates["dueAt"] == own["dueAt"] else None
    after = {**own, **dates, "dueNotice": notice}
    return {
        **dates,
        "dueNotice": notice,
        "dueKey": sort_keys(after)["dueKey"],
        "noticeKey": notice_key(after),
        "overdueKey": overdue_key(after),
    }


def _event(own: Row, properties: Mapping[str, Any], now: datetime) -> Event:
    before = event_state({key: own.get(key) for key in properties})
    after = event_state(properties)
    keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return Event(
        complaint=own["id"],
        seq=own["eventSeq"] + 1,
        kind=EventKind.DEADLINE_RECOMPUTED,
        at=now,
        recorded_at=now,
        actor=SYSTEM_ACTOR,
        reason=REASON,
        before=as_json({key: before[key] for key in keys if key in before}),
        after=as_json({key: after[key] for key in keys if key in after}),
    )
