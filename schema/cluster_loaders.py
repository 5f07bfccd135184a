"""What is read about many clusters at once: see ``schema.loaders``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from graph.domain.filters import ComplaintFilter
from graph.queries import cluster_views as queries
from graph.queries import drivers as driver_queries
from graph.queries.cluster_views import Came, Causes, Decided, StoredCluster
from graph.queries.conditions import CompiledFilter
from graph.statistics.drivers import Driver, drivers
from schema.loaders import Loader, Loaders, Records

V = TypeVar("V")


class ClusterLoaders:
    """Loaders of one filter."""

    def __init__(self, loaders: Loaders, filters: ComplaintFilter | None) -> None:
        self._loaders = loaders
        self._filters = filters

    def cluster(self) -> Loader[StoredCluster | None]:
        read = partial(queries.by_ids, self._loaders.database, scope=self._loaders.scope)
        return self._loaders.loader("cluster", (), read, None)

    def came_from(self) -> Loader[Sequence[Came]]:
        read = partial(queries.came_from, self._loaders.database)
        return self._loaders.loader("cameFrom", (), read, ())

    def decided(self) -> Loader[Decided]:
        return self._narrowed(
            "decided", (), partial(queries.decided, self._loaders.database), queries.NO_DECISIONS
        )

    def causes(self) -> Loader[Causes]:
        return self._narrowed(
            "clusterCauses", (), partial(queries.causes, self._loaders.database), queries.NO_CAUSES
        )

    def trend(self, zone: str) -> Loader[Sequence[tuple[str, int]]]:
        read = partial(queries.trend, self._loaders.database, zone=zone)
        return self._narrowed("trend", (zone,), read, ())

    def newest(self, limit: int) -> Loader[Records]:
        async def read(ids: Sequence[str], narrowed: CompiledFilter) -> Mapping[str, Records]:
            database = self._loaders.database
            return await self._loaders.hydrated(
                await queries.newest(database, ids, narrowed, limit)
            )

        return self._narrowed("newest", (limit,), read, ())

    def drivers(self, zone: str) -> Loader[Sequence[Driver]]:
        async def read(
            ids: Sequence[str], narrowed: CompiledFilter
        ) -> Mapping[str, Sequence[Driver]]:
            counts = await driver_queries.counts(self._loaders.database, ids, narrowed, zone)
            return {key: drivers(of_cluster) for key, of_cluster in counts.items()}

        return self._narrowed("drivers", (zone,), read, ())

    def _narrowed(
        self,
        name: str,
        arguments: tuple[object, ...],
        query: Callable[[Sequence[str], CompiledFilter], Awaitable[Mapping[str, V]]],
        nothing: V,
    ) -> Loader[V]:
        async def read(ids: Sequence[str]) -> Mapping[str, V]:
            return await query(
                ids, await self._loaders.finder.compile(self._filters, self._loaders.scope)
            )

        key = (self._filters, *arguments)
        return self._loaders.loader(name, key, read, nothing)
