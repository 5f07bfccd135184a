"""Processes of ours: known by number and birth, started apart, tied together, ended."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from graph.errors import EngineError

_PROJECT = Path(__file__).parents[2]
_PR_SET_PDEATHSIG = 1
#: it reads until our end of the pipe closes, however we end
_GUARD = 'read -r _; kill -TERM "$1"'


@dataclass(frozen=True)
class ProcessId:
    """A process, not mistaken for a later one that was given the same number."""

    pid: int
    birth: float

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        """The living process with this number; raises psutil.NoSuchProcess."""
        return cls(pid, _birth(pid))

    def process(self) -> psutil.Process | None:
        """The process, if it still lives."""
        try:
            if _birth(self.pid) != self.birth:
                return None
            process = psutil.Process(self.pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None

    def is_alive(self) -> bool:
        return self.process() is not None


def _birth(pid: int) -> float:
    """When a process began: ticks since boot on Linux, as the wall clock may be set meanwhile."""
    if sys.platform != "linux":
        return float(psutil.Process(pid).create_time())
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise psutil.NoSuchProcess(pid) from error
    return float(stat.rpartition(b")")[2].split()[19])  # a name may hold spaces and brackets


def end(target: ProcessId, grace: float) -> None:
    """Ask a process to end, and kill it when it still lives after ``grace`` seconds."""
    process = target.process()
    if process is None:
        return
    try:
        process.terminate()
        process.wait(grace)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(grace)
    except psutil.NoSuchProcess:
        return


def program(module: str, task: Mapping[str, Any]) -> list[str]:
    """The command that runs a module of this package with a task; see :func:`read_task`."""
    return [sys.executable, "-m", f"graph.embedded.{module}", json.dumps(task, ensure_ascii=False)]


def program_environment() -> dict[str, str]:
    """The environment of a program of ours: it finds this package wherever it was started."""
    return {**os.environ, "PYTHONPATH": str(_PROJECT)}


def read_task() -> dict[str, Any]:
    """What :func:`program` was given, inside that program."""
    task: dict[str, Any] = json.loads(sys.argv[1])
    return task


def detach(command: list[str], log: Path, locks: tuple[int, ...] = ()) -> None:
    """Start a program of ours that lives on after us and calls :func:`daemonize`.

    It inherits the open ``locks`` and adds what it says to ``log``. One that is killed is no
    error: whoever needs it sees that it is gone.
    """
    with log.open("ab") as output:
        started = subprocess.run(  # noqa: S603 (our own command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env=program_environment(),
            pass_fds=locks,
            start_new_session=True,
            check=False,
        )
    if started.returncode > 0:
        raise EngineError(f"The process that keeps Neo4j cannot start: see {log}.")


def free_port(wished: int | None) -> int:
    """The wished port of 127.0.0.1 if nobody listens there, else one that the kernel gives."""
    for port in (wished or 0, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
            return int(probe.getsockname()[1])
    raise EngineError("No port is free on 127.0.0.1 for Neo4j: close other programs and try again.")


def daemonize() -> None:
    """Let the process that started us go on: it waits only for the one that ends here."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.umask(0o077)


def tied_to_us() -> Callable[[], None] | None:
    """What a child runs before its program so that the kernel ends it when our process ends.

    Linux only (None elsewhere): see :func:`guard`.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return tie


def guard(pid: int) -> "subprocess.Popen[bytes]":
    """A shell that ends process ``pid`` when ours is gone; for systems where :func:`tied_to_us`
    is of no use. Kill it before ``pid`` is reaped, as the number may be given anew.
    """
    return subprocess.Popen(  # noqa: S603 (our own command)
        ["/bin/sh", "-c", _GUARD, "guard", str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
