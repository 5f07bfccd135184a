"""Store complaints: one transaction for a batch, whatever it brings: new, changed, known rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from graph.commands.customers import Settled, keep_filings, settle_customers
from graph.commands.events import Event, append_events
from graph.commands.kept import with_kept
from graph.commands.relations import RELATE, ends
from graph.commands.requests import RequestKey, claim
from graph.commands.rows import (
    ComplaintRow,
    Lineages,
    Prepared,
    as_json,
    complaint_row,
    event_state,
)
from graph.commands.times import apart, set_apart
from graph.database import Database, DuplicateError, Row, Transaction
from graph.domain.enums import EventKind
from graph.domain.erasure import ERASED
from graph.domain.identity import Keyring
from graph.domain.people import MOST_PEOPLE

_KNOWN = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c.contentHash AS contentHash
"""
_BEFORE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c {.*} AS properties,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r {.*} ORDER BY r.round } AS decisions,
  COLLECT { MATCH (c)-[h:HANDLED_BY]->(d) RETURN {code: d.code, role: h.role} } AS handling,
  COLLECT {
    MATCH (c)-[r:CAUSED_BY]->(cause) RETURN {code: cause.code, properties: properties(r)}
  } AS causes
"""
_CREATE = f"""
CYPHER 25
UNWIND $rows AS row
CREATE (c:Complaint)
{set_apart("c", "row.properties")}
SET c.version = 1, c.eventSeq = 0, c.recordedAt = $now,
    c.linkPending = row.link, c.escalatePending = row.judge
WITH c, row
{RELATE}
"""
_REPLACE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
SET c += row.properties, c.version = c.version + 1, c.linkPending = row.link,
    c.escalatePending = row.judge
WITH c, row
CALL (c) {{ OPTIONAL MATCH (c)-[r:ABOUT|ARISES_AT|HANDLED_BY|CAUSED_BY]->() DELETE r }}
CALL (c) {{ OPTIONAL MATCH (:Customer)-[r:FILED]->(c) DELETE r }}
CALL (c) {{ OPTIONAL MATCH (c)-[:RESOLVED_BY]->(r:Resolution) DETACH DELETE r }}
{RELATE}
"""
# Its text or date changed: whoever counted it among the nearest looks again, and so does it.
_UNLINK = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
CALL (c) { MATCH (c)-[r:SIMILAR_TO]->() DELETE r }
CALL (c) { MATCH (n:Complaint)-[r:SIMILAR_TO]->(c) SET n.linkPending = true DELETE r }
SET c.linkFloor = null
"""


# The run's record grows with what it really wrote: a run that changes nothing leaves no record.
_COUNT_RUN = """
CYPHER 25
MERGE (r:ImportRun {id: $id})
ON CREATE SET r.startedAt = $now, r.loaded = 0, r.updated = 0
SET r.loaded = r.loaded + $loaded, r.updated = r.updated + $updated, r.lastAt = $now
"""


class Stored(StrEnum):
    LOADED = "loaded"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Act:
    """Who stores, with whose key, when (wall-clock), and for which import, if for one.

    ``most_people``: so many may file under one identifier (see ``graph.domain.people``).
    """

    actor: str
    now: datetime
    keyring: Keyring
    run: str | None = None
    most_people: int = MOST_PEOPLE


async def known_hashes(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """The content hash of each of these complaints that exists: it tells what need not be done."""
    rows = await database.read(_KNOWN, ids=list(ids))
    return {row["id"]: row["contentHash"] for row in rows}


async def store(
    database: Database,
    batch: Sequence[Prepared],
    lineages: Lineages,
    act: Act,
    request: RequestKey | None = None,
) -> dict[str, Stored]:
    """Write a batch of distinct complaints; what became of each, by id.

    Catalogue entries must exist and stand in ``lineages``. Another process that writes the same
    rows at the same moment makes the batch start over, and then finds them known.

    ``request``: of a batch of one; under a key that was used before nothing is written.

    Raises:
        InvalidInputError, ConflictError: see ``claim``.
    """

    async def work(transaction: Transaction) -> dict[str, Stored]:
        if request is not None:
            identity = batch[0].case.id
            if await claim(transaction, request, {"complaint": identity}, act.now) is not None:
                return {identity: Stored.UNCHANGED}
        return await store_in(transaction, batch, lineages, act)

    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(DuplicateError), stop=stop_after_attempt(5), reraise=True
    ):
        with attempt:
            return await database.write(work)
    raise AssertionError  # pragma: no cover - the loop returns or raises


async def store_in(
    transaction: Transaction, batch: Sequence[Prepared], lineages: Lineages, act: Act
) -> dict[str, Stored]:
    """The same inside a caller's transaction; must be the last thing in it (events)."""
    ids = [prepared.case.id for prepared in batch]
    known = {r["id"]: r["contentHash"] for r in await transaction.run(_KNOWN, ids=ids)}
    fate = {p.case.id: _fate(p, known) for p in batch}
    touched = [p for p in batch if fate[p.case.id] is not Stored.UNCHANGED]
    if not touched:
        return fate
    settled = await settle_customers(
        transaction,
        [p.case for p in touched],
        act.keyring,
        replaced=[p.case.id for p in touched if fate[p.case.id] is Stored.UPDATED],
        most_people=act.most_people,
    )
    rows = [complaint_row(p, lineages, settled.customers.get(p.case.id)) for p in touched]
    created = [row for row in rows if fate[row.id] is Stored.LOADED]
    replaced = [row for row in rows if fate[row.id] is Stored.UPDATED]
    events = await _create(transaction, created, act) if created else []
    if replaced:
        replaced, updates = await _replace(transaction, replaced, act)
        events += updates
    rows = [*created, *replaced]
    await keep_filings(transaction, settled)
    if act.run is not None:
        await transaction.run(
            _COUNT_RUN, id=act.run, now=act.now, loaded=len(created), updated=len(replaced)
        )
    await append_events(transaction, [*events, *_merges(settled, rows, events, act)])
    return fate


