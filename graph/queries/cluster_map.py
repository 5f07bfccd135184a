"""The map of texts that the last fit of clusters has made."""

from dataclasses import dataclass

from graph.database import Database
from graph.domain.scope import Scope
from graph.queries.conditions import within


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A text's place, from -1 to 1; ``cluster``: the id of the one that it is in now."""

    x: float
    y: float
    cluster: str | None
    label: str | None


async def map_points(database: Database, scope: Scope) -> list[MapPoint]:
    """Of the complaints in the scope that are on the map and still there; none before a fit."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (f:ClusterFit {{name: 'current'}}) WHERE f.mapIds IS NOT NULL
    WITH f.mapIds AS ids, f.mapX AS xs, f.mapY AS ys
    UNWIND range(0, size(ids) - 1) AS place
    WITH ids[place] AS id, xs[place] AS x, ys[place] AS y
    MATCH (c:Complaint {{id: id}}) WHERE {bounds.predicate}
    OPTIONAL MATCH (c)-[:MEMBER_OF]->(k:Cluster)
    RETURN x, y, k.id AS cluster, k.label AS label ORDER BY x, y
    """
    rows = await database.read(statement, **bounds.parameters)
    return [MapPoint(**row) for row in rows]
