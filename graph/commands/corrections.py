"""What people correct: who is one person, and which cases are one. Recorded, and read ever after.

A correction is a node or relation that customers, families and group events are derived from, with
an event on each complaint that it is about; so it outlasts imports, new links and new models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import uuid4

from graph.commands.escalation import Alert, raise_alerts
from graph.commands.events import append_events
from graph.commands.locks import Kind, WiderError, lock, widening
from graph.commands.people import lock_around, plan_people, write_people
from graph.commands.requests import RequestKey, claim
from graph.commands.rows import as_json
from graph.commands.waiting import Work, marked
from graph.commands.withdrawal import withdraw
from graph.database import Database, Row, Transaction
from graph.domain.enums import CaseRelation, Chain, EventKind, Level, RuleKind
from graph.domain.events import Event
from graph.domain.identity import Keyring
from graph.errors import InvalidInputError, NotFoundError
from graph.queries.customers import resolve

#: Cases that one correction may relate.
MOST_CASES = 20

_CUSTOMERS_OF = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c.customerId AS customer
"""
_FILED = """
CYPHER 25
MATCH (u:Customer)-[:FILED]->(c:Complaint) WHERE u.id IN $customers
RETURN c.id AS id, c.eventSeq AS seq, u.id AS customer
"""
# Who was known to be somebody else still is.
_RECORD = """
CYPHER 25
UNWIND $parts AS part
CREATE (p:Person {id: part.id, customerKey: part.key, by: $actor, at: $now})
WITH p, part
CALL (p, part) {
  MATCH (c:Complaint)-[:FILED_BY]->(:Person)-[:IS_NOT]-(other:Person) WHERE c.id IN part.complaints
  WITH DISTINCT p, other
  CREATE (p)-[:IS_NOT]->(other)
}
"""
_ASSIGN = """
CYPHER 25
UNWIND $parts AS part
MATCH (p:Person {id: part.id})
UNWIND part.complaints AS id
MATCH (c:Complaint {id: id})
CALL (c) { MATCH (c)-[old:FILED_BY]->() DELETE old }
CREATE (c)-[:FILED_BY]->(p)
"""
_SEPARATE = """
CYPHER 25
MATCH (p:Person {id: $one}), (q:Person {id: $other}) CREATE (p)-[:IS_NOT]->(q)
"""
_FORGET = """
CYPHER 25
MATCH (p:Person) WHERE NOT EXISTS { (p)<-[:FILED_BY]-() } DETACH DELETE p
"""
_CASES = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c.eventSeq AS seq, c.receivedKey AS key
"""
_RELATE = """
CYPHER 25
UNWIND $pairs AS pair
MATCH (a:Complaint {id: pair.later}), (b:Complaint {id: pair.earlier})
CALL (a, b) { MATCH (a)-[old:SAME_CASE|OTHER_CASE]-(b) DELETE old }
FOREACH (_ IN CASE WHEN $relation = 'SAME_CASE' THEN [1] END |
  CREATE (a)-[:SAME_CASE {by: $actor, at: $now}]->(b))
FOREACH (_ IN CASE WHEN $relation = 'OTHER_CASE' THEN [1] END |
  CREATE (a)-[:OTHER_CASE {by: $actor, at: $now}]->(b))
"""
_MARK = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
{marked("c", Work.LINK)}
{marked("c", Work.ESCALATE)}
"""
_EVENT = """
CYPHER 25
MATCH (a:Alert {id: $alert, kind: 'GROUP_EVENT'})
RETURN a {.*} AS alert, COLLECT { MATCH (a)-[:COVERS]->(c) RETURN c.id } AS covers
"""
_EXCLUDE = f"""
CYPHER 25
MATCH (a:Alert {{id: $alert}})
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
CALL (a, c) {{ MATCH (a)-[old:COVERS|EXCLUDES]->(c) DELETE old }}
FOREACH (_ IN CASE WHEN $covered THEN [1] END | CREATE (a)-[:COVERS]->(c))
FOREACH (_ IN CASE WHEN NOT $covered THEN [1] END |
  CREATE (a)-[:EXCLUDES {{by: $actor, at: $now}}]->(c))
{marked("c", Work.ESCALATE)}
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """Who corrects, when, and why (masked); ``key`` makes a retry safe."""

    actor: str
    now: datetime
    note: str
    key: RequestKey | None = None

    def event(
        self,
        kind: EventKind,
        complaint: str,
        seq: int,
        after: Mapping[str, object],
        before: Mapping[str, object] | None = None,
        version: int | None = None,
    ) -> Event:
        """Its record on a complaint; ``seq``: the number of the complaint's last event."""
        return Event(
            complaint,
            seq + 1,
            kind,
            self.now,
            self.now,
            self.actor,
            before=as_json(before or {}),
            after=as_json(after),
            text={"note": self.note},
            version=version,
        )


