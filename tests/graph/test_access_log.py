"""The access log holds, and whatever is done to it without the key is found."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from graph.commands.access_log import append, open_segment, remove_expired
from graph.consistency.access_log import verify as verify_log
from graph.database import Database
from graph.domain.access_log import NOTHING, RecordKind, Sealer, canonical
from tests.support.access_log import SEALER, access, extended, operations, segment, verify

pytestmark = pytest.mark.graph

DAY = timedelta(days=1)


async def done(database: Database, statement: str) -> None:
    await database.write(lambda transaction: transaction.run(statement))


async def breaks(database: Database) -> list[str]:
    return [str(each) for each in (await verify(database)).breaks]


async def test_what_nobody_touched_holds(database: Database) -> None:
    assert (await verify(database)).holds, "before there is any log"
    first = await segment(database, 5)
    second = await segment(database, 3)
    verified = await verify(database)
    assert verified.breaks == []
    assert verified.records == 6 + 4
    assert [str(head) for head in verified.heads] == [str(s.stands()) for s in (first, second)]


async def test_a_record_chains_to_the_one_before_over_all_its_fields(database: Database) -> None:
    await segment(database, 2)
    rows = await database.read(
        "MATCH (r:AccessRecord) RETURN properties(r) AS own ORDER BY r.number"
    )
    opened, first, second = (row["own"] for row in rows)
    assert opened["previous"] == NOTHING
    assert (first["previous"], second["previous"]) == (opened["hash"], first["hash"])
    for name in set(first) - {"hash"}:
        assert not SEALER.holds({**first, name: "other"}, "hash"), name
    assert not SEALER.holds({**first, "more": 1}, "hash")
    assert not Sealer(b"another key").holds(first, "hash")


def test_the_form_that_is_hashed_does_not_depend_on_order_or_zone() -> None:
    at = datetime(2026, 6, 1, 8, tzinfo=UTC)
    east = at.astimezone(ZoneInfo("Asia/Shanghai"))
    one = canonical({"a": at, "b": ["信"]})
    assert one == canonical({"b": ["信"], "a": east})
    assert one == '{"a":"2026-06-01T08:00:00.000000Z","b":["信"]}'.encode()


CHANGED = "MATCH (r:AccessRecord {segment: 1, number: 3}) "
TAMPERING = {
    "who": (CHANGED + "SET r.actor = 'nobody'", "segment 1, record 3: it was changed"),
    "what": (CHANGED + "SET r.cases = []", "segment 1, record 3: it was changed"),
    "when": (CHANGED + "SET r.at = r.at + duration('PT1S')", "segment 1, record 3: it was changed"),
    "where it is found": (CHANGED + "SET r.key = '0'", "segment 1, record 3: it was changed"),
    "a purpose added": (CHANGED + "SET r.purpose = 'x'", "segment 1, record 3: it was changed"),
    "its hash": (CHANGED + "SET r.hash = '0'", "segment 1, record 3: it was changed"),
    "one removed": (CHANGED + "DELETE r", "segment 1, record 4: 1 records before it are missing"),
    "the end removed": (
        "MATCH (r:AccessRecord {segment: 1}) WHERE r.number > 3 DELETE r",
        "segment 1, record 4: it and all that followed it are missing",
    ),
    "the end removed, and counted less": (
        "MATCH (r:AccessRecord {segment: 1}) WHERE r.number > 3 DELETE r "
        "WITH count(*) AS gone MATCH (s:AccessSegment {id: 1}), "
        "(last:AccessRecord {segment: 1, number: 3}) SET s.count = 4, s.head = last.hash",
        "segment 1: it was changed",
    ),
    "all removed": (
        "MATCH (r:AccessRecord {segment: 1}) DELETE r",
        "segment 1, record 0: it and all that followed it are missing",
    ),
    "two swapped": (
        "MATCH (a:AccessRecord {segment: 1, number: 2}), (b:AccessRecord {segment: 1, number: 3}) "
        "SET a.number = -1 WITH a, b SET b.number = 2 WITH a SET a.number = 3",
        "segment 1, record 2: it was changed",
    ),
    "one put in behind": (
        "MATCH (r:AccessRecord {segment: 1, number: 3}) "
        "CREATE (n:AccessRecord) SET n = r {.*, number: 6}",
        "segment 1, record 6: it was put in behind",
    ),
    "one put in before": (
        "MATCH (r:AccessRecord {segment: 1, number: 3}) "
        "CREATE (n:AccessRecord) SET n = r {.*, number: -1}",
        "segment 1: it has records beside its chain",
    ),
    "one put in beside": (
        "MATCH (r:AccessRecord {segment: 1, number: 3}) "
        "CREATE (n:AccessRecord) SET n = r {.*, segment: null}",
        "1 records have no place in any segment",
    ),
    "one from another segment": (
        "MATCH (r:AccessRecord {segment: 2, number: 3}) SET r.segment = 3, r.number = 0",
        "segment 3: there are records of it, but no such segment",
    ),
    "one put for another": (
        "MATCH (r:AccessRecord {segment: 1, number: 3}), (o:AccessRecord {segment: 2, number: 3}) "
        "SET r = o {.*, segment: 1}",
        "segment 1, record 3: it was changed",
    ),
    "a segment removed": (
        "MATCH (s:AccessSegment {id: 1}) DELETE s WITH 1 AS one "
        "MATCH (r:AccessRecord {segment: 1}) DELETE r",
        "segment 1: the segment is missing",
    ),
    "the last segment removed": (
        "MATCH (s:AccessSegment {id: 2}) DELETE s WITH 1 AS one "
        "MATCH (r:AccessRecord {segment: 2}) DELETE r",
        "segment 2: the segment is missing",
    ),
    "the last segment removed, and counted less": (
        "MATCH (s:AccessSegment {id: 2}) DELETE s WITH 1 AS one "
        "MATCH (r:AccessRecord {segment: 2}) DELETE r WITH count(*) AS gone "
        "MATCH (l:AccessLog) SET l.next = 2",
        "the register of segments: it was changed",
    ),
    "the begin taken for removed by age": (
        "MATCH (r:AccessRecord {segment: 1}) DELETE r WITH count(*) AS gone "
        "MATCH (s:AccessSegment {id: 1}) DELETE s WITH gone MATCH (l:AccessLog) SET l.first = 2",
        "the register of segments: it was changed",
    ),
    "the register removed": ("MATCH (l:AccessLog) DELETE l", "register of segments: it is missing"),
}  # fmt: skip


@pytest.mark.parametrize("way", TAMPERING)
async def test_tampering_is_found_where_it_was_done(database: Database, way: str) -> None:
    statement, told = TAMPERING[way]
    await segment(database, 5)
    await segment(database, 5)
    assert (await verify(database)).holds
    await done(database, statement)
    found = await breaks(database)
    assert any(told in each for each in found), found


@pytest.mark.parametrize(
    "way", ["the register removed", "the last segment removed, and counted less"]
)
async def test_what_was_changed_is_not_sealed_anew_by_whoever_writes_next(
    database: Database, way: str
) -> None:
    await segment(database, 5)
    await segment(database, 5)
    await done(database, TAMPERING[way][0])
    await segment(database, 1)
    assert any("register" in each for each in await breaks(database))
    now = datetime.now(UTC)
    assert await remove_expired(database, SEALER, before=now + DAY, now=now + 2 * DAY) == 0


async def test_an_end_put_back_as_it_once_stood_is_remembered_by_another_segment(
    database: Database,
) -> None:
    """A seal of an earlier moment fits; only who saw a later one knows."""
    before = await segment(database, 2)
    await extended(database, before, 3)
    await segment(database, 1, process="another")
    await database.write(
        lambda t: t.run(
            "MATCH (s:AccessSegment {id: 1}) SET s = $own WITH s "
            "MATCH (r:AccessRecord {segment: 1}) WHERE r.number >= $count DELETE r",
            own=SEALER.sealed(before.properties(), "seal"),
            count=before.count,
        )
    )
    assert await breaks(database) == [
        "segment 1, record 5: another segment has seen another head here"
    ]


async def test_heads_that_were_kept_elsewhere_find_what_the_graph_cannot(
    database: Database,
) -> None:
    await segment(database, 2)
    known = (await verify(database)).heads
    assert (await verify(database, known)).holds
    await done(
        database, "MATCH (n) WHERE n:AccessLog OR n:AccessSegment OR n:AccessRecord DELETE n"
    )
    assert (await verify(database)).holds, "a log that is wholly gone looks like none"
    assert [str(each) for each in (await verify(database, known)).breaks] == [
        "segment 1, record 2: an earlier run saw another head here"
    ]


async def test_another_key_fits_nothing(database: Database) -> None:
    await segment(database, 2)
    assert not (await verify_log(database, Sealer(b"another key"))).holds


async def test_a_log_that_is_being_written_holds_all_the_time(database: Database) -> None:
    before = await segment(database, 1)

    async def write() -> None:
        grown = before
        for turn in range(40):
            grown = await extended(database, grown, 3)
            if turn % 10 == 0:
                await segment(database, 1)

    writing = asyncio.create_task(write())
    runs = 0
    while not writing.done():
        assert await breaks(database) == []
        runs += 1
    await writing
    assert runs > 1


async def test_a_segment_that_is_old_or_not_as_it_was_left_takes_nothing(
    database: Database,
) -> None:
    old = await segment(database, 1)
    await done(
        database, "MATCH (s:AccessSegment) SET s.openedAt = s.openedAt - duration('PT24H1M')"
    )
    after, records = old.with_accesses(SEALER, [access()])
    assert not await append(database, SEALER, old, after, records)
    fresh = await segment(database, 1)
    after, records = fresh.with_accesses(SEALER, [access()])
    assert await append(database, SEALER, fresh, after, records)
    assert not await append(database, SEALER, fresh, after, records), "nor twice"
    assert len(await operations(database)) == 3


async def aged(database: Database, days: int, accesses: int = 2) -> None:
    """A segment of so many days ago, ended by age, written past the database's clock."""
    at = datetime.now(UTC) - timedelta(days=days)
    opened = await open_segment(database, SEALER, process="p", host="h", now=at)
    after, records = opened.with_accesses(SEALER, [access(n, at=at) for n in range(accesses)])
    await database.write(
        lambda t: t.run(
            "MATCH (s:AccessSegment {id: $id}) SET s = $own WITH s UNWIND $records AS record "
            "CREATE (r:AccessRecord) SET r = record",
            id=after.id,
            own=SEALER.sealed(after.properties(), "seal"),
            records=records,
        )
    )


