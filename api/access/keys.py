"""API keys: for programs of the bank. Shown once, kept as a keyed hash."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.access.sessions import noted
from graph.commands.access import create_key, key_used
from graph.database import Database
from graph.domain.access import Identity
from graph.domain.identity import Keyring
from graph.errors import UnauthenticatedError
from graph.queries.access import key_of

#: What every key begins with: scanners for secrets look for such words.
PREFIX = "cgk_"
_ID_BYTES = 10
_SECRET_BYTES = 32
#: Last use is for people: it need not be exact, and readers shall not write.
_USE_SECONDS = 60.0
_REFUSED = "The API key is not valid here: it was revoked, has expired, or never was."


@dataclass(slots=True)
class ApiKeys:
    """Makes, verifies and revokes keys."""

    database: Database
    secret: bytes

    @classmethod
    def of(cls, database: Database, keyring: Keyring) -> "ApiKeys":
        return cls(database, keyring.secret("api-key"))

    async def create(self, identity: Identity, *, by: str, now: datetime) -> str:
        """A new key for a program; it cannot be shown again."""
        key = base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode().lower()
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        digest = self._digest(key, secret)
        await create_key(self.database, key, digest, identity, by=by, now=now)
        return f"{PREFIX}{key}_{secret}"

    async def identity(self, text: str, now: datetime) -> Identity:
        """Whose key it is, read from the graph each time: a revoked one ends at once.

        Raises:
            UnauthenticatedError: it is none, or none any more.
        """
        key, _, secret = text.removeprefix(PREFIX).partition("_")
        found = await key_of(self.database, key)
        # Compared also where there is no such key, so that the answer takes as long.
        expected = found.hash if found else ""
        if not hmac.compare_digest(self._digest(key, secret), expected) or found is None:
            raise UnauthenticatedError(_REFUSED)
        ends = found.identity.expires_at
        if found.revoked_at is not None or (ends is not None and ends <= now):
            raise UnauthenticatedError(_REFUSED)
        if found.used_at is None or now - found.used_at >= timedelta(seconds=_USE_SECONDS):
            await noted(key_used(self.database, key, now))
        return found.identity

    def _digest(self, key: str, secret: str) -> str:
        return hmac.digest(self.secret, f"{key}_{secret}".encode(), "sha256").hex()
