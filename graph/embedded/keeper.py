"""The keeper: a small process that runs java for all users of one data folder.

The first user starts it, in a session of its own, and hands it the keeper's lock. It starts java,
says in ``run/state.json`` how things are, starts java again when that dies or has stopped for want
of room, and ends it when no process holds a lease any more. It holds the lease lock exclusively
from the moment at which nobody has one until java is gone, so that nobody can join an engine that
is being stopped.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from graph.embedded import faults
from graph.embedded.config import write_conf
from graph.embedded.java import Java
from graph.embedded.layout import Layout
from graph.embedded.lock import open_lock, try_lock, unlock, wait_lock
from graph.embedded.options import EngineOptions
from graph.embedded.process import ProcessId, daemonize, end, free_port, read_task
from graph.embedded.state import State, read_state, write_state
from graph.embedded.version import note_version
from graph.errors import EngineError

_POLL = 0.2
#: a checkpoint of a large graph takes its time
_STOP_SECONDS = 120.0
_ORPHAN_SECONDS = 30.0
_MAX_RESTARTS = 5
_RESTART_WINDOW = 600.0


class Keeper:
    """Runs java for one data folder until nobody uses it."""

    def __init__(self, options: EngineOptions, jars: Path, version: str, lock_fd: int) -> None:
        self._options = options
        self._jars = jars
        self._version = version
        self._lock_fd = lock_fd
        self._layout = Layout.of(options.home)
        self._before = read_state(self._layout)
        self._state = State(os.urandom(8).hex(), "starting", keeper=ProcessId.of(os.getpid()))
        self._lease_fd = open_lock(self._layout.lease_lock)
        self._engine_fd = open_lock(self._layout.engine_lock)
        self._stopping = False
        self._restarts: list[float] = []
        self._java: Java | None = None

    def run(self) -> None:
        """Keep the engine; what goes wrong stands in the state."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end_soon)
        try:
            self._say(phase="starting", port=self._before.port if self._before else None)
            self._end_orphan()
            self._start()
            self._keep()
            self._stop()
        except EngineError as error:
            self._say(phase="failed", error=error.message)
        except BaseException as error:
            self._say(phase="failed", error=_unexpected(self._layout, error))
            raise
        finally:
            if self._java is not None:
                self._java.kill()

    def _end_soon(self, number: int, frame: object) -> None:
        self._stopping = True

    def _is_stopping(self) -> bool:
        return self._stopping or not self._owns_folder()

    def _owns_folder(self) -> bool:
        """False when the data folder was removed or replaced beneath us."""
        try:
            return os.path.samestat(os.stat(self._layout.keeper_lock), os.fstat(self._lock_fd))
        except FileNotFoundError:
            return False

    def _say(self, **changes: Any) -> None:
        self._state = self._state.changed(**changes)
        if self._owns_folder():
            write_state(self._layout, self._state)

    def _end_orphan(self) -> None:
        """End the java of a keeper that was killed; two engines on one store must never be."""
        if try_lock(self._engine_fd):
            return
        if self._before is not None and self._before.java is not None:
            end(self._before.java, _ORPHAN_SECONDS)
        if not wait_lock(self._engine_fd, _ORPHAN_SECONDS):
            raise EngineError(
                f"A Neo4j that was left behind uses {self._layout.root} and does not end: "
                "end that java process and try again."
            )

    def _start(self) -> None:
        """Start java, on another port when the last one is taken, again when it is killed."""
        port = self._state.port
        while True:
            port = free_port(port)
            try:
                self._start_on(port)
            except faults.PortBusyError as error:
                self._count_restart(error)
                port = None
            except (faults.KilledError, faults.CrashedError) as error:
                self._count_restart(error)
            else:
                return

    def _start_on(self, port: int) -> None:
        self._layout.require_space()
        write_conf(self._layout, self._options, port)
        self._java = Java(
            self._layout,
            self._options,
            self._jars,
            locks=(self._engine_fd,),
        )
        self._say(phase="starting", port=port, java=self._java.id)
        if self._java.await_started(self._options.start_timeout, self._is_stopping):
            note_version(self._layout, self._version)
            self._say(phase="ready")

    def _keep(self) -> None:
        """Watch until nobody has used the engine for the linger time, or we are told to end.

        Returns with the lease lock in our hands in the first case: nobody joins any more.
        """
        idle_since: float | None = None
        while not self._is_stopping():
            time.sleep(_POLL)
            now = time.monotonic()
            assert self._java is not None
            code = self._java.exit_code()
            if code is not None:
                self._count_restart(self._java.why(code))
                self._start()
            elif self._java.has_panicked() and self._layout.has_space():
                self._begin_anew()
            if not try_lock(self._lease_fd):
                idle_since = None
                continue
            idle_since = now if idle_since is None else idle_since
            if now - idle_since >= self._options.linger:
                return
            unlock(self._lease_fd)

    def _begin_anew(self) -> None:
        """Another java for one that has stopped by itself: what was committed is in its log."""
        assert self._java is not None
        self._count_restart(faults.PanicError(f"it stopped by itself: see {self._layout.log}"))
        self._java.kill()
        self._start()

    def _count_restart(self, error: EngineError) -> None:
        """Give up when java has ended too often: no further restart would mend it."""
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < _RESTART_WINDOW] + [now]
        if len(self._restarts) > _MAX_RESTARTS:
            minutes = round(_RESTART_WINDOW / 60)
            raise EngineError(
                f"Neo4j ended {len(self._restarts)} times within {minutes} minutes and was given "
                f"up; the last time: {error.message}"
            ) from error

    def _stop(self) -> None:
        if self._java is None or not self._owns_folder():
            return
        self._say(phase="stopping")
        self._java.stop(_STOP_SECONDS)
        self._java = None
        self._say(phase="stopped", java=None)


def _unexpected(layout: Layout, error: BaseException) -> str:
    return f"The keeper of Neo4j failed ({type(error).__name__}): see {layout.keeper_log}."


def main() -> int:
    """Run as a process of its own: ``python -m graph.embedded.keeper TASK``."""
    task = read_task()
    daemonize()
    options = EngineOptions.from_json(task["options"])
    Keeper(options, Path(task["jars"]), task["version"], task["lock_fd"]).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
