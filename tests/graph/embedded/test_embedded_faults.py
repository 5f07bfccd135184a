"""What keeps the engine from starting is told in one sentence with the path of the log."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from graph.embedded import EngineOptions, engine, faults, status
from graph.embedded.layout import Layout
from graph.errors import EngineError
from tests.graph.embedded.conftest import eventually, processes_of

LAYOUT = Layout(Path("/data/neo4j"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Caused by: java.io.IOException: No space left on device", "disk of /data/neo4j is full"),
        ("java.nio.file.FileSystemException: x: Read-only file system", "cannot be written"),
        ("java.nio.file.AccessDeniedException: /data/neo4j/data", "cannot be written"),
        ("Caused by: org.neo4j.io.locker.FileLockException: /data", "another Neo4j uses"),
        ("Error: Could not reserve enough space for object heap", "heap"),
        ("Exception: java.lang.NoClassDefFoundError: org/neo4j/X", "jars are damaged"),
        ("Caused by: a.b.C$D: the root of it", r'\("the root of it"\)'),
        ("Caused by: a.B: outer\nCaused by: a.C: inner", r'\("inner"\)'),
        ("nothing that helps", "for the reason"),
    ],
)
def test_reason_is_read_from_the_log(said: str, told: str) -> None:
    error = faults.why(LAYOUT, said, 1, 0)
    assert "/data/neo4j/logs/neo4j.log" in error.message
    assert "\n" not in error.message
    with pytest.raises(EngineError, match=told):
        raise error


def test_kinds_that_a_restart_may_mend_are_told_apart() -> None:
    assert isinstance(faults.why(LAYOUT, "", -9, 0), faults.KilledError)
    assert isinstance(faults.why(LAYOUT, "", -11, 0), faults.CrashedError)
    busy = "java.net.BindException: Address already in use"
    assert isinstance(faults.why(LAYOUT, busy, 1, 0), faults.PortBusyError)


def test_only_what_this_start_wrote_is_read(tmp_path: Path) -> None:
    log = tmp_path / "neo4j.log"
    assert faults.written_since(log, 0) == ""
    log.write_text("old Started.\n")
    size = log.stat().st_size
    assert faults.written_since(log, size) == ""
    log.write_text("new\n")  # a log that was rotated begins anew
    assert faults.written_since(log, size) == "new\n"


def test_full_disk_is_told_before_the_start(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    layout.create()
    layout.require_space()
    with pytest.raises(EngineError, match=r"is full .* make room"):
        layout.require_space(1 << 60)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_home_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match=r"cannot be written .*COMPLAINT_GRAPH_HOME"):
        Layout.of(tmp_path / place).create()


@pytest.mark.graph
@pytest.mark.parametrize(
    ("heap_mb", "start_timeout", "told"),
    [(512, 0.6, "START_SECONDS"), (1, 180.0, "set another heap size")],
)
def test_java_that_does_not_come_up_is_told(
    options: EngineOptions, tmp_path: Path, heap_mb: int, start_timeout: float, told: str
) -> None:
    failing = replace(options, home=tmp_path, heap_mb=heap_mb, start_timeout=start_timeout)
    with pytest.raises(EngineError, match=f"{told}.*{Layout.of(tmp_path).log}"):
        with engine(failing):
            pass
    eventually(lambda: processes_of(tmp_path) == [])
    seen = status(failing)
    assert seen.phase == "failed"
    assert seen.error is not None


@pytest.fixture(scope="module")
def used(shared_options: EngineOptions) -> EngineOptions:
    """A data folder with a graph in it."""
    with engine(shared_options):
        pass
    return shared_options


@contextmanager
def _changed(path: Path, content: str | None) -> Iterator[None]:
    """A file with other content, or none, inside."""
    before = path.read_bytes()
    path.unlink() if content is None else path.write_text(content)
    try:
        yield
    finally:
        path.write_bytes(before)


@pytest.mark.graph
@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("password", None, "password is missing though there is a graph"),
        ("password", "another", "is not that of the graph beside it"),
        ("version", "2999.01.0", "written by Neo4j 2999.01.0, which is newer"),
        ("version", "?", "holds no version of Neo4j"),
        ("data/databases/neo4j/neostore", "damaged", "cannot open the graph"),
    ],
)
def test_folder_that_is_not_whole_is_told(
    used: EngineOptions, options: EngineOptions, file: str, content: str | None, told: str
) -> None:
    with _changed(options.home / "neo4j" / file, content):
        with pytest.raises(EngineError, match=told):
            with engine(options):
                pass
        eventually(lambda: processes_of(options.home) == [])


@pytest.mark.graph
def test_engine_ends_when_its_folder_is_removed(options: EngineOptions, tmp_path: Path) -> None:
    doomed = replace(options, home=tmp_path / "home")
    with engine(doomed):
        shutil.rmtree(doomed.home)
    eventually(lambda: processes_of(tmp_path / "home") == [])
