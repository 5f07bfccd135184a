"""The store as a kill would leave it, copied while the engine runs, and brought back.

The engine's process is stopped for the moment of the copy (SIGSTOP): who asks meanwhile waits, and
nothing is lost. From such a copy Neo4j recovers as from kill -9, which our tests do all the time.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from graph.embedded.layout import Layout
from graph.embedded.options import EngineOptions
from graph.embedded.state import read_state
from graph.errors import EngineError

#: What of the engine's folder a copy has; all else is made anew at a start.
_PARTS = ("data", "password", "version")
_STOP_SECONDS = 15.0
_POLL = 0.002
#: It reads until our end of the pipe closes, however we end.
_GUARD = 'read -r _; kill -CONT "$1"'


def size(options: EngineOptions) -> int:
    """Bytes of the store."""
    files = Layout.of(options.home).data.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def snapshot(options: EngineOptions, target: Path) -> float:
    """Copy the store of the running engine into the folder ``target``, which is made.

    Returns:
        Seconds for which the engine was stopped.

    Raises:
        EngineError: it does not run, or ended meanwhile.
        OSError: the copy cannot be written.
    """
    layout = Layout.of(options.home)
    state = read_state(layout)
    java = state.java.process() if state and state.java and state.is_live() else None
    if state is None or state.java is None or java is None:
        raise EngineError(f"Neo4j in {layout.root} does not run: there is nothing to copy.")
    target.mkdir(mode=0o700, parents=True)
    with _stopped(java):
        started = time.monotonic()
        for part in _PARTS:
            source = layout.root / part
            if source.is_dir():
                shutil.copytree(source, target / part)
            else:
                shutil.copyfile(source, target / part)
        seconds = time.monotonic() - started
        if not state.java.is_alive():
            raise EngineError("Neo4j ended while it was copied: try again.")
    return seconds


@contextmanager
def _stopped(java: psutil.Process) -> Iterator[None]:
    """The process stands still inside; it goes on however we end."""
    guard = subprocess.Popen(  # noqa: S603 (our own command)
        ["/bin/sh", "-c", _GUARD, "guard", str(java.pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        java.suspend()
        _await_stopped(java)
        yield
    finally:
        if java.is_running():
            java.resume()
        guard.kill()
        guard.communicate()


def _await_stopped(java: psutil.Process) -> None:
    """A signal is no promise: a thread that writes right now stops when it has written."""
    deadline = time.monotonic() + _STOP_SECONDS
    while not _is_stopped(java):
        if time.monotonic() > deadline:
            raise EngineError(
                "Neo4j cannot be stopped for a copy: try again when less is going on."
            )
        time.sleep(_POLL)


def _is_stopped(java: psutil.Process) -> bool:
    if sys.platform != "linux":
        return bool(java.status() == psutil.STATUS_STOPPED)
    # The state is what follows the name, which may hold brackets.
    threads = Path(f"/proc/{java.pid}/task").glob("*/stat")
    try:
        return all(thread.read_bytes().rpartition(b")")[2].split()[0] == b"T" for thread in threads)
    except (FileNotFoundError, ProcessLookupError):
        return False  # one has just ended: the others may still run


def check_empty(options: EngineOptions) -> None:
    """Raises EngineError: the data folder has a store."""
    layout = Layout.of(options.home)
    if layout.data.exists():
        raise EngineError(
            f"{layout.root} holds a graph already: choose another data folder with "
            "COMPLAINT_GRAPH_HOME, or move that one away."
        )


def place(options: EngineOptions, source: Path) -> None:
    """Make a copy the store of a data folder that has none; ``source`` is moved, on one disk.

    Raises:
        EngineError: the data folder has a store.
    """
    check_empty(options)
    layout = Layout.of(options.home)
    layout.create()
    for part in ("password", "version"):
        (source / part).chmod(0o600)
        (source / part).replace(layout.root / part)
    # Last: a folder with data is one that is whole.
    shutil.rmtree(layout.data)
    (source / "data").replace(layout.data)
