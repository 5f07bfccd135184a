"""A Maven repository of a few small jars on this machine, for tests of the installation."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from graph.embedded.jars import Jar, JarLock


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files; with ``credentials`` ("user:password") only to those who send them."""

    def __init__(self, *args: Any, credentials: str | None = None, **options: Any) -> None:
        self._credentials = credentials
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        if self._credentials is not None:
            token = base64.b64encode(self._credentials.encode()).decode()
            if self.headers.get("Authorization") != f"Basic {token}":
                self.send_error(401)
                return
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def fill(folder: Path, count: int = 12) -> JarLock:
    """Put ``count`` jars into a repository's folder; returns their lock."""
    jars = []
    for number in range(count):
        content = f"jar {number} ".encode() * 1000
        place = folder / "org" / "example" / f"part-{number:02}" / "1.0"
        place.mkdir(parents=True)
        (place / f"part-{number:02}-1.0.jar").write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        jars.append(Jar(f"org.example:part-{number:02}:1.0", sha256))
    return JarLock("1.0", tuple(jars))


@contextmanager
def served(folder: Path, credentials: str | None = None) -> Iterator[str]:
    """Serve the folder over HTTP; yields its address."""
    handler = partial(_Quiet, directory=str(folder), credentials=credentials)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
