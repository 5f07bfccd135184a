"""Mutations that may be retried: one request under one key acts once.

The claim stands in the transaction that acts: both are there, or neither is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from graph.database import Database, DuplicateError, Transaction
from graph.errors import ConflictError, InvalidInputError

#: Why a request may be refused, whatever it asks for.
REFUSALS = (InvalidInputError, ConflictError, DuplicateError)
#: How long a key is remembered.
KEPT = timedelta(days=7)

# The first SET locks: a retry at the same moment waits, then finds the key used. What has expired
# is as good as forgotten, whether or not a sweep has been there.
_CLAIM = """
CYPHER 25
MERGE (r:Request {id: $id})
ON CREATE SET r.expiresAt = $now
SET r.askedAt = $now
WITH r, r.expiresAt <= $now AS free
SET r.inputHash = CASE WHEN free THEN $inputHash ELSE r.inputHash END,
    r.payload = CASE WHEN free THEN $payload ELSE r.payload END,
    r.expiresAt = CASE WHEN free THEN $expiresAt ELSE r.expiresAt END
RETURN free, r.inputHash AS inputHash, r.payload AS payload
"""
_ANSWER = "CYPHER 25 MATCH (r:Request {id: $id}) SET r.payload = $payload"
_KNOWN = "CYPHER 25 MATCH (r:Request {id: $id}) WHERE r.expiresAt > $now RETURN r.id AS id"
_FORGET = """
CYPHER 25
MATCH (r:Request) WHERE r.expiresAt < $now WITH r LIMIT 1000 DELETE r
RETURN count(*) AS forgotten
"""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """``input_hash``: a keyed hash of the input; ``key``: a UUID chosen by the client."""

    actor: str
    mutation: str
    key: str
    input_hash: str

    @property
    def id(self) -> str:
        """Raises InvalidInputError: the key is no UUID."""
        return f"{self.actor}:{self.mutation}:{_uuid(self.key)}"


async def claim(
    transaction: Transaction, request: RequestKey | None, payload: Mapping[str, str], now: datetime
) -> Mapping[str, str] | None:
    """None: this is the first time, and a retry will get ``payload``; else that of the first time.

    Without a key every time is the first.

    Raises:
        InvalidInputError: the key is no UUID.
        ConflictError: the key was used with another input.
    """
    if request is None:
        return None
    row = (
        await transaction.run(
            _CLAIM,
            id=request.id,
            inputHash=request.input_hash,
            payload=json.dumps(dict(payload)),
            now=now,
            expiresAt=now + KEPT,
        )
    )[0]
    if row["inputHash"] != request.input_hash:
        raise ConflictError(
            "This idempotencyKey was used with another input within seven days: send a new key.",
            path=["idempotencyKey"],
        )
    return None if row["free"] else dict(json.loads(row["payload"]))


async def answer(
    transaction: Transaction, request: RequestKey | None, payload: Mapping[str, str]
) -> None:
    """What a retry will get, once it is known."""
    if request is not None:
        await transaction.run(_ANSWER, id=request.id, payload=json.dumps(dict(payload)))


async def known(database: Database, request: RequestKey, now: datetime) -> bool:
    """Whether something was done under this key, so that a retry is answered and does nothing.

    Raises:
        InvalidInputError: the key is no UUID.
    """
    return bool(await database.read(_KNOWN, id=request.id, now=now))


async def forget_expired(database: Database, now: datetime) -> int:
    """Delete the requests whose keys have expired; how many those were."""

    async def work(transaction: Transaction) -> int:
        return int((await transaction.run(_FORGET, now=now))[0]["forgotten"])

    total = 0
    while forgotten := await database.write(work):
        total += forgotten
    return total


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidInputError(
            "idempotencyKey must be a UUID, such as one from uuidgen.", path=["idempotencyKey"]
        ) from error
