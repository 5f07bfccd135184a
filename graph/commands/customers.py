"""Who filed: identifiers decide who is the same person.

Every identifier's hash stands for a customer id of its own (``customerKey``, derived with the
installation's key); a customer's id is the smallest of its identifiers' ones. So the result does
not depend on the order in which complaints arrive, and any id that a customer ever had still
leads to it through its identifier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.commands.locks import Kind, WiderError, lock, taken
from graph.commands.waiting import Work, marked
from graph.database import Transaction
from graph.domain.case import Case, CustomerFacts
from graph.domain.copies import complaint_key, source_key
from graph.domain.identity import Keyring
from graph.domain.tokens import TokenField, token

# SET and REMOVE take the write lock: whoever else adds to these people waits for our commit.
_LOCK_IDENTIFIERS = """
CYPHER 25
UNWIND $identifiers AS row
MERGE (i:Identifier {hmac: row.hmac})
  ON CREATE SET i.kind = row.kind, i.customerKey = row.customerKey
SET i.lock = true REMOVE i.lock
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
RETURN u.id AS customer, collect(i.hmac) AS hmacs, collect(i.customerKey) AS keys
"""
_SETTLE = f"""
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
    MERGE (u)-[:FILED]->(c) DELETE filed
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

    ``of``: the customer of each complaint by id; ``people``: who they are, each once.
    ``filings``: complaints that change their customer, which has to be locked before they do.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[_Person] = ()
    facts: Sequence[Mapping[str, object]] = ()
    filings: frozenset[str] = frozenset()

    @property
    def merged(self) -> Mapping[str, tuple[str, ...]]:
        """Which customers become one: {new: olds}."""
        return {p.id: tuple(sorted(p.olds - {p.id})) for p in self.people if len(p.olds) > 1}


async def find_customers(
    transaction: Transaction, cases: Sequence[Case], keyring: Keyring, replaced: Sequence[str]
) -> Customers:
    """Lock all customers whom storing these cases concerns, and work out who filed what.

    ``replaced``: complaints whose customer may change.

    Raises:
        WiderError: somebody has joined these customers with others meanwhile; start over.
    """
    named = [case for case in cases if case.customer and case.customer.identifiers]
    identifiers = {
        hmac: {"hmac": hmac, "kind": kind, "customerKey": keyring.customer_id(hmac)}
        for case in named
        for kind, hmac in _identifiers(case)
    }
    hmacs = sorted(identifiers)
    if hmacs:
        await transaction.run(_LOCK_IDENTIFIERS, identifiers=[identifiers[h] for h in hmacs])
        taken(transaction, Kind.IDENTIFIER, hmacs)
    if not hmacs and not replaced:
        return Customers()
    concerned = await transaction.run(_CONCERNED, hmacs=hmacs, complaints=list(replaced))
    ids = {row["id"] for row in concerned}
    await lock(transaction, Kind.CUSTOMER, ids)
    # Nobody else can give these identifiers a customer while we hold them.
    known = await transaction.run(_KNOWN, hmacs=hmacs) if ids and hmacs else []
    if not {row["customer"] for row in known} <= ids:
        raise WiderError(())
    people = _people(
        [
            *(_Person(set(r["hmacs"]), set(r["keys"]), {r["customer"]}) for r in known),
            *(_filer(case, keyring) for case in named),
        ]
    )
    of = {case.id: people[_identifiers(case)[0][1]].id for case in named}
    distinct = sorted({id(p): p for p in people.values()}.values(), key=lambda person: person.id)
    olds = sorted(old for person in distinct for old in person.olds - {person.id})
    filings = await transaction.run(_FILINGS, customers=olds) if olds else []
    return Customers(of, distinct, _attributes(named, of), frozenset(row["id"] for row in filings))


async def write_customers(transaction: Transaction, customers: Customers) -> None:
    """Create, complete or merge customers; the complaints that change theirs are locked."""
    if not customers.people:
        return
    await _write(transaction, customers.people)
    if customers.facts:
        await transaction.run(_ATTRIBUTES, facts=list(customers.facts))


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
    rows = [{"id": p.id, "olds": sorted(p.olds - {p.id}), "hmacs": sorted(p.hmacs)} for p in people]
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
    ordered = sorted(cases, key=_key)
    return [
        {
            "id": settled[case.id],
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
