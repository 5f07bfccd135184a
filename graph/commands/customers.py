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
from dataclasses import dataclass, field

from graph.commands.people import Overlay, arrange
from graph.database import Row, Transaction
from graph.domain.case import Case, CustomerFacts
from graph.domain.copies import received_key
from graph.domain.enums import IdentifierKind
from graph.domain.identity import Keyring
from graph.domain.people import MOST_PEOPLE, USUAL, people_behind
from graph.domain.tokens import TokenField, token

# SET and REMOVE take the write lock: whoever else adds to these people waits for our commit.
_LOCK_IDENTIFIERS = """
CYPHER 25
UNWIND $identifiers AS row
MERGE (i:Identifier {hmac: row.hmac})
  ON CREATE SET i.kind = row.kind, i.customerKey = row.customerKey
SET i.lock = true REMOVE i.lock
"""
_LOCK_CUSTOMERS = """
CYPHER 25
MATCH (i:Identifier)-[:IDENTIFIES]->(u:Customer) WHERE i.hmac IN $hmacs
WITH DISTINCT u ORDER BY u.id
SET u.lock = true REMOVE u.lock
RETURN count(*) AS locked
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
_BEFORE = """
CYPHER 25
MATCH (c:Complaint)-[:FILED_WITH]->(i:Identifier) WHERE c.id IN $ids
RETURN c.id AS id, collect(i {.hmac, .kind, .customerKey}) AS identifiers
"""


def _other(kind: str, usual: int) -> str:
    return f"""COLLECT {{
      MATCH (i)<-[:FILED_WITH]-(c:Complaint)-[:FILED_WITH]->(j:Identifier {{kind: '{kind}'}})
      WHERE i.kind <> '{kind}' AND NOT c.id IN $batch
      RETURN DISTINCT j.hmac LIMIT $most * {usual} + 1
    }}"""


# Who files under an identifier, beside this batch: enough of them to see that they are too many.
_BESIDE = f"""
CYPHER 25
MATCH (i:Identifier) WHERE i.hmac IN $hmacs
RETURN i.hmac AS hmac, coalesce(i.shared, false) AS shared,
  COUNT {{ (i)-[:IDENTIFIES]->() }} AS customers, EXISTS {{ (i)<-[:FILED_WITH]-() }} AS carried,
  [{", ".join(_other(kind, usual) for kind, usual in USUAL.items())}] AS beside
"""
_FILED_WITH = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
CALL (c) { MATCH (c)-[old:FILED_WITH]->() DELETE old }
CALL (c, row) {
  UNWIND row.hmacs AS hmac
  MATCH (i:Identifier {hmac: hmac})
  CREATE (c)-[:FILED_WITH]->(i)
}
CALL (c, row) {
  MATCH (:Customer)-[f:FILED]->(c)
  SET f.segment = row.segment, f.region = row.region, f.vulnerable = row.vulnerable
}
"""
# An identifier that no row has any more is as if it had never been.
_FORGET = """
CYPHER 25
MATCH (i:Identifier) WHERE i.hmac IN $hmacs AND NOT EXISTS { (i)<-[:FILED_WITH]-() }
DETACH DELETE i
"""
_SETTLE = """
CYPHER 25
UNWIND $people AS person
MERGE (u:Customer {id: person.id})
WITH u, person
CALL (u, person) {
  MATCH (old:Customer) WHERE old.id IN person.olds AND old <> u
  SET u.vulnerable = CASE WHEN old.vulnerable OR u.vulnerable THEN true ELSE u.vulnerable END
  WITH u, old
  CALL (u, old) {
    MATCH (old)-[filed:FILED]->(c:Complaint)
    MERGE (u)-[f:FILED]->(c) SET f = properties(filed) DELETE filed
    SET c.customerId = u.id, c.linkPending = true
  }
  CALL (u, old) {
    MATCH (i:Identifier)-[identifies:IDENTIFIES]->(old)
    MERGE (i)-[:IDENTIFIES]->(u) DELETE identifies
  }
  CALL (u, old) {
    WITH u, old WHERE coalesce(old.attributesKey, '') > coalesce(u.attributesKey, '')
    SET u.segment = old.segment, u.region = old.region, u.attributesKey = old.attributesKey
  }
  DETACH DELETE old
}
WITH u, person
UNWIND person.hmacs AS hmac
MATCH (i:Identifier {hmac: hmac})
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
class Settled:
    """Whose each complaint is (by id), and what became of customers that were known.

    ``merged``: {customer: those that it took in}; ``divided``: {customer: those it became}.
    """

    customers: Mapping[str, str]
    merged: Mapping[str, tuple[str, ...]]
    divided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Sequence[Mapping[str, object]] = ()
    dropped: Sequence[str] = ()


async def settle_customers(
    transaction: Transaction,
    cases: Sequence[Case],
    keyring: Keyring,
    *,
    replaced: Collection[str] = (),
    most_people: int = MOST_PEOPLE,
) -> Settled:
    """Create, complete, merge or divide the customers of these cases.

    ``replaced``: those of the cases that the graph knows, with what they said before.
    ``most_people``: see ``graph.domain.people``.
    """
    before = await _before(transaction, replaced)
    named = [case for case in cases if _identifiers(case)]
    identifiers = {
        hmac: {"hmac": hmac, "kind": kind, "customerKey": keyring.customer_id(hmac)}
        for case in named
        for kind, hmac in _identifiers(case)
    } | {each["hmac"]: each for some in before.values() for each in some}
    if not identifiers:
        return Settled({}, {})
    hmacs = sorted(identifiers)
    await transaction.run(_LOCK_IDENTIFIERS, identifiers=[identifiers[hmac] for hmac in hmacs])
    locked = (await transaction.run(_LOCK_CUSTOMERS, hmacs=hmacs))[0]["locked"]
    # Nobody else can give these identifiers a customer while we hold them.
    known = await transaction.run(_KNOWN, hmacs=hmacs) if locked else []
    filings = {case.id: frozenset(h for _, h in _identifiers(case)) for case in cases}
    beside = await transaction.run(_BESIDE, hmacs=hmacs, batch=list(filings), most=most_people)
    shared = _shared(cases, beside, most_people)
    changed = {
        identity
        for identity in before.keys() | set(replaced)
        if {each["hmac"] for each in before.get(identity, ())} != filings[identity]
    }
    if changed or _is_intricate(beside, shared, known):
        still = frozenset(row["hmac"] for row in beside if row["shared"] and shared[row["hmac"]])
        overlay = Overlay(filings, shared, identifiers, still)
        arranged = await arrange(transaction, overlay, around=known)
        settled, merged, divided = arranged.customers, arranged.merged, arranged.divided
    else:
        settled, merged = await _joined(transaction, named, known, keyring)
        divided = {}
    facts = _attributes([case for case in named if case.id in settled], settled)
    if facts:
        await transaction.run(_ATTRIBUTES, facts=facts)
    dropped = {each["hmac"] for identity in changed for each in before.get(identity, ())}
    rows = [_filed_with(case) for case in cases if filings[case.id] or case.id in before]
    return Settled(settled, merged, divided, rows, sorted(dropped))


async def keep_filings(transaction: Transaction, settled: Settled) -> None:
    """Keep which complaint was filed under which identifiers; after the complaints are written."""
    if settled.rows:
        await transaction.run(_FILED_WITH, rows=list(settled.rows))
    if settled.dropped:
        await transaction.run(_FORGET, hmacs=list(settled.dropped))


async def _before(
    transaction: Transaction, replaced: Collection[str]
) -> dict[str, list[dict[str, str]]]:
    rows = await transaction.run(_BEFORE, ids=sorted(replaced)) if replaced else []
    return {row["id"]: row["identifiers"] for row in rows}


def _shared(cases: Sequence[Case], beside: Sequence[Row], most: int) -> dict[str, bool]:
    """Of each identifier whether more people file under it than one person's family."""
    others: dict[str, dict[str, set[str]]] = {
        row["hmac"]: {kind: set(some) for kind, some in zip(USUAL, row["beside"], strict=True)}
        for row in beside
    }
    for case in cases:
        for kind, hmac in _identifiers(case):
            for other_kind, other in _identifiers(case):
                if other_kind != kind:
                    others[hmac][IdentifierKind(other_kind)].add(other)
    return {hmac: people_behind(some) > most for hmac, some in others.items()}


