"""Locks on nodes, taken in one order, so that no two transactions wait for each other.

Whoever changes nodes that others may change locks them first, all of one kind at once, the kinds
in the order of ``Kind``; it reads what it decides by after the lock, and acts only if that still
holds. ``lock`` refuses any other order, so a deadlock cannot be written by mistake. A transaction
that needs more than it holds starts over (``widening``).

Neo4j itself locks the ends of relations that are created or deleted, unless they have many, and
creating one waits for that at the commit. So these ends are locked too (``lock_ends``), only while
they have few: nobody waits for the others.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import Enum
from typing import TypeVar

from graph.database import WRITE_SECONDS, Database, Transaction

T = TypeVar("T")
#: A set of keys only grows, so few rounds are enough; more are a defect.
_ROUNDS = 20


class Kind(Enum):
    """Label and key of nodes that can be locked, in the order in which they are."""

    TURN = ("Lease", "name")
    REQUEST = ("Request", "id")
    CLUSTER_FIT = ("ClusterFit", "name")
    IDENTIFIER = ("Identifier", "hmac")
    CUSTOMER = ("Customer", "id")
    COMPLAINT = ("Complaint", "id")
    ALERT = ("Alert", "id")
    SYSTEMIC_ISSUE = ("SystemicIssue", "id")
    REMEDIATION = ("Remediation", "id")
    PRODUCT = ("Product", "code")
    BRANCH = ("Branch", "code")
    DEPARTMENT = ("Department", "code")
    ROOT_CAUSE = ("RootCause", "code")
    CLUSTER = ("Cluster", "id")
    COUNTER = ("Counter", "name")


_ORDER = {kind: place for place, kind in enumerate(Kind)}
# A property that is written takes the node's lock; removed again, it leaves no trace. The rows come
# in the order of the list.
_LOCK = {
    kind: f"""
    CYPHER 25
    UNWIND $keys AS key
    MATCH (n:{kind.value[0]} {{{kind.value[1]}: key}})
    SET n.lock = true REMOVE n.lock
    RETURN key
    """
    for kind in Kind
}
_TURN = "CYPHER 25 MERGE (n:Lease {name: $name}) SET n.lock = true REMOVE n.lock"
# A node is dense from 50 relations on (db.relationship_grouping_threshold) and stays so.
_LOCK_SPARSE = {
    kind: f"""
    CALL () {{
      UNWIND $ends.{kind.name} AS key
      MATCH (n:{kind.value[0]} {{{kind.value[1]}: key}}) WHERE COUNT {{ (n)--() }} < 100
      SET n.lock = true REMOVE n.lock
    }}
    """
    for kind in Kind
}


async def lock(transaction: Transaction, kind: Kind, keys: Collection[str]) -> frozenset[str]:
    """Let nobody else lock these nodes until the transaction ends; the keys that exist.

    What was locked before is not locked again.

    Raises:
        AssertionError: more of this kind, or one of a later kind, was locked before: a defect.
    """
    held = transaction.locked
    needed = frozenset(keys)
    if needed <= held.get(kind, set()):
        return needed
    _check_order(transaction, kind)
    held[kind] = set(needed)
    rows = await transaction.run(_LOCK[kind], keys=sorted(needed))
    return frozenset(row["key"] for row in rows)


def taken(transaction: Transaction, kind: Kind, keys: Collection[str]) -> None:
    """Keep in mind what a statement of the caller has locked in the order of its keys."""
    _check_order(transaction, kind)
    transaction.locked[kind] = set(keys)


async def take_turn(transaction: Transaction, name: str) -> None:
    """Let one transaction at a time do what goes by this name; the first lock of a transaction."""
    taken(transaction, Kind.TURN, [name])
    await transaction.run(_TURN, name=name)


def _check_order(transaction: Transaction, kind: Kind) -> None:
    before = [other for other in transaction.locked if _ORDER[other] >= _ORDER[kind]]
    assert not before, f"{kind.name} is locked after {before[-1].name}"


async def lock_ends(transaction: Transaction, ends: Mapping[Kind, Collection[str]]) -> None:
    """Lock nodes to which relations are about to lead or led, where Neo4j would lock them.

    One statement, whose text depends on the kinds alone: the parts run in their order.
    """
    kinds = [kind for kind in Kind if kind in ends]
    keys = {kind: set(ends[kind]) - transaction.locked.get(kind, set()) for kind in kinds}
    if not any(keys.values()):
        return
    for kind in kinds:
        if keys[kind]:
            taken(transaction, kind, keys[kind])
    statement = "\n".join(["CYPHER 25", *(_LOCK_SPARSE[kind] for kind in kinds)])
    await transaction.run(statement, ends={kind.name: sorted(keys[kind]) for kind in kinds})


class WiderError(Exception):
    """What is held does not cover what would be changed: start over with these keys too."""

    def __init__(self, keys: Collection[str]) -> None:
        super().__init__("more has to be locked")
        self.keys = frozenset(keys)


async def widening(
    database: Database,
    keys: Collection[str],
    work: Callable[[Transaction, frozenset[str]], Awaitable[T]],
    *,
    seconds: float = WRITE_SECONDS,
) -> T:
    """Run ``work`` in a transaction with the keys that it is to lock, again with more if need be.

    ``work`` locks the keys it receives, and raises ``WiderError`` before it writes anything when
    it turns out to need others; the transaction is then rolled back. ``seconds``: of each attempt.
    """
    needed = frozenset(keys)
    for _ in range(_ROUNDS):

        async def attempt(transaction: Transaction, held_keys: frozenset[str] = needed) -> T:
            return await work(transaction, held_keys)

        try:
            return await database.write(attempt, seconds=seconds)
        except WiderError as error:
            needed |= error.keys
    raise AssertionError("what a transaction has to lock grows without end")
