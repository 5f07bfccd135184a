"""Data folders whose engine the tests may start, kill and stop."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graph.embedded import EngineOptions, RepositoryError, status, stop
from graph.embedded.install import install
from graph.progress import silent

_WAIT_SECONDS = 240.0


@pytest.fixture(scope="session")
def jars() -> Path:
    """The installed jars; tests that need them are skipped where they cannot be had."""
    try:
        return install(EngineOptions(home=Path()), silent)
    except RepositoryError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="module")
def shared_options(jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineOptions]:
    """One data folder for the tests of a module; no process of it is left when they end."""
    home = tmp_path_factory.mktemp("data 数据")
    options = EngineOptions(home=home, linger=0.5)
    yield options
    stop(options)
    assert processes_of(options.home) == []


@pytest.fixture
def options(shared_options: EngineOptions) -> EngineOptions:
    """The module's data folder, with its engine at rest."""
    eventually(lambda: status(shared_options).phase in {"stopped", "failed"})
    return shared_options


def processes_of(home: Path) -> list[str]:
    """The command lines of all living processes that name a data folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(home) in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(line)
    return found


def javas_of(home: Path) -> int:
    """How many Neo4j run on a data folder."""
    return sum(f"--home-dir={home}/" in line for line in processes_of(home))


def kill(pid: int | None) -> None:
    """kill -9."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; how long that takes is not what the tests are about."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
