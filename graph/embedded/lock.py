"""Locks between processes that the kernel lets go when their holder dies, however it dies.

``flock`` belongs to the open file, not to the process: a child that inherits the file holds the
lock too. The keeper is handed its lock in this way, and java holds the engine's.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL = 0.05


def open_lock(path: Path) -> int:
    """Open a lock file; the caller closes it, which lets the lock go."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(fd: int, *, shared: bool = False) -> bool:
    """Take the lock if that is possible at once."""
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_lock(fd: int, timeout: float, *, shared: bool = False) -> bool:
    """Take the lock, waiting at most ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while not try_lock(fd, shared=shared):
        if time.monotonic() > end:
            return False
        time.sleep(_POLL)
    return True


def unlock(fd: int) -> None:
    """Let the lock go and keep the file open."""
    fcntl.flock(fd, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path, timeout: float) -> Iterator[bool]:
    """Hold the lock exclusively; yields whether it was to be had within ``timeout`` seconds."""
    fd = open_lock(path)
    try:
        yield wait_lock(fd, timeout)
    finally:
        os.close(fd)


def try_take(path: Path) -> int | None:
    """The open file with its lock held exclusively, or None when someone else holds it."""
    fd = open_lock(path)
    if try_lock(fd):
        return fd
    os.close(fd)
    return None


def is_held(path: Path) -> bool:
    """Whether some process holds the lock in any way."""
    if not path.exists():
        return False
    fd = try_take(path)
    if fd is None:
        return True
    os.close(fd)
    return False
