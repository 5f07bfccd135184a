"""Write a fit of clusters so that a kill at any moment leaves the old fit or leads to the new one.

A fit moves more complaints than one transaction holds. So what each is to belong to is staged
beside what it belongs to; one write then changes the clusters themselves, and from there on
whoever comes next carries the rest out (``finish_fit``). Every step locks the fit's node and reads
its state after that: what belongs to another fit by then is left alone.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from graph.commands.clusters import (
    APPLYING,
    BATCH,
    CURRENT,
    STAGING,
    cluster_record,
    finish_fit,
    locked_fit,
)
from graph.commands.locks import Kind, lock
from graph.database import BATCH_SECONDS, Database, Row, Transaction
from graph.domain.clusters import Fit
from graph.errors import ConflictError
from graph.progress import Progress, silent

#: A member whose cosine with the centre moved by less is left as it is.
_MOVED = 0.02

_ENSURE = "CYPHER 25 MERGE (f:ClusterFit {name: $name})"
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
SET f.state = 'APPLYING', f.at = $at, f.texts = $texts, f.space = $space,
  f.mapIds = $mapIds, f.mapX = $mapX, f.mapY = $mapY
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
        ConflictError: another fit or the removal of a source came between; this one has changed
            nothing.
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
        await transaction.run(_ENSURE, name=CURRENT)
        if (await locked_fit(transaction))["state"] == APPLYING:
            return False
        await transaction.run(_BEGIN, name=CURRENT, token=mark)
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

    while await database.write(work, seconds=BATCH_SECONDS):
        pass


async def _stage(database: Database, mark: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    async def work(transaction: Transaction) -> list[Row]:
        await _check_fit(transaction, mark)
        await lock(transaction, Kind.COMPLAINT, [row["id"] for row in rows])
        return await transaction.run(_STAGE, rows=list(rows))

    return await database.write(work, seconds=BATCH_SECONDS)


async def _switch(database: Database, mark: str, fit: Fit, sizes: Mapping[str, int]) -> None:
    clusters = [
        {**cluster_record(cluster, fit.space), "fittedSize": sizes.get(cluster.id, 0)}
        for cluster in fit.clusters
    ]
    descents = [
        {"cluster": d.cluster, "cameFrom": d.came_from, "kind": d.kind, "members": d.members}
        for d in fit.lineage.descents
    ]

    places = sorted(fit.places.items())

    async def work(transaction: Transaction) -> None:
        await _check_fit(transaction, mark)
        known = [row["id"] for row in await transaction.run(_ALL)]
        await lock(transaction, Kind.CLUSTER, known)
        await transaction.run(
            _SWITCH,
            name=CURRENT,
            at=fit.at,
            texts=fit.texts,
            space=fit.space,
            ids=[cluster.id for cluster in fit.clusters],
            clusters=clusters,
            descents=descents,
            mapIds=[identity for identity, _ in places],
            mapX=[x for _, (x, _) in places],
            mapY=[y for _, (_, y) in places],
        )

    await database.write(work, seconds=BATCH_SECONDS)


async def _check_fit(transaction: Transaction, mark: str) -> None:
    """Raises ConflictError: another fit has begun since, or a source was removed."""
    fit = await locked_fit(transaction)
    if (fit["token"], fit["state"]) != (mark, STAGING):
        raise ConflictError(
            "Another refit of the clusters, or the removal of a source, has come between: this one "
            "has changed nothing."
        )


def _rows(fit: Fit, before: Collection[str]) -> list[dict[str, Any]]:
    """Every member's place; those that leave every cluster have the empty id."""
    rows: list[dict[str, Any]] = [
        {"id": identity, "cluster": cluster, "weight": weight}
        for identity, (cluster, weight) in sorted(fit.members.items())
    ]
    left = sorted(set(before) - set(fit.members))
    return rows + [{"id": identity, "cluster": "", "weight": None} for identity in left]
