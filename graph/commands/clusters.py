"""Write a fit of clusters so that a kill at any moment leaves the old fit or leads to the new one.

A fit moves more complaints than one transaction holds. So what each is to belong to is staged
beside what it belongs to; one write then changes the clusters themselves, and from there on
whoever comes next carries the rest out (``finish_fit``). Every step locks the fit's node and reads
its state after that: what belongs to another fit by then is left alone.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from graph.commands.locks import Kind, lock, lock_ends
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

#: The one fit that is written or was written last.
_CURRENT = "current"
_STAGING, _APPLYING, _DONE_STATE = "STAGING", "APPLYING", "DONE"
_ENSURE = "CYPHER 25 MERGE (f:ClusterFit {name: $name})"
_FIT = """
CYPHER 25
MATCH (f:ClusterFit {name: $name}) RETURN f.state AS state, f.token AS token, f.at AS at
"""
_BEGIN = """
CYPHER 25
MATCH (f:ClusterFit {name: $name}) SET f.token = $token, f.state = 'STAGING'
"""
_DISCARD = """
CYPHER 25
MATCH (c:Complaint) WHERE c.clusterKey > ''
WITH c ORDER BY c.clusterKey LIMIT $limit
RETURN c.id AS id
"""
_UNSTAGE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
SET c.clusterKey = null, c.clusterNext = null, c.clusterNextWeight = null
"""
# A member that stays where it was, nearly as near the centre, is not moved.
_STAGE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
OPTIONAL MATCH (c)-[m:MEMBER_OF]->(k:Cluster {{id: row.cluster}})
WITH c, row, coalesce(abs(m.weight - row.weight) < {_MOVED}, false) AS stays
FOREACH (ignored IN CASE WHEN stays THEN [] ELSE [1] END |
  SET c.clusterKey = c.receivedKey, c.clusterNext = row.cluster, c.clusterNextWeight = row.weight)
RETURN row.cluster AS cluster, count(*) AS members, sum(CASE WHEN stays THEN 0 ELSE 1 END) AS moved
"""
_SWITCH = """
CYPHER 25
MATCH (f:ClusterFit {name: $name})
SET f.state = 'APPLYING', f.at = $at, f.texts = $texts, f.space = $space
WITH f
CALL (f) {
  MATCH (k:Cluster {state: 'ACTIVE'}) WHERE NOT k.id IN $ids AND k.since <= $at
  SET k.state = 'RETIRED', k.retiredAt = $at
}
CALL (f) {
  UNWIND $clusters AS row
  MERGE (k:Cluster {id: row.id}) ON CREATE SET k.since = $at
  SET k += row, k.state = 'ACTIVE', k.fittedAt = $at, k.removed = null
}
CALL (f) {
  UNWIND $descents AS row
  MATCH (k:Cluster {id: row.cluster}), (old:Cluster {id: row.cameFrom})
  CREATE (k)-[:CAME_FROM {kind: row.kind, members: row.members, at: $at}]->(old)
}
"""
_ALL = "CYPHER 25 MATCH (k:Cluster) RETURN k.id AS id"
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
# More than half of the likeness to earlier complaints must lie in one cluster. Those who belong to
# none count too: a new topic is not pulled into an old cluster.
_VOTES = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id})
WHERE c.clusterIds = [] AND c.duplicate = false AND c.clusterKey IS NULL
CALL (c) {
  MATCH (c)-[link:SIMILAR_TO]->(n:Complaint)
  OPTIONAL MATCH (n)-[:MEMBER_OF]->(k:Cluster {state: 'ACTIVE'})
  WITH k, sum(link.score) AS votes
  WITH collect({cluster: k, votes: votes}) AS found, sum(votes) AS total
  UNWIND found AS one
  WITH one.cluster AS k, one.votes / total AS share WHERE k IS NOT NULL AND share > 0.5
  RETURN k, share
}
RETURN c.id AS id, k.id AS cluster, round(share, 4) AS share
"""
_ASSIGN = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id}), (k:Cluster {id: row.cluster, state: 'ACTIVE'})
CREATE (c)-[:MEMBER_OF {share: row.share, provisional: true}]->(k)
SET c.clusterIds = [k.id], c.filterTokens = c.filterTokens + ' ' + k.word
"""


async def write_fit(
    database: Database,
    fit: Fit,
    before: Collection[str],
    progress: Progress = silent,
) -> int:
    """Make a fit the present one; how many complaints changed their cluster or place in it.

    ``before``: the complaints that had a cluster when the fit was made; those that the fit leaves
    out lose it.

    Raises:
        ConflictError: another fit was begun meanwhile; this one has changed nothing.
    """
    rows = _rows(fit, before)
    mark = await _begin(database, progress)
    await _discard(database, mark)
    sizes: dict[str, int] = {}
    moved = done = 0
    for start in range(0, len(rows), 4 * BATCH):
        part = rows[start : start + 4 * BATCH]
        for row in await _stage(database, mark, part):
            sizes[row["cluster"]] = sizes.get(row["cluster"], 0) + row["members"]
            moved += row["moved"]
        done += len(part)
        progress("stage", done, len(rows))
    await _switch(database, mark, fit, sizes)
    await finish_fit(database, progress)
    return moved


async def _begin(database: Database, progress: Progress) -> str:
    """A new fit's token; a fit that was being carried out is finished first."""
    mark = uuid4().hex

    async def work(transaction: Transaction) -> bool:
        await transaction.run(_ENSURE, name=_CURRENT)
        if (await _locked_fit(transaction))["state"] == _APPLYING:
            return False
        await transaction.run(_BEGIN, name=_CURRENT, token=mark)
        return True

    while not await database.write(work):
        await finish_fit(database, progress)
    return mark


