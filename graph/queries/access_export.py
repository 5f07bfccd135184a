"""The access log read once through, and on from where somebody stopped; nothing twice or missed.

Processes write at the same time, so no one number says how far somebody has read: a position says
it for every segment that may still grow. Times do not matter to it.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from graph.database import Database, Row
from graph.errors import InvalidInputError
from graph.queries.access_log import records, segment_of, segments

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Position:
    """Everything below the segment ``first`` was read, and of others so many records."""

    first: int = 0
    read: Mapping[int, int] = field(default_factory=dict)

    def __str__(self) -> str:
        read = {self.first: 0, **self.read}
        return ",".join(f"{segment}:{count}" for segment, count in sorted(read.items()))

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises InvalidInputError: it is none."""
        try:
            pairs = [pair.split(":") for pair in text.split(",")]
            read = {int(segment): int(count) for segment, count in pairs}
        except ValueError as error:
            raise InvalidInputError(
                "This is no position of the access log: take `position` from the last line."
            ) from error
        return cls(min(read), read)

    def after(self, segment: int, count: int) -> "Position":
        return Position(self.first, {**self.read, segment: count})

    def without(self, segment: int) -> "Position":
        """A segment is read to its end; it is forgotten once no earlier one may still grow."""
        if segment != self.first:
            return self
        left = {other: count for other, count in self.read.items() if other != segment}
        return Position(segment + 1, left)


@dataclass(frozen=True, slots=True)
class Exported:
    """A record and its segment, as they stand there; ``position``: goes on behind it."""

    record: Row
    segment: Row
    position: Position


async def exported(
    database: Database,
    position: Position,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AsyncIterator[Exported]:
    """Records behind a position, each segment in order; what is later than ``until`` stays."""
    wanted = position.first
    while page := await segments(database.read, wanted):
        if wanted == position.first and page[0]["id"] > wanted:
            # Older ones were removed by age, or there never were any.
            position = Position(page[0]["id"], position.read)
        for own in page:
            wanted = own["id"] + 1
            whole = True
            async for record in _records(database, own["id"], position.read.get(own["id"], 0)):
                if until is not None and record["at"] >= until:
                    whole = False
                    break
                position = position.after(own["id"], record["number"] + 1)
                if since is None or record["at"] >= since:
                    yield Exported(record, own, position)
            if whole and segment_of(own).ended(now):
                position = position.without(own["id"])


async def _records(database: Database, segment: int, number: int) -> AsyncIterator[Row]:
    while page := await records(database.read, segment, number, limit=_PAGE):
        for record in page:
            yield record
        number = page[-1]["number"] + 1
