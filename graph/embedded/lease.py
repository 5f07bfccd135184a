"""Leases: a process holds one as long as it uses the engine.

The lease is a shared lock of the kernel, let go by it however the process ends. A file beside it
names the process, for people only.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from graph.embedded.layout import Layout
from graph.embedded.lock import open_lock, wait_lock
from graph.embedded.options import User
from graph.embedded.process import ProcessId
from graph.errors import EngineError


@contextmanager
def lease(layout: Layout, timeout: float, *, holder: bool = False) -> Iterator[None]:
    """Hold a lease inside; waits until an engine that is being stopped is gone."""
    fd = open_lock(layout.lease_lock)
    try:
        if not wait_lock(fd, timeout, shared=True):
            raise EngineError(
                f"Neo4j in {layout.root} has been stopping for {round(timeout)} s: "
                f"see {layout.log}, and end its java process if it hangs."
            )
        with _named(layout, holder):
            yield
    finally:
        os.close(fd)


@contextmanager
def _named(layout: Layout, holder: bool) -> Iterator[None]:
    me = ProcessId.of(os.getpid())
    path = layout.users / f"{me.pid}-{os.urandom(4).hex()}.json"
    path.write_text(json.dumps({"process": asdict(me), "holder": holder}), "utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def users(layout: Layout) -> tuple[User, ...]:
    """Who holds a lease; the files of processes that were killed are cleared away."""
    results: dict[int, User] = {}
    for path in sorted(layout.users.glob("*.json")):
        user = _living(path)
        if user is None:
            path.unlink(missing_ok=True)
        elif not (user.pid in results and results[user.pid].holder):
            results[user.pid] = user
    return tuple(results[pid] for pid in sorted(results))


def _living(path: Path) -> User | None:
    with contextlib.suppress(FileNotFoundError, ValueError):
        entry = json.loads(path.read_text("utf-8"))
        process = ProcessId(**entry["process"])
        return User(process.pid, entry["holder"]) if process.is_alive() else None
    return None
