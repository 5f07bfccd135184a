"""The command `serve`."""

import json
import os
import socket
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from api.settings import Settings
from graph.errors import ConfigurationError
from scripts.serving.process import serve_here
from scripts.serving.task import Task


def serve(
    port: Annotated[int | None, typer.Option(help="Port; default 8000.")] = None,
    host: Annotated[str | None, typer.Option(help="Address; default 127.0.0.1.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that answer, beside one that encodes; default 1, for all."),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve the demo bank, loaded on the first start.")
    ] = False,
) -> None:
    """Serve GraphQL and GraphiQL."""
    given = {"port": port, "host": host, "workers": workers}
    task = Task({key: value for key, value in given.items() if value is not None}, demo)
    settings = task.settings()
    if settings.server.workers == 1:
        with _listener(settings):
            pass
        serve_here(settings, demo=demo)
    else:
        listener = _listener(settings)
        listener.set_inheritable(True)
        begun = {
            "task": asdict(task),
            "listener": listener.fileno(),
            "workers": settings.server.workers,
        }
        # In this process's place, without what it has loaded.
        supervisor = (sys.executable, "-m", "scripts.serving.supervisor", json.dumps(begun))
        os.execv(sys.executable, supervisor)  # noqa: S606


def _listener(settings: Settings) -> socket.socket:
    """A socket at the service's address; before the long start, as somebody else may have it."""
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    result = socket.socket(family, socket.SOCK_STREAM)
    result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        result.bind((host, port))
    except OSError as error:
        result.close()
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used ({error.strerror}): end the program that "
            "has it, or choose another with --port."
        ) from error
    return result