async def join_customers(
    database: Database, customers: Sequence[str], correction: Correction, keyring: Keyring
) -> tuple[str, ...]:
    """Record that customers are one person; the complaints that this is about.

    Raises:
        NotFoundError: one of them does not exist.
        InvalidInputError: they are one already.
    """

    async def work(transaction: Transaction, locked: frozenset[str]) -> tuple[str, ...]:
        if await _is_done(transaction, correction):
            return ()
        known = await resolve(transaction.run, customers)
        if len(known) < len(set(customers)):
            raise NotFoundError("There is no customer with this id.", path=["customers"])
        owners = sorted({customer.id for customer in known.values()})
        if len(owners) < 2:
            raise InvalidInputError(
                "Name at least two customers: these are one already.", path=["customers"]
            )
        filed = await _locked(transaction, owners)
        if {row["customer"] for row in filed} != set(owners):
            raise WiderError(())
        parts = [[row["id"] for row in filed]]
        return await _recorded(
            transaction, EventKind.CUSTOMERS_JOINED, filed, parts, correction, keyring
        )

    return await widening(database, (), work)


async def separate_customers(
    database: Database, complaints: Sequence[str], correction: Correction, keyring: Keyring
) -> tuple[str, ...]:
    """Record that some of a customer's complaints are somebody else's; those that it is about.

    Raises:
        NotFoundError: one of the complaints does not exist.
        InvalidInputError: they are not some, but not all, of one customer's complaints.
    """

    async def work(transaction: Transaction, locked: frozenset[str]) -> tuple[str, ...]:
        if await _is_done(transaction, correction):
            return ()
        rows = await transaction.run(_CUSTOMERS_OF, ids=list(complaints))
        _check_all(complaints, rows)
        customers = {row["customer"] for row in rows}
        if len(customers) != 1 or None in customers:
            raise InvalidInputError(
                "The complaints must be of one customer: separate those of one after the other.",
                path=["complaints"],
            )
        filed = await _locked(transaction, sorted(customers))
        if not set(complaints) <= {row["id"] for row in filed}:
            raise WiderError(())
        theirs = [row["id"] for row in filed if row["id"] in complaints]
        rest = [row["id"] for row in filed if row["id"] not in complaints]
        if not rest or not theirs:
            raise InvalidInputError(
                "These are all complaints of the customer: name those that are another's.",
                path=["complaints"],
            )
        return await _recorded(
            transaction, EventKind.CUSTOMERS_SEPARATED, filed, [theirs, rest], correction, keyring
        )

    return await widening(database, (), work)


async def relate_cases(
    database: Database, complaints: Sequence[str], relation: CaseRelation, correction: Correction
) -> tuple[str, ...]:
    """Record of each two of these complaints that they are one case, or are not, or take it back.

    Raises:
        NotFoundError: one of them does not exist.
        InvalidInputError: fewer than two, or more than ``MOST_CASES``.
    """

    async def work(transaction: Transaction) -> tuple[str, ...]:
        if await _is_done(transaction, correction):
            return ()
        if not 2 <= len(set(complaints)) <= MOST_CASES:
            raise InvalidInputError(f"Name two to {MOST_CASES} complaints.", path=["complaints"])
        await lock(transaction, Kind.COMPLAINT, complaints)
        rows = await transaction.run(_CASES, ids=list(complaints))
        _check_all(complaints, rows)
        ordered = sorted(rows, key=lambda row: str(row["key"]))
        pairs = [{"earlier": a["id"], "later": b["id"]} for a, b in combinations(ordered, 2)]
        await transaction.run(
            _RELATE,
            pairs=pairs,
            relation=relation,
            actor=correction.actor,
            now=correction.now,
        )
        ids = sorted(row["id"] for row in rows)
        await transaction.run(_MARK, ids=ids)
        after = {"relation": relation, "complaints": ids}
        kind = EventKind.CASES_RELATED
        await append_events(
            transaction, [correction.event(kind, row["id"], row["seq"], after) for row in rows]
        )
        return tuple(ids)

    return await database.write(work)


