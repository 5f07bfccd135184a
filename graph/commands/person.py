"""One person's data: taken away for good, or held because a court may ask for it.

What is erased: texts in every version, notes, vectors in every space, suggestions made of the text,
and every hash that leads back to the person. What stays: the case with its codes, times, amounts
and decisions, and the chain of its events, filed by somebody whom nobody knows any more; so every
figure stays as it was.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from graph.commands.corrections import Correction
from graph.commands.events import append_events
from graph.commands.linking import unlink
from graph.commands.locks import Kind, lock, widening
from graph.commands.people import lock_around, plan_people, write_people
from graph.commands.requests import claim
from graph.commands.rows import as_json
from graph.commands.texts import forget_vectors
from graph.database import Database, Row, Transaction
from graph.domain.copies import copied, copies
from graph.domain.enums import EventKind
from graph.domain.erasure import ERASED
from graph.domain.events import Event
from graph.domain.identity import Keyring
from graph.domain.retention import CLOSED
from graph.errors import ConflictError, NotFoundError

#: What events tell of whose case it is; the rest of them stays.
_WHOSE = ("customerId", "merged", "divided")

_STATE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c {.*} AS own,
  COLLECT { MATCH (c)-[:FILED_WITH]->(i:Identifier)
            RETURN {hmac: i.hmac, shared: coalesce(i.shared, false)} } AS identifiers,
  COLLECT { MATCH (c)<-[:RAISED_FOR]-(a:Alert) RETURN a {.id, .evidence} } AS alerts,
  COLLECT { MATCH (c)-[:HAS_EVENT]->(e) WHERE e.before IS NOT NULL OR e.after IS NOT NULL
            RETURN e {.id, .before, .after} } AS events,
  EXISTS { (c)<-[:FILED]-(:Customer)-[:FILED]->(:Complaint {legalHold: true}) }
    OR coalesce(c.legalHold, false) AS held
"""
# What these were to one another stays so, though their texts no longer say it.
_FREEZE = """
CYPHER 25
MATCH (a:Complaint)-[:DUPLICATE_OF|REPEATS]-(b:Complaint)
WHERE a.id IN $ids AND NOT EXISTS { (a)-[:SAME_CASE]-(b) }
WITH DISTINCT a, b WHERE NOT b.id IN $ids OR a.id < b.id
MERGE (a)-[:SAME_CASE]-(b)
"""
_DISOWN = """
CYPHER 25
MATCH (c:Complaint)-[old:FILED_WITH|FILED_BY]->() WHERE c.id IN $ids DELETE old
"""
_NOBODY = """
CYPHER 25
UNWIND $people AS person
CREATE (p:Person {id: person.id, customerKey: person.key})
WITH p, person
UNWIND person.complaints AS id
MATCH (c:Complaint {id: id})
CREATE (c)-[:FILED_BY]->(p)
"""
_FORGET = """
CYPHER 25
CALL () {
  MATCH (i:Identifier) WHERE i.hmac IN $hmacs AND NOT EXISTS { (i)<-[:FILED_WITH]-() }
  DETACH DELETE i
}
CALL () { MATCH (p:Person) WHERE NOT EXISTS { (p)<-[:FILED_BY]-() } DETACH DELETE p }
CALL () {
  UNWIND $ids AS id
  MATCH (r:Request) WHERE r.payload CONTAINS id
  DETACH DELETE r
}
"""
_ERASE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
{forget_vectors()}
SET c += row.properties, c.version = c.version + 1, c.linkFloor = null
WITH c, row
CALL (c) {{ MATCH (c)-[:RESOLVED_BY]->(r:Resolution) SET r.summary = null }}
CALL (c) {{
  MATCH (c)-[:HAS_EVENT]->()-[:HAS_TEXT]->(t:TextVersion) SET t = {{id: t.id}}
}}
CALL (c) {{ MATCH (c)-[:HAS_SUGGESTION]->(s) DETACH DELETE s }}
CALL (row) {{
  UNWIND row.events AS event
  MATCH (e:CaseEvent {{id: event.id}}) SET e.before = event.before, e.after = event.after
}}
CALL (row) {{
  UNWIND row.alerts AS alert
  MATCH (a:Alert {{id: alert.id}}) SET a.evidence = alert.evidence
}}
"""
_HOLD = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id})
WITH c, coalesce(c.legalHold, false) AS before
SET c.legalHold = CASE WHEN $held THEN true END
RETURN c.id AS id, c.eventSeq AS seq, before
"""


class HeldError(ConflictError):
    """A legal hold: the data may not be erased yet."""

    code = "LEGAL_HOLD"


