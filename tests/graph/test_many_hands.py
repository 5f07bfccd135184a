"""What several processes do at once, killed again and again, leaves one consistent graph."""

import asyncio
import json
import sys
from pathlib import Path
from random import Random

import pytest

from graph.commands.clusters import finish_fit
from graph.commands.linking import link_pending
from graph.commands.moves import follow_moves
from graph.consistency import check
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace
from graph.embedded import Connection
from graph.errors import BusyError, UnavailableError
from tests.support.escalation import escalator
from tests.support.hands import Task, secret
from tests.support.walker import Journal

pytestmark = pytest.mark.graph

PROCESSES, ACTS, KILLS = 3, 70, 2
_TEXTS = """
CYPHER 25
MATCH (n) UNWIND keys(n) AS key
WITH n, key WHERE n[key] IS :: STRING NOT NULL AND n[key] CONTAINS $word
RETURN labels(n) AS labels, key
"""


async def run(task: Task, random: Random) -> None:
    """Start the process until it has done all its acts; kill it some times on the way."""
    path = Path(task.journal)
    for kill in range(KILLS + 1):
        errors = path.with_suffix(f".errors-{kill}")
        with errors.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.support.hands", json.dumps(vars(task)), stderr=stderr
            )
        try:
            if kill < KILLS:
                goal = lines(path) + random.randint(8, 20)
                while process.returncode is None and lines(path) < goal:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                if process.returncode is None:
                    process.kill()
            code = await process.wait()
        except asyncio.CancelledError:  # another one has failed
            process.kill()
            await process.wait()
            raise
        if code == 0:
            return
        assert code == -9, f"the process ended with {code}: {errors.read_text()}"
    raise AssertionError("the last process was not to be killed")


def lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_interleaving_leaves_a_consistent_graph(
    database: Database, tiny: EmbeddingSpace, neo4j_engine: Connection, tmp_path: Path, seed: int
) -> None:
    tasks = [
        Task(
            neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password,
            str(tmp_path / f"journal-{number}"), 100 * seed + number, ACTS,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    async with asyncio.TaskGroup() as processes:
        for task in tasks:
            processes.create_task(run(task, Random(task.seed)))
    # A claim of a process that was killed ends by itself after a while; here nobody waits for it.
    await database.run("MATCH (c:Complaint) SET c.linkClaim = null, c.escalateClaim = null")
    # Nor for the time in which a writer may still use the tree as it was.
    await database.run("MATCH (n) WHERE n.copiesDue IS NOT NULL SET n.copiesDue = 0")
    await follow_moves(database, settled=0)
    while await link_pending(database, tiny):
        pass
    while await escalator(database).escalate_next():
        pass
    await finish_fit(database)
    report = await check(database)
    assert report.examples == []
    done = [line for task in tasks for line in Journal(Path(task.journal)).lines]
    refused = sum(line["what"] in {UnavailableError.code, BusyError.code} for line in done)
    assert refused < len(done) / 20
    redacted = {line["number"] for line in done if line["what"] == "REDACTED"}
    assert redacted
    for number in redacted:
        assert await database.read(_TEXTS, word=f"{secret(number)} ") == []
