"""The map of texts: alike ones lie side by side."""

from typing import Self

import strawberry

from graph.queries import cluster_map as queries
from schema.ids import NodeKind, global_id
from schema.request import Info
from schema.resolved import resolved

#: Texts that are on a map at most.
_MOST = 1_500


@strawberry.type(description="A text's place on the map; which text it is, the map does not say.")
class ClusterMapPoint:
    x: float = strawberry.field(description="From -1 to 1; the axes have no meaning.")
    y: float = strawberry.field(description="From -1 to 1.")
    cluster: strawberry.ID | None = strawberry.field(
        description="Id of the cluster that it is in; null: it is in none."
    )
    label: str | None = strawberry.field(description="What that cluster is about.")

    @classmethod
    def from_model(cls, model: queries.MapPoint) -> Self:
        cluster = global_id(NodeKind.CLUSTER, model.cluster) if model.cluster else None
        return cls(x=model.x, y=model.y, cluster=cluster, label=model.label)


@strawberry.type
class ClusterMapQuery:
    """``Query`` inherits this."""

    @resolved(
        description="A map of up to 1,500 texts, drawn from all, as the last fit of the clusters "
        "has laid it out: alike texts lie side by side. Empty before the first fit.",
        searches=_MOST,
    )
    async def cluster_map(self, info: Info) -> list[ClusterMapPoint] | None:
        points = await queries.map_points(info.context.uses.database, info.context.scope)
        return [ClusterMapPoint.from_model(point) for point in points]
