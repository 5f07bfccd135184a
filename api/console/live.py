"""What happens while somebody looks at a page: notices, over one stream of events a browser.

A stream is a client of the API's subscriptions in the same process (``documents/live-*``): its
visitor hears of what the API would tell that person. Its events are

| | |
|---|---|
| ``position`` | a heartbeat: up to there everything was told |
| ``notice`` | a fragment, for every page |
| ``changed`` | a fragment, for pages of that case |
| ``arrived`` | there are new cases: a page that lists some counts its own |

Each has the id by which a browser resumes. It lies before what was told last, as subscriptions run
side by side: what comes twice is told apart by its key.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console.asking import Console, Visit, document
from api.console.pages import written
from api.event_stream import EventStream, Work, later
from graph.domain.access import Role
from graph.domain.enums import EventKind, Language, Level
from graph.domain.vocabulary import label_of
from graph.errors import (
    ComplaintGraphError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)
from schema.request import RequestContext

log = structlog.get_logger(__name__)

#: Notices of one sort that a browser is told within a period; the rest is told as one.
_MOST, _PERIOD = 20, 60.0
#: How often pages are told to count what is new.
_COUNTING = 10.0
#: Positions that are caught up with; whoever was away for more begins anew.
_FURTHEST = 50_000
#: Open cases that one browser follows.
_CASES = 10
#: Past the end of what was shown, so that it has ended when it is looked at.
_AFTER = 0.05
#: When what was refused is tried again, by a browser or for it, in seconds.
_LATER = 30.0
_LONGEST_ID = 200
#: What is not the visitor's to follow, and never will be.
_NOT_THEIRS = {ForbiddenError.code, NotFoundError.code}

Message: TypeAlias = Mapping[str, Any]


def routes(console: Console, ending: asyncio.Event) -> APIRouter:
    router = APIRouter()
    listening: Counter[str] = Counter()

    @router.get("/live")
    async def live(request: Request) -> Response:
        """204 tells a browser not to come again."""
        try:
            visit = await console.visit(request, used=False)
        except (UnauthenticatedError, InvalidInputError):
            return Response(status_code=204)
        except UnavailableError:
            return later(_LATER)
        asked = _Asked.of(request)
        # A page that somebody else left open hears nothing of what is told here.
        if asked.listener != visit.listener or visit.listener is None:
            return Response(status_code=204)
        settings = visit.services.settings.live
        if listening[visit.identity.actor] >= settings.streams:
            return later(_LATER)
        visit = replace(visit, language=asked.language, position=await _position(console, visit))

        def works(stream: EventStream) -> Iterator[Work]:
            yield _counted(listening, visit.identity.actor)
            yield _ended(ending)
            yield from _Listener(console, visit, asked, stream.tell).works()

        return EventStream(works, settings.send_seconds)

    return router


@dataclass(frozen=True, slots=True)
class _Asked:
    """``listener``: for whom the page was made; ``after``: what the browser has heard."""

    listener: str | None
    language: Language
    after: int | None
    cases: tuple[str, ...]
    lists: bool

    @classmethod
    def of(cls, request: Request) -> "_Asked":
        sent = request.query_params
        after = request.headers.get("last-event-id") or sent.get("after", "")
        language = sent.get("language")
        return cls(
            listener=sent.get("listener"),
            language=Language(language) if language in set(Language) else Language.ZH,
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None,
            cases=tuple(c for c in sent.getlist("case")[:_CASES] if len(c) <= _LONGEST_ID),
            lists="lists" in sent,
        )


@dataclass(frozen=True, slots=True)
class _Sort:
    """One sort of notices. ``fragment``: None where there is nothing to tell."""

    document: str
    event: str
    fragment: Callable[[Message], str | None]
    variables: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class _Window:
    """How much was told within the present period."""

    began: float = field(default_factory=time.monotonic)
    count: int = 0

    def full(self) -> bool:
        if time.monotonic() - self.began >= _PERIOD:
            self.began, self.count = time.monotonic(), 0
        self.count += 1
        return self.count > _MOST


class _Listener:
    """Everything that one stream does."""

    def __init__(
        self, console: Console, visit: Visit, asked: _Asked, tell: Callable[..., Work]
    ) -> None:
        self._console = console
        self._visit = visit
        self._asked = asked
        self._tell = tell
        self._context = RequestContext(visit.services, visit.identity)
        self._context.language = visit.language
        assert visit.position is not None
        heard = visit.position if asked.after is None else asked.after
        self._missed = heard < visit.position - _FURTHEST
        #: Where it begins. Another process may have told what this one has yet to see.
        self._begin = visit.position if self._missed else min(heard, visit.position)
        #: Up to it everything was told.
        self._told = self._begin
        #: Subscriptions that are refused for now: what they miss was not told.
        self._refused = 0

    def works(self) -> Iterator[Work]:
        yield self._known()
        yield self._heartbeats()
        actor = self._visit.identity.actor
        yield self._follow(_Sort("live-assignments", "notice", self._assigned))
        yield self._follow(_Sort("live-escalations", "notice", self._escalated))
        whose = None if self._oversees else actor
        yield self._follow(_Sort("live-deadlines", "notice", self._due, {"assignee": whose}))
        for case in self._asked.cases:
            yield self._follow(_Sort("live-case", "changed", self._changed, {"complaint": case}))
        if self._asked.lists:
            yield self._arrivals()

    @property
    def _oversees(self) -> bool:
        return Role.SUPERVISOR in self._visit.identity.roles

    @property
    def _now(self) -> int:
        position = self._visit.services.follower.position
        return self._told if position is None else position

    async def _known(self) -> None:
        """Return when what was shown ends, was revoked, or opens something else."""
        before = self._visit.identity
        while True:
            await asyncio.sleep(self._until_asked_again())
            try:
                access = self._console.access()
                now = await access.identify(self._visit.request, used=False)
            except (UnauthenticatedError, InvalidInputError):
                return
            except ComplaintGraphError:
                continue  # the graph or the sign-in is away: nothing is known to have ended
            if replace(now, opened=before.opened) != before:
                return

    def _until_asked_again(self) -> float:
        seconds = self._visit.services.settings.live.identify_seconds
        expires_at = self._visit.identity.expires_at
        if expires_at is None:
            return seconds
        left = (expires_at - datetime.now(UTC)).total_seconds()
        return min(seconds, max(left, 0.0) + _AFTER)

    async def _heartbeats(self) -> None:
        """What was handed out a heartbeat ago has been told meanwhile."""
        handed = self._told
        if self._missed:
            await self._more()
        while True:
            await self._say("position", str(self._told))
            await asyncio.sleep(self._visit.services.settings.live.heartbeat_seconds)
            if not self._refused:
                self._told, handed = handed, self._now

    async def _follow(self, sort: _Sort) -> None:
        after = self._begin
        while True:
            window = _Window()
            async with aclosing(self._messages(sort.document, after, sort.variables)) as messages:
                async for message in messages:
                    if window.full():
                        break
                    fragment = sort.fragment(message)
                    if fragment is not None:
                        await self._say(sort.event, fragment)
            await self._more()
            await asyncio.sleep(_PERIOD)
            after = self._now

    async def _arrivals(self) -> None:
        """Once in a while at most, however many come: pages count for themselves."""
        after = self._begin
        while True:
            async with aclosing(self._messages("live-arrivals", after, {})) as messages:
                async for _ in messages:
                    after = self._now
                    await self._say("arrived", "")
                    break
            await asyncio.sleep(_COUNTING)

    async def _messages(
        self, name: str, after: int, variables: Mapping[str, str | None]
    ) -> AsyncGenerator[Message, None]:
        """What a subscription tells, for ever: what is refused for now is asked for again.

        Of what is not the visitor's nothing comes.
        """
        while True:
            values = {**variables, "after": str(after)}
            results = await self._console.schema.stream(
                document(name), variable_values=values, context_value=self._context
            )
            async with aclosing(results):
                async for result in results:
                    if not result.data:
                        break
                    (message,) = result.data.values()
                    after = int(message["position"])
                    yield message
            codes = {(each.extensions or {}).get("code") for each in result.errors or ()}
            if codes & _NOT_THEIRS:
                await asyncio.Event().wait()
            log.info("what happens cannot be told for now", codes=sorted(map(str, codes)))
            self._refused += 1
            await asyncio.sleep(_LATER)
            self._refused -= 1

    async def _more(self) -> None:
        await self._say("notice", self._written("live/more.html"))

    async def _say(self, event: str, data: str) -> None:
        await self._tell(event, data, str(self._told))

    def _assigned(self, message: Message) -> str | None:
        if self._own(message) or message["complaint"] is None:
            return None
        return self._notice("assigned", message)

    def _escalated(self, message: Message) -> str | None:
        """Red ones of the team for whoever oversees it; of one's own cases the yellow ones, too."""
        case = message["complaint"]
        if self._own(message) or case is None:
            return None
        levels = {Level.RED, Level.YELLOW} if self._mine(case) else {Level.RED}
        if case["level"] not in levels or not (self._mine(case) or self._oversees):
            return None
        return self._notice("escalated", message)

    def _due(self, message: Message) -> str | None:
        """What is overdue is the team's; what is due soon is for whoever works on it."""
        case = message["complaint"]
        if case is None:
            return None
        if message["event"]["kind"] != EventKind.OVERDUE and not self._mine(case):
            return None
        return self._notice("due", message)

    def _changed(self, message: Message) -> str | None:
        if self._own(message):
            return None
        return self._written("live/changed.html", message=message)

    def _notice(self, sort: str, message: Message) -> str:
        levels = {level.value: label_of(level).text(self._visit.language) for level in Level}
        words = {"Level": levels}
        return self._written("live/notice.html", sort=sort, message=message, words=words)

    def _written(self, name: str, **values: Any) -> str:
        return written(self._visit, name, values)

    def _own(self, message: Message) -> bool:
        """Whether it is the visitor who did it."""
        return bool(message["event"]["actor"] == self._visit.identity.actor)

    def _mine(self, case: Mapping[str, Any]) -> bool:
        return bool(case["assignee"] == self._visit.identity.actor)


async def _position(console: Console, visit: Visit) -> int:
    """Where the bank stands: the API is asked by the first who listens, the follower tells others.

    Asking waits for whoever writes at the moment.
    """
    if visit.position is not None:
        return visit.position
    return int((await console.ask(visit, "live-position")).data["position"])


async def _counted(listening: Counter[str], actor: str) -> None:
    """Count a stream for as long as it lasts."""
    listening[actor] += 1
    try:
        await asyncio.Event().wait()
    finally:
        listening[actor] -= 1
        if not listening[actor]:
            del listening[actor]


async def _ended(ending: asyncio.Event) -> None:
    await ending.wait()
