"""`serve --workers` as processes of their own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.embedded.process import free_port

#: What the log says once a generation serves.
SERVE = "all processes serve"
#: ... and whenever a process has become the one that works for all.
LEADS = "this process does the background work"


@dataclass
class Workers:
    """A service of several processes."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def generation(self) -> psutil.Process:
        """The newest generation's process."""
        return max(psutil.Process(self.process.pid).children(), key=lambda each: each.create_time())

    def children(self) -> list[psutil.Process]:
        """The encoder, and those who serve, of the newest generation, in this order.

        Between two generations there is none.
        """
        if not psutil.Process(self.process.pid).children():
            return []
        return sorted(self.generation().children(), key=lambda each: each.pid)

    def all(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def said(self, words: str) -> int:
        """How often the log says this."""
        return self.log.read_text("utf-8").count(words)

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            assert self.process.poll() is None, self.log.read_text("utf-8")[-4000:]
            await asyncio.sleep(0.1)


@contextmanager
def started(home: Path, variables: Mapping[str, str], *arguments: str) -> Iterator[Workers]:
    """``variables``: settings, without their prefix."""
    home.mkdir(parents=True, exist_ok=True)
    port, log = free_port(None), home / "log"
    told = {f"COMPLAINT_GRAPH_{name}": value for name, value in variables.items()}
    command = (sys.executable, "-m", "scripts", "serve", "--port", str(port), *arguments)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command, env={**os.environ, **told}, stdout=output, stderr=output
        )
        result = Workers(process, port, log)
        try:
            yield result
        finally:
            left = result.all() if process.poll() is None else []
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(120)
            _, alive = psutil.wait_procs(left, 20)
            for each in alive:
                each.kill()
            assert not alive, f"they did not end: {alive}"
