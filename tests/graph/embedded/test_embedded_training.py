"""The class cache is made in the background, once, and used by the starts that follow."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from graph.embedded import EngineOptions, engine, status, training

pytestmark = pytest.mark.graph


@pytest.fixture
def own_jars(jars: Path, tmp_path: Path) -> Path:
    """A jar cache without a class cache."""
    folder = tmp_path / "jars" / jars.name
    folder.mkdir(parents=True)
    for path in [*jars.glob("*.jar"), jars / "manifest.json"]:
        shutil.copy2(path, folder)
    return folder


def test_cache_is_made_once_and_used(own_jars: Path, tmp_path: Path) -> None:
    options = EngineOptions(home=tmp_path / "home", jar_cache=own_jars.parent, linger=0.0)
    cache = training.cache_file(options, own_jars)
    assert training.cache_options(options, own_jars) == []
    with training.begin(options, own_jars, tmp_path / "log") as process:
        process.wait()
    assert (tmp_path / "log").read_text() == ""
    assert cache.exists()
    assert not list(own_jars.glob("partial-*"))
    assert not training.is_wanted(options, own_jars)

    with engine(options):
        mapped = psutil.Process(status(options).java_pid).open_files()
        maps = psutil.Process(status(options).java_pid).memory_maps()
    assert str(cache) in {one.path for one in [*mapped, *maps]}


def test_training_that_is_ended_leaves_nothing_behind(own_jars: Path, tmp_path: Path) -> None:
    options = EngineOptions(home=tmp_path / "home", jar_cache=own_jars.parent)
    with training.begin(options, own_jars, tmp_path / "log") as process:
        while not list(own_jars.glob("partial-*/neo4j/conf/neo4j.conf")):
            assert process.poll() is None
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait()
    psutil.wait_procs(children, timeout=60)
    assert not any(child.is_running() for child in children)
    assert not list(own_jars.glob("partial-*"))
    assert training.is_wanted(options, own_jars) == _has_room(own_jars)


def test_cache_with_which_java_crashed_is_not_made_again(own_jars: Path, tmp_path: Path) -> None:
    options = EngineOptions(home=tmp_path, jar_cache=own_jars.parent)
    training.discard(options, own_jars)
    assert training.is_wanted(options, own_jars) == _has_room(own_jars)  # there was none to blame
    training.cache_file(options, own_jars).touch()
    training.discard(options, own_jars)
    assert training.cache_options(options, own_jars) == []
    assert not training.is_wanted(options, own_jars)
    assert not training.is_wanted(replace(options, train=False), own_jars)


def _has_room(folder: Path) -> bool:
    free = shutil.disk_usage(folder).free > 1 << 30
    return free and psutil.virtual_memory().available > 2 << 30 and os.access(folder, os.W_OK)
