"""Carry out what a fit of clusters decided (see ``cluster_fits``), add clusters between fits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.commands.locks import Kind, lock
from graph.database import BATCH_SECONDS, Database, Row, Transaction
from graph.domain.clusters import FittedCluster
from graph.domain.copies import copied, copies
from graph.domain.record import COPIED
from graph.domain.tokens import TokenField, token
from graph.progress import Progress, silent
from graph.queries.clusters import placed

BATCH = 500

#: The one fit that is written or was written last.
CURRENT = "current"
STAGING, APPLYING, DONE = "STAGING", "APPLYING", "DONE"
_FIT = """
CYPHER 25
MATCH (f:ClusterFit {name: $name}) RETURN f.state AS state, f.token AS token, f.at AS at
"""
# Who stages it sees that it is not its own any more.
_INTERRUPT = """
CYPHER 25
MATCH (f:ClusterFit {name: $name}) SET f.token = ''
"""
# A complaint that a fit moves carries its sort key as the mark of that: the next come by its index.
_NEXT = """
CYPHER 25
MATCH (c:Complaint) WHERE c.clusterKey > '' RETURN c.id AS id ORDER BY c.clusterKey LIMIT $limit
"""
# Read after the lock: of two who carry a fit out, the second finds the first one's work done.
_MOVES = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}}) WHERE c.clusterKey IS NOT NULL
RETURN c {{ {COPIED} }} AS own, c.clusterNext AS cluster, c.clusterNextWeight AS weight
"""
_APPLY = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
SET c.clusterIds = row.clusterIds, c.filterTokens = row.filterTokens,
    c.clusterKey = null, c.clusterNext = null, c.clusterNextWeight = null
WITH c, row
CALL (c) { OPTIONAL MATCH (c)-[old:MEMBER_OF]->() DELETE old }
CALL (c, row) {
  UNWIND row.clusterIds AS id
  MATCH (k:Cluster {id: id})
  CREATE (c)-[:MEMBER_OF {weight: row.weight}]->(k)
}
"""
# The fit is locked: none is written meanwhile, and of two who add at once the second finds the
# complaints placed.
_FREE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids AND c.duplicate = false AND NOT {placed("c")}
RETURN count(c) AS free
"""
_ADD = """
CYPHER 25
CREATE (k:Cluster {since: $at, fittedAt: $at, state: 'ACTIVE'}) SET k += $cluster
WITH k
UNWIND $members AS row
MATCH (c:Complaint {id: row.id})
SET c.clusterKey = c.receivedKey, c.clusterNext = k.id, c.clusterNextWeight = row.weight
"""
# Registered while the fit was written, into a cluster that it ends.
_STRAYS = """
CYPHER 25
MATCH (c:Complaint)-[:MEMBER_OF]->(:Cluster {state: 'RETIRED'})
RETURN DISTINCT c.id AS id LIMIT $limit
"""
_UNPLACE = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id})
SET c.clusterKey = c.receivedKey, c.clusterNext = '', c.clusterNextWeight = null
"""
_WAITING = """
CYPHER 25
MATCH (c:Complaint) WHERE c.clusterKey IS NOT NULL RETURN count(*) AS waiting
"""
# A cluster that was added while the fit was made may have lost members to it.
_DONE = """
CYPHER 25
MATCH (f:ClusterFit {name: $name}) SET f.state = 'DONE'
WITH f
MATCH (k:Cluster {state: 'ACTIVE'}) WHERE k.fittedAt <> f.at
SET k.fittedSize = COUNT { (k)<-[m:MEMBER_OF]-() WHERE m.weight IS NOT NULL }, k.removed = null
"""


async def finish_fit(
    database: Database, progress: Progress = silent, *, always: bool = False
) -> int:
    """Carry out what a fit has decided; how many complaints that were (0: nothing waits).

    Any number of processes may do it at once. ``always``: also move members of ended clusters
    when no fit waits.
    """
    states = (APPLYING, DONE) if always else (APPLYING,)
    if await _fit_state(database) not in states:
        return 0
    total = int((await database.read(_WAITING))[0]["waiting"])
    done = 0

    async def step(transaction: Transaction) -> int | None:
        if (await locked_fit(transaction))["state"] not in states:
            return None
        if ids := [row["id"] for row in await transaction.run(_NEXT, limit=BATCH)]:
            await lock(transaction, Kind.COMPLAINT, ids)
            await _move(transaction, ids)
            return len(ids)
        if strays := [row["id"] for row in await transaction.run(_STRAYS, limit=BATCH)]:
            await lock(transaction, Kind.COMPLAINT, strays)
            await transaction.run(_UNPLACE, ids=strays)
            return 0
        await transaction.run(_DONE, name=CURRENT)
        return None

    while (moved := await database.write(step, seconds=BATCH_SECONDS)) is not None:
        done += moved
        progress("write", min(done, total), total)
    return done


async def add_cluster(
    database: Database,
    cluster: FittedCluster,
    members: Mapping[str, float],
    *,
    space: str,
    at: datetime,
) -> bool:
    """Make complaints without a place a cluster, between two fits; whether it was made.

    ``members``: each one's cosine with the centre. It is not made while a fit is written, or when
    one of them has a place by now. The next fit starts with it, as with all others.
    """

    async def work(transaction: Transaction) -> bool:
        if (await locked_fit(transaction))["state"] != DONE:
            return False
        await lock(transaction, Kind.COMPLAINT, members)
        free = await transaction.run(_FREE, ids=list(members))
        if free[0]["free"] < len(members):
            return False
        rows = [{"id": one, "weight": weight} for one, weight in sorted(members.items())]
        await transaction.run(_ADD, cluster=cluster_record(cluster, space), members=rows, at=at)
        await _move(transaction, sorted(members))
        return True

    return await database.write(work)


async def locked_fit(transaction: Transaction) -> Row:
    """The fit's state, token and time, which nobody else changes until the transaction ends."""
    await lock(transaction, Kind.CLUSTER_FIT, [CURRENT])
    rows = await transaction.run(_FIT, name=CURRENT)
    return rows[0] if rows else {"state": None, "token": None, "at": None}


