"""Keys and signed-in browsers, as they are read back."""

from dataclasses import dataclass
from datetime import datetime

from graph.database import Database, Row
from graph.domain.access import Identity, Method, Reach, Role

_KEYS = "CYPHER 25 MATCH (k:ApiKey) RETURN k {.*} AS key ORDER BY k.createdAt, k.id"
_KEY = "CYPHER 25 MATCH (k:ApiKey {id: $id}) RETURN k {.*} AS key"
_SESSION = """
CYPHER 25
MATCH (s:Session {id: $id}) WHERE s.endsAt > $now AND s.seenAt > $idle
RETURN s {.*} AS session
"""


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


async def keys(database: Database) -> list[ApiKey]:
    """Every key that ever was, the oldest first."""
    return [ApiKey.from_record(row["key"]) for row in await database.read(_KEYS)]


async def key_of(database: Database, key: str) -> ApiKey | None:
    rows = await database.read(_KEY, id=key)
    return ApiKey.from_record(rows[0]["key"]) if rows else None


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
