"""Jars are installed whole, checked, once, and from where the user says."""

import hashlib
import multiprocessing
import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from graph.embedded import RepositoryError, jars
from graph.embedded.install import install_lock
from graph.embedded.jars import Jar, JarLock
from graph.errors import EngineError
from graph.progress import silent
from tests.graph.embedded.repository import fill, served


@pytest.fixture
def only_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of jgo in which nothing but our own repository takes Central's place."""
    file = tmp_path / "jgo.conf"
    file.write_text("[repositories]\ncentral = http://127.0.0.1:9\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(file))
    return file


@pytest.fixture
def lock(tmp_path: Path) -> JarLock:
    return fill(tmp_path / "repository")


def _central(file: Path, address: str) -> None:
    file.write_text(f"[repositories]\ncentral = {address}\n")


def test_every_jar_of_the_lock_has_a_hash_and_a_name_of_its_own() -> None:
    text = Path(jars.__file__).with_name("jars.lock").read_text()
    for platform in ("linux-x86_64", "linux-aarch_64", "osx-x86_64", "osx-aarch_64"):
        lock = jars.read_lock(text, platform)
        assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in lock.jars)
        assert len({jar.name for jar in lock.jars}) == len(lock.jars)
        natives = [jar for jar in lock.jars if len(jar.coordinates.split(":")) == 4]
        assert [jar.coordinates.split(":")[3] for jar in natives] == [platform]


def test_lock_names_no_address() -> None:
    text = Path(jars.__file__).with_name("jars.lock").read_text()
    assert "//" not in text


def test_jars_are_installed_with_progress_and_found_again(
    tmp_path: Path, lock: JarLock, only_here: Path
) -> None:
    told: list[tuple[int, int | None]] = []
    with served(tmp_path / "repository") as address:
        folder = install_lock(
            lock, tmp_path / "cache", (address,), lambda _, done, total: told.append((done, total))
        )
    assert told == [(done, len(lock.jars)) for done in range(len(lock.jars) + 1)]
    for jar in lock.jars:
        assert hashlib.sha256((folder / jar.name).read_bytes()).hexdigest() == jar.sha256
    # nothing serves now: what is installed needs no repository
    assert install_lock(lock, tmp_path / "cache", (), silent) == folder
    assert not list(folder.glob("partial-*"))


def test_central_in_the_configuration_of_jgo_is_asked(
    tmp_path: Path, lock: JarLock, only_here: Path
) -> None:
    with served(tmp_path / "repository") as address:
        _central(only_here, address)
        folder = install_lock(lock, tmp_path / "cache", (), silent)
    assert len(list(folder.glob("*.jar"))) == len(lock.jars)


def test_jar_with_another_hash_is_refused(tmp_path: Path, lock: JarLock, only_here: Path) -> None:
    wrong = Jar(lock.jars[3].coordinates, "0" * 64)
    altered = replace(lock, jars=(*lock.jars[:3], wrong, *lock.jars[4:]))
    with served(tmp_path / "repository") as address:
        with pytest.raises(EngineError, match=r"part-03:1\.0 is not the one .*sha256 differs"):
            install_lock(altered, tmp_path / "cache", (address,), silent)
    assert not list((tmp_path / "cache").rglob(wrong.name))
    assert not list((tmp_path / "cache").rglob("manifest.json"))


def test_next_repository_is_asked_when_one_has_another_jar_or_none(
    tmp_path: Path, lock: JarLock, only_here: Path
) -> None:
    other = fill(tmp_path / "other", 6)
    path = tmp_path / "other" / other.jars[0].path
    path.write_bytes(path.read_bytes()[:-1])
    with served(tmp_path / "repository") as whole, served(tmp_path / "other") as partial_:
        folder = install_lock(lock, tmp_path / "cache", (partial_, whole), silent)
    for jar in lock.jars:
        assert hashlib.sha256((folder / jar.name).read_bytes()).hexdigest() == jar.sha256


def test_damaged_jar_is_replaced(tmp_path: Path, lock: JarLock, only_here: Path) -> None:
    with served(tmp_path / "repository") as address:
        folder = install_lock(lock, tmp_path / "cache", (address,), silent)
        victim = folder / lock.jars[5].name
        whole = victim.read_bytes()
        victim.write_bytes(whole[:100])
        install_lock(lock, tmp_path / "cache", (address,), silent)
    assert victim.read_bytes() == whole


def test_no_repository_in_reach_is_one_sentence_that_says_what_to_do(
    tmp_path: Path, lock: JarLock, only_here: Path
) -> None:
    _central(only_here, "http://user:password@127.0.0.1:9/maven")
    with pytest.raises(RepositoryError) as caught:
        install_lock(lock, tmp_path / "cache", (), silent)
    assert "password" not in caught.value.message
    for part in (
        "127.0.0.1 (no answer)",
        "connect to the network",
        "jgo.conf",
        "COMPLAINT_GRAPH_NEO4J__URI",
    ):
        assert part in caught.value.message
    assert "\n" not in caught.value.message


def test_a_full_or_closed_folder_is_told(tmp_path: Path, lock: JarLock, only_here: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(EngineError, match="cannot be kept in"):
        install_lock(lock, tmp_path / "cache", (), silent)


def _install(lock: JarLock, cache: Path, address: str) -> None:
    install_lock(lock, cache, (address,), silent)


def test_two_processes_install_at_once(tmp_path: Path, lock: JarLock, only_here: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with served(tmp_path / "repository") as address:
        arguments = (lock, tmp_path / "cache", address)
        both = [context.Process(target=_install, args=arguments) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join()
    assert [process.exitcode for process in both] == [0, 0]
    (folder,) = (tmp_path / "cache").iterdir()
    assert len(list(folder.glob("*.jar"))) == len(lock.jars)


def test_installation_goes_on_where_a_killed_one_stopped(
    tmp_path: Path, lock: JarLock, only_here: Path
) -> None:
    missing = tmp_path / "repository" / "org" / "example" / "part-11" / "1.0" / "part-11-1.0.jar"
    content = missing.read_bytes()
    missing.unlink()
    os.mkfifo(missing)  # the first installation waits for that one until it is killed
    context = multiprocessing.get_context("spawn")
    with served(tmp_path / "repository") as address:
        process = context.Process(target=_install, args=(lock, tmp_path / "cache", address))
        process.start()
        while process.is_alive() and len(list((tmp_path / "cache").glob("*/*.jar"))) < 11:
            time.sleep(0.01)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert list((tmp_path / "cache").glob("*/partial-*"))
        with missing.open("wb"):  # lets the server go on
            missing.unlink()
        missing.write_bytes(content)
        folder = install_lock(lock, tmp_path / "cache", (address,), silent)
    assert len(list(folder.glob("*.jar"))) == len(lock.jars)
    assert not list(folder.glob("partial-*"))
