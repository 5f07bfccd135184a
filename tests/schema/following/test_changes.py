"""Alerts and issues are followed as events of cases are: each change once, in the one order."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from graph.commands.escalation import Alert, raise_alerts
from graph.commands.issues import change_issue
from graph.commands.locks import Kind, lock
from graph.commands.removal import remove_source
from graph.commands.versioned import By, Target, record
from graph.consistency import check
from graph.database import Database, Row, Transaction, metered
from graph.domain.enums import Chain, Level, RuleKind
from graph.domain.following import Followed, FollowedChanges, Streamed
from graph.domain.issues import IssueEdit, IssueStatus
from graph.domain.recorded import Recorded
from graph.domain.scope import WHOLE_BANK, Scope
from graph.embedded import Connection
from graph.queries import alerts as alert_queries
from graph.queries.stream import next_streamed, past_changes, settled_position
from schema.follower import Follower, FollowerOptions
from tests.support.changes import on_record, propose, raise_alert, settle
from tests.support.events import Writer, happen
from tests.support.graph import NOW, case, put
from tests.support.live import until
from tests.support.weeks import CATALOGUE

pytestmark = pytest.mark.graph

QUICK = FollowerOptions(poll_seconds=0.01, page=7)
CASES = Followed(WHOLE_BANK)
ALERTS = FollowedChanges(WHOLE_BANK, Recorded.ALERT)
ISSUES = FollowedChanges(WHOLE_BANK, Recorded.ISSUE)
REMEDIATIONS = FollowedChanges(WHOLE_BANK, Recorded.REMEDIATION)


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


async def filled(database: Database, count: int = 4) -> list[str]:
    """Some cases at the branches N, S, W and again N; each has brought one event."""
    made = [case(number, branch="NSWN"[number % 4]) for number in range(count)]
    await put(database, made, CATALOGUE)
    return [one.id for one in made]


async def group_event(database: Database, covered: list[str], name: str = "group") -> int:
    """Raise one, as the rules do, with the levels of its cases; the last position of it all."""

    async def work(transaction: Transaction) -> None:
        await _raise(transaction, covered, name)

    await database.write(work)
    return await settled_position(database)


async def _raise(transaction: Transaction, covered: list[str], name: str) -> None:
    await lock(transaction, Kind.COMPLAINT, covered)
    alert = Alert(
        name, RuleKind.GROUP_EVENT, "group-event", Level.YELLOW, Chain.BRANCH, NOW, "{}",
        raised_for=covered[0], covers=tuple(covered),
    )  # fmt: skip
    await raise_alerts(transaction, [alert], NOW)


async def taken(
    follower: Follower, followed: FollowedChanges, after: int | None, many: int
) -> list[tuple[int, int, str]]:
    """Position, number and actor of so many changes."""
    heard: list[tuple[int, int, str]] = []
    async with aclosing(follower.changes(followed, after)) as changes:
        while len(heard) < many:
            streamed = await anext(changes)
            heard.append((streamed.position, streamed.change.seq, streamed.change.actor))
    return heard


async def test_what_is_raised_and_what_people_make_of_it_is_heard(database: Database) -> None:
    await filled(database)
    async with following(database) as follower, asyncio.TaskGroup() as tasks:
        alerts = tasks.create_task(taken(follower, ALERTS, None, 5))
        issues = tasks.create_task(taken(follower, ISSUES, None, 2))
        await until(lambda: follower.serving)
        alert = await raise_alert(database, "N")
        await settle(database, alert, 2)
        issue = await propose(database, alert)
        rejected = IssueEdit(status=IssueStatus.REJECTED)
        await change_issue(database, Target(issue, 1), rejected, actor="ben", now=NOW)
    begin = 4  # so many cases have registered
    assert alerts.result() == [
        (begin + 1, 1, "system"),
        (begin + 2, 2, "anna"),
        (begin + 3, 3, "anna"),
        (begin + 5, 4, "anna"),  # taken into the issue
        (begin + 7, 5, "ben"),  # and set free
    ]
    assert issues.result() == [(begin + 4, 1, "anna"), (begin + 6, 2, "ben")]
    assert (await check(database)).clean


async def test_an_alert_is_raised_once(database: Database) -> None:
    """Seen again, or covering more, it is not raised again."""
    ids = await filled(database)
    begin = await group_event(database, ids[:3])
    assert await group_event(database, ids) == begin + 1  # the level of the fourth
    await raise_alert(database, "N")
    with pytest.raises(ValueError, match="unpack"):
        await raise_alert(database, "N")
    assert await on_record(database) == [begin, begin + 2]
    assert (await check(database)).clean


async def test_positions_are_taken_once_in_a_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for events and changes together: a second lock of the counter could be a deadlock."""
    ids = await filled(database)
    run, statements = Transaction.run, list[str]()

    async def noted(self: Transaction, statement: str, /, **parameters: Any) -> list[Row]:
        statements.append(statement)
        return await run(self, statement, **parameters)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "run", noted)

        async def work(transaction: Transaction) -> None:
            await _raise(transaction, ids, "group")

        await database.write(work)
    assert [("Counter" in each) for each in statements].count(True) == 1
    assert "Counter" in statements[-1]
    begin = len(ids)
    assert await on_record(database, of="CaseEvent") == list(range(1, 2 * begin + 1))
    assert await on_record(database) == [2 * begin + 1]


