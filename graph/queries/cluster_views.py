"""Clusters as people see them: lists, and figures counted in the graph, narrowed by a filter."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from graph.database import Database, Row
from graph.domain.clusters import DescentKind
from graph.domain.enums import AttributionSource, OutcomeKind
from graph.domain.scope import Scope
from graph.queries.conditions import NO_DUPLICATE, CompiledFilter, within

_FIELDS = """
  .id, .label, .terms, .cohesion, .space, .since, .fittedAt, .retiredAt, .exemplars
"""
# What one of them was decided last; who has no cluster in the list is never read.
_OUTCOMES = """
CALL (c) {
  MATCH (c)-[round:RESOLVED_BY]->(r:Resolution)
  RETURN r ORDER BY round.round DESC LIMIT 1
}
RETURN k.id AS id, r.outcome AS outcome, count(*) AS n,
       count(r.satisfaction) AS rated, sum(r.satisfaction) AS satisfaction
"""
_CAUSES = """
CALL (c) {
  MATCH (c)-[by:CAUSED_BY]->(r:RootCause) WHERE by.source IN $sources
  RETURN collect(DISTINCT r.code) AS codes
}
WITH k, codes WHERE size(codes) > 0
WITH k, collect(codes) AS found
UNWIND found AS codes
UNWIND codes AS code
RETURN k.id AS id, size(found) AS known, code, count(*) AS n
"""
_TREND = """
WITH k, datetime({datetime: c.receivedAt, timezone: $zone}) AS at
RETURN k.id AS id, at.year AS year, at.month AS month, count(*) AS n
"""
_NEWEST = """
WITH k, c ORDER BY c.receivedKey DESC
RETURN k.id AS id, collect(c.id)[0..$limit] AS ids
"""
_DESCENTS = """
CYPHER 25
MATCH (k:Cluster)-[r:CAME_FROM]->(old:Cluster) WHERE k.id IN $ids
RETURN k.id AS id, old.id AS other, old.label AS label, r.kind AS kind, r.members AS members,
       r.at AS at
ORDER BY at DESC, members DESC, other
"""


class ClusterOrder(Enum):
    """(sort key as Cypher, whether descending); every key ends with the id, so it is unique."""

    SIZE_DESC = ("right('000000000' + toString(size), 9) + ':' + k.id", True)
    SIZE_ASC = ("right('000000000' + toString(size), 9) + ':' + k.id", False)
    COHESION_DESC = (
        "right('00000' + toString(toInteger(round(10000 * k.cohesion))), 5) + ':' + k.id", True
    )  # fmt: skip

    @property
    def key(self) -> str:
        return str(self.value[0])

    @property
    def descending(self) -> bool:
        return bool(self.value[1])


@dataclass(frozen=True, slots=True)
class StoredCluster:
    """``size``: members that the filter leaves, duplicates left out; ``key``: its place in a list.

    ``ended_at``: when a fit ended it; it has no members any more.
    """

    id: str
    label: str
    terms: tuple[str, ...]
    cohesion: float
    since: datetime
    fitted_at: datetime
    ended_at: datetime | None
    exemplars: tuple[str, ...]
    size: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """Latest decisions of a cluster's members.

    ``satisfaction``: mean of the ``rated`` answers, 1 to 5; None without any.
    """

    outcomes: Mapping[OutcomeKind, int]
    rated: int
    satisfaction: float | None


@dataclass(frozen=True, slots=True)
class Causes:
    """``known`` members have a cause that somebody stated; most frequent causes first."""

    known: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Came:
    """Members that a cluster took from another one."""

    other: str
    label: str
    kind: DescentKind
    members: int
    at: datetime


NO_DECISIONS = Decided({}, 0, None)
NO_CAUSES = Causes(0, ())


async def page(
    database: Database,
    narrowed: CompiledFilter,
    order: ClusterOrder,
    after: str | None,
    limit: int,
) -> list[StoredCluster]:
    """Clusters with members that the filter leaves; ``after``: the key of the row before."""
    result = narrowed.and_also(NO_DUPLICATE)
    beyond = "true" if after is None else f"key {'<' if order.descending else '>'} $after"
    statement = f"""
    CYPHER 25
    MATCH (k:Cluster {{state: 'ACTIVE'}})<-[:MEMBER_OF]-(c:Complaint)
    WHERE {result.predicate}
    WITH k, count(*) AS size
    WITH k, size, {order.key} AS key WHERE {beyond}
    RETURN k {{ {_FIELDS} }} AS cluster, size, key
    ORDER BY key {"DESC" if order.descending else "ASC"} LIMIT $limit
    """
    rows = await database.read(statement, after=after, limit=limit, **result.parameters)
    return [_cluster(row) for row in rows]


async def count(database: Database, narrowed: CompiledFilter) -> int:
    result = narrowed.and_also(NO_DUPLICATE)
    statement = f"""
    CYPHER 25
    MATCH (k:Cluster {{state: 'ACTIVE'}})<-[:MEMBER_OF]-(c:Complaint) WHERE {result.predicate}
    RETURN count(DISTINCT k) AS total
    """
    return int((await database.read(statement, **result.parameters))[0]["total"])


async def by_ids(
    database: Database, ids: Sequence[str], scope: Scope
) -> Mapping[str, StoredCluster]:
    """Clusters by their ids, ended ones too, with the number of their members in the scope."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (k:Cluster) WHERE k.id IN $ids
    RETURN k {{ {_FIELDS} }} AS cluster, '' AS key,
      COUNT {{ (k)<-[:MEMBER_OF]-(c:Complaint) WHERE {NO_DUPLICATE.cypher} AND {bounds.predicate} }}
        AS size
    """
    rows = await database.read(statement, ids=list(ids), **bounds.parameters)
    return {row["cluster"]["id"]: _cluster(row) for row in rows}


async def decided(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter
) -> Mapping[str, Decided]:
    """What was decided about each cluster's members that the filter leaves."""
    by_cluster: dict[str, list[Row]] = defaultdict(list)
    for row in await _members(database, ids, narrowed, _OUTCOMES):
        by_cluster[row["id"]].append(row)
    return {key: _decided(rows) for key, rows in by_cluster.items()}


