"""Who filed: identifiers decide who is the same person, as far as nobody knows better.

Every identifier's hash stands for a customer id of its own (``customerKey``, derived with the
installation's key); a customer's id is the smallest of its identifiers' ones. So the result does
not depend on the order in which complaints arrive, and any id that a customer ever had still
leads to it through its identifier.

Most complaints only add to one customer, or join some: that is done here. Where an identifier is
shared by too many, where a row comes again with other identifiers, or where people have corrected
who is who, everything around is sorted anew (see ``people``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.commands.filings import (
    filed_before,
    filed_beside,
    filing,
    identifiers_of,
    shared_identifiers,
)
from graph.commands.locks import Kind, WiderError, lock, taken
from graph.commands.people import Overlay, Plan, plan_people, write_people
from graph.commands.waiting import Work, marked
from graph.database import Row, Transaction
from graph.domain.case import Case, CustomerFacts
from graph.domain.copies import complaint_key, source_key
from graph.domain.identity import Keyring
from graph.domain.people import MOST_PEOPLE
from graph.domain.tokens import TokenField, token

# SET and REMOVE take the write lock: whoever else adds to these people waits for our commit. Those
# that exist come first: MERGE holds an entry of the index, and who deletes an identifier holds the
# node and waits for that.
_LOCK_IDENTIFIERS = """
CYPHER 25
CALL () {
  UNWIND $identifiers AS row
  MATCH (i:Identifier {hmac: row.hmac})
  SET i.lock = true REMOVE i.lock
}
CALL () {
  UNWIND $identifiers AS row
  WITH row WHERE row.kind IS NOT NULL AND NOT EXISTS { (:Identifier {hmac: row.hmac}) }
  MERGE (i:Identifier {hmac: row.hmac})
    ON CREATE SET i.kind = row.kind, i.customerKey = row.customerKey
  SET i.lock = true REMOVE i.lock
}
UNWIND $identifiers AS row
MATCH (i:Identifier {hmac: row.hmac})
RETURN i.hmac AS hmac
"""
# Those who have one of these identifiers, and those who filed what is about to be replaced.
_CONCERNED = """
CYPHER 25
MATCH (i:Identifier)-[:IDENTIFIES]->(u:Customer) WHERE i.hmac IN $hmacs
RETURN u.id AS id
UNION
MATCH (u:Customer)-[:FILED]->(c:Complaint) WHERE c.id IN $complaints
RETURN u.id AS id
"""
_FILINGS = """
CYPHER 25
UNWIND $customers AS id
MATCH (:Customer {id: id})-[:FILED]->(c:Complaint)
RETURN c.id AS id
"""
_KNOWN = """
CYPHER 25
MATCH (known:Identifier)-[:IDENTIFIES]->(u:Customer) WHERE known.hmac IN $hmacs
WITH DISTINCT u
MATCH (i:Identifier)-[:IDENTIFIES]->(u)
WITH u, collect(i.hmac) AS hmacs, collect(i.customerKey) AS keys
RETURN u.id AS customer, hmacs, keys,
  EXISTS { (u)-[:FILED]->(:Complaint)-[:FILED_BY]->(:Person) } AS recorded
"""
_JOIN_CUSTOMERS = f"""
CYPHER 25
UNWIND $people AS person
MERGE (u:Customer {{id: person.id}})
WITH u, person
CALL (u, person) {{
  MATCH (old:Customer) WHERE old.id IN person.olds AND old <> u
  SET u.vulnerable = CASE WHEN old.vulnerable OR u.vulnerable THEN true ELSE u.vulnerable END
  WITH u, old
  CALL (u, old) {{
    MATCH (old)-[filed:FILED]->(c:Complaint)
    MERGE (u)-[f:FILED]->(c) SET f = properties(filed) DELETE filed
    SET c.customerId = u.id
    {marked("c", Work.LINK)}
  }}
  CALL (u, old) {{
    MATCH (i:Identifier)-[identifies:IDENTIFIES]->(old)
    MERGE (i)-[:IDENTIFIES]->(u) DELETE identifies
  }}
  CALL (u, old) {{
    WITH u, old WHERE coalesce(old.attributesKey, '') > coalesce(u.attributesKey, '')
    SET u.segment = old.segment, u.region = old.region, u.attributesKey = old.attributesKey
  }}
  DETACH DELETE old
}}
WITH u, person
UNWIND person.hmacs AS hmac
MATCH (i:Identifier {{hmac: hmac}})
MERGE (i)-[:IDENTIFIES]->(u)
"""
_WORDS = """
CYPHER 25
UNWIND $moved AS person
MATCH (:Customer {id: person.id})-[:FILED]->(c:Complaint)
UNWIND person.oldWords AS old
WITH c, person, old WHERE c.filterTokens CONTAINS old
SET c.filterTokens = replace(c.filterTokens, old, person.word)
"""
_ATTRIBUTES = """
CYPHER 25
UNWIND $facts AS row
MATCH (u:Customer {id: row.id})
SET u.vulnerable = CASE WHEN row.vulnerable THEN true ELSE u.vulnerable END
WITH u, row
WHERE (row.segment IS NOT NULL OR row.region IS NOT NULL)
  AND row.key >= coalesce(u.attributesKey, '')