async def interrupt_staging(transaction: Transaction) -> str | None:
    """Lock the fit and end one that is being staged: it has counted who is about to go.

    Returns:
        The fit's state: APPLYING, DONE, or None for none.
    """
    fit = await locked_fit(transaction)
    if fit["state"] != STAGING:
        return None if fit["state"] is None else str(fit["state"])
    await transaction.run(_INTERRUPT, name=CURRENT)
    return DONE


async def _fit_state(database: Database) -> str | None:
    rows = await database.read(_FIT, name=CURRENT)
    return rows[0]["state"] if rows else None


def cluster_record(cluster: FittedCluster, space: str) -> dict[str, Any]:
    return {
        "id": cluster.id,
        "label": cluster.label,
        "terms": list(cluster.terms),
        "fittedSize": cluster.size,
        "cohesion": cluster.cohesion,
        "exemplars": list(cluster.exemplars),
        "space": space,
        "word": token(TokenField.CLUSTER, cluster.id),
    }


async def _move(transaction: Transaction, ids: Sequence[str]) -> None:
    """Move what still waits of these; the caller has locked the fit and the complaints."""
    rows = await transaction.run(_MOVES, ids=list(ids))
    ends = {row["cluster"] for row in rows} | {k for row in rows for k in row["own"]["clusterIds"]}
    await lock(transaction, Kind.CLUSTER, ends - {""})
    await transaction.run(_APPLY, rows=[_placed(row) for row in rows])


def _placed(row: Row) -> dict[str, Any]:
    own = {**row["own"], "clusterIds": [row["cluster"]] if row["cluster"] else []}
    made = copies(own, copied(own))
    return {
        "id": own["id"],
        "clusterIds": made["clusterIds"],
        "filterTokens": made["filterTokens"],
        "weight": row["weight"],
    }