async def test_what_was_kept_long_enough_goes_in_whole_segments(database: Database) -> None:
    for days in (30, 20, 10):
        await aged(database, days)
    await segment(database, 2)
    now = datetime.now(UTC)
    known = (await verify(database)).heads
    assert await remove_expired(database, SEALER, before=now - timedelta(days=15), now=now) == 2
    assert await remove_expired(database, SEALER, before=now - timedelta(days=15), now=now) == 0
    verified = await verify(database, known)
    assert verified.breaks == []
    assert [head.segment for head in verified.heads] == [3, 4]
    assert len(await operations(database)) == 4
    # The numbers go on; what was removed does not come back as something else.
    assert (await segment(database, 1)).id == 5


async def test_one_that_may_still_grow_stays_and_so_does_what_follows(database: Database) -> None:
    now = datetime.now(UTC)
    await segment(database, 1)
    await aged(database, 30)
    later = now + timedelta(hours=1)
    assert await remove_expired(database, SEALER, before=later, now=later) == 0
    assert await remove_expired(database, SEALER, before=later, now=now + 2 * DAY) == 2
    assert await breaks(database) == []


async def test_a_removal_that_was_cut_short_is_finished_by_the_next(database: Database) -> None:
    await aged(database, 30)
    await segment(database, 1)
    rows = await database.read("MATCH (r:AccessRecord {segment: 1}) RETURN properties(r) AS own")
    own = await database.read("MATCH (s:AccessSegment {id: 1}) RETURN properties(s) AS own")
    now = datetime.now(UTC)
    assert await remove_expired(database, SEALER, before=now - DAY, now=now) == 1
    await database.write(
        lambda t: t.run(
            "CREATE (s:AccessSegment) SET s = $own CREATE (r:AccessRecord) SET r = $record",
            own=own[0]["own"],
            record=rows[1]["own"],
        )
    )
    assert await breaks(database) == []
    assert await remove_expired(database, SEALER, before=now - DAY, now=now) == 0
    left = await database.read("MATCH (n {segment: 1}) RETURN count(*) AS total")
    assert left[0]["total"] == 0


def test_a_segment_ends_with_its_last_record_or_by_age() -> None:
    from graph.domain.access_log import Segment

    now = datetime.now(UTC)
    opened = Segment(1, "p", "h", opened_at=now, last_at=now)
    assert not opened.ended(now)
    assert opened.ended(now + DAY)
    closed, _ = opened.with_record(SEALER, RecordKind.CLOSED, now, {})
    assert closed.ended(now)
