"""The bank's OpenID provider: its addresses and its keys, fetched behind the requests.

A token names the key that signed it (``kid``), and anybody can write a token. So an unknown name
leads to at most one fetch in ten seconds, whoever sends how many.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from api.settings import AccessSettings
from graph.errors import UnauthenticatedError, UnavailableError

log = structlog.get_logger(__name__)

#: Between two fetches that tokens have caused.
FORCED_SECONDS = 10.0
_FETCH_SECONDS = 10.0
_LARGEST = 1_000_000
#: Longer ones are no token of ours: headers have a bound anyway.
_LONGEST_TOKEN = 16_000
_AWAY = "The bank's sign-in does not answer: try again in a moment."


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the provider does what (OpenID Connect Discovery 1.0)."""

    authorization: str
    token: str
    userinfo: str | None
    end_session: str | None


class Provider:
    """Verifies what the provider has signed."""

    def __init__(
        self,
        settings: AccessSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        client: Callable[[], httpx.AsyncClient] | None = None,
    ) -> None:
        """``client``: how to reach it; tests count what it fetches."""
        assert settings.issuer is not None
        self._settings = settings
        self._issuer = settings.issuer
        self._clock = clock
        self._client = client or _client
        self._keys: KeySet | None = None
        self._addresses: Addresses | None = None
        self._fetched = -FORCED_SECONDS
        self._fetching: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Fetch the keys again and again, until cancelled."""
        while True:
            try:
                await self._refresh()
            except UnavailableError as error:
                log.warning("the sign-in's keys cannot be fetched", reason=error.message)
                await asyncio.sleep(FORCED_SECONDS)
            else:
                await asyncio.sleep(self._settings.keys_seconds)

    async def addresses(self) -> Addresses:
        """Raises UnavailableError: the provider does not answer."""
        if self._addresses is None:
            await self._refresh()
        if self._addresses is None:
            raise UnavailableError(_AWAY)
        return self._addresses

    async def claims(
        self, token: str, audience: str, *, nonce: str | None = None
    ) -> dict[str, Any]:
        """The claims of a token that the provider has signed for ``audience`` and that is valid.

        Raises:
            UnauthenticatedError: it is not; the message says which of these, never the token.
            UnavailableError: no key was ever fetched.
        """
        if len(token) > _LONGEST_TOKEN:
            raise UnauthenticatedError("The token is too long.")
        try:
            decoded = jwt.decode(
                token, await self._keys_for(token), algorithms=list(self._settings.algorithms)
            )
            if decoded.header.get("typ", "JWT").lower() not in _TYPES:
                raise UnauthenticatedError("The token is not one to sign in with (`typ`).")
            self._registry(audience, nonce).validate(decoded.claims)
        except ExpiredTokenError as error:
            raise UnauthenticatedError("The token has expired: get a new one.") from error
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise UnauthenticatedError(
                f"The token is not valid here ({type(error).__name__.removesuffix('Error')})."
            ) from None
        return dict(decoded.claims)

    def _registry(self, audience: str, nonce: str | None) -> jwt.JWTClaimsRegistry:
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
        }
        if nonce is not None:
            options["nonce"] = {"essential": True, "value": nonce}
        return jwt.JWTClaimsRegistry(leeway=self._settings.skew_seconds, **options)

    async def _keys_for(self, token: str) -> KeySet:
        if self._keys is None or not _has_key(self._keys, _kid(token)):
            await self._refresh()
        if self._keys is None:
            raise UnavailableError(_AWAY)
        return self._keys

    async def _refresh(self) -> None:
        """Fetch, or wait for the fetch that goes on; not sooner than ten seconds after the last."""
        if self._fetching is None:
            if self._clock() - self._fetched < FORCED_SECONDS:
                return
            self._fetched = self._clock()
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._done)
        # A client that goes away must not end it for the others.
        await asyncio.shield(self._fetching)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # whoever waits is told; nobody may be waiting any more

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS), self._client() as client:
                url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                found = await _json(client, url)
                if found.get("issuer") != self._issuer:
                    raise UnavailableError(
                        "The bank's sign-in calls itself otherwise than "
                        "COMPLAINT_GRAPH_ACCESS__ISSUER does: use exactly its own name."
                    )
                keys = KeySet.import_key_set(await _json(client, found["jwks_uri"]))  # type: ignore[arg-type]
                self._addresses = Addresses(
                    found["authorization_endpoint"],
                    found["token_endpoint"],
                    found.get("userinfo_endpoint"),
                    found.get("end_session_endpoint"),
                )
                self._keys = keys
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise UnavailableError(_AWAY) from error
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnavailableError(
                "The bank's sign-in answers, but not as an OpenID provider does: check "
                "COMPLAINT_GRAPH_ACCESS__ISSUER."
            ) from error


_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_FETCH_SECONDS, follow_redirects=False)


async def _json(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    answer = await client.get(url)
    answer.raise_for_status()
    if len(answer.content) > _LARGEST:
        raise ValueError("too large")
    value = answer.json()
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _kid(token: str) -> str | None:
    """Which key a token names, unverified."""
    kid = extract_compact(token.encode()).headers().get("kid")
    return kid if isinstance(kid, str) else None


def _has_key(keys: KeySet, kid: str | None) -> bool:
    return any(kid is None or key.kid == kid for key in keys)
