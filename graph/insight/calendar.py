"""Which bucket of the calendar a complaint was received in, as arithmetic on whole seconds.

Cypher's own calendar (a zone for each row, then truncation) takes most of the time of a count by
day or month. Here Python says where buckets begin, and the graph only finds the right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from graph.domain.periods import Interval, midnight

#: The first day that any complaint can have, and the days around it for zones west of Greenwich.
_EARLIEST = date(1969, 12, 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Buckets without gaps, all of about one length: ``bounds`` has one more than there are.

    The bucket of a time is guessed from their mean length. Months, and days at a change of the
    clock, are longer or shorter than that, but by less than one bucket in all.
    """

    starts: tuple[date, ...]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, starts: Sequence[date], end: date, zone: ZoneInfo) -> "Calendar":
        bounds = tuple(int(midnight(day, zone).timestamp()) for day in (*starts, end))
        return cls(tuple(starts), bounds)

    @classmethod
    def months_until(cls, last: date, zone: ZoneInfo) -> "Calendar":
        """Every month that a complaint can have been received in, up to the one of ``last``."""
        starts = [_EARLIEST]
        while starts[-1] <= last:
            starts.append(Interval.MONTH.after(starts[-1]))
        return cls.of(starts[:-1], starts[-1], zone)

    def numbered(self, name: str) -> str:
        """A clause after ``MATCH (c:Complaint) …``: the number of the bucket, as ``name``.

        Every complaint must have been received in one of them.
        """
        at, bounds = "c.receivedAt.epochSeconds", f"${name}Bounds"
        guess = f"toInteger(({at} - {bounds}[0]) / ${name}Length)"
        return f"""
        WITH *, {at} AS {name}At, {guess} AS {name}Guess
        WITH *, {name}Guess + CASE WHEN {name}At < {bounds}[{name}Guess] THEN -1
          WHEN {name}At >= {bounds}[{name}Guess + 1] THEN 1 ELSE 0 END AS {name}
        """

    def parameters(self, name: str) -> dict[str, Any]:
        length = (self.bounds[-1] - self.bounds[0]) / len(self.starts)
        return {f"{name}Bounds": list(self.bounds), f"{name}Length": length}
