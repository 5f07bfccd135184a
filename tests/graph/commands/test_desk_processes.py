"""Two processes take a thousand steps on the same cases, killed again and again."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from graph.consistency import check
from graph.database import Database
from graph.domain.catalogue import chain
from graph.domain.enums import CaseStatus, CatalogueKind, EventKind
from graph.domain.lifecycle import TRANSITIONS
from graph.embedded import Connection
from tests.support.graph import case, put

pytestmark = pytest.mark.graph

STEPS = 500
KILLS = 5
DESK = chain(CatalogueKind.DEPARTMENT, "Cards")
STEP_OF = {way.event: step for step, way in TRANSITIONS.items()}

_AFTER = """
CYPHER 25
MATCH (c:Complaint)-[:HAS_EVENT]->(e:CaseEvent) WHERE e.position > $position
RETURN e.position AS position, e.kind AS kind, e.after AS after, c.id AS id
ORDER BY position LIMIT 200
"""


async def run_walker(task: dict[str, Any], random: Random) -> None:
    """Start the process until it has taken all its steps; kill it some times on the way."""
    for kill in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.walker", json.dumps(task)
        )
        if kill < KILLS:
            before = _wanted(task)
            goal = before + random.randint(30, 80)
            while process.returncode is None and _wanted(task) < goal:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            if process.returncode is None:
                process.kill()
        code = await process.wait()
        if code == 0:
            return
        assert code == -9
    raise AssertionError("the last process was not to be killed")


def _wanted(task: dict[str, Any]) -> int:
    path = Path(task["journal"])
    return path.read_text().count('"WANT"') if path.exists() else 0


def _lines(task: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(task["journal"]).read_text().splitlines()]


async def follow(database: Database, ended: asyncio.Event) -> list[dict[str, Any]]:
    """Every event by its position, as somebody sees them who asks again and again."""
    seen: list[dict[str, Any]] = []
    while True:
        last = ended.is_set()
        rows = await database.read(_AFTER, position=seen[-1]["position"] if seen else 0)
        seen += rows
        if not rows and last:
            return seen
        await asyncio.sleep(0.005)


async def test_nothing_is_lost_doubled_or_out_of_order(
    database: Database, neo4j_engine: Connection, tmp_path: Path
) -> None:
    cases = [case(number) for number in range(12)]
    await put(database, cases, DESK)
    tasks = [
        {
            "uri": neo4j_engine.uri,
            "user": neo4j_engine.user,
            "password": neo4j_engine.password,
            "journal": str(tmp_path / f"journal-{seed}"),
            "seed": seed,
            "steps": STEPS,
            "cases": [each.id for each in cases],
            "department": DESK[0].code,
        }
        for seed in (1, 2)
    ]
    ended = asyncio.Event()
    following = asyncio.create_task(follow(database, ended))
    await asyncio.gather(*(run_walker(task, Random(task["seed"])) for task in tasks))
    ended.set()
    seen = await following
    acted = _check_journals([line for task in tasks for line in _lines(task)])
    # One event for each step that acted, and for each of the twelve registrations.
    assert len(seen) == acted + len(cases)
    assert [row["position"] for row in seen] == list(range(1, len(seen) + 1))
    _check_ways(seen)
    report = await check(database)  # replaying the events gives the state
    assert report.examples == []


def _check_journals(lines: Sequence[dict[str, Any]]) -> int:
    """Every step has one outcome; how many acted (a repetition tells that it had acted)."""
    wanted = [line["key"] for line in lines if line["what"] == "WANT"]
    ended = [line["key"] for line in lines if line["what"] != "WANT"]
    assert sorted(wanted) == sorted(ended)
    assert len(wanted) == 2 * STEPS
    outcomes = [line["what"] for line in lines]
    assert outcomes.count("REFUSED") > 50
    return outcomes.count("DONE") + outcomes.count("AGAIN")


def _check_ways(seen: Sequence[dict[str, Any]]) -> None:
    """Each case went a way that the state machine allows."""
    status: dict[str, CaseStatus] = {}
    for row in seen:
        kind = EventKind(row["kind"])
        if kind is not EventKind.REGISTERED:
            way = TRANSITIONS[STEP_OF[kind]]
            before = status[row["id"]]
            assert before in way.sources
            # A transfer that leaves the lead where it is leaves the status, too.
            after = json.loads(row["after"]).get("status", before)
            assert after in (way.target or before, before)
        status[row["id"]] = CaseStatus(
            json.loads(row["after"]).get("status", status.get(row["id"]))
        )
