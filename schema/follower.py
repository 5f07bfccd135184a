"""One follower a process: it reads new events once, and hands them to all who subscribed.

Every process reads the same record, so what one writes reaches the subscribers of all, without a
broker between them.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from graph.database import Database
from graph.domain.following import Followed, StreamedEvent
from graph.errors import BusyError, ComplaintGraphError, InvalidInputError, SlowConsumerError
from graph.queries.stream import next_events, past_events, settled_position

log = structlog.get_logger(__name__)
#: After so many events in a row everything else gets its turn.
_BREATH = 50


@dataclass(frozen=True, slots=True)
class FollowerOptions:
    """``queue``: events kept for one subscriber that is behind; ``page``: events a statement.

    The queues share their events, so a long one costs little and outlasts a burst.
    """

    poll_seconds: float = 0.5
    queue: int = 10_000
    subscriptions: int = 1_000
    page: int = 1_000


@dataclass(eq=False, slots=True)
class _Subscriber:
    """Events on their way to one subscriber; ``taken`` is the last position that it has taken."""

    followed: Followed
    room: int
    taken: int = 0
    live: bool = False
    overrun: bool = False
    waiting: deque[StreamedEvent] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, event: StreamedEvent) -> None:
        """Never waits: whoever has no room left loses the queue, and is told where to resume."""
        if not self.live or event.position <= self.taken or not self.followed.matches(event):
            return
        if len(self.waiting) == self.room:
            self.live, self.overrun = False, True
            self.waiting.clear()
        else:
            self.waiting.append(event)
        self.arrived.set()

    async def take(self) -> StreamedEvent:
        while not self.waiting:
            if self.overrun:
                raise SlowConsumerError(self.taken)
            self.arrived.clear()
            await self.arrived.wait()
        event = self.waiting.popleft()
        self.taken = event.position
        return event


class Follower:
    """Follows the global order while somebody is subscribed; ``run`` does it, ``events`` gives."""

    def __init__(self, database: Database, options: FollowerOptions | None = None) -> None:
        self.options = options or FollowerOptions()
        self._database = database
        self._subscribers: set[_Subscriber] = set()
        self._woken = asyncio.Event()
        self._following = asyncio.Event()
        self._position = 0

    @property
    def serving(self) -> bool:
        """Whether somebody is subscribed and the graph is being followed."""
        return self._following.is_set()

    async def run(self) -> None:
        """Poll for ever; a graph that is away for a while costs nobody an event."""
        while True:
            await self._woken.wait()
            try:
                more = await self._step()
            except ComplaintGraphError as error:
                log.warning("events cannot be read", code=error.code)
                more = False
            if not more:
                await asyncio.sleep(self.options.poll_seconds)

    async def events(
        self, followed: Followed, after: int | None = None
    ) -> AsyncGenerator[StreamedEvent, None]:
        """What is followed, in order: from after a position, or from now on; each event once.

        Raises:
            BusyError: this process has as many subscriptions as it may have.
            InvalidInputError: no event has had the position yet.
            SlowConsumerError: the events that wait to be taken are too many; says where to resume.
        """
        with self._subscribed(followed) as subscriber:
            await self._following.wait()
            subscriber.taken = self._position if after is None else await self._checked(after)
            # What the poller has passed is read from the graph, a page whenever there is room.
            while subscriber.taken < self._position:
                stretch = await past_events(
                    self._database,
                    followed,
                    subscriber.taken,
                    self._position,
                    limit=self.options.page,
                )
                for event in stretch.events:
                    subscriber.taken = event.position
                    yield event
                subscriber.taken = stretch.reached
            # Nothing is awaited between that comparison and this: no event falls between.
            subscriber.live = True
            while True:
                yield await subscriber.take()

    @contextmanager
    def _subscribed(self, followed: Followed) -> Iterator[_Subscriber]:
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
                "`after` is not a position of this bank's events: take one from an event.",
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
        stretch = await next_events(self._database, self._position, limit=limit)
        for number, event in enumerate(stretch.events, start=1):
            for subscriber in self._subscribers:
                subscriber.offer(event)
            # With every event, so that whoever joins in a pause joins at the right place.
            self._position = event.position
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        self._position = stretch.reached
        return len(stretch.events) == limit
