"""One generation: a process that has loaded the code, and forks what serves and what encodes.

Its children share what was loaded. One that dies is forked again; a generation whose first one
cannot be opened ends with its exit code. ``python -m scripts.serving.generation`` with JSON.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from types import FrameType

import structlog

from api.settings import Settings
from graph.errors import ComplaintGraphError
from scripts.console import FAILED, log_to_stderr, show_error
from scripts.serving.process import Place, serve_here
from scripts.serving.supervisor import SERVES, TICK
from scripts.serving.task import Task
from similarity.encoding import AsyncEncoder, EncoderServer

log = structlog.get_logger(__name__)
_FORK = multiprocessing.get_context("fork")
#: A child that died is forked again after so many seconds, twice as many each time until it serves.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
#: How often a child looks whether its generation lives, in seconds.
_PARENT_SECONDS = 1.0
#: How long an encoder that was told to end waits for the others, in seconds.
_DESERTED_SECONDS = 120.0
_OPENED = b"o"


@dataclass(slots=True)
class _Child:
    """``heard``: where it says that it serves; ``after``: when it may be forked again."""

    process: BaseProcess
    heard: int | None = None
    serves: bool = False
    pause: float = _FIRST_PAUSE
    after: float | None = None


class Generation:
    """An encoder and those who serve, until a signal ends it or the supervisor has gone."""

    def __init__(self, task: Task, listener: socket.socket, *, early: bool) -> None:
        self._settings = task.settings()
        self._demo = task.demo
        self._listener = listener
        self._early = early
        self._folder = Path(tempfile.mkdtemp(prefix="complaint-graph-"))
        self._socket = self._folder / "encoder"
        self._signals: list[int] = []

    def run(self, says: int, lives: int) -> int:
        """Serve; the exit code. ``says``: where is told that all serve; ``lives``: ends with the
        supervisor.
        """
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, self._note)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.set_blocking(lives, False)
        # What was loaded stays shared: a collection would write into every page of it.
        gc.collect()
        gc.freeze()
        encoder = self._fork_encoder()
        # The first one migrates and loads the demo bank; the others find it done.
        workers = {0: self._fork_worker(0, early=self._early)}
        announced = False
        try:
            while not self._signals and not _has_gone(lives):
                time.sleep(TICK)
                encoder = self._kept(encoder, self._fork_encoder)
                for number, worker in workers.items():
                    _hear(worker)
                    code = worker.process.exitcode
                    if code is not None and not announced and number == 0 and not worker.serves:
                        return code or FAILED
                    fork = partial(self._fork_worker, number, early=False)
                    workers[number] = self._kept(worker, fork)
                if workers[0].serves and len(workers) == 1:
                    for number in range(1, self._settings.server.workers):
                        workers[number] = self._fork_worker(number, early=False)
                if not announced and all(worker.serves for worker in workers.values()):
                    announced = True
                    os.write(says, SERVES)
            return 0
        finally:
            self._end([worker.process for worker in workers.values()])
            encoder.process.kill()
            encoder.process.join()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _kept(self, child: _Child, fork: Callable[[], _Child]) -> _Child:
        """The same child while it lives, else a new one, after a pause."""
        if child.process.exitcode is None:
            return child
        if child.after is None:
            # Whoever has served for a while begins with the shortest pause again.
            child.pause = _FIRST_PAUSE if child.serves else child.pause
            child.after = time.monotonic() + child.pause
            log.error("a process has died and begins anew", process=child.process.name)
            if child.heard is not None:
                os.close(child.heard)
        if time.monotonic() < child.after:
            return child
        new = fork()
        new.pause = min(2 * child.pause, _LONGEST_PAUSE)
        return new

    def _fork_worker(self, number: int, *, early: bool) -> _Child:
        heard, says = os.pipe()
        os.set_blocking(heard, False)
        place = Place(
            self._listener,
            self._folder,
            self._socket,
            opened=lambda: _say(says),
            early=early,
            number=number,
        )
        serve = partial(serve_here, self._settings, demo=self._demo, place=place)
        process = _FORK.Process(target=_child, args=(serve,), name=f"worker-{number}")
        process.start()
        os.close(says)
        return _Child(process, heard)

    def _fork_encoder(self) -> _Child:
        self._socket.unlink(missing_ok=True)
        encode = partial(_encode, self._settings, self._socket)
        process = _FORK.Process(target=_child, args=(encode,), name="encoder")
        process.start()
        return _Child(process, serves=True)

    def _end(self, processes: list[BaseProcess]) -> None:
        """Let them answer what runs; each signal that comes meanwhile goes on to them."""
        sent = 0
        signals = self._signals or [signal.SIGTERM]
        while any(process.exitcode is None for process in processes):
            for number in signals[sent:]:
                sent += 1
                for process in processes:
                    if process.exitcode is None and process.pid is not None:
                        os.kill(process.pid, number)
            time.sleep(TICK)

    def _note(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)


def _child(work: Callable[[], None]) -> None:
    """What a fork does: its signals are its own, and what goes wrong is one sentence."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.SIG_DFL)
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    try:
        work()
    except ComplaintGraphError as error:
        show_error(error.message)
        sys.exit(FAILED)


def _end_with(parent: int) -> None:
    """End this process once the one that forked it has died: nobody else would."""
    while os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _encode(settings: Settings, path: Path) -> None:
    """Encode for the others until it is killed: it holds nothing that could be lost.

    Told to end, as when whoever forked it has died, it serves those who still answer.
    """

    async def serve() -> None:
        ending = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
        server = EncoderServer(
            lambda model, shown: AsyncEncoder(settings.encoder_options(model), shown)
        )
        async with server.listening(path):
            await ending.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(server.deserted(), _DESERTED_SECONDS)

    # Whoever still answers needs it: it is killed as the last one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())
    # As the last one of a generation that has died, in whose stead it tidies up.
    shutil.rmtree(path.parent, ignore_errors=True)


def _say(says: int) -> None:
    os.write(says, _OPENED)


def _hear(child: _Child) -> None:
    if child.heard is None or child.serves or child.after is not None:
        return
    try:
        child.serves = os.read(child.heard, 1) == _OPENED
    except BlockingIOError:
        return


def _has_gone(lives: int) -> bool:
    """Whether the other end of the pipe is closed."""
    try:
        return not os.read(lives, 1)
    except BlockingIOError:
        return False


def main() -> None:
    log_to_stderr()
    given = json.loads(sys.argv[1])
    listener = socket.socket(fileno=given["listener"])
    try:
        generation = Generation(Task(**given["task"]), listener, early=given["early"])
        code = generation.run(given["says"], given["lives"])
    except ComplaintGraphError as error:
        show_error(error.message)
        code = FAILED
    sys.exit(code)


if __name__ == "__main__":
    main()
