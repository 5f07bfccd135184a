"""A backup that is taken while people work, and brought back elsewhere."""

import asyncio
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from pydantic import SecretStr

from api.backups import back_up, restore
from api.services import open_database
from api.settings import Neo4jSettings, PrivacySettings, Settings
from graph.commands.rows import Prepared
from graph.database import Database
from graph.domain.moments import Moment
from graph.embedded import status, stop
from graph.embedded.snapshot import snapshot
from graph.errors import ConfigurationError, EngineError, SourceError
from graph.progress import silent
from tests.support.graph import NOW, case, put

pytestmark = pytest.mark.graph
KEY = "ab" * 32


def settings_at(home: Path, key: str = KEY) -> Settings:
    """A data folder with an engine of its own, whatever the tests' settings name."""
    changes = {
        "home": home,
        "neo4j": Neo4jSettings(),
        "privacy": PrivacySettings(key=SecretStr(key)),
    }
    return Settings.load().model_copy(update=changes)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """A data folder of its own with some cases."""
    settings = settings_at(tmp_path_factory.mktemp("bank"))
    async with open_database(settings) as database:
        await put(database, [prepared(number) for number in range(20)])
    yield settings
    stop(settings.engine)


def prepared(number: int) -> Prepared:
    received = Moment(NOW - timedelta(hours=number))
    return Prepared(case(number, received=received), {}, fires=False)


async def ids(database: Database) -> set[str]:
    return {row["id"] for row in await database.read("MATCH (c:Complaint) RETURN c.id AS id")}


async def test_what_was_confirmed_is_in_it_and_nothing_after_its_position(
    bank: Settings, tmp_path: Path
) -> None:
    file, confirmed = tmp_path / "bank.tar.gz", list[str]()
    async with open_database(bank) as database:
        busy = True

        async def register(first: int) -> None:
            number = first
            while busy:
                each = prepared(number)
                await put(database, [each])
                confirmed.append(each.case.id)
                number += 1

        clerks = [asyncio.create_task(register(1_000 * n)) for n in range(1, 4)]
        while len(confirmed) < 10:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        before = list(confirmed)
        manifest = await back_up(bank, file, silent)
        enough = len(confirmed) + 10
        while len(confirmed) < enough:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        busy = False
        await asyncio.gather(*clerks)
        everything = await ids(database)
    assert file.stat().st_mode & 0o777 == 0o600
    elsewhere = settings_at(tmp_path / "elsewhere")
    made = await restore(elsewhere, file, silent)
    try:
        assert made.report.examples == []
        assert (made.position, made.complaints) == (manifest.position, manifest.complaints)
        async with open_database(elsewhere) as database:
            restored = await ids(database)
            newest = await database.read("MATCH (e:CaseEvent) RETURN max(e.position) AS p")
        assert newest[0]["p"] == manifest.position
        assert set(before) <= restored < everything
        assert len(restored) == manifest.complaints
        with pytest.raises(EngineError, match="holds a graph already"):
            await restore(elsewhere, file, silent)
    finally:
        stop(elsewhere.engine)


async def test_another_key_a_damaged_file_and_no_archive_leave_nothing(
    bank: Settings, tmp_path: Path
) -> None:
    file, home = tmp_path / "bank.tar.gz", tmp_path / "elsewhere"
    manifest = await back_up(bank, file, silent)
    with pytest.raises(ConfigurationError, match=manifest.key):
        await restore(settings_at(home, "cd" * 32), file, silent)
    whole = file.read_bytes()
    cut, other = tmp_path / "cut.tar.gz", tmp_path / "other.tar.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    other.write_bytes(b"nothing of the kind")
    damaged = tmp_path / "damaged.tar.gz"
    with tarfile.open(file) as before, tarfile.open(damaged, "w:gz") as after:
        for member in before:
            content = before.extractfile(member)
            assert content is not None
            after.addfile(member, content if member.name != "store/version" else _zeros(member))
    turned = tmp_path / "turned.tar.gz"
    middle = len(whole) // 2
    wrong_bytes = bytes(255 - n for n in whole[middle : middle + 64])
    turned.write_bytes(whole[:middle] + wrong_bytes + whole[middle + 64 :])
    for wrong, told in (
        (cut, "cut off"),
        (other, "no backup"),
        (damaged, "files in it"),
        (turned, "damaged"),
    ):
        with pytest.raises(SourceError, match=told):
            await restore(settings_at(home), wrong, silent)
    assert not (home / "neo4j").exists()
    assert names(home) == []
    with pytest.raises(ConfigurationError, match="exists"):
        await back_up(bank, file, silent)
    made = [
        "bank.tar.gz",
        "cut.tar.gz",
        "damaged.tar.gz",
        "elsewhere",
        "other.tar.gz",
        "turned.tar.gz",
    ]
    assert names(tmp_path) == made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _zeros(member: tarfile.TarInfo) -> io.BytesIO:
    return io.BytesIO(bytes(member.size))


async def test_a_backup_that_is_killed_leaves_the_graph_running(
    bank: Settings, tmp_path: Path
) -> None:
    task = json.dumps(bank.engine.to_json())
    code = (
        "import json, shutil, sys, time\n"
        "from pathlib import Path\n"
        "from graph.embedded import EngineOptions\n"
        "from graph.embedded import snapshot\n"
        "def slow(*paths, **options):\n"
        "    print('stopped', flush=True)\n"
        "    time.sleep(60)\n"
        "shutil.copytree = slow\n"
        "task = json.loads(sys.argv[1])\n"
        "snapshot.snapshot(EngineOptions(home=Path(task['home'])), Path(sys.argv[2]))\n"
    )
    async with open_database(bank) as database:
        java = psutil.Process(status(bank.engine).java_pid)
        copying = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, task, str(tmp_path / "copy"), stdout=subprocess.PIPE
        )
        assert copying.stdout is not None
        assert await copying.stdout.readline() == b"stopped\n"
        assert java.status() == psutil.STATUS_STOPPED
        copying.kill()
        await copying.wait()
        assert len(await ids(database)) >= 20


def test_of_an_engine_that_does_not_run_there_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not run"):
        snapshot(settings_at(tmp_path).engine, tmp_path / "copy")


async def test_a_graph_elsewhere_is_backed_up_by_its_own_tools(
    tmp_path: Path,
) -> None:
    theirs = Neo4jSettings(uri="bolt://127.0.0.1:1", password=SecretStr("x"))
    settings = settings_at(tmp_path).model_copy(update={"neo4j": theirs})
    with pytest.raises(ConfigurationError, match="neo4j-admin"):
        await back_up(settings, tmp_path / "bank.tar.gz", silent)
