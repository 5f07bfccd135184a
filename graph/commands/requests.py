"""Mutations that may be retried: one request under one key acts once."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from graph.database import Database, Transaction
from graph.errors import ConflictError, InvalidInputError

#: How long a key is remembered.
KEPT = timedelta(days=7)

_CLAIM = """
CYPHER 25
MERGE (r:Request {id: $id})
ON CREATE SET r.inputHash = $inputHash, r.createdAt = $now, r.expiresAt = $expiresAt
RETURN r.inputHash AS inputHash, r.payload AS payload
"""
_KEEP = "CYPHER 25 MATCH (r:Request {id: $id}) SET r.payload = $payload"
_FORGET = """
CYPHER 25
MATCH (r:Request) WHERE r.expiresAt < $now WITH r LIMIT 1000 DELETE r
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
        return f"{self.actor}:{self.mutation}:{_uuid(self.key)}"


async def claim(
    transaction: Transaction, request: RequestKey, now: datetime
) -> Mapping[str, str] | None:
    """The payload of the first time; None if this is it.

    Raises:
        InvalidInputError: the key is no UUID.
        ConflictError: the key was used with another input.
    """
    await transaction.run(_FORGET, now=now)
    values = {"inputHash": request.input_hash, "now": now, "expiresAt": now + KEPT}
    row = (await transaction.run(_CLAIM, id=request.id, **values))[0]
    if row["inputHash"] != request.input_hash:
        raise ConflictError(
            "This idempotencyKey was used with another input within seven days: send a new key.",
            path=["idempotencyKey"],
        )
    return None if row["payload"] is None else dict(json.loads(row["payload"]))


async def keep(transaction: Transaction, request: RequestKey, payload: Mapping[str, str]) -> None:
    """Remember the payload for a retry."""
    await transaction.run(_KEEP, id=request.id, payload=json.dumps(dict(payload)))


async def once(
    database: Database,
    request: RequestKey,
    act: Callable[[], Awaitable[Mapping[str, str]]],
    now: datetime,
) -> Mapping[str, str]:
    """The payload's ids: from the first time, or by acting now.

    ``act`` must itself be safe to repeat: a process that dies between acting and keeping the
    payload makes the retry act again.

    Raises:
        InvalidInputError: the key is no UUID.
        ConflictError: the key was used with another input.
    """
    known = await database.write(lambda transaction: claim(transaction, request, now))
    if known is not None:
        return known
    payload = await act()
    await database.write(lambda transaction: keep(transaction, request, payload))
    return payload


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidInputError(
            "idempotencyKey must be a UUID, such as one from uuidgen.", path=["idempotencyKey"]
        ) from error
