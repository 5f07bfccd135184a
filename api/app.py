"""The application: routes, protocol rules and the services behind them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

from api import pages
from api.endpoint import graphql_endpoint
from api.guard import Bounds, Guard
from api.health import health_routes
from api.logs import RequestLog, quiet_loop
from api.services import Services, follow, keep_clusters, open_services, watch
from api.settings import Settings
from graph.errors import UnavailableError
from schema.build import build_schema
from schema.errors import described

log = structlog.get_logger(__name__)
_PAUSE_SECONDS = 2.0


def create_app(
    settings: Settings, services: Services | None = None, *, bounds: Bounds | None = None
) -> FastAPI:
    """The service as an ASGI application.

    ``services``: opened by the caller, who closes them; without them the application opens its
    own when it starts.
    """
    holder = _Holder(services)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if services is None:
                holder.services = await stack.enter_async_context(open_services(settings))
            stack.enter_context(quiet_loop())
            async with asyncio.TaskGroup() as tasks:
                kept = [
                    tasks.create_task(_keep(partial(follow, holder()))),
                    tasks.create_task(_keep(partial(watch, holder()))),
                    tasks.create_task(_keep(partial(keep_clusters, holder()))),
                    tasks.create_task(_keep(holder().follower.run)),
                ]
                yield
                for task in kept:
                    task.cancel()

    paths = frozenset({"/", "/graphql", "/schema.graphql", "/health/live", "/health/ready"})
    app = FastAPI(
        title="complaint-graph",
        lifespan=lifespan,
        openapi_url=None,
        middleware=[
            Middleware(RequestLog, paths=paths),
            Middleware(Guard, hosts=frozenset({settings.server.host}), bounds=bounds or Bounds()),
        ],
    )
    schema = build_schema(development=settings.environment == "development")
    app.include_router(graphql_endpoint(schema, holder, settings.live))
    app.include_router(health_routes(holder))
    app.include_router(pages.routes())
    return app


@dataclass(slots=True)
class _Holder:
    """The services, once they are open."""

    services: Services | None

    def __call__(self) -> Services:
        if self.services is None:
            raise UnavailableError("The service is still starting: try again in a moment.")
        return self.services


async def _keep(work: Callable[[], Awaitable[None]]) -> None:
    """Keep up with other processes, also past a time in which the graph was away."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - nothing there may end the service
            log.warning("the graph cannot be followed", **described(error))
            await asyncio.sleep(_PAUSE_SECONDS)