def _decided(rows: Sequence[Row]) -> Decided:
    rated = sum(row["rated"] for row in rows)
    return Decided(
        outcomes={
            OutcomeKind(row["outcome"]): row["n"]
            for row in sorted(rows, key=lambda row: -row["n"])
            if row["outcome"] is not None
        },
        rated=rated,
        satisfaction=sum(row["satisfaction"] for row in rows) / rated if rated else None,
    )


async def causes(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter
) -> Mapping[str, Causes]:
    """Causes that a source or a person stated, most frequent first."""
    sources = [AttributionSource.IMPORTED, AttributionSource.CONFIRMED]
    known: dict[str, int] = {}
    counts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in await _members(database, ids, narrowed, _CAUSES, sources=sources):
        known[row["id"]] = row["known"]
        counts[row["id"]].append((row["code"], row["n"]))
    return {
        key: Causes(known[key], tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))))
        for key, pairs in counts.items()
    }


async def trend(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter, zone: str
) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Members received in each month of the zone ("2026-01"), from the first to the last."""
    results: dict[str, dict[int, int]] = defaultdict(dict)
    for row in await _members(database, ids, narrowed, _TREND, zone=zone):
        results[row["id"]][12 * row["year"] + row["month"] - 1] = row["n"]
    return {
        key: [
            (f"{month // 12:04d}-{month % 12 + 1:02d}", months.get(month, 0))
            for month in range(min(months), max(months) + 1)
        ]
        for key, months in results.items()
    }


async def newest(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter, limit: int
) -> Mapping[str, Sequence[str]]:
    """Ids of each cluster's newest members that the filter leaves."""
    rows = await _members(database, ids, narrowed, _NEWEST, limit=limit)
    return {row["id"]: row["ids"] for row in rows}


async def came_from(database: Database, ids: Sequence[str]) -> Mapping[str, Sequence[Came]]:
    """Which other clusters' members came into each one, newest first."""
    results: dict[str, list[Came]] = defaultdict(list)
    for row in await database.read(_DESCENTS, ids=list(ids)):
        kind = DescentKind(row["kind"])
        results[row["id"]].append(Came(row["other"], row["label"], kind, row["members"], row["at"]))
    return results


async def _members(
    database: Database,
    ids: Sequence[str],
    narrowed: CompiledFilter,
    rest: str,
    **parameters: object,
) -> list[Row]:
    result = narrowed.and_also(NO_DUPLICATE)
    statement = f"""
    CYPHER 25
    MATCH (k:Cluster)<-[:MEMBER_OF]-(c:Complaint)
    WHERE k.id IN $ids AND ({result.predicate})
    {rest}
    """
    return await database.read(statement, ids=list(ids), **parameters, **result.parameters)


def _cluster(row: Row) -> StoredCluster:
    values = row["cluster"]
    return StoredCluster(
        id=values["id"],
        label=values["label"],
        terms=tuple(values["terms"]),
        cohesion=values["cohesion"],
        since=values["since"],
        fitted_at=values["fittedAt"],
        ended_at=values["retiredAt"],
        exemplars=tuple(values["exemplars"]),
        size=row["size"],
        key=row["key"],
    )
