"""The access log as it is read back: by position, by case, by person, and to be held to account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Database, Reader, Row
from graph.domain.access_log import Access, Head, Outcome, Segment, moment
from graph.migrations.steps import ACCESS_INDEX

#: The register of segments: its one node's name.
REGISTER = "cases"

_REGISTER = "CYPHER 25 MATCH (l:AccessLog {name: $name}) RETURN properties(l) AS own"
_SEGMENTS = """
CYPHER 25
MATCH (s:AccessSegment) WHERE s.id >= $first
RETURN properties(s) AS own ORDER BY s.id LIMIT $limit
"""
_SEGMENT = "CYPHER 25 MATCH (s:AccessSegment {id: $id}) RETURN properties(s) AS own"
# The newest first: whoever opens or anchors wants where the others stand now.
_RECENT = """
CYPHER 25
MATCH (s:AccessSegment) WHERE s.openedAt > $since AND s.id <> $besides
RETURN properties(s) AS own ORDER BY s.id DESC LIMIT 100
"""
_WRITTEN_SINCE = """
CYPHER 25
MATCH (s:AccessSegment) WHERE s.lastAt >= $since RETURN sum(s.count) AS total
"""
_LAST = "CYPHER 25 MATCH (s:AccessSegment) RETURN max(s.id) AS id"
_RECORDS = """
CYPHER 25
MATCH (r:AccessRecord) WHERE r.segment = $segment AND r.number >= $number
RETURN properties(r) AS own ORDER BY r.segment, r.number LIMIT $limit
"""
_BELOW = """
CYPHER 25
MATCH (r:AccessRecord) WHERE r.segment = $segment AND r.number < $number
RETURN count(*) AS total
"""
_NEXT_SEGMENT = """
CYPHER 25
MATCH (r:AccessRecord) WHERE r.segment > $after AND r.number IS NOT NULL
RETURN r.segment AS segment ORDER BY r.segment, r.number LIMIT 1
"""
# A record without a place in a chain is found by no chain.
_PLACELESS = """
CYPHER 25
MATCH (r:AccessRecord) WHERE r.segment IS NULL OR r.number IS NULL RETURN count(*) AS total
"""
_HASHES = """
CYPHER 25
UNWIND $places AS place
OPTIONAL MATCH (r:AccessRecord {segment: place[0], number: place[1]})
RETURN r.hash AS hash
"""
_BY_TIME = "MATCH (r:AccessRecord) WHERE r.key >= $from AND r.key < $before"
_BY_ACTOR = """
MATCH (r:AccessRecord) WHERE r.actor = $actor AND r.key >= $from AND r.key < $before
"""
# What the index finds is compared: it may be behind, never beside.
_BY_CASE = f"""
CALL db.index.fulltext.queryNodes('{ACCESS_INDEX}', '"' + $case + '"') YIELD node AS r
WITH r WHERE $case IN r.cases AND r.key >= $from AND r.key < $before
  AND ($actor IS NULL OR r.actor = $actor)
"""
_PAGE = "\nWITH r ORDER BY r.key DESC LIMIT $limit RETURN properties(r) AS own"
_COUNT = "\nRETURN count(*) AS total"
_FRESH = "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()"
#: Above every sort key of an access.
_TOP = ":"


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """An access with its place in the log; ``key`` sorts it."""

    access: Access
    segment: int
    number: int
    hash: str
    key: str

    @classmethod
    def from_record(cls, record: Row) -> "AccessRecord":
        access = Access(
            at=record["at"],
            actor=record["actor"],
            roles=tuple(record["roles"]),
            method=record["method"],
            operation=record["operation"],
            cases=tuple(record["cases"]),
            shown=record["shown"],
            outcome=Outcome(record["outcome"]),
            purpose=record.get("purpose"),
            opened=tuple(record.get("opened") or ()),
            read=tuple(record.get("read") or ()),
        )
        return cls(access, record["segment"], record["number"], record["hash"], record["key"])


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accesses: to a case, by a person, in a period; None does not narrow."""

    case: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def match(self) -> str:
        if self.case is not None:
            return _BY_CASE
        return _BY_TIME if self.actor is None else _BY_ACTOR

    def parameters(self, before: str | None) -> dict[str, str | None]:
        until = _TOP if self.until is None else moment(self.until)
        return {
            "case": self.case,
            "actor": self.actor,
            "from": "" if self.since is None else moment(self.since),
            "before": until if before is None else min(before, until),
        }


