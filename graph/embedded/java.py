"""One run of Neo4j: its java process from start to end."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from graph.embedded import config, faults, process
from graph.embedded.layout import Layout
from graph.embedded.options import EngineOptions
from graph.errors import EngineError

_POLL = 0.1


class Java:
    """The java process; it inherits ``locks`` and does not outlive the process that made it."""

    def __init__(
        self,
        layout: Layout,
        options: EngineOptions,
        jars: Path,
        *,
        locks: tuple[int, ...] = (),
    ) -> None:
        self._layout = layout
        self._log_begin = layout.log.stat().st_size if layout.log.exists() else 0
        self._log_read = self._log_begin
        shutil.rmtree(layout.tmp, ignore_errors=True)  # what a killed one has left
        layout.tmp.mkdir(mode=0o700)
        with layout.console_log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                config.java_command(layout, options, jars),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=layout.root,
                env=config.java_environment(),
                pass_fds=locks,
                preexec_fn=process.tied_to_us(),  # noqa: PLW1509 (we have no threads)
            )
        self._guard = None if sys.platform == "linux" else process.guard(self._process.pid)

    @property
    def id(self) -> process.ProcessId:
        return process.ProcessId.of(self._process.pid)

    def exit_code(self) -> int | None:
        """None while it runs."""
        code = self._process.poll()
        if code is not None:
            self._unguard()
        return code

    def has_panicked(self) -> bool:
        """Whether Neo4j has said that it answers nothing until it is started again."""
        size = self._layout.log.stat().st_size if self._layout.log.exists() else 0
        if size == self._log_read:
            return False
        said = faults.written_since(self._layout.log, self._log_begin)
        if faults.PANIC in said:
            return True
        self._log_read = size
        return False

    def await_started(self, timeout: float, stopping: Callable[[], bool]) -> bool:
        """Wait until Neo4j answers; False when ``stopping`` came first.

        Raises:
            EngineError: it ended or did not answer within ``timeout`` seconds; it is gone then.
        """
        deadline = time.monotonic() + timeout
        while not stopping():
            code = self.exit_code()
            if code is not None:
                raise self.why(code)
            if " Started." in faults.written_since(self._layout.log, self._log_begin):
                return True
            if time.monotonic() > deadline:
                self.kill()
                raise self.why(None, timeout)
            time.sleep(_POLL)
        return False

    def why(self, code: int | None, seconds: float = 0.0) -> EngineError:
        """The error for how it ended, with the reason that its logs give; see faults."""
        said = faults.written_since(self._layout.log, self._log_begin)
        said += faults.written_since(self._layout.console_log, 0)
        return faults.why(self._layout, said, code, seconds)

    def stop(self, grace: float) -> None:
        """Let it write what it holds and end; kill it after ``grace`` seconds."""
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._unguard()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._unguard()

    def _unguard(self) -> None:
        if self._guard is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._guard.pid, signal.SIGKILL)
        self._guard.wait()
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard = None
