"""Sort anew who filed what, around some complaints: customers, their ids, what leads to them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.commands.locks import Kind, WiderError, lock
from graph.commands.waiting import Work, marked
from graph.database import Row, Transaction
from graph.domain.copies import with_customer
from graph.domain.people import Filed, Group, People, customer_id, sort_people

# Also complaints of identifiers that have just come to be shared: they come apart now.
_AROUND = """
CYPHER 25
CALL () {
  MATCH (i:Identifier)<-[:FILED_WITH]-(c:Complaint) WHERE i.hmac IN $hmacs RETURN c
  UNION
  MATCH (p:Person)<-[:FILED_BY]-(c:Complaint) WHERE p.id IN $records RETURN c
  UNION
  MATCH (c:Complaint) WHERE c.id IN $ids RETURN c
}
RETURN c.id AS id, c.customerId AS customer, c.filterTokens AS words,
  COLLECT {
    MATCH (c)-[:FILED_WITH]->(j:Identifier) RETURN j {.hmac, .customerKey, .shared}
  } AS identifiers,
  COLLECT { MATCH (c)-[:FILED_BY]->(p:Person) RETURN p {.id, .customerKey} } AS records
"""
_APART = """
CYPHER 25
MATCH (p:Person)-[:IS_NOT]->(q:Person) WHERE p.id IN $records AND q.id IN $records
RETURN p.id AS one, q.id AS other
"""
_CUSTOMERS = """
CYPHER 25
UNWIND $customers AS id
MERGE (u:Customer {id: id})
"""
_RELATED = """
CYPHER 25
MATCH (c:Complaint)-[:DUPLICATE_OF|REPEATS]-(n:Complaint) WHERE c.id IN $ids
RETURN DISTINCT n.id AS id
"""
# Whoever was one case with it may not be any more.
_MOVE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
CALL (c) {{ MATCH (c)-[:DUPLICATE_OF|REPEATS]-(n:Complaint) {marked("n", Work.LINK)} }}
OPTIONAL MATCH (:Customer)-[old:FILED]->(c)
WITH c, row, old, properties(old) AS facts
DELETE old
SET c.customerId = row.customer, c.filterTokens = row.words
{marked("c", Work.LINK)}
{marked("c", Work.ESCALATE)}
WITH c, row, facts
MATCH (u:Customer {{id: row.customer}})
CREATE (u)-[f:FILED]->(c)
SET f = coalesce(facts, {{}})
"""
_LEAD = """
CYPHER 25
UNWIND $rows AS row
MATCH (i:Identifier {hmac: row.hmac})
SET i.shared = row.shared
WITH i, row
CALL (i) { MATCH (i)-[old:IDENTIFIES]->() DELETE old }
UNWIND row.customers AS id
MATCH (u:Customer {id: id})
CREATE (i)-[:IDENTIFIES]->(u)
"""
# What a customer is said to be: by the latest filing that says so.
_FACTS = """
CYPHER 25
MATCH (u:Customer) WHERE u.id IN $customers
SET u.segment = null, u.region = null, u.attributesKey = null,
    u.vulnerable = CASE WHEN EXISTS { (u)-[f:FILED]->() WHERE f.vulnerable } THEN true END
WITH u
CALL (u) {
  MATCH (u)-[f:FILED]->(c:Complaint) WHERE f.segment IS NOT NULL OR f.region IS NOT NULL
  RETURN f, c ORDER BY c.receivedKey DESC LIMIT 1
}
SET u.segment = f.segment, u.region = f.region, u.attributesKey = c.receivedKey
"""
_GONE = """
CYPHER 25
MATCH (u:Customer)
WHERE u.id IN $customers AND NOT EXISTS { (u)-[:FILED]->(c:Complaint) WHERE NOT c.id IN $batch }
DETACH DELETE u
"""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a transaction is about to write: identifiers of complaints, which of them are shared.

    ``identifiers``: their nodes' properties by hash; ``still``: shared before, and still so.
    """

    filings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shared: Mapping[str, bool] = field(default_factory=dict)
    identifiers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    still: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """Who filed the complaints around some, worked out and not yet written.

    ``customers``: of each complaint by id, those of the overlay included. ``merged``: {customer:
    those that it takes in}; ``divided``: {customer: those that it becomes}. ``complaints``: those
    that change hands, and those that were one case with them; they, ``identifiers`` and ``owners``
    (the customers of before) have to be locked.
    """

    customers: Mapping[str, str]
    merged: Mapping[str, tuple[str, ...]]
    divided: Mapping[str, tuple[str, ...]]
    complaints: frozenset[str]
    identifiers: frozenset[str]
    owners: frozenset[str]
    moves: Sequence[Mapping[str, Any]] = ()
    leads: Sequence[Mapping[str, Any]] = ()
    batch: frozenset[str] = frozenset()

    @property
    def moved(self) -> tuple[str, ...]:
        return tuple(row["id"] for row in self.moves)

    def check_locked(self, transaction: Transaction) -> None:
        """Raises WiderError: an identifier or a customer that this changes is not locked."""
        held = transaction.locked
        if not (
            self.identifiers <= held.get(Kind.IDENTIFIER, set())
            and self.owners <= held.get(Kind.CUSTOMER, set())
        ):
            raise WiderError(self.identifiers | self.complaints)


@dataclass(slots=True)
class _Read:
    """Everything around, as the graph has it."""

    complaints: dict[str, Row] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    shared: dict[str, bool] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)

    @property
    def joining(self) -> set[str]:
        """Identifiers that tell who somebody is."""
        return {hmac for hmac in self.keys if not self.shared.get(hmac)}

    @property
    def owners(self) -> set[str]:
        """The complaints' customers."""
        return {row["customer"] for row in self.complaints.values() if row["customer"]}