async def test_only_the_kinds_that_are_asked_for_are_given(database: Database) -> None:
    ids = await filled(database)
    surge = await raise_alert(database, "N")
    await raise_alert(database, "SLOW", RuleKind.GROWING_CAUSE, "RootCause")
    group = await group_event(database, ids[:3])
    await settle(database, surge)
    async with following(database) as follower:
        for rules, expected in (
            ({RuleKind.SURGE}, [5, group + 1]),
            ({RuleKind.GROWING_CAUSE, RuleKind.GROUP_EVENT}, [6, group]),
            (set(), [5, 6, group, group + 1]),
        ):
            followed = FollowedChanges(WHOLE_BANK, Recorded.ALERT, frozenset(rules))
            heard = await taken(follower, followed, 0, len(expected))
            assert [position for position, _, _ in heard] == expected


async def test_whoever_reaches_no_case_of_an_alert_hears_nothing_of_it(database: Database) -> None:
    """Neither what happened before nor what happens now; what is opened for now does not count."""
    near = (await filled(database))[::3]
    far = [case(number, branch="S", assignee="ann") for number in range(10, 13)]
    await put(database, far, CATALOGUE)
    foreign = [one.id for one in far]
    of_near = await group_event(database, near, "near")
    of_far = await group_event(database, foreign, "far")
    surge = await raise_alert(database, "S")
    begin = await settled_position(database)
    at_n = Scope(branches=("N",), opened=(foreign[0],)).lasting
    by_ann = Scope(assignee="ann")
    async with following(database) as follower, asyncio.TaskGroup() as tasks:
        readers = {
            scope: tasks.create_task(
                taken(follower, FollowedChanges(scope, Recorded.ALERT), 0, many)
            )
            for scope, many in ((at_n, 2), (by_ann, 2), (WHOLE_BANK, 5))
        }
        await until(lambda: follower.serving)
        await settle(database, "far")
        await settle(database, "near")
    heard = {scope: [one[0] for one in reader.result()] for scope, reader in readers.items()}
    # As the query does.
    for scope, ids in ((at_n, {"near"}), (by_ann, {"far"}), (WHOLE_BANK, {"near", "far", surge})):
        assert set(await alert_queries.by_ids(database, ["near", "far", surge], scope)) == ids
    assert heard[at_n] == [of_near, begin + 2]
    assert heard[by_ann] == [of_far, begin + 1]
    assert heard[WHOLE_BANK] == [of_near, of_far, begin, begin + 1, begin + 2]


async def test_who_is_told_to_resume_is_told_no_foreign_position(database: Database) -> None:
    """The queue of somebody who does not read fills with what he may hear of alone."""
    near, far = (await filled(database))[::3], [case(n, branch="S") for n in range(10, 13)]
    await put(database, far, CATALOGUE)
    await group_event(database, near, "near")
    await group_event(database, [one.id for one in far], "far")
    begin = await settled_position(database)
    options = FollowerOptions(poll_seconds=0.01, queue=3)
    followed = FollowedChanges(Scope(branches=("N",)), Recorded.ALERT)
    async with following(database, options) as follower:
        async with aclosing(follower.changes(followed, begin)) as changes:
            first = asyncio.create_task(anext(changes))
            await until(lambda: follower.serving)
            await settle(database, "far", 5)
            await settle(database, "near")
            assert (await first).position == begin + 6
            await settle(database, "far", 5)
            await settle(database, "near")
            assert (await anext(changes)).position == begin + 12


