"""Signing a browser in: OpenID Connect's code flow with PKCE, and the way out.

What must survive the way to the provider and back (state, nonce, verifier) lies in a signed cookie
for a few minutes; tokens of the provider never reach a page.
"""

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from fastapi import APIRouter
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access.access import SESSION, Access
from api.access.claims import identity_of, moment
from api.access.provider import Addresses, Provider
from api.access.sessions import cookie_name, drop_cookie, set_cookie
from api.settings import AccessSettings
from graph.domain.access import Identity
from graph.errors import InvalidInputError, NotFoundError, UnauthenticatedError, UnavailableError

log = structlog.get_logger(__name__)

CALLBACK = "/sign-in/callback"
_STATE = "sign-in"
#: Whoever signs in with a second factor needs a moment.
_STATE_SECONDS = 600
_AGAIN = "Signing in did not work: begin again at /sign-in."


def sign_in_routes(access: Callable[[], Access], secret: Callable[[], bytes]) -> APIRouter:
    """``secret``: signs the cookie of the way to the provider and back."""
    router = APIRouter()

    def serializer() -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(secret(), salt=_STATE)

    @router.get("/sign-in")
    async def sign_in(request: Request, to: str = "/") -> Response:
        provider, settings = _set_up(access())
        addresses = await provider.addresses()
        state = {
            "state": secrets.token_urlsafe(32),
            "nonce": secrets.token_urlsafe(32),
            "verifier": secrets.token_urlsafe(48),
            "to": own_path(to),
        }
        async with _client(request, settings) as client:
            url, _ = client.create_authorization_url(
                addresses.authorization,
                state=state["state"],
                nonce=state["nonce"],
                code_verifier=state["verifier"],
            )
        answer = _redirect(url)
        set_cookie(answer, request, _STATE, str(serializer().dumps(state)), _STATE_SECONDS)
        return answer

    @router.get(CALLBACK)
    async def callback(request: Request) -> Response:
        opened = access()
        provider, settings = _set_up(opened)
        state = _state(request, serializer())
        if request.query_params.get("state") != state["state"]:
            raise UnauthenticatedError(_AGAIN)
        if request.query_params.get("error"):
            raise UnauthenticatedError("The bank's sign-in refused: " + _AGAIN)
        claims = await _exchange(request, provider, settings, state)
        identity: Identity = identity_of(claims, settings, moment(claims["exp"]))
        token, _ = await opened.sessions.begin(identity, opened.clock())
        answer = _redirect(state["to"])
        set_cookie(answer, request, SESSION, token, settings.session_hours * 3600)
        drop_cookie(answer, request, _STATE)
        return answer

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        opened = access()
        token = request.cookies.get(cookie_name(request, SESSION))
        if token is not None:
            await opened.sessions.end(token)
        answer = _redirect(await _after(request, opened))
        drop_cookie(answer, request, SESSION)
        return answer

    return router


def _set_up(access: Access) -> tuple[Provider, AccessSettings]:
    settings = access.settings.access
    if access.provider is None or settings.client_id is None:
        raise NotFoundError(
            "No sign-in of a bank is set up: COMPLAINT_GRAPH_ACCESS__ISSUER and "
            "COMPLAINT_GRAPH_ACCESS__CLIENT_ID name it."
        )
    return access.provider, settings


def _client(request: Request, settings: AccessSettings) -> AsyncOAuth2Client:
    secret = settings.client_secret
    return AsyncOAuth2Client(
        client_id=settings.client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        token_endpoint_auth_method="none" if secret is None else "client_secret_basic",
        scope=settings.scopes,
        redirect_uri=str(request.url.replace(path=CALLBACK, query="", fragment="")),
        code_challenge_method="S256",
        timeout=10.0,
    )


def _state(request: Request, serializer: URLSafeTimedSerializer) -> dict[str, str]:
    cookie = request.cookies.get(cookie_name(request, _STATE), "")
    try:
        state: dict[str, str] = serializer.loads(cookie, max_age=_STATE_SECONDS)
    except BadSignature as error:  # also one that is too old
        raise UnauthenticatedError(_AGAIN) from error
    return state


async def _exchange(
    request: Request, provider: Provider, settings: AccessSettings, state: dict[str, str]
) -> dict[str, Any]:
    """The claims of who has signed in: of the ID token, and beside it of userinfo."""
    assert settings.client_id is not None
    addresses: Addresses = await provider.addresses()
    code = request.query_params.get("code")
    if not code:
        raise UnauthenticatedError(_AGAIN)
    try:
        async with _client(request, settings) as client:
            tokens = await client.fetch_token(
                addresses.token, code=code, code_verifier=state["verifier"]
            )
            token = tokens.get("id_token")
            if not isinstance(token, str):
                raise UnauthenticatedError(_AGAIN)
            claims = await provider.claims(token, settings.client_id, nonce=state["nonce"])
            if addresses.userinfo is not None:
                answer = await client.get(addresses.userinfo)
                answer.raise_for_status()
                more = answer.json()
                if not isinstance(more, dict) or more.get("sub") != claims.get("sub"):
                    raise UnauthenticatedError(_AGAIN)
                claims = {**more, **claims}
    except AuthlibBaseError as error:
        log.warning("the sign-in refused a code", reason=error.error)
        raise UnauthenticatedError(_AGAIN) from error
    except (httpx.HTTPError, ValueError) as error:
        raise UnavailableError("The bank's sign-in does not answer: " + _AGAIN) from error
    return claims


async def _after(request: Request, access: Access) -> str:
    """Where to go after signing out: to the provider, so that one is signed out there, too."""
    if access.provider is None or access.settings.access.client_id is None:
        return "/"
    try:
        addresses = await access.provider.addresses()
    except UnavailableError:
        return "/"  # here the session has ended; the provider's ends by itself
    if addresses.end_session is None:
        return "/"
    back = str(request.url.replace(path="/", query="", fragment=""))
    query = {"client_id": access.settings.access.client_id, "post_logout_redirect_uri": back}
    sign = "&" if "?" in addresses.end_session else "?"
    return f"{addresses.end_session}{sign}{urlencode(query)}"


def own_path(path: str) -> str:
    """A path of this service: nobody may use the sign-in to lead people elsewhere."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        raise InvalidInputError("`to` must be a path of this service, such as /graphql.")
    return path


def _redirect(to: str) -> RedirectResponse:
    # 303: whatever the method was, the browser goes on with GET.
    return RedirectResponse(to, status_code=303, headers={"Cache-Control": "no-store"})
