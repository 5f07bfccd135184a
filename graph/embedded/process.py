"""Processes by number and birth, and how one of ours is ended or tied to another's life."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.errors import EngineError

_PROJECT = Path(__file__).parents[2]
_PR_SET_PDEATHSIG = 1


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


def detach(command: Sequence[str], log: Path, locks: tuple[int, ...] = ()) -> None:
    """Start one of our programs that lives on after us; it forks, and the first one ends at once.

    It inherits the open ``locks`` and adds what it says to ``log``.
    """
    with log.open("ab") as output:
        started = subprocess.run(  # noqa: S603 (our own command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": str(_PROJECT)},
            pass_fds=locks,
            start_new_session=True,
            check=False,
        )
    if started.returncode:
        raise EngineError(f"The process that keeps Neo4j cannot start: see {log}.")


def daemonize() -> None:
    """Let the process that started us go on: whoever called :func:`detach` waits for that one."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.umask(0o077)


def tied_to_parent() -> Callable[[], None] | None:
    """What a child runs before its program so that the kernel ends it when its parent dies.

    Linux only; None elsewhere, where the next user ends what was left.
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
