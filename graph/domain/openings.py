"""Cases opened from beyond one's reach, with a reason and for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class OpeningTerms:
    """``lasting``: how long a case stays open; ``most``: how many one person has open at once."""

    lasting: timedelta = timedelta(hours=1)
    most: int = 5


@dataclass(frozen=True, slots=True)
class Opening:
    """``id`` is that of the event on the case; ``key`` sorts by ``at``; ``reason`` is masked.

    ``ended_by``: who ended it before its time, None for nobody.
    """

    id: str
    key: str
    complaint: str
    person: str
    at: datetime
    ends_at: datetime
    reason: str | None = None
    ended_by: str | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Opening":
        return cls(
            id=record["id"],
            key=record["key"],
            complaint=record["complaint"],
            person=record["person"],
            at=record["at"],
            ends_at=record["endsAt"],
            reason=record.get("reason"),
            ended_by=record.get("endedBy"),
        )
