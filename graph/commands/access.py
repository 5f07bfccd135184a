"""Keys, signed-in browsers and staff, as the graph keeps them: secrets only as keyed hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.database import Database, Row
from graph.domain.access import Identity, Method, Reach, Role
from graph.errors import NotFoundError

_CREATE_KEY = """
CYPHER 25
CREATE (k:ApiKey {id: $id})
SET k += $grant, k.hash = $hash, k.createdAt = $now, k.createdBy = $by
"""
_KEYS = "CYPHER 25 MATCH (k:ApiKey) RETURN k {.*} AS key ORDER BY k.createdAt, k.id"
_KEY = "CYPHER 25 MATCH (k:ApiKey {id: $id}) RETURN k {.*} AS key"
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
_SESSION = """
CYPHER 25
MATCH (s:Session {id: $id}) WHERE s.endsAt > $now AND s.seenAt > $idle
RETURN s {.*} AS session
"""
_SEEN = "CYPHER 25 MATCH (s:Session {id: $id}) SET s.seenAt = $now"
_END = "CYPHER 25 MATCH (s:Session {id: $id}) DELETE s RETURN count(*) AS ended"
_SWEEP = """
CYPHER 25
MATCH (s:Session) WHERE s.endsAt <= $now OR s.seenAt <= $idle
WITH s LIMIT 1000
DELETE s
"""
_STAFF = """
CYPHER 25
MERGE (p:Staff {id: $id})
SET p.name = $name, p.seenAt = $now
"""
_NAMES = "CYPHER 25 MATCH (p:Staff) WHERE p.id IN $ids RETURN p.id AS id, p.name AS name"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """``id``: the part of a key that may be seen; ``hash``: of the part that may not."""

    id: str
    hash: str
    identity: Identity
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @classmethod
    def from_record(cls, record: Row) -> "ApiKey":
        return cls(
            id=record["id"],
            hash=record["hash"],
            identity=_identity(record, Method.KEY, record.get("expiresAt")),
            created_at=record["createdAt"],
            created_by=record["createdBy"],
            revoked_at=record.get("revokedAt"),
            used_at=record.get("usedAt"),
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; ``id`` is the hash of what its cookie holds."""

    id: str
    identity: Identity
    seen_at: datetime


async def create_key(
    database: Database, key: str, digest: str, identity: Identity, *, by: str, now: datetime
) -> None:
    """``key``: what is seen of it; ``digest``: the keyed hash of its secret."""
    grant = {**_grant(identity), "expiresAt": identity.expires_at}
    await database.write(
        lambda t: t.run(_CREATE_KEY, id=key, hash=digest, grant=grant, by=by, now=now)
    )


async def keys(database: Database) -> list[ApiKey]:
    """Every key that ever was, the oldest first."""
    return [ApiKey.from_record(row["key"]) for row in await database.read(_KEYS)]


async def key_of(database: Database, key: str) -> ApiKey | None:
    rows = await database.read(_KEY, id=key)
    return ApiKey.from_record(rows[0]["key"]) if rows else None


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


async def session_of(
    database: Database, digest: str, *, now: datetime, idle: datetime
) -> Session | None:
    """The session, unless it has ended, or was not used since ``idle``."""
    rows = await database.read(_SESSION, id=digest, now=now, idle=idle)
    if not rows:
        return None
    record = rows[0]["session"]
    identity = _identity(record, Method.SESSION, record["endsAt"])
    return Session(digest, identity, record["seenAt"])


async def session_seen(database: Database, digest: str, now: datetime) -> None:
    await database.write(lambda t: t.run(_SEEN, id=digest, now=now))


async def end_session(database: Database, digest: str) -> bool:
    """Whether there was one."""
    rows = await database.write(lambda t: t.run(_END, id=digest))
    return bool(rows[0]["ended"])


async def sweep_sessions(database: Database, *, now: datetime, idle: datetime) -> None:
    """Remove those that have ended, a thousand at a time."""
    await database.write(lambda t: t.run(_SWEEP, now=now, idle=idle))


async def remember_staff(database: Database, actor: str, name: str, now: datetime) -> None:
    """Keep a person's name, so that what the person did stays readable after the person left."""
    await database.write(lambda t: t.run(_STAFF, id=actor, name=name, now=now))


async def staff_names(database: Database, actors: Sequence[str]) -> dict[str, str]:
    """The names that are known, by actor."""
    rows = await database.read(_NAMES, ids=list(actors))
    return {row["id"]: row["name"] for row in rows}


def _grant(identity: Identity) -> dict[str, Any]:
    return {
        "actor": identity.actor,
        "name": identity.name,
        "roles": sorted(identity.roles),
        "everything": identity.reach.everything,
        "branches": list(identity.reach.branches),
        "departments": list(identity.reach.departments),
    }


def _identity(record: Row, method: Method, expires_at: datetime | None) -> Identity:
    reach = Reach(record["everything"], tuple(record["branches"]), tuple(record["departments"]))
    return Identity(
        actor=record["actor"],
        name=record["name"],
        roles=frozenset(map(Role, record["roles"])),
        reach=reach,
        method=method,
        expires_at=expires_at,
    )