SET u.segment = row.segment, u.region = row.region, u.attributesKey = row.key
"""


@dataclass(slots=True)
class _Person:
    """One connected group of identifiers, with the customers that it joins."""

    hmacs: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    olds: set[str] = field(default_factory=set)

    def absorb(self, other: "_Person") -> None:
        self.hmacs |= other.hmacs
        self.keys |= other.keys
        self.olds |= other.olds

    @property
    def id(self) -> str:
        return min(self.keys)


@dataclass(frozen=True, slots=True)
class Customers:
    """Who filed some cases, worked out under locks and not yet written.

    ``of``: the customer of each complaint by id. ``merged``: {customer: those that it takes in};
    ``divided``: {customer: those that it becomes}. ``complaints``: those that change their
    customer, and those that were one case with them, which have to be locked before they do.
    ``before``: identifiers under which complaints were filed until now.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    divided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    complaints: frozenset[str] = frozenset()
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    joined: Sequence[_Person] = ()
    plan: Plan | None = None
    facts: Sequence[Mapping[str, object]] = ()
    filings: Sequence[Mapping[str, object]] = ()
    dropped: Sequence[str] = ()

    def check_before(self, complaint: str, identifiers: Collection[str]) -> None:
        """Raises WiderError: somebody has brought the complaint with others meanwhile."""
        if self.before.get(complaint, frozenset()) != frozenset(identifiers):
            raise WiderError(())


async def find_customers(
    transaction: Transaction,
    cases: Sequence[Case],
    keyring: Keyring,
    *,
    replaced: Collection[str] = (),
    most_people: int = MOST_PEOPLE,
    also: Collection[str] = (),
) -> Customers:
    """Lock all customers whom storing these cases concerns, and work out who filed what.

    ``replaced``: those of the cases that the graph knows; their customer may change.
    ``most_people``: see ``graph.domain.people``. ``also``: keys of identifiers and complaints that
    turned out to be concerned.

    Raises:
        WiderError: more is concerned than is locked; start over.
    """
    before = await filed_before(transaction, replaced)
    named = [case for case in cases if identifiers_of(case)]
    identifiers = {
        hmac: {"hmac": hmac, "kind": kind, "customerKey": keyring.customer_id(hmac)}
        for case in named
        for kind, hmac in identifiers_of(case)
    } | {each["hmac"]: each for filed in before.values() for each in filed}
    hmacs = sorted(identifiers)
    if not (hmacs or replaced):
        return Customers()
    known = await _lock(transaction, identifiers, {*also, *replaced})
    was = {identity: frozenset(each["hmac"] for each in before[identity]) for identity in before}
    if not hmacs:
        return Customers(before=was)
    filings = {case.id: frozenset(h for _, h in identifiers_of(case)) for case in cases}
    beside = await filed_beside(transaction, hmacs, cases, most_people)
    shared = shared_identifiers(cases, beside, most_people)
    changed = {each for each in replaced if was.get(each, frozenset()) != filings[each]}
    if changed or _is_intricate(beside, shared, known):
        still = frozenset(row["hmac"] for row in beside if row["shared"] and shared[row["hmac"]])
        overlay = Overlay(filings, shared, identifiers, still)
        around = {hmac for row in known for hmac in row["hmacs"]}
        plan = await plan_people(transaction, overlay, around=around)
        plan.check_locked(transaction)
        result = Customers(plan.customers, plan.merged, plan.divided, plan.complaints, plan=plan)
    else:
        result = await _joined(transaction, named, known, keyring)
    return replace(
        result,
        before=was,
        facts=_attributes([case for case in named if case.id in result.of], result.of),
        filings=[filing(case) for case in cases if filings[case.id] or was.get(case.id)],
        dropped=sorted({hmac for each in changed for hmac in was.get(each, ())}),
    )


async def write_customers(transaction: Transaction, customers: Customers) -> None:
    """Create, complete, merge or divide customers; the complaints that change theirs are locked."""
    if customers.plan is not None:
        await write_people(transaction, customers.plan)
    elif customers.joined:
        await _write(transaction, customers.joined)
    if customers.facts:
        await transaction.run(_ATTRIBUTES, facts=list(customers.facts))


