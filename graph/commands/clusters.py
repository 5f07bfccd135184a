"""Write a fit of clusters so that a kill at any moment leaves the old fit or leads to the new one.

A fit moves more complaints than one transaction holds. So what each is to belong to is staged
beside what it belongs to; one write then changes the clusters themselves, and from there on
whoever comes next carries the rest out (``finish_fit``).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from graph.database import Database, Row, Transaction
from graph.domain.clusters import Fit, FittedCluster
from graph.domain.copies import copied, copies
from graph.domain.record import COPIED
from graph.domain.tokens import TokenField, token
from graph.errors import ConflictError
from graph.progress import Progress, silent
from graph.queries.clusters import placed

BATCH = 500
#: A member whose cosine with the centre moved by less is left as it is.
_MOVED = 0.02

_BEGIN = """
CYPHER 25
MERGE (f:ClusterFit {name: 'current'})
SET f.token = $token, f.state = 'STAGING'
"""
_STATE = "CYPHER 25 MATCH (f:ClusterFit {name: 'current'}) RETURN f.state AS state"
_DISCARD = """
CYPHER 25
MATCH (c:Complaint) WHERE c.clusterNext IS NOT NULL
WITH c LIMIT $limit
REMOVE c.clusterNext, c.clusterNextWeight
RETURN count(*) AS done
"""
# The fit is locked first: two who stage at once are found out.
_STAGE = """
CYPHER 25
MATCH (f:ClusterFit {name: 'current', token: $token, state: 'STAGING'})
SET f.lock = true REMOVE f.lock
WITH f
CALL (f) {
  UNWIND $rows AS row
  MATCH (c:Complaint {id: row.id})
  SET c.clusterNext = row.cluster, c.clusterNextWeight = row.weight
}
RETURN f.name AS name
"""
_SWITCH = """
CYPHER 25
MATCH (f:ClusterFit {name: 'current', token: $token, state: 'STAGING'})
SET f.state = 'APPLYING', f.at = $at, f.texts = $texts, f.space = $space
WITH f
CALL (f) {
  MATCH (k:Cluster {state: 'ACTIVE'}) WHERE NOT k.id IN $ids AND k.since <= $at
  SET k.state = 'RETIRED', k.retiredAt = $at
}
CALL (f) {
  UNWIND $clusters AS row
  MERGE (k:Cluster {id: row.id}) ON CREATE SET k.since = $at
  SET k += row, k.state = 'ACTIVE', k.fittedAt = $at
}
CALL (f) {
  UNWIND $descents AS row
  MATCH (k:Cluster {id: row.cluster}), (old:Cluster {id: row.cameFrom})
  CREATE (k)-[:CAME_FROM {kind: row.kind, members: row.members, at: $at}]->(old)
}
RETURN f.name AS name
"""
# In one order, and locked before they are read: their other codes may be about to change.
_NEXT = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.clusterNext IS NOT NULL
WITH c ORDER BY c.id LIMIT $limit
SET c.lock = true REMOVE c.lock
WITH c
RETURN c {{ {COPIED} }} AS own, c.clusterNext AS cluster, c.clusterNextWeight AS weight
"""
_APPLY = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
SET c.clusterIds = row.clusterIds, c.filterTokens = row.filterTokens
REMOVE c.clusterNext, c.clusterNextWeight
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
MATCH (f:ClusterFit {{name: 'current', state: 'DONE'}})
SET f.lock = true REMOVE f.lock
WITH f
MATCH (c:Complaint) WHERE c.id IN $ids AND c.duplicate = false AND NOT {placed("c")}
RETURN count(c) AS free
"""
_ADD = """
CYPHER 25
CREATE (k:Cluster {since: $at, fittedAt: $at, state: 'ACTIVE'}) SET k += $cluster
WITH k
UNWIND $members AS row
MATCH (c:Complaint {id: row.id})
SET c.clusterNext = k.id, c.clusterNextWeight = row.weight
"""
# Registered while the fit was written, into a cluster that it ends.
_STRAYS = """
CYPHER 25
MATCH (c:Complaint)-[:MEMBER_OF]->(:Cluster {state: 'RETIRED'})
WITH DISTINCT c LIMIT $limit
SET c.clusterNext = ''
RETURN count(*) AS done
"""
_WAITING = "CYPHER 25 MATCH (c:Complaint) WHERE c.clusterNext IS NOT NULL RETURN count(*) AS n"
_DONE = "CYPHER 25 MATCH (f:ClusterFit {name: 'current', state: 'APPLYING'}) SET f.state = 'DONE'"
# More than half of the likeness to earlier complaints must lie in one cluster. Those who belong to
# none count too: a new topic is not pulled into an old cluster.
_ASSIGN = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id})
WHERE c.clusterIds = [] AND c.duplicate = false AND c.clusterNext IS NULL
CALL (c) {
  MATCH (c)-[link:SIMILAR_TO]->(n:Complaint)
  OPTIONAL MATCH (n)-[:MEMBER_OF]->(k:Cluster {state: 'ACTIVE'})
  WITH k, sum(link.score) AS votes
  WITH collect({cluster: k, votes: votes}) AS found, sum(votes) AS total
  UNWIND found AS one
  WITH one.cluster AS k, one.votes / total AS share WHERE k IS NOT NULL AND share > 0.5
  RETURN k, share
}
CREATE (c)-[:MEMBER_OF {share: round(share, 4), provisional: true}]->(k)
SET c.clusterIds = [k.id], c.filterTokens = c.filterTokens + ' ' + k.word
"""


