"""Using the engine: start or join it, see how it is, stop it."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from graph.embedded import config, holder, keeper
from graph.embedded.jars import install, jar_lock
from graph.embedded.layout import Layout
from graph.embedded.lease import lease, users
from graph.embedded.lock import is_held, open_lock, try_take, wait_lock
from graph.embedded.options import USER, Connection, EngineOptions, EngineStatus
from graph.embedded.process import ProcessId, detach, end
from graph.embedded.state import State, read_state
from graph.errors import EngineError
from graph.progress import Progress, silent

_POLL = 0.05
_WATCH_SECONDS = 0.5
_STOP_SECONDS = 150.0
_HOLDER_SECONDS = 30.0
_LEASE_SECONDS = 1.0

_log = structlog.get_logger(__name__)


@contextmanager
def engine(
    options: EngineOptions, progress: Progress = silent, *, holder: bool = False
) -> Iterator[Connection]:
    """Use the engine of a data folder: install, start or join it, and hold a lease inside.

    While the lease is held the engine is brought back, on the same port, whatever kills it.

    Raises:
        EngineError: it cannot be installed or started; the message says why and what to do.
    """
    layout = Layout.of(options.home)
    layout.create()
    jars = install(options, progress)
    with lease(layout, _STOP_SECONDS, holder=holder):
        connection = _ensure(options, layout, jars, progress)
        with _watched(options, layout, jars):
            yield connection


def ensure(options: EngineOptions, progress: Progress = silent) -> Connection:
    """Wait until the engine answers, starting it when it is gone; for holders of a lease only."""
    return _ensure(options, Layout.of(options.home), install(options, silent), progress)


def _ensure(options: EngineOptions, layout: Layout, jars: Path, progress: Progress) -> Connection:
    config.check_version(layout, jar_lock().version)
    before = read_state(layout)
    began = time.monotonic()
    while True:
        _start_keeper(options, layout, jars)
        state = read_state(layout)
        if state is not None and state.is_live():
            return Connection(f"bolt://127.0.0.1:{state.port}", USER, config.read_password(layout))
        if state is not None and state.phase == "failed" and _differs(state, before):
            raise EngineError(state.error or f"Neo4j cannot start: see {layout.log}.")
        waited = time.monotonic() - began
        if waited > options.start_timeout + _STOP_SECONDS:
            raise EngineError(
                f"Neo4j in {layout.root} did not answer within {round(waited)} s: "
                f"see {layout.log}, or give it more time with the start timeout."
            )
        progress("Start Neo4j", int(waited), None)
        time.sleep(_POLL)


def _differs(state: State, before: State | None) -> bool:
    return before is None or before.run != state.run


def _start_keeper(options: EngineOptions, layout: Layout, jars: Path) -> None:
    """Start a keeper unless one lives; it is born with the lock in its hands."""
    lock = try_take(layout.keeper_lock)
    if lock is None:
        return
    try:
        config.ensure_password(layout)
        command = keeper.command(options, jars, jar_lock().version, lock)
        detach(command, layout.keeper_log, (lock,))
    finally:
        os.close(lock)


@contextmanager
def _watched(options: EngineOptions, layout: Layout, jars: Path) -> Iterator[None]:
    """Bring the engine back inside when its keeper was killed; java alone the keeper restarts."""
    left = threading.Event()

    def watch() -> None:
        while not left.wait(_WATCH_SECONDS):
            if is_held(layout.keeper_lock):
                continue
            state = read_state(layout)
            if state is not None and state.phase == "failed":
                _log.error("embedded Neo4j given up", reason=state.error)
                return
            _log.warning("keeper of the embedded Neo4j is gone; starting another")
            _start_keeper(options, layout, jars)

    thread = threading.Thread(target=watch, name="neo4j-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def status(options: EngineOptions) -> EngineStatus:
    """How the engine is; never starts or changes it."""
    layout = Layout.of(options.home)
    state = read_state(layout)
    alive = is_held(layout.keeper_lock)
    phase = state.phase if state is not None and (alive or state.phase == "failed") else "stopped"
    running = alive and state is not None and state.is_live()
    return EngineStatus(
        running=running,
        phase=phase,
        home=layout.root,
        log=layout.log,
        version=jar_lock().version,
        uri=f"bolt://127.0.0.1:{state.port}" if running and state is not None else None,
        keeper_pid=state.keeper.pid if alive and state and state.keeper else None,
        java_pid=state.java.pid if alive and state and state.java else None,
        users=users(layout),
        error=state.error if phase == "failed" and state is not None else None,
    )


def hold(options: EngineOptions, progress: Progress = silent) -> Connection:
    """Keep the engine running after this process, until :func:`stop`."""
    layout = Layout.of(options.home)
    with engine(options, progress) as connection:
        if not any(user.holder for user in users(layout)):
            detach(holder.command(options), layout.keeper_log)
            _await_holder(layout)
    return connection


def _await_holder(layout: Layout) -> None:
    end_at = time.monotonic() + 30
    while not any(user.holder for user in users(layout)):
        if time.monotonic() > end_at:
            raise EngineError(
                f"Neo4j cannot be kept running: see {layout.keeper_log} for the reason."
            )
        time.sleep(_POLL)


def stop(options: EngineOptions) -> bool:
    """End the engine unless somebody uses it; False when it did not run.

    Raises:
        EngineError: processes use it; the message names them.
    """
    layout = Layout.of(options.home)
    if not layout.run.exists():
        return False
    for user in users(layout):
        if user.holder:
            end(ProcessId.of(user.pid), _HOLDER_SECONDS)
    fd = open_lock(layout.lease_lock)
    try:
        if not wait_lock(fd, _LEASE_SECONDS):
            pids = ", ".join(str(user.pid) for user in users(layout))
            raise EngineError(
                f"Neo4j in {layout.root} is in use by process {pids}: end that first."
            )
        return _end_engine(layout)
    finally:
        os.close(fd)


def _end_engine(layout: Layout) -> bool:
    """End keeper and java; the caller holds the lease lock exclusively."""
    if not is_held(layout.engine_lock):
        return False
    state = read_state(layout)
    for process in (state.keeper, state.java) if state is not None else ():
        if process is not None:
            end(process, _STOP_SECONDS)
    if is_held(layout.engine_lock):
        raise EngineError(
            f"Neo4j in {layout.root} does not end: see {layout.log}, and end its java process."
        )
    return True
