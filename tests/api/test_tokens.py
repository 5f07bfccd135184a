"""Bearer tokens: what holds, and what every kind of forged, old or foreign one is told."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.access.claims import identity_of, moment
from api.access.provider import FORCED_SECONDS, Provider
from api.settings import AccessSettings
from graph.domain.access import Method, Reach, Role
from graph.errors import UnauthenticatedError, UnavailableError
from tests.support.sign_in import AUDIENCE, Issuer, issuer


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def known() -> Iterator[Issuer]:
    with issuer() as made:
        yield made


@pytest_asyncio.fixture
async def fresh(known: Issuer) -> AsyncIterator[tuple[Provider, Clock, Issuer]]:
    clock = Clock()
    known.broken = False
    yield Provider(settings(known), clock=clock), clock, known


def settings(known: Issuer, **changes: Any) -> AccessSettings:
    return AccessSettings(issuer=known.url, audience=AUDIENCE, **changes)


Fresh = tuple[Provider, Clock, Issuer]


async def test_a_token_of_the_bank_says_who_asks(fresh: Fresh) -> None:
    provider, _, known = fresh
    claims = await provider.claims(known.token(), AUDIENCE)
    identity = identity_of(claims, settings(known), moment(claims["exp"]))
    assert (identity.actor, identity.name, identity.method) == ("u-17", "Lin Yue", Method.TOKEN)
    assert identity.roles == {Role.HANDLER}
    assert identity.reach == Reach(False, ("BJ-01",), ())
    assert identity.expires_at == datetime.fromtimestamp(claims["exp"], UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": 1_000}, "expired"),
        ({"exp": None}, "MissingClaim"),
        ({"exp": "soon"}, "InvalidClaim"),
        ({"aud": "another"}, "InvalidClaim"),
        ({"aud": None}, "MissingClaim"),
        ({"iss": "https://elsewhere.example"}, "InvalidClaim"),
        ({"iss": None}, "MissingClaim"),
        ({"nbf": 9_999_999_999}, "InvalidClaim"),
        ({"iat": 9_999_999_999}, "InvalidClaim"),
    ],
)
async def test_a_token_that_does_not_hold_is_told_why(
    fresh: Fresh, changes: dict[str, Any], reason: str
) -> None:
    provider, _, known = fresh
    token = known.token(**changes)
    with pytest.raises(UnauthenticatedError, match=reason) as refused:
        await provider.claims(token, AUDIENCE)
    assert token not in refused.value.message


def forged(known: Issuer, secret: bytes | None = None, **header: Any) -> str:
    """A token without a signature, or with an HMAC under ``secret``."""
    parts = ({"typ": "JWT", "kid": known.keys[-1].kid, **header}, known.claims())
    text = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    signature = b"" if secret is None else hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


async def test_a_token_that_nobody_signed_is_refused(fresh: Fresh) -> None:
    provider, _, known = fresh
    for algorithm in ("none", "None", "NONE", ""):
        with pytest.raises(UnauthenticatedError):
            await provider.claims(forged(known, alg=algorithm), AUDIENCE)


async def test_a_public_key_taken_for_a_shared_secret_opens_nothing(fresh: Fresh) -> None:
    """The classic confusion: HS256 under the text of the public key, which everybody has."""
    provider, _, known = fresh
    key = known.keys[-1]
    for public in (key.as_pem(private=False), key.as_der(private=False)):
        with pytest.raises(UnauthenticatedError):
            await provider.claims(forged(known, public, alg="HS256"), AUDIENCE)


async def test_another_s_key_under_the_same_name_opens_nothing(fresh: Fresh) -> None:
    provider, _, known = fresh
    own = RSAKey.generate_key(2048, {"kid": known.keys[-1].kid})
    token = jwt.encode({"alg": "RS256", "kid": own.kid}, known.claims(), own)
    with pytest.raises(UnauthenticatedError, match="BadSignature"):
        await provider.claims(token, AUDIENCE)


async def test_keys_that_a_token_brings_along_are_not_used(fresh: Fresh) -> None:
    provider, _, known = fresh
    own = RSAKey.generate_key(2048, {"kid": known.keys[-1].kid})
    header = {"alg": "RS256", "kid": own.kid, "jwk": own.as_dict(private=False)}
    token = jwt.encode(header, known.claims(), own)
    with pytest.raises(UnauthenticatedError):
        await provider.claims(token, AUDIENCE)


@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt", "secevent+jwt"])
async def test_what_was_signed_for_something_else_is_refused(fresh: Fresh, typ: str) -> None:
    provider, _, known = fresh
    with pytest.raises(UnauthenticatedError, match="typ"):
        await provider.claims(known.token({"typ": typ}), AUDIENCE)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b.c", "a.b", "é.é.é", "eyJhbGciOiJub25lIn0", "x" * 20_000, "a.b.c.d.e"],
)
async def test_what_is_no_token_is_refused(fresh: Fresh, text: str) -> None:
    provider, _, _ = fresh
    with pytest.raises(UnauthenticatedError):
        await provider.claims(text, AUDIENCE)


async def test_a_flood_of_unknown_keys_fetches_once_in_ten_seconds(fresh: Fresh) -> None:
    provider, clock, known = fresh
    await provider.claims(known.token(), AUDIENCE)
    before = known.fetched
    flood = [known.token({"kid": f"attacker-{n}"}) for n in range(200)]
    for _ in range(3):
        outcomes = await asyncio.gather(
            *(provider.claims(token, AUDIENCE) for token in flood), return_exceptions=True
        )
        assert all(isinstance(outcome, UnauthenticatedError) for outcome in outcomes)
    assert known.fetched == before, "the keys were fetched a moment ago"
    for turn in (1, 2):
        clock.now += FORCED_SECONDS
        await asyncio.gather(
            *(provider.claims(token, AUDIENCE) for token in flood), return_exceptions=True
        )
        assert known.fetched == before + turn
    # Meanwhile whoever is known comes in.
    await provider.claims(known.token(), AUDIENCE)


async def test_a_new_key_of_the_provider_is_found(fresh: Fresh) -> None:
    provider, clock, known = fresh
    old = known.token()
    await provider.claims(old, AUDIENCE)
    known.rotate()
    clock.now += FORCED_SECONDS
    await provider.claims(known.token(), AUDIENCE)
    with pytest.raises(UnauthenticatedError):
        await provider.claims(old, AUDIENCE)


async def test_a_provider_that_is_away_is_no_fault_of_the_token(fresh: Fresh) -> None:
    provider, clock, known = fresh
    known.broken = True
    with pytest.raises(UnavailableError):
        await provider.claims(known.token(), AUDIENCE)
    known.broken = False
    clock.now += FORCED_SECONDS
    await provider.claims(known.token(), AUDIENCE)
    known.broken = True
    # What was fetched before goes on holding.
    await provider.claims(known.token(), AUDIENCE)


async def test_a_provider_of_another_name_is_not_believed(known: Issuer) -> None:
    known.broken = False
    other = Provider(AccessSettings(issuer=known.url + "/", audience=AUDIENCE))
    with pytest.raises(UnavailableError, match="calls itself otherwise"):
        await other.claims(known.token(), AUDIENCE)


@pytest.mark.parametrize(
    ("claims", "roles", "reach"),
    [
        ({}, set(), Reach()),
        ({"roles": "analyst auditor"}, {Role.ANALYST, Role.AUDITOR}, Reach()),
        ({"roles": ["cms-desk", "unknown"]}, {Role.HANDLER}, Reach()),
        ({"branches": ["*"]}, set(), Reach(everything=True)),
        ({"branches": ["B", "A", "A"]}, set(), Reach(branches=("A", "B"))),
        ({"departments": ["D"]}, set(), Reach(departments=("D",))),
    ],
)
def test_claims_are_read_as_the_settings_name_them(
    claims: dict[str, Any], roles: set[Role], reach: Reach
) -> None:
    access = AccessSettings(roles={"cms-desk": Role.HANDLER})
    identity = identity_of({"sub": "u", **claims}, access, datetime.now(UTC))
    assert (identity.roles, identity.reach, identity.name) == (roles, reach, "u")


def test_a_claim_may_lie_deeper_or_be_named_by_an_address() -> None:
    access = AccessSettings(
        roles_claim="realm_access.roles", branches_claim="https://bank.example/branches"
    )
    claims = {
        "sub": "u",
        "realm_access": {"roles": ["supervisor"]},
        "https://bank.example/branches": ["BJ"],
    }
    identity = identity_of(claims, access, datetime.now(UTC))
    assert (identity.roles, identity.reach.branches) == ({Role.SUPERVISOR}, ("BJ",))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": ""},
        {"sub": 7},
        {"sub": "u" * 201},
        {"sub": "local"},
        {"sub": "system"},
        {"sub": "key:feed"},
        {"sub": "demo-auditor"},
        {"sub": "u", "roles": 7},
        {"sub": "u", "roles": [7]},
        {"sub": "u", "branches": {"a": 1}},
        {"sub": "u", "branches": ["x"] * 501},
    ],
)
def test_claims_of_a_wrong_kind_give_nothing(claims: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        identity_of(claims, AccessSettings(), datetime.now(UTC))


def test_the_end_of_a_token_may_lie_beyond_the_calendar() -> None:
    assert moment(1e18).year == 9999
