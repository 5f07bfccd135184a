"""From a token's claims to an identity, as the settings name them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.settings import AccessSettings
from graph.domain.access import Identity, Method, Reach, Role
from graph.errors import UnauthenticatedError

#: Instead of codes: the whole bank.
EVERYTHING = "*"
#: Who stands in events for the service itself, for programs with a key and for the demo's people.
_OURS = frozenset({"local", "nobody", "system", "remask"})
_OUR_PREFIXES = ("key:", "demo-")
_LONGEST = 200
_MOST = 500


def identity_of(
    claims: Mapping[str, Any], settings: AccessSettings, expires_at: datetime
) -> Identity:
    """Who a token is about. Roles that it names and we do not know give nothing.

    Raises:
        UnauthenticatedError: it names nobody, or a claim is not of the kind that it must be.
    """
    actor = _claim(claims, settings.actor_claim)
    if not isinstance(actor, str) or not 0 < len(actor) <= _LONGEST:
        raise UnauthenticatedError(
            f"The token names nobody: its claim `{settings.actor_claim}` must be a text of at "
            f"most {_LONGEST} characters."
        )
    if actor in _OURS or actor.startswith(_OUR_PREFIXES):
        raise UnauthenticatedError(
            "The token names somebody who only the service itself may be: choose another claim."
        )
    name = _claim(claims, settings.name_claim)
    branches = _texts(claims, settings.branches_claim)
    departments = _texts(claims, settings.departments_claim)
    return Identity(
        actor=actor,
        name=name[:_LONGEST] if isinstance(name, str) and name else actor,
        roles=_roles(_texts(claims, settings.roles_claim), settings.roles),
        reach=Reach(EVERYTHING in branches, _codes(branches), _codes(departments)),
        method=Method.TOKEN,
        expires_at=expires_at,
    )


def moment(seconds: float) -> datetime:
    """A NumericDate (RFC 7519); one beyond the calendar is its end."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path of names joined by dots (``realm_access.roles``)."""
    if path in claims:  # a name may itself be a URL with dots
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _texts(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """A list of texts, or one text with spaces between, as ``scope`` is written."""
    value = _claim(claims, path)
    if value is None:
        return ()
    texts = value.split() if isinstance(value, str) else value
    if (
        not isinstance(texts, list)
        or len(texts) > _MOST
        or not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts)
    ):
        raise UnauthenticatedError(
            f"The token's claim `{path}` must be a list of at most {_MOST} texts."
        )
    return tuple(texts)


def _roles(names: tuple[str, ...], known: Mapping[str, Role]) -> frozenset[Role]:
    own = {role.value: role for role in Role}
    roles = (known.get(name) or own.get(name.upper()) for name in names)
    return frozenset(role for role in roles if role is not None)


def _codes(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(texts) - {EVERYTHING}))
