"""What alerts about many complaints, systemic issues and remediations keep of their changes."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from graph.domain.record import Record


class Recorded(StrEnum):
    """Labels of nodes that have a record of their own."""

    ALERT = "Alert"
    ISSUE = "SystemicIssue"
    REMEDIATION = "Remediation"


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """``fields``: names of what changed; ``note``: masked; ``seq``: the version after it."""

    seq: int
    actor: str
    at: datetime
    fields: tuple[str, ...]
    note: str | None = field(default=None, repr=False)

    @classmethod
    def from_record(cls, record: Record) -> Self:
        before, after = (json.loads(record.get(side) or "{}") for side in ("before", "after"))
        return cls(
            seq=record["seq"],
            actor=record["actor"],
            at=record["at"],
            fields=tuple(sorted((before.keys() | after.keys()) - {"note"})),
            note=after.get("note"),
        )
