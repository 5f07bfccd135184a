"""The application: routes, protocol rules and the services behind them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from api import assets, pages
from api.access.access import Access
from api.access.personas import persona_routes
from api.access.signing_in import sign_in_routes
from api.access.turned_away import turned_away
from api.background import EVERY_PROCESS, Work, lead_background, run_all
from api.console import entrance, tour
from api.console.asking import Console
from api.console.room import as_page, no_such_page
from api.console.routes import console_routes
from api.endpoint import PURPOSE_HEADER, graphql_endpoint
from api.forwarding import Forwarding
from api.guard import Bounds, Guard
from api.health import health_routes
from api.imports import import_routes
from api.logs import RequestLog, quiet_loop
from api.observing import observe
from api.replies import HANDLERS
from api.services import Services, open_services
from api.settings import Settings
from api.warming import warm
from graph.errors import UnauthenticatedError, UnavailableError, described
from graph.progress import Progress
from schema.build import build_schema
from schema.documents import Documents

log = structlog.get_logger(__name__)


#: FastAPI's own spans and records hold addresses, bodies and messages of errors: whatever somebody
#: typed. ``graph.telemetry`` tells what may be told.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
Opening = Callable[[], AbstractAsyncContextManager[Services]]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of several that serve one port: its name, and the folder of their sockets.

    ``early``: it serves while it starts, as nobody else does; the others take nothing before that.
    """

    process: str
    sockets: Path
    early: bool


def create_app(
    settings: Settings,
    services: Services | None = None,
    *,
    opening: Opening | None = None,
    failed: Callable[[], None] = lambda: None,
    bounds: Bounds | None = None,
    demo: bool = False,
    worker: Worker | None = None,
) -> FastAPI:
    """The service as an ASGI application.

    ``services``: opened by the caller, who closes them and does what is to run behind the requests;
    the application itself only follows events. Without them the application opens its own
    (``opening``) behind the port that is served already, with all that runs behind; when that fails
    it calls ``failed``, and ``app.state.failure`` holds the error. ``demo``: one may sign in as
    people of the demo bank. ``worker``: other processes serve the same port.
    """
    state = State(services)
    schema = build_schema(
        development=settings.environment == "development",
        production=settings.environment == "production",
        limits=settings.document_limits,
        documents=Documents.load(settings.documents.mode, settings.documents.manifest),
    )

    @asynccontextmanager
    async def supplied() -> AsyncIterator[Services]:
        assert services is not None
        yield services

    early = worker is None or worker.early
    behind: Sequence[Work] = (*EVERY_PROCESS, lead_background, observe)
    if early:
        behind = (*behind, partial(warm, schema))
    if services is not None:
        opening, behind = supplied, ()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with quiet_loop():
            opened = opening or partial(open_services, settings)
            living = asyncio.create_task(_live(state, opened, behind))
            living.add_done_callback(lambda task: None if task.cancelled() else failed())
            try:
                if not early:
                    await _first_of(living, state.opened.wait(), state.ending.wait())
                yield
            finally:
                living.cancel()
                await asyncio.wait({living})

    paths = frozenset(
        {
            *("/", "/graphql", "/schema.graphql", "/health/live", "/health/ready"),
            *("/sign-in", "/sign-in/callback", "/sign-out", "/personas", "/live", "/imports"),
        }
    )
    app = FastAPI(
        title="complaint-graph",
        lifespan=lifespan,
        openapi_url=None,
        telemetry=_NO_TELEMETRY,
        exception_handlers={
            **HANDLERS,
            HTTPException: no_such_page,
            UnauthenticatedError: turned_away,
        },
        middleware=[
            Middleware(RequestLog, paths=paths, ending=state.ending),
            *_cors(settings.server.allowed_origins),
            Middleware(
                Guard,
                hosts=frozenset(
                    name.lower() for name in (settings.server.host, *settings.server.allowed_hosts)
                ),
                bounds=bounds or Bounds(),
                origins=frozenset(settings.server.allowed_origins),
                shown=as_page,
            ),
            *([Middleware(Forwarding, worker.process, worker.sockets)] if worker else []),
        ],
    )

    def access() -> Access:
        return state().access

    app.include_router(graphql_endpoint(schema, state, access, settings))
    app.include_router(import_routes(state, access))
    app.include_router(health_routes(state, state.ending))
    app.include_router(assets.routes())
    app.include_router(pages.routes(access))
    console = Console(schema, state, access)
    app.include_router(entrance.first_page())
    app.include_router(console_routes(console, state.ending))
    if demo:
        app.include_router(persona_routes(access))
        app.include_router(entrance.people(console))
        app.include_router(tour.routes(console))
    app.include_router(sign_in_routes(access, lambda: state().keyring.secret("sign-in")))

    app.state.service = state
    return app


def _cors(origins: Sequence[str]) -> list[Middleware]:
    """Pages of these origins read what is answered, refusals of the guard included."""
    if not origins:
        return []
    middleware = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=("Authorization", "Content-Type", PURPOSE_HEADER),
        allow_credentials=True,
        expose_headers=("X-Request-Id", "Retry-After"),
    )
    return [middleware]


@dataclass(slots=True)
class State:
    """The services once they are open, or why they could not be opened.

    ``opened``: they are; ``ending``: the server closes; answers that have no end of their own end.
    ``at``: how far the start is, in words.
    """

    services: Services | None
    failure: Exception | None = None
    at: str = ""
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self) -> Services:
        if self.services is None:
            raise UnavailableError(
                f"The service is still starting: try again in a moment.{self.at}"
                if self.failure is None
                else "The service could not be started: see its log."
            )
        return self.services

    def noting(self, progress: Progress) -> Progress:
        """The same progress of the start, which whoever asks meanwhile is told, too."""

        def note(task: str, done: int, total: int | None) -> None:
            of = f" of {total:,}" if total else ""
            self.at = f" It is at: {task}, {done:,}{of}."
            if done == total:
                self.at = f" It has done: {task}."
            progress(task, done, total)

        return note


async def _first_of(living: asyncio.Task[None], *others: Awaitable[object]) -> None:
    """Wait for any of them; ``living`` goes on."""
    waiting = [asyncio.ensure_future(each) for each in others]
    await asyncio.wait([living, *waiting], return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


async def _live(state: State, opening: Opening, behind: Sequence[Work]) -> None:
    """Open the services and do what runs behind the requests, until cancelled."""
    try:
        async with opening() as services:
            state.services = services
            state.opened.set()
            await run_all((*behind, lambda own: own.follower.run()), services)
    except Exception as error:  # noqa: BLE001 - kept, for /health/ready and whoever serves
        state.failure = error
        log.error("the service could not be started", **described(error))
    finally:
        state.services = None