async def write_fit(
    database: Database,
    fit: Fit,
    before: Mapping[str, tuple[str, float | None]],
    progress: Progress = silent,
) -> int:
    """Make a fit the present one; how many complaints changed their cluster or place in it.

    ``before``: the cluster and weight that each complaint had when the fit was made.

    Raises:
        ConflictError: another fit was begun meanwhile; this one has changed nothing.
    """
    rows = _changes(fit, before)
    mark = uuid4().hex
    await finish_fit(database)
    await _one(database, _BEGIN, token=mark)
    await _until_none(database, _DISCARD)
    for start in range(0, len(rows), 4 * BATCH):
        part = rows[start : start + 4 * BATCH]
        await _guarded(database, _STAGE, token=mark, rows=part)
        progress("stage", start + len(part), len(rows))
    descents = [
        {"cluster": d.cluster, "cameFrom": d.came_from, "kind": d.kind, "members": d.members}
        for d in fit.lineage.descents
    ]
    await _guarded(
        database,
        _SWITCH,
        token=mark,
        at=fit.at,
        texts=fit.texts,
        space=fit.space,
        ids=[cluster.id for cluster in fit.clusters],
        clusters=[_record(cluster, fit.space) for cluster in fit.clusters],
        descents=descents,
    )
    await finish_fit(database, progress)
    return len(rows)


async def finish_fit(
    database: Database, progress: Progress = silent, *, always: bool = False
) -> int:
    """Carry out what a fit has decided; how many complaints that were (0: nothing waits).

    Any number of processes may do it at once. ``always``: also look for members of ended clusters
    when no fit waits.
    """
    state = await database.read(_STATE)
    if not state or state[0]["state"] not in (("APPLYING", "DONE") if always else ("APPLYING",)):
        return 0
    total = int((await database.read(_WAITING))[0]["n"])
    done = 0
    while moved := await database.write(_apply) or await _one(database, _STRAYS, limit=BATCH):
        done += moved
        progress("write", min(done, total), total)
    await _one(database, _DONE)
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
    one of them has found a place meanwhile. The next fit starts with it, as with all others.
    """

    async def work(transaction: Transaction) -> bool:
        free = await transaction.run(_FREE, ids=list(members))
        if not free or free[0]["free"] < len(members):
            return False
        rows = [{"id": one, "weight": weight} for one, weight in sorted(members.items())]
        await transaction.run(_ADD, cluster=_record(cluster, space), members=rows, at=at)
        while await _apply(transaction):
            pass
        return True

    return await database.write(work)


async def assign(transaction: Transaction, ids: Sequence[str]) -> None:
    """Put linked complaints into the cluster of those that they are like; one statement.

    Provisional until the next fit. One that is like nothing clear stays unassigned.
    """
    await transaction.run(_ASSIGN, ids=list(ids))


def _changes(fit: Fit, before: Mapping[str, tuple[str, float | None]]) -> list[dict[str, Any]]:
    """Complaints whose place changes; those that leave every cluster have the empty id."""
    rows: list[dict[str, Any]] = []
    for identity, (cluster, weight) in sorted(fit.members.items()):
        old, placed = before.get(identity, ("", None))
        if cluster != old or placed is None or abs(weight - placed) >= _MOVED:
            rows.append({"id": identity, "cluster": cluster, "weight": weight})
    left = sorted(set(before) - set(fit.members))
    return rows + [{"id": identity, "cluster": "", "weight": None} for identity in left]


def _record(cluster: FittedCluster, space: str) -> dict[str, Any]:
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


async def _apply(transaction: Transaction) -> int:
    rows = await transaction.run(_NEXT, limit=BATCH)
    await transaction.run(_APPLY, rows=[_placed(row) for row in rows])
    return len(rows)


def _placed(row: Row) -> dict[str, Any]:
    own = {**row["own"], "clusterIds": [row["cluster"]] if row["cluster"] else []}
    found = copies(own, copied(own))
    return {
        "id": own["id"],
        "clusterIds": found["clusterIds"],
        "filterTokens": found["filterTokens"],
        "weight": row["weight"],
    }


async def _one(database: Database, statement: str, **parameters: Any) -> int:
    async def work(transaction: Transaction) -> int:
        rows = await transaction.run(statement, **parameters)
        return int(rows[0]["done"]) if rows else 0

    return await database.write(work)


async def _until_none(database: Database, statement: str) -> None:
    while await _one(database, statement, limit=4 * BATCH):
        pass


async def _guarded(database: Database, statement: str, **parameters: Any) -> None:
    async def work(transaction: Transaction) -> None:
        if not await transaction.run(statement, **parameters):
            raise ConflictError(
                "Another refit of the clusters has begun meanwhile: this one has changed nothing."
            )

    await database.write(work)
