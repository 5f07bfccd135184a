"""Store complaints: one transaction for a batch, whatever it brings: new, changed, known rows."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from graph.commands.customers import find_customers, write_customers
from graph.commands.events import append_events
from graph.commands.filings import keep_filings
from graph.commands.kept import with_kept
from graph.commands.linking import unlink
from graph.commands.locks import Kind, WiderError, lock, lock_ends, widening
from graph.commands.relations import RELATE, ends
from graph.commands.requests import RequestKey, answer, claim
from graph.commands.rows import (
    Act,
    ComplaintRow,
    Lineages,
    Prepared,
    complaint_row,
    without_texts,
)
from graph.commands.stored_events import merged, registered, rewritten, updated
from graph.commands.texts import forget_vectors
from graph.commands.times import apart, set_apart
from graph.commands.waiting import Work, claimed
from graph.database import BATCH_SECONDS, WRITE_SECONDS, Database, DuplicateError, Row, Transaction
from graph.domain.erasure import ERASED, TEXTS_REDACTED
from graph.domain.events import Event
from graph.errors import BusyError

# Of a complaint that was removed with its source a tombstone remembers what must not come back.
_KNOWN = """
CYPHER 25
UNWIND $ids AS id
OPTIONAL MATCH (c:Complaint {id: id})
OPTIONAL MATCH (t:Tombstone {id: id})
WITH id, c, t WHERE c IS NOT NULL OR t IS NOT NULL
RETURN id, coalesce(c.contentHash, t.contentHash) AS contentHash, c IS NULL AS removed
"""
_BEFORE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c {.*} AS properties,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r {.*} ORDER BY r.round } AS decisions,
  COLLECT { MATCH (c)-[h:HANDLED_BY]->(d) RETURN {code: d.code, role: h.role} } AS handling,
  COLLECT {
    MATCH (c)-[r:CAUSED_BY]->(cause) RETURN {code: cause.code, properties: properties(r)}
  } AS causes,
  COLLECT { MATCH (c)-[:FILED_WITH]->(i) RETURN i.hmac } AS identifiers
"""
_CREATE = f"""
CYPHER 25
UNWIND $rows AS row
CREATE (c:Complaint)
{set_apart("c", "row.properties")}
SET c.version = 1, c.eventSeq = 0, c.recordedAt = $now,
    c.linkKey = row.link, c.escalateKey = row.escalate
{claimed("c", Work.LINK)}
{claimed("c", Work.ESCALATE)}
WITH c, row
{RELATE}
"""
_REPLACE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
{forget_vectors("row.rewritten")}
SET c += row.properties, c.version = c.version + 1,
    c.linkKey = row.link, c.escalateKey = row.escalate
{claimed("c", Work.LINK)}
{claimed("c", Work.ESCALATE)}
WITH c, row
CALL (c) {{ OPTIONAL MATCH (c)-[r:ABOUT|ARISES_AT|HANDLED_BY|CAUSED_BY]->() DELETE r }}
CALL (c) {{ OPTIONAL MATCH (:Customer)-[r:FILED]->(c) DELETE r }}
CALL (c) {{ OPTIONAL MATCH (c)-[:RESOLVED_BY]->(r:Resolution) DETACH DELETE r }}
{RELATE}
"""


# The run's record grows with what it really wrote: a run that changes nothing leaves no record.
_COUNT_RUN = """
CYPHER 25
MERGE (r:ImportRun {id: $id})
ON CREATE SET r.startedAt = $now, r.loaded = 0, r.updated = 0
SET r.loaded = r.loaded + $loaded, r.updated = r.updated + $updated, r.lastAt = $now
"""


class OlderMaskError(BusyError):
    """Stored texts that another version of masking has made would be kept beside the new ones.

    ``ids``: of these complaints; what they hold has to be masked again first.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__("The complaint's older texts are being masked again: try again shortly.")
        self.ids = tuple(ids)


class Stored(StrEnum):
    LOADED = "loaded"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


