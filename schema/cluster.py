"""Root-cause clusters: what they are about, and what their complaints have in common."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph.domain.enums import CatalogueKind
from graph.domain.filters import ComplaintFilter
from graph.queries import cluster_views as queries
from graph.queries.cluster_views import Came, ClusterOrder, StoredCluster
from graph.statistics.drivers import Driver as DriverFound
from schema.arguments import FirstFound
from schema.catalogue import RootCause
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.enums import DescentKind, DriverKind, OutcomeKind
from schema.ids import NodeKind, global_id
from schema.node import Node
from schema.paging import Slice, search_size
from schema.request import Info
from schema.resolved import resolved
from similarity.texts import check_fitted

if TYPE_CHECKING:
    from schema.complaint import Complaint

_Complaint = Annotated["Complaint", strawberry.lazy("schema.complaint")]


@strawberry.type(description="How often the complaints of a cluster were decided in one way.")
class OutcomeShare:
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    count: int = strawberry.field(description="Complaints whose latest decision it is.")
    share: float = strawberry.field(description="Of those with a decision, 0 to 1.")


@strawberry.type(description="How satisfied the customers of a cluster were.")
class SatisfactionFigure:
    mean: float = strawberry.field(description="Mean of the answers, 1 to 5.")
    count: int = strawberry.field(description="How many answered.")


@strawberry.type(description="How often a root cause was stated for the complaints of a cluster.")
class CauseShare:
    count: int = strawberry.field(description="Complaints with this cause.")
    share: float = strawberry.field(description="Of those with any stated cause, 0 to 1.")
    code: strawberry.Private[str]

    @resolved(description="The cause.")
    async def root_cause(self, info: Info) -> RootCause | None:
        loader = info.context.loaders.entry(CatalogueKind.ROOT_CAUSE)
        return RootCause.from_optional(await loader.load(self.code))


@strawberry.type(description="Complaints received in a month of the bank's zone.")
class MonthCount:
    month: str = strawberry.field(description="The month, such as 2026-01.")
    count: int = strawberry.field(description="Complaints received in it.")


@strawberry.type(description="Something that a cluster's complaints have more often than the rest.")
class Driver:
    kind: DriverKind = strawberry.field(description="What is compared.")
    value: str = strawberry.field(description="Its value: a code, a month or a day of the month.")
    count: int = strawberry.field(description="Complaints of the cluster that have it.")
    share: float = strawberry.field(description="Of the cluster's, where it is known, 0 to 1.")
    rest_share: float = strawberry.field(description="Of all other complaints with a text, 0 to 1.")
    lift: float = strawberry.field(description="The share over the rest's share.")
    low: float = strawberry.field(description="Lower end of the lift's 95 % interval.")
    high: float = strawberry.field(description="Upper end of the lift's 95 % interval.")
    p: float = strawberry.field(
        description="Chance of so many if the cluster were like the rest, corrected for all values "
        "that were looked at."
    )

    @classmethod
    def from_model(cls, model: DriverFound) -> Self:
        return cls(
            kind=model.kind,
            value=model.value,
            count=model.count,
            share=model.share,
            rest_share=model.rest_share,
            lift=model.lift,
            low=model.low,
            high=model.high,
            p=model.p,
        )


@strawberry.type(description="Complaints that came into a cluster from another one, in a refit.")
class ClusterDescent:
    id: strawberry.ID = strawberry.field(description="The other cluster's id.")
    label: str = strawberry.field(description="What the other cluster is or was called.")
    kind: DescentKind = strawberry.field(description="What became of the other cluster.")
    members: int = strawberry.field(description="How many complaints came from it.")
    at: datetime = strawberry.field(description="When.")

    @classmethod
    def from_model(cls, model: Came) -> Self:
        return cls(
            id=global_id(NodeKind.CLUSTER, model.other),
            label=model.label,
            kind=model.kind,
            members=model.members,
            at=model.at,
        )


@strawberry.type(
    description="Complaints whose texts belong together. All figures are of the members that the "
    "list's filter leaves; duplicates of a filing count nowhere. For all complaints of it, page "
    "through `complaints(filter: {clusters: [id]})`."
)
class Cluster(Node):
    label: str = strawberry.field(description="What it is about, in words of its texts.")
    terms: list[str] = strawberry.field(description="Its most telling terms, best first.")
    size: int = strawberry.field(description="How many complaints it has.")
    cohesion: float = strawberry.field(
        description="How close its texts are: their mean cosine with their centre, 0 to 1."
    )
    since: datetime = strawberry.field(description="When a fit first found it.")
    fitted_at: datetime = strawberry.field(description="The last fit that it was in.")
    ended_at: datetime | None = strawberry.field(description="When a fit ended it.")
    model: strawberry.Private[StoredCluster]
    filters: strawberry.Private[ComplaintFilter | None]

    @resolved(description="The complaints nearest its centre, nearest first.")
    async def exemplars(self, info: Info, first: FirstFound = 3) -> list[_Complaint]:
        from schema.complaint import Complaint

        ids = self.model.exemplars[: search_size(first)]
        results = await info.context.loaders.complaints().load(ids)
        return [Complaint.from_model(model) for model in results]

    @resolved(description="Its newest complaints.", searches=20)
    async def complaints(self, info: Info, first: FirstFound = 10) -> list[_Complaint] | None:
        from schema.complaint import Complaint

        clusters = info.context.loaders.clusters(self.filters)
        results = await clusters.newest(search_size(first)).load(self.model.id)
        return [Complaint.from_model(model) for model in results]

    @resolved(description="What was decided about them, most frequent first.", searches=20)
    async def outcomes(self, info: Info) -> list[OutcomeShare] | None:
        loader = info.context.loaders.clusters(self.filters).decided()
        counts = (await loader.load(self.model.id)).outcomes
        total = sum(counts.values())
        return [
            OutcomeShare(outcome=kind, count=count, share=count / total)
            for kind, count in counts.items()
        ]

    @resolved(description="How satisfied customers were; null if nobody answered.", searches=20)
    async def satisfaction(self, info: Info) -> SatisfactionFigure | None:
        loader = info.context.loaders.clusters(self.filters).decided()
        result = await loader.load(self.model.id)
        if result.satisfaction is None:
            return None
        return SatisfactionFigure(mean=result.satisfaction, count=result.rated)

    @resolved(description="The root causes stated for them, most frequent first.", searches=20)
    async def causes(self, info: Info, first: FirstFound = 5) -> list[CauseShare] | None:
        loader = info.context.loaders.clusters(self.filters).causes()
        result = await loader.load(self.model.id)
        return [
            CauseShare(count=count, share=count / result.known, code=code)
            for code, count in result.counts[: search_size(first)]
        ]

    @resolved(description="Complaints by month of receipt, without gaps.", searches=20)
    async def trend(self, info: Info) -> list[MonthCount] | None:
        clusters = info.context.loaders.clusters(self.filters)
        results = await clusters.trend(info.context.uses.zone.key).load(self.model.id)
        return [MonthCount(month=month, count=count) for month, count in results]

    @resolved(
        description="What they have in common, compared with all other complaints that the filter "
        "leaves: what sets them apart the most first. Empty when nothing does.",
        searches=50,
    )
    async def drivers(self, info: Info, first: FirstFound = 10) -> list[Driver] | None:
        clusters = info.context.loaders.clusters(self.filters)
        results = await clusters.drivers(info.context.uses.zone.key).load(self.model.id)
        return [Driver.from_model(model) for model in results[: search_size(first)]]

    @resolved(description="Clusters that its complaints came from in refits, newest first.")
    async def came_from(self, info: Info) -> list[ClusterDescent] | None:
        loader = info.context.loaders.clusters(None).came_from()
        return [ClusterDescent.from_model(m) for m in await loader.load(self.model.id)]

    @classmethod
    def from_model(cls, model: StoredCluster, filters: ComplaintFilter | None = None) -> Self:
        return cls(
            id=global_id(NodeKind.CLUSTER, model.id),
            label=model.label,
            terms=list(model.terms),
            size=model.size,
            cohesion=model.cohesion,
            since=model.since,
            fitted_at=model.fitted_at,
            ended_at=model.ended_at,
            model=model,
            filters=filters,
        )


async def cluster_page(
    info: Info, filters: ComplaintFilter | None, order: ClusterOrder, part: Slice
) -> Connection[Cluster]:
    """A page of clusters that have complaints which the filter leaves.

    Raises:
        NoTextError: none of these complaints has a text.
        NotYetError: no clusters have been made yet.
    """
    cursors = scope(f"clusters.{order.name}", filters)
    after = cursors.decode(part.after, "after")
    uses = info.context.uses
    narrowed = await uses.finder.compile(filters, info.context.scope)
    results = await queries.page(uses.database, narrowed, order, after, part.size + 1)
    if not results and after is None:
        await check_fitted(uses.database, narrowed)
    nodes = [Cluster.from_model(model, filters) for model in results[: part.size]]
    places = [cursors.encode(node.model.key) for node in nodes]
    return Connection(
        edges=edges_of(nodes, places),
        nodes=nodes,
        page_info=page_info(
            places, following=len(results) > part.size, preceding=after is not None
        ),
        count=partial(queries.count, uses.database, narrowed),
    )


async def cluster_of(info: Info, key: str) -> Cluster | None:
    """One cluster, with figures of all its complaints."""
    result = await info.context.loaders.clusters(None).cluster().load(key)
    return None if result is None else Cluster.from_model(result)