async def plan_people(
    transaction: Transaction,
    overlay: Overlay = Overlay(),
    *,
    around: Collection[str] = (),
    complaints: Collection[str] = (),
) -> Plan:
    """Sort anew the people around complaints, and around identifiers (by their hashes)."""
    read = await _around(
        transaction, overlay, {*overlay.identifiers, *around}, {*complaints, *overlay.filings}
    )
    pairs = await transaction.run(_APART, records=sorted(read.records)) if read.records else []
    apart = {frozenset((row["one"], row["other"])) for row in pairs}
    people = sort_people(
        _filings(read, overlay), [h for h, shared in read.shared.items() if shared], apart
    )
    ids = {group: customer_id(group, read.keys, read.records) for group in people.groups}
    customers = {each: ids[group] for group in people.groups for each in group.complaints}
    moves = _moves(read, overlay, customers)
    moved = [row["id"] for row in moves]
    related = await transaction.run(_RELATED, ids=moved) if moved else []
    before = {row["id"]: row["customer"] for row in read.complaints.values() if row["customer"]}
    merged, divided = _changes(before, customers)
    leads = _leads(read, overlay, people, ids)
    return Plan(
        customers,
        merged,
        divided,
        complaints=frozenset({*moved, *(row["id"] for row in related)}),
        identifiers=frozenset(row["hmac"] for row in leads),
        owners=frozenset(before.values()),
        moves=moves,
        leads=leads,
        batch=frozenset(overlay.filings),
    )


async def write_people(transaction: Transaction, plan: Plan) -> None:
    """Write it; everything that it names is locked."""
    now = sorted(set(plan.customers.values()))
    await transaction.run(_CUSTOMERS, customers=now)
    if plan.moves:
        await transaction.run(_MOVE, rows=list(plan.moves))
    await transaction.run(_LEAD, rows=list(plan.leads))
    await transaction.run(_FACTS, customers=now)
    gone = plan.owners - set(now)
    if gone:
        await transaction.run(_GONE, customers=sorted(gone), batch=sorted(plan.batch))


