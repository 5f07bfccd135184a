"""One follower a process: it reads what happens once, and hands it to all who subscribed.

Every process reads the same record, so what one writes reaches the subscribers of all, without a
broker between them.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeAlias

import structlog

from graph.database import Database
from graph.domain.following import (
    Followed,
    FollowedChanges,
    Following,
    S,
    Streamed,
    StreamedChange,
    StreamedEvent,
)
from graph.errors import BusyError, ComplaintGraphError, InvalidInputError, SlowConsumerError
from graph.queries.stream import (
    Stretch,
    next_streamed,
    past_changes,
    past_events,
    settled_position,
)

log = structlog.get_logger(__name__)
#: After so many in a row everything else gets its turn.
_BREATH = 50
#: Reads what is followed after a position, up to another one.
_Past: TypeAlias = Callable[[int, int], Awaitable[Stretch[S]]]


@dataclass(frozen=True, slots=True)
class FollowerOptions:
    """``queue``: events or changes kept for one subscriber that is behind; ``page``: read at once.

    The queues share what they hold, so a long one costs little and outlasts a burst.
    """

    poll_seconds: float = 0.5
    queue: int = 10_000
    subscriptions: int = 1_000
    page: int = 1_000


@dataclass(eq=False, slots=True)
class _Subscriber(Generic[S]):
    """What is on its way to one subscriber; ``taken`` is the last position that it has taken."""

    followed: Following[S]
    room: int
    taken: int = 0
    live: bool = False
    overrun: bool = False
    waiting: deque[S] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, streamed: Streamed) -> None:
        """Never waits: whoever has no room left loses the queue, and is told where to resume."""
        if not self.live or streamed.position <= self.taken:
            return
        if not self.followed.matches(streamed):
            return
        if len(self.waiting) == self.room:
            self.live, self.overrun = False, True
            self.waiting.clear()
        else:
            self.waiting.append(streamed)
        self.arrived.set()

    async def take(self) -> S:
        while not self.waiting:
            if self.overrun:
                raise SlowConsumerError(self.taken)
            self.arrived.clear()
            await self.arrived.wait()
        streamed = self.waiting.popleft()
        self.taken = streamed.position
        return streamed


class Follower:
    """Follows the one order while somebody is subscribed; ``run`` does it, the others give."""

    def __init__(self, database: Database, options: FollowerOptions | None = None) -> None:
        self.options = options or FollowerOptions()
        self._database = database
        self._subscribers: set[_Subscriber[Any]] = set()
        self._woken = asyncio.Event()
        self._following = asyncio.Event()
        self._position = 0

    @property
    def serving(self) -> bool:
        """Whether somebody is subscribed and the graph is being followed."""
        return self._following.is_set()

    @property
    def position(self) -> int | None:
        """Up to which everything was handed out; None while nobody is subscribed."""
        return self._position if self.serving else None

    async def run(self) -> None:
        """Poll for ever; a graph that is away for a while costs nobody a message."""
        while True:
            await self._woken.wait()
            try:
                more = await self._step()
            except ComplaintGraphError as error:
                log.warning("what happens cannot be read", code=error.code)
                more = False
            if not more:
                await asyncio.sleep(self.options.poll_seconds)

    def events(
        self, followed: Followed, after: int | None = None
    ) -> AsyncGenerator[StreamedEvent, None]:
        """Events of cases, in order: from after a position, or from now on; each once.

        Raises, as ``changes`` does:
            BusyError: this process has as many subscriptions as it may have.
            InvalidInputError: nothing has had the position yet.
            SlowConsumerError: what waits to be taken is too much; says where to resume.
        """
        past = partial(past_events, self._database, followed, limit=self.options.page)
        return self._follow(followed, past, after)

    def changes(
        self, followed: FollowedChanges, after: int | None = None
    ) -> AsyncGenerator[StreamedChange, None]:
        """The same of changes of alerts, issues or remediations."""
        past = partial(past_changes, self._database, followed, limit=self.options.page)
        return self._follow(followed, past, after)

    async def _follow(
        self, followed: Following[S], past: _Past[S], after: int | None
    ) -> AsyncGenerator[S, None]:
        with self._subscribed(followed) as subscriber:
            await self._following.wait()
            subscriber.taken = self._position if after is None else await self._checked(after)
            # What the poller has passed is read from the graph, a page whenever there is room.
            while subscriber.taken < self._position:
                stretch = await past(subscriber.taken, self._position)
                for streamed in stretch.streamed:
                    subscriber.taken = streamed.position
                    yield streamed
                subscriber.taken = stretch.reached
            # Nothing is awaited between that comparison and this: nothing falls between.
            subscriber.live = True
            while True:
                yield await subscriber.take()

    @contextmanager
    def _subscribed(self, followed: Following[S]) -> Iterator[_Subscriber[S]]:
        if len(self._subscribers) >= self.options.subscriptions:
            raise BusyError("The service has as many subscriptions as it takes: try again later.")
        subscriber = _Subscriber(followed, self.options.queue)
        self._subscribers.add(subscriber)
        self._woken.set()
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)

    async def _checked(self, after: int) -> int:
        """Another process may already have given a position that this one has not seen."""
        known = after <= self._position or after <= await settled_position(self._database)
        if after < 0 or not known:
            raise InvalidInputError(
                "`after` is not a position of this bank: take one from a message, or ask for "
                "`position`.",
                path=["after"],
            )
        return after

    async def _step(self) -> bool:
        """One look at the graph; whether there is more to read at once."""
        if not self._subscribers:
            self._woken.clear()
            self._following.clear()
            return True
        if not self._following.is_set():
            self._position = await settled_position(self._database)
            self._following.set()
            return False
        limit = self.options.page
        stretch = await next_streamed(self._database, self._position, limit=limit)
        for number, streamed in enumerate(stretch.streamed, start=1):
            for subscriber in self._subscribers:
                subscriber.offer(streamed)
            # With each one, so that whoever joins in a pause joins at the right place.
            self._position = streamed.position
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        self._position = stretch.reached
        return len(stretch.streamed) == limit
