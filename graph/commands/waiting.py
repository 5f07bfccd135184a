"""Work that waits on complaints: marks that outlive every process, taken oldest first.

A mark is the complaint's own sort key in a property of its own with an index, so the next hundred
cost the same whether ten wait or ten million. Who works on one puts a claim beside it, and its
result counts only while that claim stands: whoever changes what the work rests on marks anew
(``marked``), which takes the claim away, and it is done once more. A claim ends by itself after a
while, so a process that was killed holds nobody up.
"""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import uuid4

from graph.commands.locks import Kind, taken
from graph.database import Database, Transaction

#: After so many milliseconds somebody else may do what was claimed.
CLAIM_MILLISECONDS = 60_000


class Work(Enum):
    """What can wait, as the stem of its properties."""

    LINK = "link"
    ESCALATE = "escalate"

    @property
    def mark(self) -> str:
        """The property that marks: the complaint's sort key while the work waits."""
        return f"{self.value}Key"

    @property
    def claim(self) -> str:
        """The property that claims: since when (server's milliseconds, padded), and a token."""
        return f"{self.value}Claim"

    @property
    def done(self) -> str:
        """The property of what was done: the sort key that the complaint had then."""
        return {Work.LINK: "linkedKey", Work.ESCALATE: "escalatedKey"}[self]


def marked(node: str, work: Work) -> str:
    """A clause that lets work wait on ``node``, also when somebody is doing it right now."""
    return f"SET {node}.{work.mark} = {node}.receivedKey, {node}.{work.claim} = null"


def mark(work: Work, key: str) -> dict[str, str | None]:
    """The same as properties to set; ``key``: the complaint's sort key."""
    return {work.mark: key, work.claim: None}


def completed(node: str, work: Work) -> str:
    """A clause for work that is done: the caller has locked the node and checked its claim."""
    return (
        f"SET {node}.{work.mark} = null, {node}.{work.claim} = null, "
        f"{node}.{work.done} = {node}.receivedKey"
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """Complaints on which one process works, by receipt; they carry its token."""

    token: str
    ids: tuple[str, ...]


#: A claim begins with the server's time in milliseconds (13 digits until the year 2286).
_CLAIMED_NOW = "toString(timestamp()) + ':' + $token"
_FRESH = f"toString(timestamp() - {CLAIM_MILLISECONDS})"

_WAITING = {
    work: f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.{work.mark} > $after
    RETURN c.id AS id, c.{work.mark} AS key, coalesce(c.{work.claim}, '') > {_FRESH} AS claimed
    ORDER BY c.{work.mark} LIMIT $limit
    """
    for work in Work
}
_COUNT = {
    work: f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.{work.mark} > '' WITH c LIMIT $most RETURN count(*) AS waiting
    """
    for work in Work
}
# What is decided by is read after the lock, and locked is in the order of the keys.
_LOCKED = """
CYPHER 25
UNWIND $keys AS key
MATCH (c:Complaint {id: key})
SET c.lock = true REMOVE c.lock
"""
_CLAIMABLE = ", ".join(
    f"""'{work.value}' IN $works AND c.{work.mark} IS NOT NULL
      AND ($steal OR coalesce(c.{work.claim}, '') <= {_FRESH}) AS {work.value}"""
    for work in Work
)
_SET_CLAIMS = "".join(
    f"SET c.{work.claim} = CASE WHEN {work.value} THEN {_CLAIMED_NOW} ELSE c.{work.claim} END\n"
    for work in Work
)
_CLAIM = f"""{_LOCKED}
WITH c, {_CLAIMABLE}
WHERE {" OR ".join(work.value for work in Work)}
{_SET_CLAIMS}
RETURN c.id AS id, c.receivedKey AS key
"""
_HELD = {
    work: f"""{_LOCKED}
    WITH c
    WHERE c.id IN $ids AND c.{work.claim} ENDS WITH $token AND c.{work.mark} IS NOT NULL
    RETURN c.id AS id, c.customerId AS customer ORDER BY c.receivedKey
    """
    for work in Work
}
_COMPLETE = {
    work: f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (c:Complaint {{id: id}})
    {completed("c", work)}
    """
    for work in Work
}
_RELEASE = {
    work: f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.id IN $ids AND c.{work.claim} ENDS WITH $token
    SET c.{work.claim} = null
    """
    for work in Work
}


def claimed(node: str, work: Work) -> str:
    """A clause that claims for ``$token``, if there is one, what the same statement marks."""
    return f"""SET {node}.{work.claim} = CASE
      WHEN {node}.{work.mark} IS NULL OR $token IS NULL THEN null ELSE {_CLAIMED_NOW} END"""


async def waiting_count(database: Database, work: Work, *, most: int = sys.maxsize) -> int:
    """How many complaints wait, counted up to ``most``."""
    return int((await database.read(_COUNT[work], most=most))[0]["waiting"])


async def claim_next(database: Database, work: Work, limit: int) -> Claim | None:
    """Claim the oldest that wait and that nobody works on; None when there are none."""
    after = ""
    while rows := await database.read(_WAITING[work], after=after, limit=limit):
        free = [row["id"] for row in rows if not row["claimed"]]
        claim = await claim_these(database, [work], free, steal=False) if free else None
        if claim is not None:
            return claim
        after = rows[-1]["key"]
    return None


async def claim_these(
    database: Database,
    works: Collection[Work],
    ids: Collection[str],
    *,
    token: str | None = None,
    steal: bool = True,
) -> Claim | None:
    """Claim what waits of these.

    ``token``: the caller's own, if it has one. ``steal``: also what somebody else works on, whose
    result then no longer counts.
    """
    own = token or uuid4().hex

    async def attempt(transaction: Transaction) -> dict[str, str]:
        keys = sorted(set(ids))
        taken(transaction, Kind.COMPLAINT, keys)
        rows = await transaction.run(
            _CLAIM, keys=keys, works=[work.value for work in works], steal=steal, token=own
        )
        return {row["id"]: row["key"] for row in rows}

    mine = await database.write(attempt)
    return Claim(own, tuple(sorted(mine, key=mine.__getitem__))) if mine else None


async def lock_held(
    transaction: Transaction, work: Work, claim: Claim, others: Collection[str] = ()
) -> dict[str, str | None]:
    """Lock the claim's complaints and others; those on which the claim still stands.

    By receipt, each with its customer.
    """
    keys = sorted({*claim.ids, *others})
    taken(transaction, Kind.COMPLAINT, keys)
    rows = await transaction.run(_HELD[work], keys=keys, ids=list(claim.ids), token=claim.token)
    return {row["id"]: row["customer"] for row in rows}


async def complete(transaction: Transaction, work: Work, ids: Sequence[str]) -> None:
    """Take the marks away; the caller has locked the complaints and checked its claim."""
    if ids:
        await transaction.run(_COMPLETE[work], ids=list(ids))


async def unclaim(transaction: Transaction, work: Work, claim: Claim, ids: Sequence[str]) -> None:
    """Let others do what could not be done now; the marks stay. The caller has locked them."""
    if ids:
        await transaction.run(_RELEASE[work], ids=list(ids), token=claim.token)