def _fate(prepared: Prepared, known: Mapping[str, str]) -> Stored:
    stored = known.get(prepared.case.id)
    if stored is None:
        return Stored.LOADED
    if stored == ERASED:
        return Stored.UNCHANGED
    same = stored == prepared.case.content_hash
    return Stored.UNCHANGED if same else Stored.UPDATED


async def _create(transaction: Transaction, rows: Sequence[ComplaintRow], act: Act) -> list[Event]:
    written = [
        {
            "properties": apart(row.properties),
            "link": True if _has_links(row) else None,
            "judge": _judged(row),
            **ends(row),
        }
        for row in rows
    ]
    await transaction.run(_CREATE, rows=written, now=act.now)
    return [event for row in rows for event in _registered(row, act)]


def _has_links(row: ComplaintRow) -> bool:
    """Whether there is something to find: by its text, or among its customer's other filings."""
    return bool(row.own["narrative"] or row.customer)


def _judged(row: ComplaintRow) -> bool | None:
    """A mark for the rules where one may fire: on the case itself, its links or its customer's."""
    return True if row.fires or _has_links(row) else None


async def _replace(
    transaction: Transaction, rows: Sequence[ComplaintRow], act: Act
) -> tuple[list[ComplaintRow], list[Event]]:
    """The rows as they were written, with their events."""
    before = {r["id"]: r for r in await transaction.run(_BEFORE, ids=[row.id for row in rows])}
    rows = [with_kept(row, before[row.id]) for row in rows]
    written, moved = [], []
    for row in rows:
        old = before[row.id]["properties"]
        new = row.properties
        if any(old.get(key) != new.get(key) for key in _DECIDES_LINKS):
            moved.append(row.id)
        link = True if row.id in moved else old.get("linkPending")
        # Vectors of a text that is gone must not stay behind.
        stale = {key: None for key in old if key.startswith("embedding_")}
        properties = {**stale, **new}
        judge = _judged(row) or old.get("escalatePending")
        marks = {"link": link, "judge": judge}
        written.append({"id": row.id, "properties": properties, **marks, **ends(row)})
    if moved:
        await unlink(transaction, moved)
    await transaction.run(_REPLACE, rows=written)
    return rows, [_updated(before[row.id], row, act) for row in rows]


async def unlink(transaction: Transaction, ids: Sequence[str]) -> None:
    """Forget the links of complaints whose text or date changes; their neighbours look again."""
    await transaction.run(_UNLINK, ids=list(ids))


#: A change in one of these may change who is near whom, or which filing repeats which.
_DECIDES_LINKS = (
    "subject", "narrative", "receivedKey", "customerId", "decidedAt", "productCode", "type",
)  # fmt: skip


def _registered(row: ComplaintRow, act: Act) -> list[Event]:
    own = row.properties
    at = own["receivedAt"]
    registered = Event(
        row.id, 1, EventKind.REGISTERED, at, act.now, act.actor,
        after=as_json(event_state(own)), text=_text(own), version=1,
    )  # fmt: skip
    decided = [
        Event(
            row.id, number, EventKind.DECIDED, decision["decidedAt"] or at, act.now, act.actor,
            after=as_json(event_state({}, [decision])),
            text={"summary": decision["summary"]} if decision["summary"] else None,
            version=1,
        )
        for number, decision in enumerate(row.decisions, start=2)
    ]  # fmt: skip
    return [registered, *decided]


def _text(own: Mapping[str, Any]) -> dict[str, str | None] | None:
    if not own["narrative"] and not own["subject"]:
        return None
    return {"subject": own["subject"], "narrative": own["narrative"]}


def _updated(before: Row, row: ComplaintRow, act: Act) -> Event:
    own = row.properties
    old = event_state(before["properties"], before["decisions"])
    new = event_state(own, row.decisions)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    rewritten = any(before["properties"].get(k) != own[k] for k in ("subject", "narrative"))
    return Event(
        row.id,
        before["properties"]["eventSeq"] + 1,
        EventKind.UPDATED,
        act.now,
        act.now,
        act.actor,
        before=as_json({key: old[key] for key in changed if key in old}),
        after=as_json({key: new[key] for key in changed if key in new}),
        # Also a text that is gone is told, by a version without one.
        text={"subject": own["subject"], "narrative": own["narrative"]} if rewritten else None,
        version=before["properties"]["version"] + 1,
    )


def _merges(
    settled: Settled, rows: Sequence[ComplaintRow], events: Sequence[Event], act: Act
) -> list[Event]:
    """One event on the complaint that showed that customers are one person, or one is several."""
    last = {event.complaint: event.seq for event in events}
    changes = [
        (EventKind.CUSTOMER_MERGED, {new}, {"customerId": new, "merged": list(olds)})
        for new, olds in settled.merged.items()
    ] + [
        (EventKind.CUSTOMER_DIVIDED, set(news), {"customerId": old, "divided": list(news)})
        for old, news in settled.divided.items()
    ]
    found = []
    for kind, customers, told in changes:
        # What it is about may stand on others alone: then the first of the batch showed it.
        cause = next((row.id for row in rows if row.customer in customers), rows[0].id)
        last[cause] += 1
        after = as_json(told)
        found.append(Event(cause, last[cause], kind, act.now, act.now, act.actor, after=after))
    return found
