"""A receiver elsewhere that is told what happens, in order, by ids and codes alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: For so long after a rotation messages are signed with the old key, too.
OVERLAP = timedelta(hours=24)
#: A message that failed is sent again after so long, twice as long each time, up to the last.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Webhook:
    """``topics``: of which it is told (empty: all); ``position``: everything up to it was taken.

    ``key``: the number of the key that signs; ``epoch``: of its position, which a person may set
    back; ``failures``: in a row, since ``failing_since``, the last one in ``error``.
    """

    id: str
    url: str
    topics: tuple[str, ...]
    position: int
    created_at: datetime
    created_by: str
    key: int = 1
    rotated_at: datetime | None = None
    epoch: int = 0
    paused: bool = False
    failures: int = 0
    failing_since: datetime | None = None
    next_at: datetime | None = None
    error: str | None = None

    def keys(self, now: datetime) -> tuple[int, ...]:
        """The numbers of the keys that sign, the newest first."""
        overlaps = self.rotated_at is not None and now < self.rotated_at + OVERLAP
        return (self.key, self.key - 1) if overlaps else (self.key,)

    def wants(self, topic: str) -> bool:
        """Whether it is told of this topic, or of all below its first part (``complaint``)."""
        return not self.topics or not {topic, topic.partition(".")[0]}.isdisjoint(self.topics)


def pause_after(failures: int) -> timedelta:
    """How long nothing is sent after so many failures in a row."""
    doublings = min(max(failures, 1) - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
