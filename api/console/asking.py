"""A page's document, executed in process as any client's: one way for rights and records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from graphql import GraphQLError
from starlette.requests import Request

from api.access.access import Access
from api.languages import negotiated
from api.services import Services
from graph.domain.access import Identity
from graph.domain.enums import Language
from graph.errors import ForbiddenError, NoTextError, NotYetError
from schema.build import Schema
from schema.policy import Group
from schema.request import RequestContext

#: The visitor's choice, instead of what the browser says.
LANGUAGE_COOKIE = "language"
#: What of cases whoever hears of them may ask for.
_HEARD = {Group.CASES, Group.HISTORY}
#: Errors of parts of an answer that a page shows without.
NULL = {ForbiddenError.code, NoTextError.code, NotYetError.code}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody.

    ``position``: everything up to it had happened before; None where that is not known.
    """

    request: Request
    identity: Identity
    language: Language
    services: Services
    position: int | None = None

    @property
    def listener(self) -> str | None:
        """A mark of whoever hears of what happens to cases; None: it is not the visitor's."""
        groups = self.services.policy.permitted(self.identity)
        return mark_of(self.identity) if groups >= _HEARD else None


@dataclass(frozen=True, slots=True)
class Answer:
    """``data``: as the document names it; ``denied``: root fields that are not the visitor's."""

    data: Mapping[str, Any]
    denied: frozenset[str]


class DocumentFailedError(Exception):
    """A page's document got no answer; ``code`` as clients get it, ``message`` for people."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error.message)
        extensions = error.extensions or {}
        self.code = str(extensions.get("code"))
        self.message = error.message
        self.retry_after: int | None = extensions.get("retryAfter")


@dataclass(frozen=True, slots=True)
class Console:
    """What all rooms share: nothing of one request."""

    schema: Schema
    services: Callable[[], Services]
    access: Callable[[], Access]

    async def visit(self, request: Request, *, used: bool = True) -> Visit:
        """``used``: not by what a page does of itself.

        Raises UnauthenticatedError: nobody has signed in.
        """
        services = self.services()
        position = services.follower.position
        identity = await self.access().identify(request, used=used)
        return Visit(request, identity, language_of(request), services, position)

    async def ask(self, visit: Visit, name: str, **variables: Any) -> Answer:
        """The answer to a document of a file (``document``).

        ``choices``, for documents that fill fields: how many entries one lists.
        """
        choices = visit.services.settings.desk.choices
        return await self.execute(visit, document(name), {"choices": choices, **variables})

    async def change(self, visit: Visit, name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload of a mutation's document; what it refuses stands in ``errors``.

        Raises:
            ForbiddenError: it is not the visitor's to send.
        """
        return await self.changed(visit, document(name), data)

    async def changed(self, visit: Visit, text: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """As ``change``, for a document that is no file's."""
        answer = await self.execute(visit, text, {"input": data})
        (payload,) = answer.data.values()
        if payload is None:
            raise ForbiddenError("This is not yours to do.")
        return dict(payload)

    async def execute(self, visit: Visit, text: str, variables: Mapping[str, Any]) -> Answer:
        """What is not the visitor's, and what there is nothing to tell of yet, is null.

        Raises:
            DocumentFailedError: another part of it was not answered: a page that lacks it without
                a word would tell what is not so.
        """
        context = RequestContext(visit.services, visit.identity)
        context.language = visit.language
        result = await self.schema.execute(
            text, variable_values=dict(variables), context_value=context
        )
        errors = result.errors or []
        if result.data is None:
            raise DocumentFailedError(errors[0])
        for error in errors:
            if (error.extensions or {}).get("code") not in NULL:
                raise DocumentFailedError(error)
        denied = frozenset(
            str(error.path[0])
            for error in errors
            if error.path
            and len(error.path) == 1
            and (error.extensions or {}).get("code") == ForbiddenError.code
        )
        return Answer(result.data, denied)


def language_of(request: Request) -> Language:
    """What the visitor has chosen, else what the browser says."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    return negotiated(request.headers.get("accept-language"))


def mark_of(identity: Identity) -> str:
    """The same for the same person, and for nobody else: 16 hex digits."""
    return sha256(f"{identity.method} {identity.actor}".encode()).hexdigest()[:16]


@cache
def document(name: str) -> str:
    """The GraphQL document of a page."""
    return files("api.console").joinpath("documents", f"{name}.graphql").read_text("utf-8")
