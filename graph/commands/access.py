"""Making and ending keys and signed-in browsers; the graph keeps secrets as keyed hashes only."""

from datetime import datetime
from typing import Any

from graph.database import Database
from graph.domain.access import Identity
from graph.errors import NotFoundError
from graph.queries.access import ApiKey

_CREATE_KEY = """
CYPHER 25
CREATE (k:ApiKey {id: $id})
SET k += $grant, k.hash = $hash, k.createdAt = $now, k.createdBy = $by
"""
_REVOKE = """
CYPHER 25
MATCH (k:ApiKey {id: $id})
SET k.revokedAt = coalesce(k.revokedAt, $now), k.revokedBy = coalesce(k.revokedBy, $by)
RETURN k {.*} AS key
"""
_USED = "CYPHER 25 MATCH (k:ApiKey {id: $id}) SET k.usedAt = $now"
_BEGIN = """
CYPHER 25
CREATE (s:Session {id: $id})
SET s += $grant, s.begunAt = $now, s.seenAt = $now
"""
_SEEN = "CYPHER 25 MATCH (s:Session {id: $id}) SET s.seenAt = $now"
_END = "CYPHER 25 MATCH (s:Session {id: $id}) DELETE s RETURN count(*) AS ended"
_SWEEP = """
CYPHER 25
MATCH (s:Session) WHERE s.endsAt <= $now OR s.seenAt <= $idle
WITH s LIMIT 1000
DELETE s
"""


async def create_key(
    database: Database, key: str, digest: str, identity: Identity, *, by: str, now: datetime
) -> None:
    """``key``: what is seen of it; ``digest``: the keyed hash of its secret."""
    grant = {**_grant(identity), "expiresAt": identity.expires_at}
    await database.write(
        lambda t: t.run(_CREATE_KEY, id=key, hash=digest, grant=grant, by=by, now=now)
    )


async def revoke_key(database: Database, key: str, *, by: str, now: datetime) -> ApiKey:
    """From now on the key opens nothing; revoking it again changes nothing.

    Raises:
        NotFoundError: there is no such key.
    """
    rows = await database.write(lambda t: t.run(_REVOKE, id=key, by=by, now=now))
    if not rows:
        raise NotFoundError(f"There is no key {key!r}: `keys list` shows those there are.")
    return ApiKey.from_record(rows[0]["key"])


async def key_used(database: Database, key: str, now: datetime) -> None:
    await database.write(lambda t: t.run(_USED, id=key, now=now))


async def begin_session(database: Database, digest: str, identity: Identity, now: datetime) -> None:
    """Keep a signed-in browser until ``identity.expires_at``."""
    grant = {**_grant(identity), "endsAt": identity.expires_at}
    await database.write(lambda t: t.run(_BEGIN, id=digest, grant=grant, now=now))


async def session_seen(database: Database, digest: str, now: datetime) -> None:
    await database.write(lambda t: t.run(_SEEN, id=digest, now=now))


async def end_session(database: Database, digest: str) -> bool:
    """Whether there was one."""
    rows = await database.write(lambda t: t.run(_END, id=digest))
    return bool(rows[0]["ended"])


async def sweep_sessions(database: Database, *, now: datetime, idle: datetime) -> None:
    """Remove those that have ended, a thousand at a time."""
    await database.write(lambda t: t.run(_SWEEP, now=now, idle=idle))


def _grant(identity: Identity) -> dict[str, Any]:
    return {
        "actor": identity.actor,
        "name": identity.name,
        "roles": sorted(identity.roles),
        "everything": identity.reach.everything,
        "branches": list(identity.reach.branches),
        "departments": list(identity.reach.departments),
    }
