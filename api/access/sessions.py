"""Browsers that have signed in: a cookie that says nothing, and what it stands for in the graph."""

import hmac
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from starlette.requests import HTTPConnection
from starlette.responses import Response

from graph.commands.access import begin_session, end_session, session_seen, sweep_sessions
from graph.database import Database
from graph.domain.access import Identity
from graph.domain.identity import Keyring
from graph.errors import ComplaintGraphError
from graph.queries.access import session_of

log = structlog.get_logger(__name__)

_BYTES = 32
#: How exact the time of the last use is: readers shall not write each time.
_SEEN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """``hours``: how long one lasts; ``idle_minutes``: or until it was not used for so long."""

    database: Database
    secret: bytes
    hours: float
    idle_minutes: float

    @classmethod
    def of(
        cls,
        database: Database,
        keyring: Keyring,
        *,
        begun_under: str,
        hours: float,
        idle_minutes: float,
    ) -> "Sessions":
        """``begun_under``: which sign-in; sessions of another one hold no more."""
        return cls(database, keyring.secret(f"session {begun_under}"), hours, idle_minutes)

    async def begin(self, identity: Identity, now: datetime) -> tuple[str, Identity]:
        """A new session: what its cookie holds, and the identity with its end."""
        token = secrets.token_urlsafe(_BYTES)
        kept = replace(identity, expires_at=now + timedelta(hours=self.hours))
        await begin_session(self.database, self._digest(token), kept, now)
        await noted(sweep_sessions(self.database, now=now, idle=self._idle(now)))
        return token, kept

    async def identity(self, token: str, now: datetime, *, used: bool = True) -> Identity | None:
        """Whose session it is; None once it has ended. ``used``: whether that keeps it alive."""
        digest = self._digest(token)
        session = await session_of(self.database, digest, now=now, idle=self._idle(now))
        if session is None:
            return None
        if used and now - session.seen_at >= timedelta(seconds=_SEEN_SECONDS):
            await noted(session_seen(self.database, digest, now))
        return session.identity

    async def end(self, token: str) -> None:
        await end_session(self.database, self._digest(token))

    def _idle(self, now: datetime) -> datetime:
        return now - timedelta(minutes=self.idle_minutes)

    def _digest(self, token: str) -> str:
        return hmac.digest(self.secret, token.encode(), "sha256").hex()


async def noted(writing: Awaitable[None]) -> bool:
    """Write what is kept for people only: nobody is refused because the graph cannot take it.

    Whether it could.
    """
    try:
        await writing
    except ComplaintGraphError as error:
        log.warning("a use could not be noted", reason=error.message)
        return False
    return True


def cookie_name(connection: HTTPConnection, purpose: str) -> str:
    """With ``__Host-`` a browser takes it over https only, from this host alone.

    Over plain http, which is served on this machine only, browsers refuse that name.
    """
    name = f"complaint-graph-{purpose}"
    return f"__Host-{name}" if _secure(connection) else name


def set_cookie(
    response: Response, connection: HTTPConnection, purpose: str, value: str, seconds: float
) -> None:
    """A cookie that no script reads and no other site's form sends."""
    response.set_cookie(
        cookie_name(connection, purpose),
        value,
        max_age=round(seconds),
        path="/",
        secure=_secure(connection),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, connection: HTTPConnection, purpose: str) -> None:
    set_cookie(response, connection, purpose, "", 0)


def _secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme in {"https", "wss"}
