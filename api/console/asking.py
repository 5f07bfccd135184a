"""A page's document, executed in process as any client's: one way for rights and records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.requests import Request

from api.access.access import Access
from api.languages import negotiated
from api.services import Services
from api.settings import Settings
from graph.domain.access import Identity
from graph.domain.enums import Language
from graph.errors import ForbiddenError
from schema.build import Schema
from schema.request import RequestContext

#: The visitor's choice, instead of what the browser says.
LANGUAGE_COOKIE = "language"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody."""

    request: Request
    identity: Identity
    language: Language
    services: Services


@dataclass(frozen=True, slots=True)
class Answer:
    """``data``: as the document names it; ``denied``: first names of paths that are not theirs.

    ``codes``: those of all errors.
    """

    data: Mapping[str, Any]
    denied: frozenset[str]
    codes: frozenset[str]


class DocumentFailedError(Exception):
    """A page's document got no answer; ``code`` as clients are told, ``message`` for people."""

    def __init__(self, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Console:
    """What all rooms share: nothing of one request."""

    schema: Schema
    services: Callable[[], Services]
    access: Callable[[], Access]
    settings: Settings

    async def visit(self, request: Request) -> Visit:
        """Raises UnauthenticatedError: nobody has signed in."""
        identity = await self.access().identify(request)
        return Visit(request, identity, language_of(request), self.services())

    async def ask(self, visit: Visit, name: str, **variables: Any) -> Answer:
        """The answer to a document of a file (``document``)."""
        return await self.execute(visit, document(name), variables)

    async def execute(self, visit: Visit, text: str, variables: Mapping[str, Any]) -> Answer:
        """Raises DocumentFailedError: nothing of it was answered."""
        context = RequestContext(visit.services, visit.identity)
        context.language = visit.language
        result = await self.schema.execute(
            text, variable_values=dict(variables), context_value=context
        )
        errors = result.errors or []
        codes = frozenset(str((error.extensions or {}).get("code")) for error in errors)
        if result.data is None:
            first = errors[0]
            told = first.extensions or {}
            raise DocumentFailedError(str(told.get("code")), first.message, told.get("retryAfter"))
        for error in errors:
            code = str((error.extensions or {}).get("code"))
            if error.path and len(error.path) == 1 and code != ForbiddenError.code:
                raise DocumentFailedError(code, error.message)
        denied = frozenset(
            str(error.path[0])
            for error in errors
            if error.path and (error.extensions or {}).get("code") == ForbiddenError.code
        )
        return Answer(result.data, denied, codes)


def language_of(request: Request) -> Language:
    """What the visitor has chosen, else what the browser says."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    return negotiated(request.headers.get("accept-language"))


@cache
def document(name: str) -> str:
    """The GraphQL document of a page."""
    return files("api.console").joinpath("documents", f"{name}.graphql").read_text("utf-8")