async def _discard(database: Database, mark: str) -> None:
    """Forget what an unfinished fit has staged."""

    async def work(transaction: Transaction) -> bool:
        await _check_fit(transaction, mark)
        rows = await transaction.run(_DISCARD, limit=4 * BATCH)
        ids = [row["id"] for row in rows]
        await lock(transaction, Kind.COMPLAINT, ids)
        await transaction.run(_UNSTAGE, ids=ids)
        return bool(rows)

    while await database.write(work):
        pass


async def _stage(database: Database, mark: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    async def work(transaction: Transaction) -> list[Row]:
        await _check_fit(transaction, mark)
        await lock(transaction, Kind.COMPLAINT, [row["id"] for row in rows])
        return await transaction.run(_STAGE, rows=list(rows))

    return await database.write(work)


async def _switch(database: Database, mark: str, fit: Fit, sizes: Mapping[str, int]) -> None:
    clusters = [
        {**_record(cluster, fit.space), "fittedSize": sizes.get(cluster.id, 0)}
        for cluster in fit.clusters
    ]
    descents = [
        {"cluster": d.cluster, "cameFrom": d.came_from, "kind": d.kind, "members": d.members}
        for d in fit.lineage.descents
    ]

    async def work(transaction: Transaction) -> None:
        await _check_fit(transaction, mark)
        known = [row["id"] for row in await transaction.run(_ALL)]
        await lock(transaction, Kind.CLUSTER, known)
        await transaction.run(
            _SWITCH,
            name=_CURRENT,
            at=fit.at,
            texts=fit.texts,
            space=fit.space,
            ids=[cluster.id for cluster in fit.clusters],
            clusters=clusters,
            descents=descents,
        )

    await database.write(work)


async def finish_fit(
    database: Database, progress: Progress = silent, *, always: bool = False
) -> int:
    """Carry out what a fit has decided; how many complaints that were (0: nothing waits).

    Any number of processes may do it at once. ``always``: also move members of ended clusters
    when no fit waits.
    """
    states = (_APPLYING, _DONE_STATE) if always else (_APPLYING,)
    if await _fit_state(database) not in states:
        return 0
    total = int((await database.read(_WAITING))[0]["waiting"])
    done = 0

    async def step(transaction: Transaction) -> int | None:
        if (await _locked_fit(transaction))["state"] not in states:
            return None
        if ids := [row["id"] for row in await transaction.run(_NEXT, limit=BATCH)]:
            await lock(transaction, Kind.COMPLAINT, ids)
            await _move(transaction, ids)
            return len(ids)
        if strays := [row["id"] for row in await transaction.run(_STRAYS, limit=BATCH)]:
            await lock(transaction, Kind.COMPLAINT, strays)
            await transaction.run(_UNPLACE, ids=strays)
            return 0
        await transaction.run(_DONE, name=_CURRENT)
        return None

    while (moved := await database.write(step)) is not None:
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
        if (await _locked_fit(transaction))["state"] != _DONE_STATE:
            return False
        await lock(transaction, Kind.COMPLAINT, members)
        free = await transaction.run(_FREE, ids=list(members))
        if free[0]["free"] < len(members):
            return False
        rows = [{"id": one, "weight": weight} for one, weight in sorted(members.items())]
        await transaction.run(_ADD, cluster=_record(cluster, space), members=rows, at=at)
        await _move(transaction, sorted(members))
        return True

    return await database.write(work)


async def _locked_fit(transaction: Transaction) -> Row:
    """The fit's state, token and time, which nobody else changes until the transaction ends."""
    await lock(transaction, Kind.CLUSTER_FIT, [_CURRENT])
    rows = await transaction.run(_FIT, name=_CURRENT)
    return rows[0] if rows else {"state": None, "token": None, "at": None}


async def _check_fit(transaction: Transaction, mark: str) -> None:
    """Raises ConflictError: another fit has begun since."""
    fit = await _locked_fit(transaction)
    if (fit["token"], fit["state"]) != (mark, _STAGING):
        raise ConflictError(
            "Another refit of the clusters has begun meanwhile: this one has changed nothing."
        )


async def _fit_state(database: Database) -> str | None:
    rows = await database.read(_FIT, name=_CURRENT)
    return rows[0]["state"] if rows else None


async def assign(transaction: Transaction, ids: Sequence[str]) -> None:
    """Put linked complaints into the cluster of those that they are like; they are locked.

    Provisional until the next fit. One that is like nothing clear stays unassigned.
    """
    rows = await transaction.run(_VOTES, ids=list(ids))
    if rows:
        await lock_ends(transaction, {Kind.CLUSTER: [row["cluster"] for row in rows]})
        await transaction.run(_ASSIGN, rows=rows)


def _rows(fit: Fit, before: Collection[str]) -> list[dict[str, Any]]:
    """Every member's place; those that leave every cluster have the empty id."""
    rows: list[dict[str, Any]] = [
        {"id": identity, "cluster": cluster, "weight": weight}
        for identity, (cluster, weight) in sorted(fit.members.items())
    ]
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


async def _move(transaction: Transaction, ids: Sequence[str]) -> None:
    """Move what still waits of these; the caller has locked the fit and the complaints."""
    rows = await transaction.run(_MOVES, ids=list(ids))
    ends = {row["cluster"] for row in rows} | {k for row in rows for k in row["own"]["clusterIds"]}
    await lock(transaction, Kind.CLUSTER, ends - {""})
    await transaction.run(_APPLY, rows=[_placed(row) for row in rows])


def _placed(row: Row) -> dict[str, Any]:
    own = {**row["own"], "clusterIds": [row["cluster"]] if row["cluster"] else []}
    found = copies(own, copied(own))
    return {
        "id": own["id"],
        "clusterIds": found["clusterIds"],
        "filterTokens": found["filterTokens"],
        "weight": row["weight"],
    }