async def known_hashes(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """The content hash of each of these complaints that exists: it tells what need not be done."""
    rows = await database.read(_KNOWN, ids=list(ids))
    return {row["id"]: row["contentHash"] for row in rows if not row["removed"]}


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

    ``request``: of a batch of one; under a key that was used before nothing is written, and what
    became of it is told as it was the first time.

    Raises:
        InvalidInputError, ConflictError: see ``claim``.
        OlderMaskError: nothing was written.
    """

    async def work(transaction: Transaction, locked: frozenset[str]) -> dict[str, Stored]:
        if request is None:
            return await _store(transaction, batch, lineages, act, locked)
        identity = batch[0].case.id
        usual = {"complaint": identity, "fate": Stored.LOADED.value}
        before = await claim(transaction, request, usual, act.now)
        if before is not None:
            return {identity: Stored(before.get("fate", Stored.UNCHANGED))}
        fate = await _store(transaction, batch, lineages, act, locked)
        if fate[identity] is not Stored.LOADED:
            await answer(transaction, request, {**usual, "fate": fate[identity].value})
        return fate

    seconds = WRITE_SECONDS if len(batch) == 1 else BATCH_SECONDS
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(DuplicateError), stop=stop_after_attempt(5), reraise=True
    ):
        with attempt:
            return await widening(database, (), work, seconds=seconds)
    raise AssertionError  # pragma: no cover - the loop returns or raises


async def _store(
    transaction: Transaction,
    batch: Sequence[Prepared],
    lineages: Lineages,
    act: Act,
    locked: frozenset[str],
) -> dict[str, Stored]:
    """In the order of locks: people, complaints, then what they are related to, events last."""
    changed, fate = await _changed(transaction, batch)
    if not changed:
        return fate
    stored = [p.case.id for p in changed if fate[p.case.id] is Stored.UPDATED]
    customers = await find_customers(
        transaction,
        [p.case for p in changed],
        act.keyring,
        replaced=stored,
        most_people=act.most_people,
        also=locked,
    )
    await lock(transaction, Kind.COMPLAINT, {*stored, *customers.complaints, *locked})
    if stored:
        # Read again: somebody else may have brought the same rows while we waited.
        again, fate = await _changed(transaction, batch)
        if len(again) < len(changed):
            raise WiderError(())
    await write_customers(transaction, customers)
    rows = [complaint_row(p, lineages, customers.of.get(p.case.id)) for p in changed]
    created = [row for row in rows if fate[row.id] is Stored.LOADED]
    replaced, before = await _with_before(
        transaction, [row for row in rows if fate[row.id] is Stored.UPDATED]
    )
    _check_masks(replaced, before)
    for row in replaced:
        customers.check_before(row.id, before[row.id]["identifiers"])
    moved = [row.id for row in replaced if _moves(before[row.id]["properties"], row)]
    if moved:
        await unlink(transaction, moved)
    await lock_ends(transaction, _ends_of(created, replaced, before.values()))
    events = await _create(transaction, created, act) if created else []
    if replaced:
        events += await _replace(transaction, replaced, before, act)
    await keep_filings(transaction, customers.filings, customers.dropped)
    if act.run is not None and rows:
        await transaction.run(
            _COUNT_RUN, id=act.run, now=act.now, loaded=len(created), updated=len(replaced)
        )
    rows = [*created, *replaced]
    await append_events(transaction, [*events, *merged(customers, rows, events, act)])
    return fate


async def _changed(
    transaction: Transaction, batch: Sequence[Prepared]
) -> tuple[list[Prepared], dict[str, Stored]]:
    """Those that are not stored as they are, and what becomes of each by id."""
    ids = [prepared.case.id for prepared in batch]
    known = {r["id"]: r["contentHash"] for r in await transaction.run(_KNOWN, ids=ids)}
    fate = {p.case.id: _fate(p, known) for p in batch}
    changed = [p for p in batch if fate[p.case.id] is not Stored.UNCHANGED]
    return [
        without_texts(p) if known.get(p.case.id) == TEXTS_REDACTED else p for p in changed
    ], fate


def _ends_of(
    created: Sequence[ComplaintRow], replaced: Sequence[ComplaintRow], before: Iterable[Row]
) -> dict[Kind, set[str]]:
    """The codes to which the rows are related, and those to which they were."""
    ends: dict[Kind, set[str]] = {kind: set() for kind in _END_KINDS}
    for row in (*created, *replaced):
        ends[Kind.PRODUCT] |= {row.product} if row.product else set()
        ends[Kind.BRANCH] |= {row.branch} if row.branch else set()
        ends[Kind.DEPARTMENT] |= {handling["code"] for handling in row.handling}
        ends[Kind.ROOT_CAUSE] |= {cause["code"] for cause in row.causes}
    for old in before:
        properties = old["properties"]
        ends[Kind.PRODUCT] |= set(properties["productCodes"][:1])
        ends[Kind.BRANCH] |= set(properties["branchCodes"][:1])
        ends[Kind.DEPARTMENT] |= {handling["code"] for handling in old["handling"]}
        ends[Kind.ROOT_CAUSE] |= {cause["code"] for cause in old["causes"]}
    return ends


_END_KINDS = (Kind.PRODUCT, Kind.BRANCH, Kind.DEPARTMENT, Kind.ROOT_CAUSE)


def _fate(prepared: Prepared, known: Mapping[str, str]) -> Stored:
    stored = known.get(prepared.case.id)
    if stored in (None, TEXTS_REDACTED):
        return Stored.LOADED
    if stored == ERASED:
        return Stored.UNCHANGED
    same = stored == prepared.case.content_hash
    return Stored.UNCHANGED if same else Stored.UPDATED


async def _create(transaction: Transaction, rows: Sequence[ComplaintRow], act: Act) -> list[Event]:
    written = [
        {
            "properties": apart(row.properties),
            "link": row.properties["receivedKey"] if _has_links(row) else None,
            "escalate": _escalation_mark(row),
            **ends(row),
        }
        for row in rows
    ]
    await transaction.run(_CREATE, rows=written, now=act.now, token=act.token)
    return [event for row in rows for event in registered(row, act)]


def _has_links(row: ComplaintRow) -> bool:
    """Whether there is something to find: by its text, or among its customer's other filings."""
    return bool(row.own["narrative"] or row.customer)


def _escalation_mark(row: ComplaintRow) -> str | None:
    """A mark for the rules where one may fire: on the case itself, its links or its customer's."""
    return row.properties["receivedKey"] if row.fires or _has_links(row) else None


async def _with_before(
    transaction: Transaction, rows: Sequence[ComplaintRow]
) -> tuple[list[ComplaintRow], dict[str, Row]]:
    """Rows of stored complaints as they are to be written, and what stands there; locked."""
    if not rows:
        return [], {}
    before = {r["id"]: r for r in await transaction.run(_BEFORE, ids=[row.id for row in rows])}
    return [with_kept(row, before[row.id]) for row in rows], before


def _check_masks(rows: Sequence[ComplaintRow], before: Mapping[str, Row]) -> None:
    # A replaced text stays with its event.
    older = [
        row.id
        for row in rows
        if before[row.id]["properties"].get("maskVersion") != row.own["maskVersion"]
    ]
    if older:
        raise OlderMaskError(older)


def _moves(old: Mapping[str, Any], row: ComplaintRow) -> bool:
    """Whether its links have to be found anew."""
    new = row.properties
    return any(old.get(key) != new.get(key) for key in _DECIDES_LINKS)


async def _replace(
    transaction: Transaction, rows: Sequence[ComplaintRow], before: Mapping[str, Row], act: Act
) -> list[Event]:
    written = []
    for row in rows:
        old, new = before[row.id]["properties"], row.properties
        waits = _moves(old, row) or old.get(Work.LINK.mark)
        marks = {
            "rewritten": rewritten(old, new),
            "link": new["receivedKey"] if waits else None,
            "escalate": _escalation_mark(row)
            or (new["receivedKey"] if old.get(Work.ESCALATE.mark) else None),
        }
        written.append({"id": row.id, "properties": new, **marks, **ends(row)})
    await transaction.run(_REPLACE, rows=written, token=act.token)
    return [updated(before[row.id], row, act) for row in rows]


#: A change in one of these may change who is near whom, or which filing repeats which.
_DECIDES_LINKS = (
    "subject", "narrative", "receivedKey", "customerId", "decidedAt", "productCode", "type",
)  # fmt: skip
