"""One process that serves: alone, or as one of several that share a socket and an encoder."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from api.logs import LibraryLogs, log_as_json
from api.services import Services, open_services
from api.settings import Settings
from api.telemetry import telemetry
from graph.progress import Progress
from scripts.console import err, progress
from scripts.demo import load_demo
from similarity.encoding import RunningEncoder, SharedEncoder

log = structlog.get_logger(__name__)
_HINT = """
complaint-graph serves at http://127.0.0.1:{port}/graphql  (GraphiQL, with example queries)
{people}health: http://127.0.0.1:{port}/health/ready   data: {home}   stop: Ctrl+C

Three queries worth trying:

  1. Precedents for a text that nobody has registered:
     {{ precedents(text: "信用卡分期手续费没有提前告知，要求退还", first: 3) {{
         complaint {{ reference narrative }} resolution {{ outcome remedy }} explanation {{ summary }} }} }}
  2. The newest complaints, and all that a case desk shows for them:
     {{ complaints(first: 3) {{ nodes {{ reference narrative
         similar(first: 3) {{ score complaint {{ reference }} }} }} }} }}
  3. Search by words and meaning at once:
     {{ searchComplaints(text: "理财 亏损 承诺保本", mode: HYBRID, first: 5) {{
         score complaint {{ reference narrative }} explanation {{ sharedTerms }} }} }}
"""  # noqa: E501
_PEOPLE = """a tour of the demo bank: http://127.0.0.1:{port}/tour
its people, to sign in as: http://127.0.0.1:{port}/personas
"""


@dataclass(frozen=True, slots=True)
class Place:
    """What one of several processes is given by the one that began it.

    ``listener``: the socket that they share; ``folder``: of the sockets that they have among each
    other; ``encoder``: that of the process that encodes for them; ``opened``: called once it
    serves; ``early``: it serves while it starts, as nobody else does; ``number``: from 0.
    """

    listener: socket.socket
    folder: Path
    encoder: Path
    opened: Callable[[], None]
    early: bool
    number: int


def serve_here(settings: Settings, *, demo: bool, place: Place | None = None) -> None:
    """Serve in this process, until a signal ends it.

    Raises:
        ComplaintGraphError: it could not be opened.
    """
    if settings.environment == "production":
        log_as_json()
    logging.basicConfig(level=logging.WARNING, handlers=[LibraryLogs()])
    number = 0 if place is None else place.number
    with telemetry(settings.telemetry, version("complaint-graph"), number):
        asyncio.run(_serve(settings, demo, place))


async def _serve(settings: Settings, demo: bool, place: Place | None) -> None:
    """The port is open while the rest starts; if that fails, the service ends and says why."""
    import uvicorn

    from api.app import State, Worker, create_app
    from api.guard import Bounds
    from api.server import Server

    personas = demo and not settings.signed_in_only
    first = place is None or place.early
    worker = None if place is None else Worker(f"{place.number}-{os.getpid()}", place.folder, first)

    def make(model: str, progress: Progress) -> RunningEncoder:
        assert place is not None
        return SharedEncoder(place.encoder, model, progress)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Services]:
        async with AsyncExitStack() as stack:
            with progress(quiet=not first) as bars:
                shown = state.noting(bars)
                opened = (
                    open_services(settings, shown, make=make, process=worker.process)
                    if worker
                    else open_services(settings, shown)
                )
                services = await stack.enter_async_context(opened)
                if demo and (place is None or place.number == 0):
                    await load_demo(services, shown)
            if settings.environment == "production":
                # Whoever collects log lines has no use for a page of hints.
                log.info("the service is open", port=settings.server.port)
            elif first:
                err.print(_hint(settings, personas=personas))
            if place is not None:
                place.opened()
            yield services

    def failed() -> None:
        server.should_exit = True

    app = create_app(settings, opening=opening, failed=failed, demo=personas, worker=worker)
    state: State = app.state.service
    config = uvicorn.Config(
        app,
        host=settings.server.host,
        port=settings.server.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=list(settings.server.trusted_proxies),
        timeout_keep_alive=settings.server.keep_alive_seconds,
        ws_max_size=Bounds().message,
    )
    if place is None or worker is None:
        server = Server(config, state.ending)
        await server.serve()
    else:
        drain = config.timeout_keep_alive + 1.0
        server = Server(config, state.ending, drain_seconds=drain)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as own:
            own.bind(str(place.folder / worker.process))
            await server.serve([place.listener, own])
    if state.failure is not None:
        raise state.failure


def _hint(settings: Settings, *, personas: bool) -> str:
    port = settings.server.port
    people = _PEOPLE.format(port=port) if personas else ""
    return _HINT.format(port=port, home=settings.home, people=people)
