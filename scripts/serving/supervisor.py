"""The process that was started: it holds the socket, and one generation of processes after another.

SIGTERM and SIGINT end all of it once running requests are answered. SIGHUP begins a new generation
(with the code, settings and files as they are then) and ends the old one when the new one serves;
when it cannot, the old one stays. This process loads nothing of the service.
``python -m scripts.serving.supervisor`` with JSON.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

import structlog

from graph.log_stream import log_stream

log = structlog.get_logger(__name__)
#: How often is looked what has happened, in seconds.
TICK = 0.1
#: What a generation says once all of its processes serve.
SERVES = b"serves\n"
#: A generation that has served and died is followed by another after so many seconds.
PAUSE = 1.0


class _Begun:
    """A generation's process: what it says, and the pipe whose end tells it that we have gone."""

    def __init__(self, task: Any, listener: socket.socket, *, early: bool) -> None:
        heard, says = os.pipe()
        lives, alive = os.pipe()
        inherited = {"listener": listener.fileno(), "says": says, "lives": lives, "early": early}
        self.process = subprocess.Popen(  # noqa: S603 - nothing that a person wrote
            [
                *(sys.executable, "-m", "scripts.serving.generation"),
                json.dumps({"task": task, **inherited}),
            ],
            pass_fds=(listener.fileno(), says, lives),
            # Ctrl+C reaches the supervisor alone, which tells all others.
            start_new_session=True,
        )
        os.close(says)
        os.close(lives)
        os.set_blocking(heard, False)
        self._heard, self._alive = heard, alive
        self._said = b""

    @property
    def serves(self) -> bool:
        while chunk := self._read():
            self._said += chunk
        return self._said.endswith(SERVES)

    def _read(self) -> bytes:
        try:
            return os.read(self._heard, 1024)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        os.close(self._heard)
        os.close(self._alive)


class Supervisor:
    """Serves by several processes until a signal ends it."""

    def __init__(self, task: Any, listener: socket.socket, workers: int) -> None:
        """``task``: handed on as it is; ``workers``: told when they serve."""
        self._task = task
        self._workers = workers
        self._listener = listener
        self._renew = False
        self._ending: list[int] = []
        self._sent = 0

    def run(self) -> int:
        """Serve; the exit code, not 0 where the first generation could not be opened."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        signal.signal(signal.SIGHUP, self._begin_anew)
        self._listener.listen(1024)
        current, coming = self._begin(early=True), None
        old: list[_Begun] = []
        has_served = False
        while not self._ending:
            time.sleep(TICK)
            old = [each for each in old if not self._is_gone(each)]
            if current.serves and not has_served:
                has_served = True
                log.info("all processes serve", workers=self._workers)
            if current.process.poll() is not None:
                current.close()
                if not has_served:
                    return current.process.returncode or 1
                log.error("all processes have ended and begin anew", code=current.process.poll())
                time.sleep(PAUSE)
                current, coming = coming or self._begin(early=True), None
            if self._renew and coming is None:
                self._renew = False
                coming = self._begin(early=False)
            if coming is not None and coming.process.poll() is not None:
                log.error("the new processes could not be started: the old ones go on")
                coming.close()
                coming = None
            elif coming is not None and coming.serves:
                current.process.send_signal(signal.SIGTERM)
                old.append(current)
                current, coming = coming, None
                log.info("new processes have taken over")
        self._finish([*old, current, *([coming] if coming else [])])
        return 0

    def _begin(self, *, early: bool) -> _Begun:
        return _Begun(self._task, self._listener, early=early)

    def _finish(self, generations: list[_Begun]) -> None:
        """Hand on each signal that has come; a second Ctrl+C ends what still runs."""
        self._listener.close()
        while generations:
            for number in self._ending[self._sent :]:
                self._sent += 1
                for each in generations:
                    each.process.send_signal(number)
            generations = [each for each in generations if not self._is_gone(each)]
            time.sleep(TICK)

    def _is_gone(self, generation: _Begun) -> bool:
        if generation.process.poll() is None:
            return False
        generation.close()
        return True

    def _end(self, number: int, _: FrameType | None) -> None:
        self._ending.append(number)

    def _begin_anew(self, _number: int, _frame: FrameType | None) -> None:
        self._renew = True


def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log_stream()))
    given = json.loads(sys.argv[1])
    listener = socket.socket(fileno=given["listener"])
    sys.exit(Supervisor(given["task"], listener, given["workers"]).run())


if __name__ == "__main__":
    main()
