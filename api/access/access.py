"""Who asks, for every request and connection."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from starlette.requests import HTTPConnection

from api.access.claims import identity_of, moment
from api.access.keys import PREFIX, ApiKeys
from api.access.names import Names
from api.access.provider import Provider
from api.access.sessions import Sessions, cookie_name
from api.settings import Settings
from graph.database import Database
from graph.domain.access import LOCAL, Identity
from graph.domain.identity import Keyring
from graph.errors import InvalidInputError, UnauthenticatedError
from graph.queries.openings import opened_by

SESSION = "session"
_NOBODY = (
    "Sign in first: send the header `Authorization: Bearer …` with a token of the bank's sign-in "
    "or with an API key (on a websocket, `authorization` in `connection_init`)."
)
_SCHEME = "The header `Authorization` must be `Bearer`, a space, and a token or an API key."
_IN_ADDRESS = (
    "A key or token stands in the address, where logs keep it: send it in the header "
    "`Authorization`, and have this one revoked."
)
_NO_TOKENS = "This service takes API keys only: no sign-in of a bank is set up."
_TOKEN_PARAMETERS = frozenset({"access_token", "id_token", "token", "api_key", "apikey"})


@dataclass(slots=True)
class Access:
    """``provider``: None where the bank's sign-in is not set up."""

    settings: Settings
    database: Database
    keys: ApiKeys
    sessions: Sessions
    provider: Provider | None
    names: Names
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def of(cls, settings: Settings, database: Database, keyring: Keyring) -> "Access":
        access = settings.access
        sessions = Sessions.of(
            database,
            keyring,
            begun_under=f"{settings.environment} {access.issuer or ''}",
            hours=access.session_hours,
            idle_minutes=access.idle_minutes,
        )
        provider = Provider(access) if access.issuer else None
        keys = ApiKeys.of(database, keyring)
        return cls(settings, database, keys, sessions, provider, Names(database))

    async def identify(
        self, connection: HTTPConnection, authorization: str | None = None, *, used: bool = True
    ) -> Identity:
        """Who asks; what was shown and does not hold is refused, never taken for nobody.

        ``authorization``: what a websocket says once it is open, as browsers cannot set headers.
        ``used``: not by what a page does of itself, which keeps nobody signed in.

        Raises:
            UnauthenticatedError: nobody, or somebody who does not hold.
            InvalidInputError: a secret in the address.
            UnavailableError: the sign-in's keys were never fetched.
        """
        identity = await self._shown(connection, authorization, used=used)
        structlog.contextvars.bind_contextvars(person=identity.actor)
        await self.names.keep(identity, self.clock())
        if identity.reach.everything:
            return identity
        opened = await opened_by(self.database, identity.actor, self.clock())
        return replace(identity, opened=opened)

    async def _shown(
        self, connection: HTTPConnection, authorization: str | None, *, used: bool
    ) -> Identity:
        self._refuse_in_address(connection)
        header = authorization
        if header is None:
            header = connection.headers.get("authorization")
        if header is not None:
            return await self._by_header(header)
        token = connection.cookies.get(cookie_name(connection, SESSION))
        if token is not None:
            identity = await self.sessions.identity(token, self.clock(), used=used)
            if identity is not None:
                return identity
        if self.settings.signed_in_only:
            raise UnauthenticatedError(_NOBODY)
        return LOCAL

    async def _by_header(self, header: str) -> Identity:
        scheme, _, credential = header.partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise UnauthenticatedError(_SCHEME)
        credential = credential.strip()
        if credential.startswith(PREFIX):
            return await self.keys.identity(credential, self.clock())
        return await self._by_token(credential)

    async def _by_token(self, token: str) -> Identity:
        access = self.settings.access
        if self.provider is None or access.audience is None:
            raise UnauthenticatedError(_NO_TOKENS)
        claims = await self.provider.claims(token, access.audience)
        # What is taken until then also ends then.
        return identity_of(claims, access, moment(claims["exp"] + access.skew_seconds))

    def _refuse_in_address(self, connection: HTTPConnection) -> None:
        for name, value in connection.query_params.multi_items():
            if name.lower() in _TOKEN_PARAMETERS or value.startswith(PREFIX):
                raise InvalidInputError(_IN_ADDRESS)