async def lock_around(
    transaction: Transaction, complaints: Collection[str], *, also: Collection[str] = ()
) -> None:
    """Lock whatever sorting the people of these complaints anew may change; the first locks.

    ``also``: keys of other identifiers and complaints to lock.

    Raises:
        WiderError: somebody has joined others to them meanwhile; start over.
    """
    seen = await _around(transaction, Overlay(), set(), set(complaints))
    ids = sorted(seen.complaints)
    related = await transaction.run(_RELATED, ids=ids) if ids else []
    await lock(transaction, Kind.IDENTIFIER, {*seen.joining, *also})
    await lock(transaction, Kind.CUSTOMER, seen.owners)
    filings = {*ids, *complaints, *also, *(row["id"] for row in related)}
    await lock(transaction, Kind.COMPLAINT, filings)
    now = await _around(transaction, Overlay(), set(), set(complaints))
    if not (
        now.complaints.keys() <= seen.complaints.keys()
        and now.joining <= seen.joining
        and now.owners <= seen.owners
    ):
        raise WiderError(())


async def _around(
    transaction: Transaction, overlay: Overlay, hmacs: set[str], complaints: set[str]
) -> _Read:
    read = _Read(
        keys={hmac: each["customerKey"] for hmac, each in overlay.identifiers.items()},
        shared=dict(overlay.shared),
    )
    # What does not join and did not leads nowhere: thousands may file under it.
    seen, records, new_records = set(overlay.still), set[str](), set[str]()
    while hmacs - seen or complaints or new_records:
        rows = await transaction.run(
            _AROUND, hmacs=sorted(hmacs - seen), records=sorted(new_records), ids=sorted(complaints)
        )
        seen |= hmacs
        records |= new_records
        for row in rows:
            read.complaints[row["id"]] = row
            for each in row["identifiers"]:
                read.keys[each["hmac"]] = each["customerKey"]
                read.shared.setdefault(each["hmac"], bool(each["shared"]))
            read.records |= {each["id"]: each["customerKey"] for each in row["records"]}
        hmacs = {hmac for hmac in read.keys if not read.shared.get(hmac)} | seen
        new_records, complaints = set(read.records) - records, set()
    return read


def _filings(read: _Read, overlay: Overlay) -> Iterable[Filed]:
    for identity in read.complaints.keys() | overlay.filings.keys():
        row = read.complaints.get(identity)
        identifiers = overlay.filings.get(identity)
        if identifiers is None:
            assert row is not None
            identifiers = frozenset(each["hmac"] for each in row["identifiers"])
        record = row["records"][0]["id"] if row and row["records"] else None
        yield Filed(identity, identifiers, record)


def _moves(read: _Read, overlay: Overlay, customers: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Complaints that change hands; those of the overlay are written by whoever brings them."""
    return [
        {
            "id": identity,
            "customer": customers.get(identity),
            "words": with_customer(row["words"], customers.get(identity)),
        }
        for identity, row in sorted(read.complaints.items())
        if identity not in overlay.filings and row["customer"] != customers.get(identity)
    ]


def _leads(
    read: _Read, overlay: Overlay, people: People, ids: Mapping[Group, str]
) -> list[Mapping[str, Any]]:
    """To whom each identifier leads; what was shared before and still is leads nowhere."""
    return [
        {
            "hmac": hmac,
            "shared": True if read.shared.get(hmac) else None,
            "customers": sorted(ids[group] for group in people.leads.get(hmac, ())),
        }
        for hmac in sorted(read.joining | (overlay.identifiers.keys() - overlay.still))
    ]


def _changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Which customers became one, and which became several (or nobody's: left out)."""
    became: dict[str, set[str]] = {}
    came: dict[str, set[str]] = {}
    for complaint, old in before.items():
        new = after.get(complaint)
        became.setdefault(old, set())
        if new is not None:
            became[old].add(new)
            came.setdefault(new, set()).add(old)
    standing = set(after.values())
    merged = {
        new: tuple(sorted(olds - standing))
        for new, olds in came.items()
        if len(olds) > 1 and olds - standing
    }
    divided = {old: tuple(sorted(news)) for old, news in became.items() if len(news) != 1}
    return merged, divided
