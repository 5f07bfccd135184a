"""What became of alerts, systemic issues and remediations, the newest change first."""

from collections.abc import Mapping, Sequence

from graph.database import Database
from graph.domain.recorded import Recorded, RecordedChange

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
    return {row["id"]: tuple(map(RecordedChange.from_record, row["changes"])) for row in rows}