async def erase(
    database: Database,
    complaints: Sequence[str],
    correction: Correction,
    keyring: Keyring,
    *,
    closed: bool = False,
) -> int:
    """Erase what these complaints hold of the person who filed them; how many those are.

    ``closed``: only while all of them are.

    Raises:
        NotFoundError: one of them does not exist.
        ConflictError: one of them is open, and was to be closed.
        HeldError: one of the person's complaints is held.
    """

    async def work(transaction: Transaction, locked: frozenset[str]) -> int:
        ids = sorted(set(complaints))
        done = await _claimed(transaction, correction, ids)
        if done is not None:
            return done
        await lock_around(transaction, ids, also=locked)
        rows = await transaction.run(_STATE, ids=ids)
        if not ids or len(rows) < len(ids):
            raise NotFoundError("There is no complaint with this id.", path=["complaints"])
        if any(row["held"] for row in rows):
            raise HeldError("There is a legal hold on this person's data: lift it first.")
        if closed and any(row["own"]["status"] not in CLOSED for row in rows):
            raise ConflictError("One of these cases has been opened again.")
        await unlink(transaction, ids)
        await lock(transaction, Kind.ALERT, {a["id"] for row in rows for a in row["alerts"]})
        await _disown(transaction, rows, keyring)
        # Read again: whose they are, and so their words, has changed.
        rows = await transaction.run(_STATE, ids=ids)
        await transaction.run(_ERASE, rows=[_erased(row) for row in rows])
        await append_events(transaction, [_event(row, correction) for row in rows])
        return len(rows)

    return await widening(database, (), work)


async def hold(
    database: Database, complaints: Sequence[str], correction: Correction, *, held: bool
) -> int:
    """Set or lift a legal hold, on record; raises NotFoundError: a complaint does not exist."""

    async def work(transaction: Transaction) -> int:
        ids = sorted(set(complaints))
        done = await _claimed(transaction, correction, ids)
        if done is not None:
            return done
        await lock(transaction, Kind.COMPLAINT, ids)
        rows = await transaction.run(_HOLD, ids=ids, held=held)
        if not ids or len(rows) < len(ids):
            raise NotFoundError("There is no complaint with this id.", path=["complaints"])
        kind = EventKind.HOLD_SET if held else EventKind.HOLD_LIFTED
        await append_events(
            transaction,
            [
                correction.event(
                    kind,
                    row["id"],
                    row["seq"],
                    {"legalHold": True} if held else {},
                    {"legalHold": True} if row["before"] else {},
                )
                for row in rows
            ],
        )
        return len(rows)

    return await database.write(work)


async def _claimed(
    transaction: Transaction, correction: Correction, ids: Sequence[str]
) -> int | None:
    """How many complaints it was done for under this key; None: it is the first time."""
    payload = {"complaints": str(len(ids))}
    known = await claim(transaction, correction.key, payload, correction.now)
    return None if known is None else int(known["complaints"])


async def _disown(transaction: Transaction, rows: Sequence[Row], keyring: Keyring) -> None:
    """Give the complaints to somebody whom nothing leads to: one for each person they were of."""
    ids = [row["own"]["id"] for row in rows]
    await transaction.run(_FREEZE, ids=ids)
    of: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["own"].get("customerId") is not None:
            of[row["own"]["customerId"]].append(row["own"]["id"])
    people = [
        {
            "id": (identity := uuid4().hex),
            "key": keyring.customer_id(identity),
            "complaints": theirs,
        }
        for theirs in of.values()
    ]
    identifiers = {each["hmac"]: each["shared"] for row in rows for each in row["identifiers"]}
    await transaction.run(_DISOWN, ids=ids)
    await transaction.run(_NOBODY, people=people)
    plan = await plan_people(
        transaction,
        # What is shared leads to nobody: whoever files under it is not concerned.
        around=[hmac for hmac, shared in identifiers.items() if not shared],
        complaints=ids,
    )
    plan.check_locked(transaction)
    await write_people(transaction, plan)
    await transaction.run(_FORGET, hmacs=sorted(identifiers), ids=ids)


def _erased(row: Row) -> dict[str, Any]:
    own = row["own"]
    gone: dict[str, Any] = {"subject": None, "narrative": None}
    words = copies({**own, **gone}, copied(own))
    return {
        "id": own["id"],
        "properties": {**gone, **words, "contentHash": ERASED, "erased": True},
        "events": [_without_person(event) for event in row["events"]],
        "alerts": [_without_wording(alert) for alert in row["alerts"]],
    }


def _without_person(event: Row) -> dict[str, str | None]:
    return {
        "id": event["id"],
        **{side: _without(event[side], _WHOSE) for side in ("before", "after")},
    }


def _without_wording(alert: Row) -> dict[str, str | None]:
    # The place of a sentence, with a digest of its words.
    return {"id": alert["id"], "evidence": _without(alert["evidence"], ("span",))}


def _without(text: str | None, keys: Sequence[str]) -> str | None:
    if text is None:
        return None
    kept = {key: value for key, value in json.loads(text).items() if key not in keys}
    return as_json(kept)


def _event(row: Row, correction: Correction) -> Event:
    own = row["own"]
    after, version = {"erased": True}, own["version"] + 1
    return correction.event(EventKind.ERASED, own["id"], own["eventSeq"], after, version=version)
