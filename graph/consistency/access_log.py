"""Hold the access log to account: what was changed, taken out, put in, or moved.

What it rests on is the installation's key. Whoever has the key and the database can write another
log; and whoever put a copy of the whole database back from an earlier day put back a log that
holds. Against both help heads that are kept elsewhere (``known``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.database import Database, Row
from graph.domain.access_log import (
    NOTHING,
    Head,
    RecordKind,
    Sealer,
    Segment,
)
from graph.domain.vocabulary import Label
from graph.queries import access_log as queries

PAGE = 1_000
#: Counting records without a place looks at all of them.
_SECONDS = 600.0

_NO_SEGMENT = Label("这条链缺失", "the segment is missing")
_OTHER_HEAD = Label("与以前核验时记下的链头不同", "an earlier run saw another head here")
_NO_REGISTER = Label("缺失", "it is missing")
_CHANGED = Label("被改动过", "it was changed")
_OTHER_SEEN = Label("与其他链记下的链头不同", "another segment has seen another head here")
_CUT = Label("该记录及其后的全部记录缺失", "it and all that followed it are missing")
_OTHER_LAST = Label(
    "最后一条记录不是封存时的那一条", "its last record is not the one that it was sealed with"
)
_BESIDE = Label("有不在链上的记录", "it has records beside its chain")
_STRAY = Label("有它的记录，但没有这条链", "there are records of it, but no such segment")
_TWICE = Label("重复出现", "it is there twice")
_BEHIND = Label("是在最后一条之后插入的", "it was put in behind the last one")
_CHANGED_OR_PUT_IN = Label("被改动过或是插入的", "it was changed or put in")
_NOT_NEXT = Label("与前一条记录不衔接", "it does not follow the one before it")
_NOT_FIRST = Label("不是这条链的起始记录", "the segment does not begin with it")


@dataclass(frozen=True, slots=True)
class Break:
    """Where the log does not hold; ``number``: of the record, None: the segment or the register."""

    segment: int | None
    number: int | None
    what: Label

    def __str__(self) -> str:
        if self.segment is None:
            return f"the register of segments: {self.what.en}"
        place = f"segment {self.segment}"
        if self.number is not None:
            place += f", record {self.number}"
        return f"{place}: {self.what.en}"


@dataclass(slots=True)
class Verified:
    """What was gone through, where it does not hold, and where each segment stands."""

    records: int = 0
    heads: list[Head] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.breaks


async def verify(
    database: Database,
    sealer: Sealer,
    known: Sequence[Head] = (),
    *,
    since: datetime | None = None,
) -> Verified:
    """Go through the whole log, page by page; writers may go on meanwhile.

    ``known``: heads of an earlier run, as they were kept elsewhere. Of each segment the first
    break is told, as what follows it says nothing more. ``since``: of segments that took nothing
    from then on only the seals are looked at, and records without a segment are not looked for.
    """
    check = _Check(database, sealer, since)
    # The register first: whatever is opened later is not missed.
    register = await queries.register(database.read)
    await check.register(register)
    first, last = check.first, check.last
    after, expected = first, first
    while rows := await queries.segments(database.read, after):
        for own in rows:
            # A segment that was opened since the register was read may already be here.
            for missing in range(expected, own["id"]):
                check.add(missing, None, _NO_SEGMENT)
            expected, after = own["id"] + 1, own["id"] + 1
            await check.segment(own)
    for missing in range(expected, last + 1):
        check.add(missing, None, _NO_SEGMENT)
    if since is None:
        await check.strays(first)
    await check.anchors(known, _OTHER_HEAD)
    return check.result


class _Check:
    def __init__(self, database: Database, sealer: Sealer, since: datetime | None) -> None:
        self.database = database
        self.sealer = sealer
        self.since = since
        self.result = Verified()
        self.first = 1
        self.last = 0
        self.seen: set[int] = set()

    def add(self, segment: int | None, number: int | None, what: Label) -> None:
        self.result.breaks.append(Break(segment, number, what))

    async def register(self, own: Row | None) -> None:
        if own is None:
            # Without a register there is no log yet, or somebody has removed it.
            if await queries.segments(self.database.read, 0, limit=1):
                self.add(None, None, _NO_REGISTER)
            return
        if not self.sealer.holds(own, "seal"):
            self.add(None, None, _CHANGED)
            return
        self.first, self.last = own["first"], own["next"] - 1

    async def segment(self, own: Row) -> None:
        """A segment's records against its seal, and the heads in them against other segments."""
        identity = own["id"]
        self.seen.add(identity)
        if not self.sealer.holds(own, "seal"):
            self.add(identity, None, _CHANGED)
            return
        stands = queries.segment_of(own)
        if self.since is not None and stands.last_at < self.since:
            return
        chain = _Chain(self.sealer, stands)
        while rows := await queries.records(self.database.read, identity, chain.next, limit=PAGE):
            for record in rows:
                if record["number"] >= stands.count:
                    stands = await self._again(stands)
                wrong = chain.wrong(record, stands.count)
                if wrong is not None:
                    self.add(identity, record["number"], wrong)
                    return
                self.result.records += 1
            await self.anchors(_heads(rows), _OTHER_SEEN)
        if chain.next < stands.count:
            self.add(identity, chain.next, _CUT)
        elif chain.previous != stands.head:
            self.add(identity, None, _OTHER_LAST)
        elif await queries.below(self.database.read, identity, chain.next) != chain.next:
            self.add(identity, None, _BESIDE)
        else:
            self.result.heads.append(stands.stands())

    async def _again(self, stands: Segment) -> Segment:
        """The segment as it stands by now: its process may go on writing."""
        own = await queries.segment(self.database.read, stands.id)
        if own is None or not self.sealer.holds(own, "seal"):
            return stands
        return queries.segment_of(own)

    async def anchors(self, stands: Sequence[Head], what: Label) -> None:
        """Whether other segments still have what they had; those removed by age are past."""
        asked = [head for head in stands if head.segment >= self.first and head.count > 0]
        for head, found in zip(
            asked, await queries.hashes(self.database.read, asked) if asked else (), strict=True
        ):
            if found != head.hash:
                self.add(head.segment, head.count - 1, what)

    async def strays(self, first: int) -> None:
        """Records that belong to no segment."""
        after = first - 1
        while (found := await queries.segment_with_records(self.database.read, after)) is not None:
            known = found in self.seen or await queries.segment(self.database.read, found)
            if not known:
                self.add(found, None, _STRAY)
            after = found
        if count := await queries.placeless(self.database, seconds=_SECONDS):
            self.add(
                None,
                None,
                Label(
                    f"{count}条记录不属于任何链", f"{count} records have no place in any segment"
                ),
            )


class _Chain:
    """How far a segment's chain has been followed."""

    def __init__(self, sealer: Sealer, segment: Segment) -> None:
        self.sealer = sealer
        self.segment = segment
        self.next = 0
        self.previous = NOTHING

    def wrong(self, record: Mapping[str, Any], count: int) -> Label | None:
        """What does not hold about the next record; None: it does, and the chain has grown."""
        number = record["number"]
        if number < self.next:
            return _TWICE
        if number > self.next:
            return Label(
                f"之前缺失{number - self.next}条记录",
                f"{number - self.next} records before it are missing",
            )
        if number >= count:
            return _BEHIND
        if not self.sealer.holds(record, "hash"):
            return _CHANGED_OR_PUT_IN
        if record["previous"] != self.previous:
            return _NOT_NEXT
        if number == 0 and record["kind"] != RecordKind.OPENED:
            return _NOT_FIRST
        self.next, self.previous = number + 1, record["hash"]
        return None


def _heads(records: Sequence[Row]) -> list[Head]:
    return [Head.parse(text) for record in records for text in record.get("heads", ())]
