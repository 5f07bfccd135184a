"""Jobs as they stand by the database's clock: one whose process has died reads as interrupted."""

from collections.abc import Sequence

from graph.database import Database, Reader
from graph.domain.jobs import SILENCE, Job, JobKind
from graph.queries.keyset import Keyset

_SILENT = (
    "n.state = 'RUNNING' AND n.heartbeatAt < "
    f"datetime() - duration({{seconds: {round(SILENCE.total_seconds())}}})"
)
#: A job ``n`` as it reads now.
FIELDS = f"""n {{.*,
  state: CASE WHEN {_SILENT} THEN 'INTERRUPTED' ELSE n.state END,
  endedAt: CASE WHEN {_SILENT} THEN n.heartbeatAt ELSE n.endedAt END,
  file: CASE WHEN n.fileUntil > datetime() THEN n.file END}}"""
_LIST = Keyset(
    label="Job",
    key="key",
    fields=FIELDS,
    narrowed="($person IS NULL OR n.person = $person) AND ($kind IS NULL OR n.kind = $kind)",
)
_ONE = f"CYPHER 25 MATCH (n:Job {{id: $id}}) RETURN {FIELDS} AS own"


async def page(
    database: Database, person: str | None, kind: JobKind | None, before: str | None, limit: int
) -> list[Job]:
    """Jobs before a key, the newest first; ``person``: those alone that this one began."""
    rows = await _LIST.page(database, before, limit, person=person, kind=kind)
    return [Job.from_record(row) for row in rows]


async def count(database: Database, person: str | None, kind: JobKind | None) -> int:
    return await _LIST.count(database, person=person, kind=kind)


async def by_id(read: Reader, identity: str) -> Job | None:
    rows: Sequence[dict[str, object]] = await read(_ONE, id=identity)
    return Job.from_record(rows[0]["own"]) if rows else None  # type: ignore[arg-type]
