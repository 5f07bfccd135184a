"""What was looked at: one chain of records for each process, sealed under the installation's key.

A record's hash is an HMAC-SHA-256 over all its properties, the hash of the record before it among
them. A segment is one process's chain for some hours; its seal holds how many records it has and
the last hash. The register's seal holds which segments there are. So nothing can be changed, taken
out, put in or moved without the key; see ``graph.consistency.access_log``. Pure.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

#: Ids that one record keeps; how many there were is kept in any case.
MOST_CASES = 1_000
LONGEST_PURPOSE = 200
#: Nothing is written to a segment any more when it is so old, whoever has it open.
LONGEST_SEGMENT = timedelta(hours=24)
#: Where a chain begins.
NOTHING = "0" * 64


class Outcome(StrEnum):
    """What became of an operation."""

    ANSWERED = "ANSWERED"
    PARTLY = "PARTLY"  # with errors beside
    REFUSED = "REFUSED"  # who asked may not, and no case was shown


class RecordKind(StrEnum):
    """What a record of a chain is about."""

    OPENED = "OPENED"  # a segment begins
    ACCESS = "ACCESS"  # an operation has shown cases, has read what is for auditors, or was refused
    ANCHOR = "ANCHOR"  # where the other segments stand, so that none loses its end unseen
    CLOSED = "CLOSED"  # a segment ends


@dataclass(frozen=True, slots=True)
class Access:
    """One operation that showed cases in full, or read what is kept for auditors.

    ``operation``: its name, or the sha256 of its document; ``cases``: the first ids of
    ``shown`` in all; ``opened``: those of them that lie beyond the person's reach and were open to
    it for then; ``read``: the fields for auditors that it read.
    """

    at: datetime
    actor: str
    roles: tuple[str, ...]
    method: str
    operation: str
    cases: tuple[str, ...]
    shown: int
    outcome: Outcome
    purpose: str | None = None
    opened: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    def properties(self) -> dict[str, Any]:
        return {
            "actor": self.actor,
            "roles": list(self.roles),
            "method": self.method,
            "operation": self.operation,
            "cases": list(self.cases),
            "shown": self.shown,
            "outcome": self.outcome.value,
            **({} if self.purpose is None else {"purpose": self.purpose}),
            **({"opened": list(self.opened)} if self.opened else {}),
            **({"read": list(self.read)} if self.read else {}),
        }


@dataclass(frozen=True, slots=True)
class Head:
    """Where a segment stood: how many records it had, and the last one's hash."""

    segment: int
    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.segment}:{self.count}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Raises ValueError: it is none."""
        segment, count, digest = text.split(":")
        return cls(int(segment), int(count), digest)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Hashes and seals under a key of the access log's own."""

    key: bytes

    def digest(self, properties: Mapping[str, Any]) -> str:
        """Of everything that stands on a node, so that nothing can be added to it either."""
        return hmac.new(self.key, canonical(properties), "sha256").hexdigest()

    def holds(self, properties: Mapping[str, Any], name: str) -> bool:
        """Whether the property ``name`` is the digest of all others."""
        others = {key: value for key, value in properties.items() if key != name}
        kept = str(properties.get(name, "")).encode("utf-8", "surrogatepass")
        return hmac.compare_digest(kept, self.digest(others).encode())

    def sealed(self, properties: Mapping[str, Any], name: str) -> dict[str, Any]:
        return {**properties, name: self.digest(properties)}


@dataclass(frozen=True, slots=True)
class Segment:
    """One process's chain; ``count`` and ``head`` are those of its last record."""

    id: int
    process: str
    host: str
    opened_at: datetime
    last_at: datetime
    count: int = 0
    head: str = NOTHING
    closed: bool = False

    def properties(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "process": self.process,
            "host": self.host,
            "openedAt": self.opened_at,
            "lastAt": self.last_at,
            "count": self.count,
            "head": self.head,
            "closed": self.closed,
        }

    def stands(self) -> Head:
        return Head(self.id, self.count, self.head)

    def ended(self, now: datetime) -> bool:
        """Whether no record can follow any more."""
        return self.closed or self.opened_at <= now - LONGEST_SEGMENT

    def with_record(
        self, sealer: Sealer, kind: RecordKind, at: datetime, facts: Mapping[str, Any]
    ) -> tuple["Segment", dict[str, Any]]:
        """The segment with one record more, and that record's properties.

        Times never go back in a chain, so that a period of it is one piece.
        """
        at = max(at, self.last_at)
        record = sealer.sealed(
            {
                "segment": self.id,
                "number": self.count,
                "previous": self.head,
                "kind": kind.value,
                "at": at,
                **({"key": sort_key(at, self.id, self.count)} if kind is RecordKind.ACCESS else {}),
                **facts,
            },
            "hash",
        )
        grown = replace(
            self,
            count=self.count + 1,
            head=record["hash"],
            last_at=at,
            closed=kind is RecordKind.CLOSED,
        )
        return grown, record

    def with_accesses(
        self, sealer: Sealer, accesses: Sequence[Access]
    ) -> tuple["Segment", list[dict[str, Any]]]:
        grown, records = self, []
        for access in accesses:
            grown, record = grown.with_record(
                sealer, RecordKind.ACCESS, access.at, access.properties()
            )
            records.append(record)
        return grown, records


def anchors(heads: Sequence[Head]) -> dict[str, Any]:
    """The facts of a record that says where other segments stand."""
    return {"heads": [str(head) for head in heads]}


def sort_key(at: datetime, segment: int, number: int) -> str:
    """Accesses by time; of one moment by segment and number."""
    return f"{moment(at)}-{segment:010d}-{number:010d}"


def moment(at: datetime) -> str:
    """A time as text that sorts like it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def canonical(properties: Mapping[str, Any]) -> bytes:
    """The one form over which hashes are made: JSON in UTF-8, keys sorted, times in UTC."""
    plain = {
        name: moment(value) if isinstance(value, datetime) else value
        for name, value in properties.items()
    }
    return json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
    ).encode("utf-8", "surrogatepass")
