"""Deadlines on a real graph: what a sweep costs, its marks, and computing them again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import neo4j
import pytest

from graph.commands.deadlines import (
    NOTICE,
    STATE,
    WAITING,
    notice_deadlines,
    notice_mark,
    overdue_cases,
    overdue_evaluated,
)
from graph.commands.desk import StepRequest, take_step
from graph.commands.terms import follow_terms, terms_on_record
from graph.consistency import check
from graph.database import Database, Row, Transaction
from graph.domain.calendars import Calendar
from graph.domain.case import Decision
from graph.domain.copies import received_key
from graph.domain.deadlines import TimeLimits
from graph.domain.desk import (
    Classify,
    DeskStep,
    Extend,
    Pause,
    Reopen,
    RequestReview,
    Resume,
    Taking,
)
from graph.domain.enums import CaseStatus, EventKind, OutcomeKind
from graph.domain.moments import Moment
from graph.domain.notices import notice_key
from graph.embedded import Connection
from graph.insight.bottlenecks import bottlenecks
from graph.insight.cohort import Cohort
from graph.insight.facets import Facet
from graph.queries.conditions import EVERY_COMPLAINT
from tests.support.graph import NOW, case, put

pytestmark = pytest.mark.graph

ZONE = ZoneInfo("Asia/Shanghai")
#: National Day 2026, and the weekends around it.
OFF = {date(2026, 10, day) for day in range(1, 8)}


def weekdays(day: date) -> bool:
    return day.weekday() < 5 and day not in OFF


def learned(day: date) -> bool:
    """The same calendar once a Saturday is announced as worked."""
    return weekdays(day) or day == date(2026, 10, 10)


def working(counts: Any) -> TimeLimits:
    hours = timedelta(hours=9), timedelta(hours=17)
    return TimeLimits(calendar=Calendar(ZONE, counts, *hours))


async def take(
    database: Database, identity: str, step: DeskStep, now: datetime, limits: TimeLimits
) -> None:
    version = (await node(database, identity))["version"]
    taking = Taking(now.astimezone(UTC), "anna", limits)
    await take_step(database, StepRequest(identity, version, step), taking)


async def node(database: Database, identity: str) -> Row:
    rows = await database.read("MATCH (c:Complaint {id: $id}) RETURN c {.*} AS c", id=identity)
    found: Row = rows[0]["c"]
    return found


async def kinds(database: Database, identity: str) -> list[str]:
    rows = await database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_EVENT]->(e) RETURN e.kind AS kind ORDER BY e.seq",
        id=identity,
    )
    return [row["kind"] for row in rows]


# --- what a batch costs


async def hits(connection: Connection, statement: str, **parameters: Any) -> int:
    """How often a statement touches the store."""

    def total(plan: dict[str, Any]) -> int:
        return int(plan.get("dbHits", 0)) + sum(total(child) for child in plan.get("children", ()))

    uri, auth = connection.uri, (connection.user, connection.password)
    async with neo4j.AsyncGraphDatabase.driver(uri, auth=auth) as driver:
        async with driver.session() as session:
            profiled = statement.replace("CYPHER 25", "CYPHER 25 PROFILE", 1)
            summary = await (await session.run(profiled, parameters)).consume()
    assert summary.profile is not None
    return total(summary.profile)


async def crowd(database: Database, size: int) -> None:
    """So many cases that are due, as many that will be, and as many that were noticed or ended."""
    await database.run(
        """
        UNWIND range(1, $size) AS n
        UNWIND ['due', 'later', 'noticed', 'ended'] AS state
        WITH state + '-' + n AS id, state,
          $now + duration({minutes: CASE state WHEN 'later' THEN n ELSE -n END}) AS due
        CREATE (c:Complaint {id: id, reference: id, sourceSystem: 'x', sourceId: id,
          status: CASE state WHEN 'ended' THEN 'CLOSED' ELSE 'INVESTIGATING' END,
          duplicate: false, eventSeq: 1, version: 1})
        SET c.dueAt = due,
          c.dueSoonAt = due - duration({days: CASE state WHEN 'later' THEN 0 ELSE 3 END}),
          c.dueNotice = CASE state WHEN 'noticed' THEN 'OVERDUE' END
        """,
        size=size,
        now=NOW,
    )
    await database.run(f"MATCH (c:Complaint) SET c.noticeKey = {notice_mark('c')}")


async def test_a_batch_costs_the_same_whatever_waits_or_is_done(
    database: Database, neo4j_engine: Connection
) -> None:
    costs = []
    for size in (50, 2_000):
        await database.run("MATCH (c:Complaint) DETACH DELETE c")
        await crowd(database, size)
        until = received_key(NOW)
        rows = await database.read(WAITING, until=until, limit=40)
        ids = sorted(row["id"] for row in rows)
        assert len(ids) == 40
        assert {identity.partition("-")[0] for identity in ids} == {"due"}
        written = [
            {"id": each, "kind": "OVERDUE", "noticeKey": None, "overdueKey": f"1:{each}"}
            for each in ids
        ]
        costs.append(
            [
                await hits(neo4j_engine, WAITING, until=until, limit=40),
                await hits(neo4j_engine, STATE, ids=ids),
                await hits(neo4j_engine, NOTICE, rows=written),
            ]
        )
    small, large = costs
    assert large == small
    assert small[0] < 5 * 40  # it reads the marks it returns, and nothing else


# --- marks


async def test_the_mark_in_cypher_is_the_mark_of_the_domain(database: Database) -> None:
    times = (NOW, NOW - timedelta(days=3, milliseconds=7))
    rows = [
        {
            "id": f"case-{number}",
            "reference": f"R-{number}",
            "status": status,
            "duplicate": duplicate,
            "dueNotice": noticed,
            "dueAt": times[0] if dated else None,
            "dueSoonAt": times[1] if dated else None,
        }
        for number, (status, duplicate, noticed, dated) in enumerate(
            product(CaseStatus, (False, True), (None, "DUE_SOON", "OVERDUE"), (False, True))
        )
    ]
    await database.run("UNWIND $rows AS row CREATE (c:Complaint) SET c = row", rows=rows)
    found = await database.read(
        f"MATCH (c:Complaint) RETURN c.id AS id, {notice_mark('c')} AS mark"
    )
    assert {row["id"]: row["mark"] for row in found} == {row["id"]: notice_key(row) for row in rows}
    assert any(row["mark"] for row in found)


async def test_a_wrong_mark_is_set_right_and_notices_nothing(database: Database) -> None:
    await put(database, [case(1), case(2)])
    one, two = case(1).id, case(2).id
    await take(database, two, Pause("police"), case(2).received.at, TimeLimits())
    await database.run(
        "MATCH (c:Complaint) SET c.noticeKey = '0000000000000:' + c.id, c.duplicate = c.id = $id",
        id=one,
    )
    assert await notice_deadlines(database, NOW) == []
    assert (await node(database, one)).get("noticeKey") is None
    assert (await node(database, two)).get("noticeKey") is None


async def test_check_sees_a_mark_that_was_lost(database: Database) -> None:
    await put(database, [case(1)])
    await database.run("MATCH (c:Complaint) REMOVE c.noticeKey")
    report = await check(database, repair=True)
    assert [finding.detail for finding in report.examples] == ["noticeKey"]
    assert (await check(database)).clean


async def test_overdue_cases_wait_for_the_rules_about_them(database: Database) -> None:
    """Each is looked at when it comes to be overdue, and again when a later rule fires."""
    await put(database, [case(1), case(2)])
    one, two = case(1), case(2)
    assert one.due_at is not None

    async def judged(now: datetime) -> list[str]:
        await notice_deadlines(database, now)
        ids = await overdue_cases(database, now, 100)

        async def work(transaction: Transaction) -> None:
            await overdue_evaluated(transaction, ids, [0, 15], now)

        await database.write(work)
        return ids

    due = one.due_at
    assert await judged(due - timedelta(seconds=1)) == []
    assert await judged(due) == [one.id]
    assert await judged(due + timedelta(hours=2)) == [two.id]
    assert await judged(due + timedelta(days=14)) == []
    await take(database, two.id, Extend(30, "report"), due + timedelta(days=14), TimeLimits())
    assert await judged(due + timedelta(days=15, hours=2)) == [one.id]
    assert await judged(due + timedelta(days=90)) == [two.id]
    assert await judged(due + timedelta(days=900)) == []


# --- reviews and rounds


async def test_a_review_of_an_old_case_is_not_overdue(database: Database) -> None:
    closed = case(1, status=CaseStatus.CLOSED, decisions=(Decision(1, OutcomeKind.EXPLAINED),))
    await put(database, [closed])
    await take(database, closed.id, RequestReview(), NOW, TimeLimits())
    assert await notice_deadlines(database, NOW + timedelta(days=23)) == []
    assert await notice_deadlines(database, NOW + timedelta(days=30)) == [closed.id]
    assert (await kinds(database, closed.id))[-1] == "OVERDUE"
    assert (await check(database)).examples == []


async def test_lateness_is_that_of_the_round(database: Database) -> None:
    """The first answer came late; that the case was opened again since does not mend it."""
    late = Moment(NOW - timedelta(days=100))
    in_time = Moment(NOW - timedelta(days=30))
    cases = [
        case(
            number,
            received=received,
            due_at=received.at + timedelta(days=15),
            due_soon_at=received.at + timedelta(days=12),
            status=CaseStatus.CLOSED,
            decisions=(Decision(1, OutcomeKind.EXPLAINED, decided_at=NOW - timedelta(days=20)),),
        )
        for number, received in ((1, late), (2, in_time))
    ]
    await put(database, cases)

    async def overdue(now: datetime) -> tuple[float, int]:
        found = await bottlenecks(database, Cohort(EVERY_COMPLAINT), Facet.CHANNEL, None, 5, now)
        share = found[0].steps[0].overdue
        assert share is not None
        return share.value, share.count

    assert await overdue(NOW) == (0.5, 2)
    for each in cases:
        await take(database, each.id, Reopen(), NOW, TimeLimits())
    assert (await node(database, cases[0].id))["dueAt"] == NOW + timedelta(days=15)
    assert await overdue(NOW) == (0.5, 2)
    assert await overdue(NOW + timedelta(days=90)) == (0.5, 2)


# --- the calendar changes


def received(number: int, day: str, limits: TimeLimits, **changes: Any) -> Any:
    at = datetime.fromisoformat(day).replace(tzinfo=ZONE).astimezone(UTC)
    due = limits.deadline(at, limits.decide_days)
    return case(
        number, received=Moment(at), due_at=due.due_at, due_soon_at=due.due_soon_at, **changes
    )


async def terms(database: Database, limits: TimeLimits, now: datetime = NOW) -> int:
    return await follow_terms(database, limits, now)


async def test_the_library_learns_new_days(database: Database) -> None:
    before, after = working(weekdays), working(learned)
    assert await terms(database, before) == 0
    days = ("2026-09-21T10:00", "2026-10-12T10:00")
    over, beside = (received(number, day, before) for number, day in enumerate(days, start=1))
    paused, ended = (received(number, days[0], before) for number in (3, 4))
    await put(database, [over, beside, paused, replace(ended, status=CaseStatus.CLOSED)])
    at = datetime(2026, 9, 22, 10, tzinfo=ZONE)
    await take(database, paused.id, Pause("police"), at, before)
    assert await terms(database, before) == 0

    found = await asyncio.gather(*(terms(database, after) for _ in range(3)))
    assert sum(found) == 1  # of three processes that start at once one writes it
    assert await terms(database, after) == 0
    own = await node(database, over.id)
    assert own["dueAt"] == datetime(2026, 10, 16, 10, tzinfo=ZONE)
    assert over.due_at == datetime(2026, 10, 19, 10, tzinfo=ZONE)
    assert await kinds(database, over.id) == ["REGISTERED", "DEADLINE_RECOMPUTED"]
    for other in (beside, ended):
        assert (await node(database, other.id))["dueAt"] == other.due_at
        assert await kinds(database, other.id) == ["REGISTERED"]

    resumed = datetime(2026, 9, 22, 12, tzinfo=ZONE)
    await take(database, paused.id, Resume(), resumed, after)
    own = await node(database, paused.id)
    assert own["dueAt"] == datetime(2026, 10, 16, 12, tzinfo=ZONE)
    assert (await check(database, limits=after)).examples == []
    assert [f.kind for f in (await check(database, limits=before)).examples] == ["deadlines"]


async def test_what_a_case_has_been_given_is_kept(database: Database) -> None:
    before, after = working(weekdays), working(learned)
    await terms(database, before)
    given = received(1, "2026-09-21T10:00", before)
    agreed = replace(received(2, "2026-03-02T10:00", before), status=CaseStatus.CLOSED)
    await put(database, [given, agreed])
    now, by = datetime(2026, 9, 22, 10, tzinfo=ZONE), datetime(2026, 10, 9, 7, tzinfo=UTC)
    steps: Sequence[tuple[str, DeskStep]] = (
        (given.id, Classify(complex_case=True)),
        (given.id, Extend(2, "report")),
        (agreed.id, Reopen("the regulator set it", by)),
    )
    for identity, step in steps:
        await take(database, identity, step, now, before)
    await terms(database, after)
    # 7 working days in September, 3 to the Saturday, and 22 more.
    assert (await node(database, given.id))["dueAt"] == datetime(2026, 11, 10, 10, tzinfo=ZONE)
    assert (await node(database, agreed.id))["dueAt"] == by
    assert (await check(database, limits=after)).examples == []


async def test_a_setting_changes(database: Database) -> None:
    """The case of an import under CN, and a start without it: calendar days from then on."""
    before, after = working(weekdays), TimeLimits()
    await terms(database, before)
    cases = [received(n, f"2026-09-{n:02}T10:00", before) for n in range(20, 31)]
    await put(database, cases)
    assert len(await notice_deadlines(database, datetime(2026, 10, 19, tzinfo=UTC))) == 4
    assert await terms(database, after) == len(cases)
    for each in cases:
        assert (await node(database, each.id))["dueAt"] == each.received.at + timedelta(days=15)
    assert (await check(database, limits=after)).examples == []
    # Whoever was warned of another date is warned anew.
    assert len(await notice_deadlines(database, datetime(2026, 10, 20, tzinfo=UTC))) == len(cases)


async def test_a_run_that_was_interrupted_is_taken_up(database: Database) -> None:
    before, after = working(weekdays), TimeLimits()
    await terms(database, before)
    await put(database, [received(n, f"2026-09-{n:02}T10:00", before) for n in range(1, 11)])

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await follow_terms(database, after, NOW, interrupt)
    known = await terms_on_record(database)
    assert known is not None
    assert after.terms(NOW).differs(known)
    await terms(database, after)
    rows = await database.read("MATCH (e:CaseEvent {kind: $kind}) RETURN count(e) AS n",
                               kind=EventKind.DEADLINE_RECOMPUTED)  # fmt: skip
    assert rows[0]["n"] == 10
    assert (await check(database, limits=after)).examples == []


async def test_another_year_comes_into_sight(database: Database) -> None:
    """No day has changed: nothing is computed, and the year's days are known from then on."""
    limits = working(weekdays)
    await terms(database, limits)
    later = NOW + timedelta(days=400)
    assert await terms(database, limits, later) == 0
    known = await terms_on_record(database)
    assert known is not None
    assert max(known.years) == max(limits.terms(later).years)
