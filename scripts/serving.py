"""`complaint-graph serve`: the service."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Annotated

import structlog
import typer

from api.logs import LibraryLogs, log_as_json
from api.services import Services, demo_settings, open_services
from api.settings import Settings
from api.telemetry import telemetry
from graph.errors import ConfigurationError
from scripts.console import err, progress
from scripts.demo import load_demo

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


def serve(
    port: Annotated[int | None, typer.Option(help="Port; default 8000.")] = None,
    host: Annotated[str | None, typer.Option(help="Address; default 127.0.0.1.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve the demo bank, loaded on the first start.")
    ] = False,
) -> None:
    """Serve GraphQL and GraphiQL."""
    settings = Settings.load()
    changed = {key: value for key, value in (("port", port), ("host", host)) if value is not None}
    if changed:
        server = {**settings.server.model_dump(), **changed}
        settings = Settings.load(server=server)
    if demo:
        settings = demo_settings(settings)
    _check_port(settings)
    if settings.environment == "production":
        log_as_json()
    logging.basicConfig(level=logging.WARNING, handlers=[LibraryLogs()])
    with telemetry(settings.telemetry, version("complaint-graph")):
        asyncio.run(_serve(settings, demo=demo))


async def _serve(settings: Settings, *, demo: bool) -> None:
    """The port is open while the rest starts; if that fails, the service ends and says why."""
    import uvicorn

    from api.app import State, create_app
    from api.guard import Bounds
    from api.server import Server

    personas = demo and not settings.signed_in_only

    @asynccontextmanager
    async def opening() -> AsyncIterator[Services]:
        async with AsyncExitStack() as stack:
            with progress() as shown:
                services = await stack.enter_async_context(open_services(settings, shown))
                if demo:
                    await load_demo(services, shown)
            if settings.environment == "production":
                # Whoever collects log lines has no use for a page of hints.
                log.info("the service is open", port=settings.server.port)
                yield services
                return
            people = _PEOPLE.format(port=settings.server.port) if personas else ""
            hint = _HINT.format(port=settings.server.port, home=settings.home, people=people)
            err.print(hint)
            yield services

    def failed() -> None:
        server.should_exit = True

    app = create_app(settings, opening=opening, failed=failed, demo=personas)
    config = uvicorn.Config(
        app,
        host=settings.server.host,
        port=settings.server.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=list(settings.server.trusted_proxies),
        ws_max_size=Bounds().message,
    )
    state: State = app.state.service
    server = Server(config, state.ending)
    await server.serve()
    if state.failure is not None:
        raise state.failure


def _check_port(settings: Settings) -> None:
    """Find out before the long start that somebody else has the port."""
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} on {host} cannot be used ({error.strerror}): end the program that "
                "has it, or choose another with --port."
            ) from error
