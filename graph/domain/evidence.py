"""What rules look at, and what they found: codes, numbers, ids and places, never a text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.domain.enums import OPEN_STATUSES, CaseStatus, Channel, Severity
from graph.domain.money import Money
from graph.domain.wording import Span


class TextField(StrEnum):
    SUBJECT = "subject"
    NARRATIVE = "narrative"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case as rules see it; texts are masked.

    ``repeats``: earlier filings of the same customer and case, the latest first. ``now`` is
    None where time plays no part: then nothing is overdue.
    """

    id: str
    key: str
    received_at: datetime
    status: CaseStatus
    channel: Channel
    subject: str | None = field(default=None, repr=False)
    narrative: str | None = field(default=None, repr=False)
    amount: Money | None = None
    severity: Severity | None = None
    vulnerable: bool = False
    due_at: datetime | None = None
    repeats: tuple[str, ...] = ()
    now: datetime | None = None

    @property
    def open(self) -> bool:
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """Of how many the group was when it was raised, and how improbable that is.

    ``customers``: distinct ones, and each complaint whose customer nobody knows, of which there are
    ``unknown``. ``expected``: so many that the subject's own past leads to expect in the window.
    """

    customers: int
    days: int
    expected: float
    probability: float
    past: int
    branches: int
    unknown: int = 0

    @property
    def known(self) -> int:
        return self.customers - self.unknown


@dataclass(frozen=True, slots=True)
class RiseEvidence:
    """A share that has risen against its own past, in the days ``since`` to ``until`` (in it).

    ``own`` of ``total`` complaints; ``expected``: so many were to be expected by the past.
    """

    own: int
    total: int
    past_own: int
    past_total: int
    expected: float
    probability: float
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class TopicEvidence:
    """A cluster nearly all of whose complaints came in the days since ``since``.

    ``recent`` of all ``size``; ``expected``: so many if they came as all others do.
    """

    recent: int
    size: int
    expected: float
    probability: float
    since: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a rule fired; only what its kind knows is set."""

    text: TextField | None = None
    span: Span | None = None
    amount: Money | None = None
    complaints: tuple[str, ...] = ()
    channel: Channel | None = None
    severity: Severity | None = None
    due_at: datetime | None = None
    days_late: int | None = None
    group: GroupEvidence | None = None
    rise: RiseEvidence | None = None
    topic: TopicEvidence | None = None

    def to_json(self) -> str:
        """Compact and in one order, so that equal evidence is an equal string."""
        values: dict[str, Any] = {
            "text": self.text,
            "span": _list(self.span, "start", "end", "digest"),
            "amount": _list(self.amount, "minor", "currency"),
            "complaints": list(self.complaints),
            "channel": self.channel,
            "severity": self.severity,
            "dueAt": self.due_at.isoformat() if self.due_at else None,
            "daysLate": self.days_late,
            "group": _list(self.group, *_GROUP),
            "rise": _list(self.rise, *_RISE),
            "topic": _list(self.topic, *_TOPIC),
        }
        kept = {key: value for key, value in values.items() if value not in (None, [])}
        return json.dumps(kept, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        values: Mapping[str, Any] = json.loads(text)
        due_at = values.get("dueAt")
        return cls(
            text=_made(TextField, values.get("text")),
            span=Span(*values["span"]) if "span" in values else None,
            amount=Money(*values["amount"]) if "amount" in values else None,
            complaints=tuple(values.get("complaints", ())),
            channel=_made(Channel, values.get("channel")),
            severity=_made(Severity, values.get("severity")),
            due_at=None if due_at is None else datetime.fromisoformat(due_at),
            days_late=values.get("daysLate"),
            group=GroupEvidence(*values["group"]) if "group" in values else None,
            rise=RiseEvidence(*values["rise"]) if "rise" in values else None,
            topic=TopicEvidence(*values["topic"]) if "topic" in values else None,
        )


_RISE = (
    "own", "total", "past_own", "past_total", "expected", "probability", "since", "until",
)  # fmt: skip
_TOPIC = ("recent", "size", "expected", "probability", "since")
_GROUP = ("customers", "days", "expected", "probability", "past", "branches", "unknown")


def _list(value: object | None, *names: str) -> list[Any] | None:
    return None if value is None else [getattr(value, name) for name in names]


def _made(kind: Any, value: str | None) -> Any:
    return None if value is None else kind(value)
