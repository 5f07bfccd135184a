"""Looking at the engine from outside, keeping it running, and stopping it."""

import os
import time
from pathlib import Path

from graph.embedded.engine import engine
from graph.embedded.jars import jar_lock
from graph.embedded.layout import Layout
from graph.embedded.lease import users
from graph.embedded.lock import is_held, open_lock, wait_lock
from graph.embedded.options import Connection, EngineOptions, EngineStatus
from graph.embedded.process import ProcessId, detach, end, program
from graph.embedded.state import State, read_state
from graph.errors import EngineError
from graph.progress import Progress, silent

_POLL = 0.05
_HOLDER_SECONDS = 30.0
_STOP_SECONDS = 150.0
#: a keeper that looks whether anyone is left holds the lease lock for an instant
_LEASE_SECONDS = 1.0


def status(options: EngineOptions) -> EngineStatus:
    """How the engine is; never starts or changes it."""
    layout = Layout.of(options.home)
    state = read_state(layout)
    alive = is_held(layout.keeper_lock)
    uri = f"bolt://127.0.0.1:{state.port}" if alive and state and state.is_live() else None
    return EngineStatus(
        running=uri is not None,
        phase=_phase(state, alive),
        home=layout.root,
        log=layout.log,
        version=jar_lock().version,
        uri=uri,
        keeper_pid=_pid(state.keeper) if state else None,
        java_pid=_pid(state.java) if state else None,
        users=users(layout),
        error=state.error if state else None,
    )


def path(options: EngineOptions) -> Path:
    """The folder with all files of the engine: its graph, configuration, logs and password."""
    return Layout.of(options.home).root


def _phase(state: State | None, alive: bool) -> str:
    if state is None:
        return "starting" if alive else "stopped"
    if alive and state.phase == "stopped":
        return "stopping"  # it has said so, and is about to end
    return state.phase if alive or state.phase == "failed" else "stopped"


def _pid(process: ProcessId | None) -> int | None:
    return process.pid if process is not None and process.is_alive() else None


def hold(options: EngineOptions, progress: Progress = silent) -> Connection:
    """Keep the engine running after this process, until :func:`stop`."""
    layout = Layout.of(options.home)
    with engine(options, progress) as connection:
        if not _holders(layout):
            detach(program("holder", options.to_json()), layout.keeper_log)
            _await_holder(layout)
    return connection


def _holders(layout: Layout) -> list[ProcessId]:
    return [ProcessId.of(user.pid) for user in users(layout) if user.holder]


def _await_holder(layout: Layout) -> None:
    deadline = time.monotonic() + _HOLDER_SECONDS
    while not _holders(layout):
        if time.monotonic() > deadline:
            raise EngineError(f"Neo4j cannot be kept running: see {layout.keeper_log} for why.")
        time.sleep(_POLL)


def stop(options: EngineOptions) -> bool:
    """End the engine unless somebody uses it; False when it did not run.

    The process that :func:`hold` left is ended in any case.

    Raises:
        EngineError: processes use it; the message names them.
    """
    layout = Layout.of(options.home)
    if not is_held(layout.engine_lock) and not is_held(layout.keeper_lock):
        return False
    for holder in _holders(layout):
        end(holder, _HOLDER_SECONDS)
    fd = open_lock(layout.lease_lock)
    try:
        while not wait_lock(fd, _LEASE_SECONDS):
            state = read_state(layout)
            if state is None or state.phase != "stopping":
                raise _in_use(layout)
        _end_engine(layout)  # nobody starts it meanwhile, as the lease lock is ours
    finally:
        os.close(fd)
    return True


def _in_use(layout: Layout) -> EngineError:
    pids = [str(user.pid) for user in users(layout)]
    who = f"process {', '.join(pids)}" if pids else "a child of a process that has ended"
    return EngineError(f"Neo4j in {layout.root} is in use by {who}: end that first.")


def _end_engine(layout: Layout) -> None:
    """End what is left of keeper and java."""
    deadline = time.monotonic() + _STOP_SECONDS
    while is_held(layout.keeper_lock) or is_held(layout.engine_lock):
        state = read_state(layout)
        for process in (state.keeper, state.java) if state else ():
            if process is not None:
                end(process, _STOP_SECONDS)
        if time.monotonic() > deadline:
            raise EngineError(
                f"Neo4j in {layout.root} does not end: see {layout.log}, and end its java process."
            )
        time.sleep(_POLL)