async def _lock(
    transaction: Transaction,
    identifiers: Mapping[str, Mapping[str, str]],
    also: Collection[str],
) -> list[Row]:
    """Lock identifiers, which are made if need be, and the customers concerned; those known."""
    rows = [identifiers.get(key, {"hmac": key}) for key in sorted({*identifiers, *also})]
    locked = {row["hmac"] for row in await transaction.run(_LOCK_IDENTIFIERS, identifiers=rows)}
    taken(transaction, Kind.IDENTIFIER, [row["hmac"] for row in rows])
    if not locked.issuperset(identifiers):
        raise WiderError(())  # the last complaint of one was removed before we had its lock
    hmacs = [row["hmac"] for row in rows]
    concerned = await transaction.run(_CONCERNED, hmacs=hmacs, complaints=sorted(also))
    ids = {row["id"] for row in concerned}
    await lock(transaction, Kind.CUSTOMER, ids)
    # Nobody else can give these identifiers a customer while we hold them.
    known = await transaction.run(_KNOWN, hmacs=sorted(identifiers)) if ids else []
    if not {row["customer"] for row in known} <= ids:
        raise WiderError(())
    return known


def _is_intricate(beside: Sequence[Row], shared: Mapping[str, bool], known: Sequence[Row]) -> bool:
    """Whether more is to be known than which customers the identifiers lead to."""
    return any(row["recorded"] for row in known) or any(
        row["shared"] or shared[row["hmac"]] or (row["carried"] and row["customers"] != 1)
        for row in beside
    )


async def _joined(
    transaction: Transaction, named: Sequence[Case], known: Sequence[Row], keyring: Keyring
) -> Customers:
    """The usual case: every identifier leads to one customer, and nobody has corrected that."""
    people = _people(
        [
            *(_Person(set(r["hmacs"]), set(r["keys"]), {r["customer"]}) for r in known),
            *(_filer(case, keyring) for case in named),
        ]
    )
    distinct = sorted({id(p): p for p in people.values()}.values(), key=lambda person: person.id)
    olds = sorted(old for person in distinct for old in person.olds - {person.id})
    moved = await transaction.run(_FILINGS, customers=olds) if olds else []
    return Customers(
        {case.id: people[identifiers_of(case)[0][1]].id for case in named},
        {p.id: tuple(sorted(p.olds - {p.id})) for p in distinct if len(p.olds) > 1},
        complaints=frozenset(row["id"] for row in moved),
        joined=distinct,
    )


def _filer(case: Case, keyring: Keyring) -> _Person:
    hmacs = {hmac for _, hmac in identifiers_of(case)}
    return _Person(hmacs, {keyring.customer_id(hmac) for hmac in hmacs})


def _people(groups: Iterable[_Person]) -> dict[str, _Person]:
    """Join groups that share an identifier; the person of each identifier's hash."""
    by_hmac: dict[str, _Person] = {}
    for group in groups:
        person = _Person()
        touched = {id(by_hmac[h]): by_hmac[h] for h in group.hmacs if h in by_hmac}
        for part in (group, *touched.values()):
            person.absorb(part)
        for hmac in person.hmacs:
            by_hmac[hmac] = person
    return by_hmac


async def _write(transaction: Transaction, people: Iterable[_Person]) -> None:
    rows = [{"id": p.id, "olds": sorted(p.olds - {p.id}), "hmacs": sorted(p.hmacs)} for p in people]
    await transaction.run(_JOIN_CUSTOMERS, people=rows)
    moved = [
        {
            "id": row["id"],
            "word": token(TokenField.CUSTOMER, str(row["id"])),
            "oldWords": [token(TokenField.CUSTOMER, old) for old in row["olds"]],
        }
        for row in rows
        if row["olds"]
    ]
    if moved:
        await transaction.run(_WORDS, moved=moved)


def _attributes(cases: Sequence[Case], customer_ids: Mapping[str, str]) -> list[dict[str, object]]:
    # By receipt, so that within one batch too the latest statement stays.
    ordered = sorted(cases, key=_key)
    return [
        {
            "id": customer_ids[case.id],
            "key": _key(case),
            "segment": case.customer.segment,
            "region": case.customer.region,
            "vulnerable": case.customer.vulnerable,
        }
        for case in ordered
        if case.customer and _says_something(case.customer)
    ]


def _key(case: Case) -> str:
    return complaint_key(case.received.at, source_key(case.source_system, case.source_id), case.id)


def _says_something(customer: CustomerFacts) -> bool:
    return bool(customer.vulnerable or customer.segment or customer.region)