def _is_intricate(beside: Sequence[Row], shared: Mapping[str, bool], known: Sequence[Row]) -> bool:
    """Whether more is to be known than which customers the identifiers lead to."""
    return any(row["recorded"] for row in known) or any(
        row["shared"] or shared[row["hmac"]] or (row["carried"] and row["customers"] != 1)
        for row in beside
    )


async def _joined(
    transaction: Transaction, named: Sequence[Case], known: Sequence[Row], keyring: Keyring
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    people = _people(
        [
            *(_Person(set(r["hmacs"]), set(r["keys"]), {r["customer"]}) for r in known),
            *(_filer(case, keyring) for case in named),
        ]
    )
    await _write(transaction, people.values())
    merged = {
        person.id: tuple(sorted(person.olds - {person.id}))
        for person in people.values()
        if len(person.olds) > 1
    }
    return {case.id: people[_identifiers(case)[0][1]].id for case in named}, merged


def _filed_with(case: Case) -> dict[str, object]:
    customer = case.customer
    return {
        "id": case.id,
        "hmacs": sorted(hmac for _, hmac in _identifiers(case)),
        "segment": customer.segment if customer else None,
        "region": customer.region if customer else None,
        "vulnerable": customer.vulnerable if customer else None,
    }


def _identifiers(case: Case) -> tuple[tuple[str, str], ...]:
    return case.customer.identifiers if case.customer else ()


def _filer(case: Case, keyring: Keyring) -> _Person:
    hmacs = {hmac for _, hmac in _identifiers(case)}
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
    distinct = sorted({id(p): p for p in people}.values(), key=lambda person: person.id)
    rows = [
        {"id": p.id, "olds": sorted(p.olds - {p.id}), "hmacs": sorted(p.hmacs)} for p in distinct
    ]
    await transaction.run(_SETTLE, people=rows)
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


def _attributes(cases: Sequence[Case], settled: Mapping[str, str]) -> list[dict[str, object]]:
    # By receipt, so that within one batch too the latest statement stays.
    ordered = sorted(cases, key=lambda case: received_key(case.received.at, case.id))
    return [
        {
            "id": settled[case.id],
            "key": received_key(case.received.at, case.id),
            "segment": case.customer.segment,
            "region": case.customer.region,
            "vulnerable": case.customer.vulnerable,
        }
        for case in ordered
        if case.customer and _says_something(case.customer)
    ]


def _says_something(customer: CustomerFacts) -> bool:
    return bool(customer.vulnerable or customer.segment or customer.region)
