"""What people changed of alerts, systemic issues and remediations, the newest change first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.database import Database, Row


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


_RECORD = {
    kind: f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (n:{kind.value} {{id: id}})
    RETURN id, COLLECT {{
      MATCH (n)-[:HAS_CHANGE]->(x:Change)
      WITH x ORDER BY x.seq DESC LIMIT $limit
      RETURN x {{.*}}
    }} AS changes
    """
    for kind in Recorded
}


async def history(
    database: Database, kind: Recorded, ids: Sequence[str], limit: int
) -> Mapping[str, tuple[RecordedChange, ...]]:
    """The newest changes of each; one statement."""
    rows = await database.read(_RECORD[kind], ids=list(ids), limit=limit)
    return {row["id"]: tuple(_change(each) for each in row["changes"]) for row in rows}


def _change(row: Row) -> RecordedChange:
    before, after = (json.loads(row.get(side) or "{}") for side in ("before", "after"))
    return RecordedChange(
        seq=row["seq"],
        actor=row["actor"],
        at=row["at"],
        fields=tuple(sorted((before.keys() | after.keys()) - {"note"})),
        note=after.get("note"),
    )
