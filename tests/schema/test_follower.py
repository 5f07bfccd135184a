"""One poller for many subscribers: each gets every event once, and nobody waits for another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio

from graph.database import Database
from graph.domain.enums import EventKind
from graph.domain.following import ESCALATIONS, Followed
from graph.domain.scope import WHOLE_BANK
from graph.errors import BusyError, InvalidInputError, SlowConsumerError
from graph.queries.stream import settled_position
from schema.follower import Follower, FollowerOptions
from tests.support.bank import Bank
from tests.support.events import happen
from tests.support.live import until

pytestmark = pytest.mark.graph

QUICK = FollowerOptions(poll_seconds=0.01, page=7)
ALL = Followed(WHOLE_BANK)


@asynccontextmanager
async def following(
    database: Database, options: FollowerOptions = QUICK
) -> AsyncIterator[Follower]:
    follower = Follower(database, options)
    task = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        task.cancel()


@dataclass(frozen=True, slots=True)
class Start:
    """The bank's events so far; positions are told from there."""

    database: Database
    position: int
    cases: tuple[str, str]

    async def taken(
        self, follower: Follower, followed: Followed, after: int | None, last: int
    ) -> list[int]:
        """The positions that a subscriber gets until the last one."""
        seen: list[int] = []
        wanted = None if after is None else self.position + after
        async with aclosing(follower.events(followed, wanted)) as events:
            async for event in events:
                seen.append(event.position - self.position)
                if seen[-1] >= last:
                    break
        return seen

    async def happen(self, count: int = 1, **kind: EventKind) -> None:
        await happen(self.database, self.cases[0], count, **kind)


@pytest_asyncio.fixture(loop_scope="session")
async def start(bank: Bank) -> Start:
    database = bank.services.database
    rows = await database.read(
        "MATCH (c:Complaint) WHERE c.reference IN ['BANK-50', 'BANK-51'] RETURN c.id AS id"
    )
    cases = (rows[0]["id"], rows[1]["id"])
    return Start(database, await settled_position(database), cases)


async def test_whoever_joins_in_between_gets_the_past_and_then_the_present(start: Start) -> None:
    """Subscribers join at many positions while events are written: none repeats, none is lost."""
    async with following(start.database) as follower, asyncio.TaskGroup() as tasks:
        readers = {}
        for turn in range(12):
            after = turn * 2
            readers[after] = tasks.create_task(start.taken(follower, ALL, after, 48))
            await start.happen(4)
    for after, reader in readers.items():
        assert reader.result() == list(range(after + 1, 49))


async def test_without_a_position_only_what_comes_is_given(start: Start) -> None:
    await start.happen(5)
    async with following(start.database) as follower, asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(start.taken(follower, ALL, None, 7))
        await until(lambda: follower.serving)
        await start.happen(2)
    assert reader.result() == [6, 7]


async def test_only_what_is_followed_is_given(start: Start) -> None:
    one, other = start.cases
    await start.happen(kind=EventKind.LEVEL_RAISED)
    async with following(start.database) as follower, asyncio.TaskGroup() as tasks:
        raised = tasks.create_task(
            start.taken(follower, Followed(WHOLE_BANK, kinds=ESCALATIONS), 0, 4)
        )
        of_one = tasks.create_task(start.taken(follower, Followed(WHOLE_BANK, complaint=one), 0, 5))
        await happen(start.database, other, 2)
        await happen(start.database, other, 1, EventKind.LEVEL_SET)
        await start.happen()
    assert raised.result() == [1, 4]
    assert of_one.result() == [1, 5]


async def test_who_does_not_keep_up_is_told_where_to_resume_and_nobody_waits(start: Start) -> None:
    options = FollowerOptions(poll_seconds=0.01, queue=5, page=7)
    seen: list[int] = []

    async def keep_up(follower: Follower) -> None:
        async with aclosing(follower.events(ALL, start.position)) as events:
            async for event in events:
                seen.append(event.position - start.position)
                if seen[-1] == 30:
                    break

    async with following(start.database, options) as follower:
        async with aclosing(follower.events(ALL, start.position)) as slow:
            first = asyncio.create_task(anext(slow))  # at the live end from the beginning
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(keep_up(follower))
                await until(lambda: follower.serving)
                for turn in range(1, 31):
                    await start.happen()
                    await until(partial(seen.__contains__, turn))
            assert (await first).position == start.position + 1
            assert seen == list(range(1, 31))
            with pytest.raises(SlowConsumerError) as told:
                await anext(slow)
        assert told.value.details == {"position": str(start.position + 1)}
        assert await start.taken(follower, ALL, 1, 30) == list(range(2, 31))


async def test_it_reads_only_while_somebody_is_subscribed(start: Start) -> None:
    await start.happen()
    async with following(start.database) as follower:
        assert await start.taken(follower, ALL, 0, 1) == [1]
        await until(lambda: not follower.serving)
        await start.happen(3)
        assert await start.taken(follower, ALL, 1, 4) == [2, 3, 4]


@pytest.mark.parametrize("after", [-(2**31), 1, 2**30])
async def test_a_position_that_no_event_has_is_refused(start: Start, after: int) -> None:
    async with following(start.database) as follower:
        with pytest.raises(InvalidInputError):
            await start.taken(follower, ALL, after, 1)


async def test_another_process_may_be_ahead(start: Start) -> None:
    """Its subscriber comes here with a position that this one has not come to."""
    slow = FollowerOptions(poll_seconds=0.3)
    async with following(start.database, slow) as follower, asyncio.TaskGroup() as tasks:
        tasks.create_task(start.taken(follower, ALL, 0, 6))
        await until(lambda: follower.serving)
        await start.happen(4)
        reader = tasks.create_task(start.taken(follower, ALL, 4, 6))
        await start.happen(2)
    assert reader.result() == [5, 6]


async def test_subscriptions_are_bounded_and_their_places_come_back(start: Start) -> None:
    await start.happen()
    options = FollowerOptions(poll_seconds=0.01, subscriptions=2)
    async with following(start.database, options) as follower:
        for _ in range(3):
            async with (
                aclosing(follower.events(ALL, start.position)) as one,
                aclosing(follower.events(ALL, start.position)) as other,
            ):
                await anext(one)
                await anext(other)
                with pytest.raises(BusyError):
                    await start.taken(follower, ALL, 0, 1)