async def correct_group(
    database: Database,
    alert: str,
    complaints: Sequence[str],
    correction: Correction,
    *,
    covered: bool,
) -> tuple[str, ...]:
    """Record that complaints are no part of a group event (or, ``covered``, that they are).

    Raises:
        NotFoundError: there is no such group event, or no such complaint.
        InvalidInputError: a complaint is no part of it that could be taken out.
    """

    async def work(transaction: Transaction) -> tuple[str, ...]:
        if await _is_done(transaction, correction):
            return ()
        await lock(transaction, Kind.COMPLAINT, complaints)
        await lock(transaction, Kind.ALERT, [alert])
        events = await transaction.run(_EVENT, alert=alert)
        if not events:
            raise NotFoundError("There is no group event with this id.", path=["alert"])
        rows = await transaction.run(_CASES, ids=list(complaints))
        _check_all(complaints, rows)
        if not covered and not set(complaints) <= set(events[0]["covers"]):
            raise InvalidInputError(
                "A complaint is no part of this group event.", path=["complaints"]
            )
        await transaction.run(
            _EXCLUDE,
            alert=alert,
            ids=list(complaints),
            covered=covered,
            actor=correction.actor,
            now=correction.now,
        )
        after = {"alert": alert, "covered": covered}
        kind = EventKind.GROUP_CORRECTED
        await append_events(
            transaction, [correction.event(kind, row["id"], row["seq"], after) for row in rows]
        )
        if covered:
            await raise_alerts(
                transaction, [_covering(events[0]["alert"], complaints)], correction.now
            )
        else:
            # Its level rested on the group.
            await withdraw(transaction, complaints, (), correction.now)
        return tuple(sorted(complaints))

    return await database.write(work)


def _covering(own: Row, complaints: Sequence[str]) -> Alert:
    """An alert on record that covers these, too."""
    return Alert(
        id=own["id"],
        kind=RuleKind(own["kind"]),
        rule=own["rule"],
        level=Level(own["level"]),
        chain=Chain(own["chain"]),
        at=own["at"],
        evidence=own["evidence"],
        raised_for=complaints[0],
        covers=tuple(sorted(complaints)),
        template=bool(own.get("template")),
        new=False,
    )


async def _is_done(transaction: Transaction, correction: Correction) -> bool:
    return await claim(transaction, correction.key, {}, correction.now) is not None


def _check_all(complaints: Sequence[str], rows: Sequence[Row]) -> None:
    if not complaints or len(rows) < len(set(complaints)):
        raise NotFoundError("There is no complaint with this id.", path=["complaints"])


async def _locked(transaction: Transaction, customers: Sequence[str]) -> list[Row]:
    """The customers' complaints, read when nobody else can change whose they are."""
    seen = await transaction.run(_FILED, customers=list(customers))
    await lock_around(transaction, [row["id"] for row in seen])
    return await transaction.run(_FILED, customers=list(customers))


async def _recorded(
    transaction: Transaction,
    kind: EventKind,
    filed: Sequence[Row],
    parts: Sequence[Sequence[str]],
    correction: Correction,
    keyring: Keyring,
) -> tuple[str, ...]:
    """Keep a record of each part's person, sort everybody around anew, leave the events."""
    made = [uuid4().hex for _ in parts]
    rows = [
        {"id": record, "key": keyring.customer_id(record), "complaints": list(part)}
        for record, part in zip(made, parts, strict=True)
    ]
    by = {"actor": correction.actor, "now": correction.now}
    await transaction.run(_RECORD, parts=rows, **by)
    await transaction.run(_ASSIGN, parts=rows)
    for one, other in combinations(made, 2):
        await transaction.run(_SEPARATE, one=one, other=other)
    await transaction.run(_FORGET)
    ids = [row["id"] for row in filed]
    plan = await plan_people(transaction, complaints=ids)
    plan.check_locked(transaction)
    await write_people(transaction, plan)
    await append_events(
        transaction,
        [
            correction.event(
                kind,
                row["id"],
                row["seq"],
                {"customerId": plan.customers.get(row["id"])},
                {"customerId": row["customer"]},
            )
            for row in filed
        ],
    )
    return tuple(sorted({*ids, *plan.moved}))
