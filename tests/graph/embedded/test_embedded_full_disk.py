"""A disk that is full while people write: what was confirmed is there once there is room again."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from errno import ENOSPC
from io import StringIO
from pathlib import Path
from random import Random
from typing import TextIO, cast

import pytest
import structlog

from benchmarks.load.disk import Disk
from graph.database import Database
from graph.embedded import EngineOptions, engine, status
from graph.embedded.faults import PANIC
from graph.embedded.layout import Layout
from graph.errors import ConfigurationError, UnavailableError
from graph.log_stream import LogStream
from tests.graph.embedded.conftest import eventually
from tests.graph.embedded.user import User

pytestmark = pytest.mark.graph

_WRITE = "CREATE (:Written {number: $number, text: $text})"
_NUMBERS = "MATCH (w:Written) RETURN collect(w.number) AS numbers"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=700m", "none", str(folder))
    able = shutil.which("mount") is not None
    if not able or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("No small file system can be mounted here: that takes root.")
    yield folder
    subprocess.run(("umount", "--lazy", str(folder)), check=True)


async def test_what_was_confirmed_is_there_once_there_is_room_again(
    small: Path, shared_options: EngineOptions
) -> None:
    options = EngineOptions(home=small / "home", jar_cache=shared_options.jar_cache)
    confirmed = []
    with engine(options) as one:
        async with Database.open(one.uri, one.user, one.password) as database:

            async def write(number: int) -> None:
                await database.run(_WRITE, number=number, text="长" * 50_000)
                confirmed.append(number)

            disk = Disk(small, Random(1))
            await write(0)
            first = status(options).java_pid
            await asyncio.to_thread(disk.take)

            async def write_on() -> None:
                for number in range(1, 3_000):
                    await write(number)

            with pytest.raises(UnavailableError, match="is full"):
                await write_on()
            disk.give_back()
            async with asyncio.timeout(120):
                while len(confirmed) < confirmed[-1] + 3:
                    try:
                        await write(10_000 + len(confirmed))
                        break
                    except UnavailableError:
                        await asyncio.sleep(0.5)
            (row,) = await database.read(_NUMBERS)
            assert set(confirmed) <= set(row["numbers"])
            assert len(row["numbers"]) == len(set(row["numbers"]))
            assert status(options).java_pid != first


def test_one_that_says_it_has_stopped_is_begun_anew(shared_options: EngineOptions) -> None:
    with User(shared_options) as user:
        user.joined()
        user.run("MATCH (n) DETACH DELETE n RETURN 1 AS done")
        assert user.count_up() == 1
        before = status(shared_options)
        with Layout.of(shared_options.home).log.open("a") as log:
            log.write(f"ERROR The database has encountered a critical error, and {PANIC}.\n")
        eventually(lambda: status(shared_options).java_pid not in (before.java_pid, None))
        eventually(lambda: status(shared_options).running)
        assert user.counted() == 1
        assert status(shared_options).keeper_pid == before.keeper_pid


def test_a_large_file_system_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.load.disk._LARGEST", 0)
    with pytest.raises(ConfigurationError, match="mount a small one"):
        Disk(tmp_path, Random(1)).check()


class _Full(StringIO):
    """A stream to a disk without room."""

    def write(self, text: str) -> int:
        raise OSError(ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(ENOSPC, "No space left on device")


def test_a_line_that_finds_no_room_ends_nothing() -> None:
    log = structlog.PrintLogger(cast("TextIO", LogStream(_Full())))
    log.info("a line")
    with pytest.raises(OSError, match="No space"):
        structlog.PrintLogger(_Full()).info("a line")
