"""Whoever follows the global order misses nothing, however commits interleave."""

import asyncio
import random

import pytest

from graph.commands.removal import remove_source
from graph.consistency import check
from graph.database import Database, Transaction
from graph.domain.enums import EventKind
from graph.domain.following import ESCALATIONS, Followed
from graph.domain.scope import WHOLE_BANK
from graph.embedded import Connection
from graph.queries.stream import next_streamed, past_events, settled_position
from tests.support.events import Held, Writer, happen
from tests.support.graph import case, put

pytestmark = pytest.mark.graph


async def cases(database: Database, count: int) -> list[str]:
    """Some cases; each has brought one event."""
    made = [case(number) for number in range(count)]
    await put(database, made)
    return [one.id for one in made]


async def positions(database: Database, after: int = 0, limit: int = 1_000) -> list[int]:
    stretch = await next_streamed(database, after, limit=limit)
    return [event.position for event in stretch.streamed]


async def follow(database: Database, total: int, limit: int) -> list[int]:
    """What a follower sees that polls as fast as it can, until it has come to ``total``."""
    seen: list[int] = []
    position = 0
    while position < total:
        stretch = await next_streamed(database, position, limit=limit)
        seen += [event.position for event in stretch.streamed]
        position = stretch.reached
    return seen


async def test_what_commits_later_has_the_later_position(database: Database) -> None:
    """Begun as 0, 1, 2; positions taken as 2, 0, 1; nothing shows before its commit."""
    ids = await cases(database, 3)
    held = [Held(database, identity, count=2) for identity in ids]
    async with asyncio.TaskGroup() as tasks:
        for one in held:
            tasks.create_task(one.run())
            await one.begun.wait()
        held[2].append.set()
        await held[2].appended.wait()
        held[0].append.set()
        held[1].append.set()
        assert await positions(database, 3) == []
        assert not held[0].appended.is_set()
        held[2].commit.set()
        first = held[0] if await _first(held[0], held[1]) else held[1]
        assert await positions(database, 3) == [4, 5]
        first.commit.set()
        last = held[1] if first is held[0] else held[0]
        await last.appended.wait()
        assert await positions(database, 3) == [4, 5, 6, 7]
        last.commit.set()
    stretch = await next_streamed(database, 3, limit=100)
    assert [event.position for event in stretch.streamed] == [4, 5, 6, 7, 8, 9]
    assert [event.event.complaint for event in stretch.streamed[:2]] == [ids[2]] * 2