async def test_a_list_and_what_follows_it_leave_no_gap(database: Database) -> None:
    """The position is read while others write, then the list, then what comes after."""
    await filled(database)
    alerts = [await raise_alert(database, branch) for branch in "NSW"]
    readers = []
    async with following(database) as follower, asyncio.TaskGroup() as tasks:
        for _ in range(6):
            async with asyncio.TaskGroup() as writers:
                for alert in alerts:
                    writers.create_task(settle(database, alert))
                position = await settled_position(database)
                listed = set(await on_record(database))
            known = {each for each in await on_record(database) if each <= position}
            assert known <= listed
            reader = tasks.create_task(taken(follower, ALERTS, position, 21 - len(known)))
            readers.append((known, reader))
    every = set(await on_record(database))
    assert len(every) == 21
    for known, reader in readers:
        heard = [position for position, _, _ in reader.result()]
        assert heard == sorted(every - known)


async def test_many_writers_of_both_sorts_in_two_processes(
    database: Database, neo4j_engine: Connection
) -> None:
    """Two followers take turns, as after a lost connection: each resumes where the other ended."""
    ids = await filled(database)
    alerts = [await raise_alert(database, branch) for branch in "NSW"]
    begin = await settled_position(database)
    total = 3 * 8 + 2 * 12
    heard: list[int] = []
    everything: list[int] = []
    async with (
        Writer.start(neo4j_engine) as left,
        Writer.start(neo4j_engine) as right,
        following(database) as one,
        following(database, FollowerOptions(poll_seconds=0.05, page=3)) as other,
        asyncio.TaskGroup() as tasks,
    ):
        left.tell(name="a", act="settle", alert=alerts[0], times=8)
        right.tell(name="b", act="settle", alert=alerts[1], times=8)
        left.tell(name="c", act="happen", complaint=ids[0], counts=[3, 1] * 3)
        right.tell(name="d", act="happen", complaint=ids[1], counts=[1, 3] * 3)
        tasks.create_task(settle(database, alerts[2], 8))
        while len(heard) < 24:
            follower = (one, other)[len(heard) // 5 % 2]
            many = min(5, 24 - len(heard))
            after = heard[-1] if heard else begin
            heard += [position for position, _, _ in await taken(follower, ALERTS, after, many)]
        position = begin
        while position < begin + total:
            stretch = await next_streamed(database, position, limit=5)
            everything += [streamed.position for streamed in stretch.streamed]
            position = stretch.reached
    assert heard == await on_record(database, begin)
    assert everything == list(range(begin + 1, begin + total + 1))
    assert (await check(database)).clean


async def test_the_past_of_changes_is_read_in_bounded_stretches(database: Database) -> None:
    ids = await filled(database)
    alert = await raise_alert(database, "N")
    for _ in range(5):
        await happen(database, ids[0], 3)
        await settle(database, alert)
    await propose(database)
    last = await settled_position(database)
    for followed, many in ((ALERTS, 6), (ISSUES, 1), (REMEDIATIONS, 0)):
        seen, reached, statements = [], 0, 0
        while reached < last:
            with metered() as meter:
                stretch = await past_changes(database, followed, reached, last, limit=3)
            statements += meter.statements
            seen += stretch.streamed
            assert stretch.reached > reached
            reached = stretch.reached
        assert len(seen) == many
        # Not one for every so many positions: the changes between the events are few.
        assert statements == 3


async def test_a_look_sends_one_statement_whatever_there_is(database: Database) -> None:
    ids = await filled(database)
    alert = await raise_alert(database, "N")
    await happen(database, ids[0], 3)
    await settle(database, alert)
    for after, many in ((0, 9), (4, 5), (9, 0)):
        with metered() as meter:
            stretch = await next_streamed(database, after, limit=100)
        assert (len(stretch.streamed), meter.statements) == (many, 1)


async def test_a_change_that_becomes_visible_late_is_waited_for(database: Database) -> None:
    """A later event is to be seen already: only the lock tells that a change is still to come."""
    ids = await filled(database)
    alert = await raise_alert(database, "N")
    appended, commit = asyncio.Event(), asyncio.Event()

    async def work(transaction: Transaction) -> None:
        record(transaction, alert, 2, ({}, {"state": "DISMISSED"}), By("anna", NOW))
        await transaction.finish()
        appended.set()
        await commit.wait()

    writing = asyncio.create_task(database.write(work))
    await appended.wait()
    await database.run(
        "MATCH (c:Complaint {id: $id}) CREATE (c)-[:HAS_EVENT]->(:CaseEvent {id: 'x', seq: 2, "
        "position: 7, kind: 'DUE_SOON', at: datetime(), recordedAt: datetime(), actor: 'test'})",
        id=ids[0],
    )
    reading = asyncio.create_task(next_streamed(database, 5, limit=10))
    done, _ = await asyncio.wait({reading}, timeout=0.2)
    assert not done
    commit.set()
    await writing
    stretch = await reading
    assert [streamed.position for streamed in stretch.streamed] == [6]
    assert stretch.reached == 6


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_in_whatever_order_is_heard_once(
    database: Database, seed: int
) -> None:
    """Cases, alerts and issues are made, changed and removed at random by several at once.

    A follower of each sort leaves and comes back, in one process or another. What it has got is
    what is on record, and what has been removed since: nothing twice, nothing out of order, and
    nothing that is on record is missing.
    """
    chance = random.Random(seed)
    ids = await filled(database)
    begin = await settled_position(database)
    heard: dict[str, list[int]] = {"CaseEvent": [], "Alert": [], "SystemicIssue": []}
    async with following(database) as one, following(database) as other:

        def stream(follower: Follower, name: str, after: int) -> AsyncGenerator[Streamed, None]:
            if name == "CaseEvent":
                return follower.events(CASES, after)
            return follower.changes(FollowedChanges(WHOLE_BANK, Recorded(name)), after)

        async def follow(name: str) -> None:
            own, got = random.Random(f"{seed} {name}"), heard[name]
            while True:
                after = got[-1] if got else begin
                async with aclosing(stream(own.choice((one, other)), name, after)) as streamed:
                    for _ in range(own.randint(1, 6)):
                        got.append((await anext(streamed)).position)

        async with asyncio.TaskGroup() as tasks:
            readers = [tasks.create_task(follow(name)) for name in heard]
            async with asyncio.TaskGroup() as writers:
                for part in range(3):
                    writers.create_task(_work(database, ids[part], chance, part))
            # A last one of each sort tells when all is heard.
            await happen(database, ids[0], 1)
            await raise_alert(database, "HO")
            await propose(database)
            last = await settled_position(database)
            ends = [[last - 2], [last - 1], [last]]
            await until(lambda: [positions[-1:] for positions in heard.values()] == ends)
            for reader in readers:
                reader.cancel()
    standing = {name: set(await on_record(database, begin, name)) for name in heard}
    for name, positions in heard.items():
        assert positions == sorted(set(positions)), name
        assert standing[name] <= set(positions), name
    every = [position for positions in heard.values() for position in positions]
    assert len(every) == len(set(every))
    removed = last - begin - sum(map(len, standing.values()))
    rows = await database.read("MATCH (k:Counter {name: 'removedEvents'}) RETURN k.value AS n")
    assert removed == (rows[0]["n"] if rows else 0)
    report = await check(database)
    assert report.clean, report.examples


async def _work(database: Database, own: str, chance: random.Random, part: int) -> None:
    """One writer's acts."""
    source = f"gone-{part}"
    branch = "NSW"[part]
    alert = await raise_alert(database, branch)
    for turn in range(8):
        act = chance.choice(("happen", "settle", "group", "propose", "remove"))
        if act == "happen":
            await happen(database, own, chance.randint(1, 4))
        elif act == "settle":
            await settle(database, alert, chance.randint(1, 2))
        elif act == "group":
            first = 1_000 * (part + 1) + 10 * turn
            made = [case(n, source_system=source) for n in range(first, first + 3)]
            await put(database, made)
            await group_event(database, [one.id for one in made], f"{source}.{turn}")
            await settle(database, f"{source}.{turn}")
        elif act == "propose":
            await propose(database)
        else:
            await remove_source(database, source)
