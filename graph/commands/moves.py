"""Copies of codes follow an entry that has moved in its tree.

A complaint's node carries the codes of the wider products, branches and root causes of its own.
When an entry gets another parent (``catalogue``), these copies are old for all complaints at or
below it: the entry is marked in the same transaction, and whoever finishes work that waits goes
through the complaints, page by page, and rewrites them under their locks. A writer that had read
the tree before the move may commit after that, so an entry is gone through once more when no such
writer can be left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from graph.commands.copied import rewrite_copies
from graph.commands.locks import Kind, lock
from graph.database import BATCH_SECONDS, Database, Row, Transaction
from graph.domain.enums import CatalogueKind
from graph.progress import Progress, silent
from graph.queries.codes import DEEPEST

log = structlog.get_logger(__name__)

#: The trees whose wider codes stand on complaints, in the order of their locks.
COPIED_TREES = (CatalogueKind.PRODUCT, CatalogueKind.BRANCH, CatalogueKind.ROOT_CAUSE)
#: For so long a writer may use what it has read of a tree, waiting and repeating included.
KEEP_SECONDS = 60
SETTLED_SECONDS = KEEP_SECONDS + 2 * BATCH_SECONDS
_PAGE = 2_000
_BATCH = 500


def moved(node: str) -> str:
    """A clause that marks an entry whose parent changes: its complaints' copies are due."""
    return f"SET {node}.movedAt = timestamp(), {node}.copiesDue = timestamp()"


_DUE = "CYPHER 25" + "UNION ALL".join(
    f"""
    MATCH (n:{kind.value}) WHERE n.copiesDue <= timestamp()
    RETURN '{kind.value}' AS kind, n.code AS code, n.movedAt AS moved, timestamp() AS now,
      COLLECT {{ MATCH (n)<-[:PART_OF*0..{DEEPEST}]-(d) RETURN DISTINCT d.code }} AS covered
    """
    for kind in COPIED_TREES
)
# Each page costs the same, however many complaints there are and wherever the affected ones are.
_AFFECTED = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
WITH c ORDER BY c.receivedKey LIMIT $limit
RETURN max(c.receivedKey) AS last, count(*) AS seen, collect(
  CASE WHEN c.productCode IN $codes.Product OR c.branchCode IN $codes.Branch
    OR any(code IN c.causeCodes WHERE code IN $codes.RootCause)
  THEN c.id END) AS ids
"""
# An entry that has moved again meanwhile stays due.
_DONE = {
    kind: f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (n:{kind.value} {{code: row.code}}) WHERE n.movedAt = row.moved
    SET n.copiesDue = CASE WHEN row.now < n.movedAt + $settled THEN n.movedAt + $settled END
    SET n.movedAt = CASE WHEN n.copiesDue IS NULL THEN null ELSE n.movedAt END
    """
    for kind in COPIED_TREES
}


async def follow_moves(
    database: Database, progress: Progress = silent, *, settled: float = SETTLED_SECONDS
) -> int:
    """Rewrite the copies below entries that have moved; of how many complaints that were.

    Any number of processes may do so at once. ``settled``: seconds after which no writer is left
    that read the tree before a move.
    """
    due = await database.read(_DUE)
    if not due:
        return 0
    codes = {
        kind.value: sorted({c for row in due if row["kind"] == kind.value for c in row["covered"]})
        for kind in COPIED_TREES
    }
    rewritten = await _rewrite(database, codes, progress)
    await database.write(lambda transaction: _complete(transaction, due, settled))
    log.info("copies follow moved entries", entries=len(due), complaints=rewritten)
    return rewritten


async def _rewrite(
    database: Database, codes: Mapping[str, Sequence[str]], progress: Progress
) -> int:
    rewritten, seen, after = 0, 0, ""
    while True:
        page = (await database.read(_AFFECTED, after=after, limit=_PAGE, codes=codes))[0]
        if not page["seen"]:
            return rewritten
        for start in range(0, len(page["ids"]), _BATCH):
            rewritten += await rewrite_copies(database, page["ids"][start : start + _BATCH])
        seen, after = seen + page["seen"], page["last"]
        progress("moves", seen, None)


async def _complete(transaction: Transaction, due: Sequence[Row], settled: float) -> None:
    for kind in COPIED_TREES:
        rows: list[dict[str, Any]] = [dict(row) for row in due if row["kind"] == kind.value]
        if rows:
            await lock(transaction, Kind[kind.name], [row["code"] for row in rows])
            await transaction.run(_DONE[kind], rows=rows, settled=round(1000 * settled))