async def page(
    database: Database, asked: Asked, before: str | None, limit: int
) -> list[AccessRecord]:
    """The newest before a key."""
    await _refreshed(database, asked)
    rows = await database.read(
        f"CYPHER 25 {asked.match}{_PAGE}", limit=limit, **asked.parameters(before)
    )
    return [AccessRecord.from_record(row["own"]) for row in rows]


async def count(database: Database, asked: Asked) -> int:
    await _refreshed(database, asked)
    rows = await database.read(f"CYPHER 25 {asked.match}{_COUNT}", **asked.parameters(None))
    return int(rows[0]["total"])


async def register(read: Reader) -> Row | None:
    """The register's properties as they stand there."""
    rows = await read(_REGISTER, name=REGISTER)
    return rows[0]["own"] if rows else None


async def segments(read: Reader, first: int, *, limit: int = 1_000) -> list[Row]:
    """The properties of segments from an id on, in order."""
    return [row["own"] for row in await read(_SEGMENTS, first=first, limit=limit)]


async def segment(read: Reader, identity: int) -> Row | None:
    rows = await read(_SEGMENT, id=identity)
    return rows[0]["own"] if rows else None


async def records_since(read: Reader, since: datetime) -> int:
    """How many records the segments have that took any from then on."""
    return int((await read(_WRITTEN_SINCE, since=since))[0]["total"])


async def last_segment(read: Reader) -> int:
    """The highest id that any has; 0 without one."""
    return int((await read(_LAST))[0]["id"] or 0)


async def heads(read: Reader, since: datetime, *, besides: int = 0) -> list[Head]:
    """Where the segments stand that were opened since then."""
    rows = await read(_RECENT, since=since, besides=besides)
    return [Head(row["own"]["id"], row["own"]["count"], row["own"]["head"]) for row in rows]


async def records(read: Reader, segment: int, number: int, *, limit: int) -> list[Row]:
    """The properties of a segment's records from a number on, in order."""
    rows = await read(_RECORDS, segment=segment, number=number, limit=limit)
    return [row["own"] for row in rows]


async def below(read: Reader, segment: int, number: int) -> int:
    """How many records of a segment have a number below one."""
    return int((await read(_BELOW, segment=segment, number=number))[0]["total"])


async def segment_with_records(read: Reader, after: int) -> int | None:
    """The first segment behind another of which there is any record."""
    rows = await read(_NEXT_SEGMENT, after=after)
    return rows[0]["segment"] if rows else None


async def placeless(database: Database, *, seconds: float) -> int:
    """How many records have no segment or number."""
    return int((await database.run(_PLACELESS, seconds=seconds))[0]["total"])


async def hashes(read: Reader, stands: Sequence[Head]) -> list[str | None]:
    """The hash of the last record of each head, as it stands there now."""
    places = [[head.segment, head.count - 1] for head in stands]
    return [row["hash"] for row in await read(_HASHES, places=places)]


def segment_of(own: Row) -> Segment:
    return Segment(
        id=own["id"],
        process=own["process"],
        host=own["host"],
        opened_at=own["openedAt"],
        last_at=own["lastAt"],
        count=own["count"],
        head=own["head"],
        closed=own["closed"],
    )


async def _refreshed(database: Database, asked: Asked) -> None:
    if asked.case is not None:
        await database.run(_FRESH)
