"""Many handlers register at the same moment, in two processes: nothing is lost or refused."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from graph.consistency import check
from graph.embedded import Connection
from tests.support.bank import BEIJING, CARD, FEE, HAIDIAN, LOAN, SHANGHAI, Bank
from tests.support.registrar import Task

pytestmark = pytest.mark.graph

EACH, PARALLEL = 20, 8
_STORED = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: 'hands'})
RETURN count(*) AS stored, count(DISTINCT c.sourceId) AS distinct,
  count(c.linkKey) + count(c.escalateKey) AS waiting,
  count(CASE WHEN EXISTS { (c)-[:SIMILAR_TO]-() } THEN 1 END) AS linked
"""


async def registrars(tasks: list[Task]) -> list[dict[str, Any]]:
    """Start the processes, let them begin together, and return what came of each."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.registrar", json.dumps(asdict(task)),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for task in tasks
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [process.returncode for process in processes] == [0] * len(tasks)
    return [json.loads(output) for output, _ in outputs]


@pytest.mark.parametrize("alike", [False, True])
async def test_registering_at_once_loses_and_refuses_nothing(
    bank: Bank, neo4j_engine: Connection, tmp_path: Path, alike: bool
) -> None:
    first = 1_000 if alike else 0
    tasks = [
        Task(
            neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password, str(tmp_path / str(part)),
            list(range(first + part * EACH, first + (part + 1) * EACH)), alike, PARALLEL,
            [each.code for each in (FEE, CARD, LOAN)],
            [each.code for each in (HAIDIAN, SHANGHAI, BEIJING)],
        )
        for part in range(2)
    ]  # fmt: skip
    before = (await bank.services.database.read(_STORED))[0]["stored"]
    # Others use this bank too, and some of them change nodes by hand.
    known = (await check(bank.services.database)).examples
    outcomes = await registrars(tasks)
    assert [outcome["refusals"] for outcome in outcomes] == [[], []]
    assert [outcome["warnings"] for outcome in outcomes] == [[], []]
    ids = {identity for outcome in outcomes for identity in outcome["ids"].values()}
    assert len(ids) == 2 * EACH
    await bank.services.pipeline.backlog.drain()
    row = (await bank.services.database.read(_STORED))[0]
    assert row["stored"] - before == 2 * EACH
    assert row["stored"] == row["distinct"]
    assert row["waiting"] == 0
    assert row["linked"] == row["stored"]
    report = await check(bank.services.database)
    assert [each for each in report.examples if each not in known] == []
