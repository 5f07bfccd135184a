"""One thing that happened to a case; events are only ever added."""

from dataclasses import dataclass, field
from datetime import datetime

from graph.domain.enums import EventKind
from graph.domain.record import Record, time_of


@dataclass(frozen=True, slots=True)
class Event:
    """``before`` and ``after`` are JSON of codes, numbers and ids; ``text`` is masked.

    ``text``: properties of the TextVersion that the event refers to (subject, narrative, summary
    or note), only when it is written. ``version``: the complaint's version after it; what the
    service does by itself leaves the version as it is. ``position``: its place among all events
    of the bank, 0 until it is written.
    """

    complaint: str
    seq: int
    kind: EventKind
    at: datetime
    recorded_at: datetime
    actor: str
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    text: dict[str, str | None] | None = field(default=None, repr=False)
    version: int | None = None
    position: int = 0

    @property
    def id(self) -> str:
        return f"{self.complaint}.{self.seq}"

    @property
    def note(self) -> str | None:
        """What the person who acted wrote."""
        return (self.text or {}).get("note")

    @classmethod
    def from_record(cls, complaint: str, record: Record) -> "Event":
        return cls(
            complaint,
            record["seq"],
            EventKind(record["kind"]),
            time_of(record["at"]),
            time_of(record["recordedAt"]),
            record["actor"],
            before=record.get("before"),
            after=record.get("after"),
            reason=record.get("reason"),
            text={"note": record["note"]} if record.get("note") is not None else None,
            version=record.get("version"),
            position=record["position"],
        )
