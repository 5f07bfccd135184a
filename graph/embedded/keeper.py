"""The keeper: a small process that runs java for all users of one data folder.

It is started by the first user, in a session of its own, and handed the keeper's lock. It starts
java, says in ``run/state.json`` how things are, starts java again when that dies, and ends it
when no process holds a lease any more. It holds the lease lock exclusively from the moment at
which nobody has one until java is gone, so that nobody can join an engine that is being stopped.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from graph.embedded import config, faults
from graph.embedded.layout import Layout
from graph.embedded.lock import open_lock, try_lock, unlock, wait_lock
from graph.embedded.options import EngineOptions
from graph.embedded.process import ProcessId, daemonize, end, tied_to_parent
from graph.embedded.state import State, read_state, write_state
from graph.errors import EngineError

_POLL = 0.1
#: a checkpoint of a large graph takes its time
_STOP_SECONDS = 120.0
_ORPHAN_SECONDS = 30.0
_PORT_ATTEMPTS = 3
_MAX_RESTARTS = 5
_RESTART_WINDOW = 600.0


class _ToldToEndError(Exception):
    """A signal asked us to end."""


class Keeper:
    """Runs java for one data folder until nobody uses it."""

    def __init__(self, options: EngineOptions, jars: Path, version: str, lock_fd: int) -> None:
        self._options = options
        self._jars = jars
        self._version = version
        self._lock_fd = lock_fd
        self._layout = Layout.of(options.home)
        self._told_to_end = False
        self._java: subprocess.Popen[bytes] | None = None
        before = read_state(self._layout)
        self._orphan = before.java if before else None
        self._port = before.port if before else None
        self._state = State(
            run=os.urandom(8).hex(), phase="starting", keeper=ProcessId.of(os.getpid())
        )
        self._lease_fd = open_lock(self._layout.lease_lock)
        self._engine_fd = open_lock(self._layout.engine_lock)

    def run(self) -> int:
        """Keep the engine; the exit code of the process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end_soon)
        try:
            self._say(phase="starting", port=self._port)
            self._end_orphan()
            self._start()
            self._keep()
        except _ToldToEndError:
            self._stop()
        except (EngineError, OSError) as error:
            self._kill()
            self._say(phase="failed", error=str(error), java=None)
            return 1
        return 0

    def _end_soon(self, number: int, frame: object) -> None:
        self._told_to_end = True

    def _say(self, **changes: Any) -> None:
        self._state = self._state.changed(**changes)
        write_state(self._layout, self._state)

    def _end_orphan(self) -> None:
        """End the java of a keeper that was killed; two engines on one store must never be."""
        if try_lock(self._engine_fd):
            return
        if self._orphan is not None:
            end(self._orphan, _ORPHAN_SECONDS)
        if not wait_lock(self._engine_fd, _ORPHAN_SECONDS):
            raise EngineError(
                f"A Neo4j that was left behind uses {self._layout.root} and does not end: "
                "end that java process and try again."
            )

    def _start(self) -> None:
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            self._port = _free_port(self._port)
            try:
                self._start_on(self._port)
            except faults.PortBusyError:
                if attempt == _PORT_ATTEMPTS:
                    raise
                self._port = None
            else:
                return

    def _start_on(self, port: int) -> None:
        layout = self._layout
        config.write_conf(layout, self._options, port)
        begin = layout.log.stat().st_size if layout.log.exists() else 0
        console = layout.logs / "console.log"
        with console.open("wb") as output:
            self._java = subprocess.Popen(  # noqa: S603 (our own command)
                config.java_command(layout, self._options, self._jars),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=layout.root,
                env=config.java_environment(),
                pass_fds=(self._engine_fd,),  # it holds the engine's lock as long as it lives
                preexec_fn=tied_to_parent(),  # noqa: PLW1509 (we have no threads)
            )
        self._say(phase="starting", port=port, java=ProcessId.of(self._java.pid))
        self._await_started(begin, console)
        config.note_version(layout, self._version)
        self._say(phase="ready")

    def _await_started(self, begin: int, console: Path) -> None:
        assert self._java is not None
        deadline = time.monotonic() + self._options.start_timeout
        while True:
            ended = self._java.poll()
            text = faults.written_since(self._layout.log, begin)
            if ended is not None:
                text += faults.written_since(console, 0)
                raise faults.why(self._layout, text, f"ended with code {ended}")
            if " Started." in text:
                return
            if self._told_to_end:
                raise _ToldToEndError
            if time.monotonic() > deadline:
                self._kill()
                seconds = round(self._options.start_timeout)
                raise faults.why(self._layout, text, f"did not answer within {seconds} s")
            time.sleep(_POLL)

    def _keep(self) -> None:
        """Watch until nobody has used the engine for the linger time, then stop it."""
        restarts: list[float] = []
        idle_since: float | None = None
        while True:
            time.sleep(_POLL)
            if self._told_to_end or not self._owns_folder():
                raise _ToldToEndError
            assert self._java is not None
            if self._java.poll() is not None:
                self._restart(restarts)
            if not try_lock(self._lease_fd):
                idle_since = None
                continue
            now = time.monotonic()
            idle_since = now if idle_since is None else idle_since
            if now - idle_since >= self._options.linger:
                raise _ToldToEndError  # keeping the lease lock: nobody joins any more
            unlock(self._lease_fd)

    def _owns_folder(self) -> bool:
        """False when the data folder was removed or replaced beneath us."""
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(os.stat(self._layout.keeper_lock), os.fstat(self._lock_fd))
        return False

    def _restart(self, restarts: list[float]) -> None:
        now = time.monotonic()
        restarts[:] = [at for at in restarts if now - at < _RESTART_WINDOW] + [now]
        assert self._java is not None
        if len(restarts) > _MAX_RESTARTS:
            raise faults.why(
                self._layout,
                faults.written_since(self._layout.logs / "console.log", 0),
                f"ended {len(restarts)} times within {round(_RESTART_WINDOW / 60)} minutes, "
                f"last with code {self._java.returncode},",
            )
        self._start()

    def _stop(self) -> None:
        if self._java is None or not self._owns_folder():
            self._kill()
            return
        self._say(phase="stopping")
        self._java.terminate()
        try:
            self._java.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
        self._say(phase="stopped", java=None)

    def _kill(self) -> None:
        if self._java is not None and self._java.poll() is None:
            self._java.kill()
            self._java.wait()


def command(options: EngineOptions, jars: Path, version: str, lock_fd: int) -> list[str]:
    """The command that becomes the keeper of a data folder; it inherits ``lock_fd``."""
    task = {
        "options": options.to_json(),
        "jars": str(jars),
        "version": version,
        "lock_fd": lock_fd,
    }
    return [sys.executable, "-m", "graph.embedded.keeper", json.dumps(task)]


def _free_port(wished: int | None) -> int:
    """The wished port if nobody listens there, else one that the kernel gives."""
    for port in (wished or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                probe.listen(1)
                return int(probe.getsockname()[1])
    raise EngineError("No port is free on 127.0.0.1 for Neo4j: close other programs and try again.")


def main() -> int:
    """Run as a process of its own: ``python -m graph.embedded.keeper TASK``."""
    task = json.loads(sys.argv[1])
    daemonize()
    options = EngineOptions.from_json(task["options"])
    return Keeper(options, Path(task["jars"]), task["version"], task["lock_fd"]).run()


if __name__ == "__main__":
    sys.exit(main())