async def _first(one: Held, other: Held) -> bool:
    waits = [asyncio.create_task(held.appended.wait()) for held in (one, other)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    return one.appended.is_set()


async def test_two_processes_with_interleaved_commits(
    database: Database, neo4j_engine: Connection
) -> None:
    ids = await cases(database, 2)
    async with Writer.start(neo4j_engine) as left, Writer.start(neo4j_engine) as right:
        for turn in range(3):
            left.tell(name=f"l{turn}", act="begin", complaint=ids[0], count=3)
            await left.hears(f"begun l{turn}")
            right.tell(name=f"r{turn}", act="begin", complaint=ids[1], count=2)
            await right.hears(f"begun r{turn}")
            # The one that began later takes its positions first, and commits while the other waits.
            right.tell(name=f"r{turn}", act="append")
            await right.hears(f"appended r{turn}")
            left.tell(name=f"l{turn}", act="append")
            before = 2 + 5 * turn
            assert await positions(database, before) == []
            right.tell(name=f"r{turn}", act="commit")
            await left.hears(f"appended l{turn}")
            assert await positions(database, before) == [before + 1, before + 2]
            left.tell(name=f"l{turn}", act="commit")
            await left.hears(f"committed l{turn}")
            await right.hears(f"committed r{turn}")
            assert len(await positions(database, before)) == 5
    assert (await check(database)).clean


@pytest.mark.parametrize("limit", [3, 1_000])
async def test_a_follower_of_two_busy_processes_misses_nothing(
    database: Database, neo4j_engine: Connection, limit: int
) -> None:
    chance = random.Random(limit)
    ids = await cases(database, 4)
    counts = [[chance.randint(1, 12) for _ in range(8)] for _ in ids]
    total = len(ids) + sum(sum(some) for some in counts)
    async with Writer.start(neo4j_engine) as left, Writer.start(neo4j_engine) as right:
        for number, identity in enumerate(ids):
            writer = (left, right)[number % 2]
            writer.tell(name=str(number), act="happen", complaint=identity, counts=counts[number])
        seen = await follow(database, total, limit)
    assert seen == list(range(1, total + 1))
    assert (await check(database)).clean


async def test_removed_events_hold_nobody_up(database: Database) -> None:
    ids = await cases(database, 1)
    await put(database, [case(n, source_system="gone") for n in range(100, 130)])
    await happen(database, ids[0], 2)
    await remove_source(database, "gone")
    assert await positions(database, 0) == [1, 32, 33]
    assert await positions(database, 10) == [32, 33]
    assert (await next_streamed(database, 33, limit=10)).reached == 33


async def test_a_gap_is_looked_at_again_when_its_transaction_has_ended(database: Database) -> None:
    """A commit that becomes visible from its end: the lock tells that there is more to come."""
    ids = await cases(database, 2)
    await settled_position(database)
    late = Held(database, ids[0], count=2)
    writing = asyncio.create_task(late.run())
    late.append.set()
    await late.appended.wait()
    await database.run(
        "MATCH (c:Complaint {id: $id}) CREATE (c)-[:HAS_EVENT]->(:CaseEvent {id: 'x', seq: 2, "
        "position: 5, kind: 'DUE_SOON', at: datetime(), recordedAt: datetime(), actor: 'test'})",
        id=ids[1],
    )
    reading = asyncio.create_task(next_streamed(database, 2, limit=10))
    done, _ = await asyncio.wait({reading}, timeout=0.2)
    assert not done
    late.commit.set()
    await writing
    stretch = await reading
    # What was given out later than the counter says waits for its turn.
    assert [event.position for event in stretch.streamed] == [3, 4]
    assert stretch.reached == 4


async def test_the_settled_position_waits_for_who_is_committing(database: Database) -> None:
    assert await settled_position(database) == 0
    ids = await cases(database, 1)
    assert await settled_position(database) == 1
    held = Held(database, ids[0], count=4)
    writing = asyncio.create_task(held.run())
    held.append.set()
    await held.appended.wait()
    settled = asyncio.create_task(settled_position(database))
    done, _ = await asyncio.wait({settled}, timeout=0.2)
    assert not done
    held.commit.set()
    assert await settled == 5
    await writing


async def test_asking_for_the_settled_position_gives_none_out(database: Database) -> None:
    await cases(database, 2)
    for _ in range(3):
        assert await settled_position(database) == 2
    assert (await check(database)).clean


async def test_the_past_is_read_in_bounded_stretches(database: Database) -> None:
    ids = await cases(database, 2)
    for _ in range(6):
        await happen(database, ids[0], 1, EventKind.LEVEL_RAISED)
        await happen(database, ids[1], 2)
    for followed, expected in (
        (Followed(WHOLE_BANK, complaint=ids[0]), [1, *range(3, 20, 3)]),
        (Followed(WHOLE_BANK, kinds=ESCALATIONS), list(range(3, 20, 3))),
        (Followed(WHOLE_BANK), list(range(1, 21))),
        (Followed(WHOLE_BANK, kinds=ESCALATIONS, branch="elsewhere"), []),
    ):
        seen, reached = [], 0
        while reached < 20:
            stretch = await past_events(database, followed, reached, 20, limit=4)
            assert len(stretch.streamed) <= 4
            assert stretch.reached > reached
            seen += [event.position for event in stretch.streamed]
            reached = stretch.reached
        assert seen == expected


async def test_the_order_is_read_by_its_index(database: Database) -> None:
    from graph.queries import stream

    async def work(transaction: Transaction) -> str:
        rows = await transaction._transaction.run(
            "EXPLAIN " + stream._AFTER, after=0, upto=10, limit=10
        )
        return str((await rows.consume()).plan)

    plan = await database.write(work)
    assert "SeekByRange" in plan
    assert "Sort" not in plan
