"""Kill -9 in the middle of an import: a second run ends with the graph of an undisturbed one.

Only where Neo4j itself is killed it is one of its own; else that of all tests is emptied and used.
"""

import asyncio
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph.consistency import check
from graph.database import Database
from graph.embedded import EngineOptions, engine, status
from graph.embedded.options import Connection
from tests.support.graph import KEYRING, snapshot, wipe

pytestmark = pytest.mark.graph

#: Three batches: one is there when something is killed.
ROWS = 1_100
COLUMNS = (
    "Date received", "Product", "Sub-product", "Issue", "Sub-issue",
    "Consumer complaint narrative", "Company public response", "Company", "State", "ZIP code",
    "Tags", "Consumer consent provided?", "Submitted via", "Date sent to company",
    "Company response to consumer", "Timely response?", "Consumer disputed?", "Complaint ID",
)  # fmt: skip
WORDS = (
    "fee",
    "card",
    "loan",
    "branch",
    "late",
    "charge",
    "refund",
    "transfer",
    "account",
    "limit",
)


def write_file(path: Path) -> None:
    """Rows in the CFPB's columns; every twentieth with a text."""
    chance = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in range(ROWS):
            text = " ".join(chance.choices(WORDS, k=12)) if number % 20 == 0 else ""
            writer.writerow(
                {
                    "Date received": f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}",
                    "Product": chance.choice(["Mortgage", "Credit card"]),
                    "Issue": chance.choice(["Fees", "Service", "Other"]),
                    "Consumer complaint narrative": text,
                    "Company": f"Bank {number % 9}",
                    "State": chance.choice(["NY", "CA", ""]),
                    "Submitted via": "Web",
                    "Company response to consumer": chance.choice(
                        ["Closed with explanation", "In progress", "Closed with monetary relief"]
                    ),
                    "Timely response?": "Yes",
                    "Complaint ID": str(1_000_000 + number),
                }
            )


def start_import(
    file: Path, home: Path, connection: Connection | None = None
) -> subprocess.Popen[str]:
    """``connection``: of the Neo4j to use; None: the process's own in the folder."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("COMPLAINT_GRAPH_")},
        "COMPLAINT_GRAPH_HOME": str(home),
        "COMPLAINT_GRAPH_PRIVACY__KEY": KEYRING.key.hex(),
    }
    if connection is not None:
        environment |= {
            "COMPLAINT_GRAPH_NEO4J__URI": connection.uri,
            "COMPLAINT_GRAPH_NEO4J__USER": connection.user,
            "COMPLAINT_GRAPH_NEO4J__PASSWORD": connection.password,
        }
    return subprocess.Popen(
        [sys.executable, "-m", "scripts", "import", "cfpb", str(file), "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, object]:
    output, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    report: dict[str, object] = json.loads(output)
    return report


async def state(connection: Connection) -> tuple[list[str], set[tuple[str, str]]]:
    """The graph without its links, and the links."""
    async with Database.open(connection.uri, connection.user, connection.password) as database:
        report = await check(database)
        assert report.clean, report.examples
        rows = await database.read(
            "MATCH (a:Complaint)-[:SIMILAR_TO]->(b:Complaint) RETURN a.id AS a, b.id AS b"
        )
        links = {(row["a"], row["b"]) for row in rows}
        await database.run("MATCH ()-[r:SIMILAR_TO]->() DELETE r")
        await database.run("MATCH (c:Complaint) REMOVE c.linkFloor")
        return await snapshot(database), links


async def loaded(connection: Connection) -> int:
    async with Database.open(connection.uri, connection.user, connection.password) as database:
        return int((await database.read("MATCH (c:Complaint) RETURN count(*) AS n"))[0]["n"])


async def emptied(connection: Connection) -> None:
    async with Database.open(connection.uri, connection.user, connection.password) as database:
        await wipe(database)


def await_first_batch(process: subprocess.Popen[str], connection: Connection) -> None:
    deadline = time.monotonic() + 300
    while not asyncio.run(loaded(connection)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline


@dataclass(frozen=True)
class Undisturbed:
    """The file, and what an import without any disturbance makes of it."""

    file: Path
    graph: list[str]
    links: set[tuple[str, str]]

    def assert_completed(self, again: subprocess.Popen[str], connection: Connection) -> None:
        """Compare what a second import, just started, makes of it."""
        report = finish(again)
        assert sum(int(str(report[key])) for key in ("loaded", "updated", "unchanged")) == ROWS
        assert report["rejected"] == 0
        graph, links = asyncio.run(state(connection))
        assert graph == self.graph
        assert len(links & self.links) >= 0.98 * len(self.links)


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, neo4j_engine: Connection
) -> Iterator[Undisturbed]:
    folder = tmp_path_factory.mktemp("undisturbed")
    file = folder / "complaints.csv"
    write_file(file)
    asyncio.run(emptied(neo4j_engine))
    report = finish(start_import(file, folder, neo4j_engine))
    assert report["loaded"] == ROWS
    graph, links = asyncio.run(state(neo4j_engine))
    yield Undisturbed(file, graph, links)
    asyncio.run(emptied(neo4j_engine))


def test_a_second_run_completes_what_a_killed_one_left(
    undisturbed: Undisturbed, tmp_path: Path, neo4j_engine: Connection
) -> None:
    asyncio.run(emptied(neo4j_engine))
    process = start_import(undisturbed.file, tmp_path, neo4j_engine)
    await_first_batch(process, neo4j_engine)
    process.kill()
    process.communicate()  # closes its pipes
    again = start_import(undisturbed.file, tmp_path, neo4j_engine)
    undisturbed.assert_completed(again, neo4j_engine)


def test_a_second_run_completes_what_a_killed_neo4j_left(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    options = EngineOptions(home=tmp_path)
    with engine(options) as connection:
        process = start_import(undisturbed.file, tmp_path)
        await_first_batch(process, connection)
        java = status(options).java_pid
        assert java is not None
        os.kill(java, signal.SIGKILL)
        # The importer may live through it (the engine comes back) or end with a clear error.
        _, errors = process.communicate(timeout=400)
        assert "Traceback" not in errors
    with engine(options) as connection:
        undisturbed.assert_completed(start_import(undisturbed.file, tmp_path), connection)
