"""Kill -9 in the middle of an import: a second run ends with the graph of an undisturbed one."""

import asyncio
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.consistency import check
from graph.database import Database
from graph.embedded import EngineOptions, engine, status
from graph.embedded.options import Connection
from tests.support.graph import KEYRING, snapshot

pytestmark = pytest.mark.graph

ROWS = 1_700
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


def environment(home: Path) -> dict[str, str]:
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("COMPLAINT_GRAPH_")},
        "COMPLAINT_GRAPH_HOME": str(home),
        "COMPLAINT_GRAPH_PRIVACY__KEY": KEYRING.key.hex(),
    }


def start_import(file: Path, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scripts", "import", "cfpb", str(file), "--json"],
        env=environment(home),
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


def kill_importer(process: subprocess.Popen[str], options: EngineOptions) -> None:
    process.kill()
    process.communicate()  # closes its pipes


def kill_neo4j(process: subprocess.Popen[str], options: EngineOptions) -> None:
    java = status(options).java_pid
    assert java is not None
    os.kill(java, signal.SIGKILL)
    # The importer may live through it (the engine comes back) or end with a clear error.
    _, errors = process.communicate(timeout=400)
    assert "Traceback" not in errors


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, neo4j_engine: Connection
) -> tuple[Path, list[str], set[tuple[str, str]]]:
    """The file, and what an import without any disturbance makes of it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    file = folder / "complaints.csv"
    write_file(file)
    report = finish(start_import(file, folder))
    assert report["loaded"] == ROWS
    with engine(EngineOptions(home=folder)) as connection:
        found, links = asyncio.run(state(connection))
    return file, found, links


@pytest.mark.parametrize("kill", [kill_importer, kill_neo4j])
def test_a_second_run_completes_what_was_killed(
    undisturbed: tuple[Path, list[str], set[tuple[str, str]]],
    tmp_path: Path,
    kill: Callable[[subprocess.Popen[str], EngineOptions], None],
) -> None:
    file, expected, expected_links = undisturbed
    options = EngineOptions(home=tmp_path)
    with engine(options) as connection:
        process = start_import(file, tmp_path)
        deadline = time.monotonic() + 300
        while not asyncio.run(loaded(connection)):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
        kill(process, options)
    report = finish(start_import(file, tmp_path))
    assert sum(int(str(report[key])) for key in ("loaded", "updated", "unchanged")) == ROWS
    assert report["rejected"] == 0
    with engine(options) as connection:
        found, links = asyncio.run(state(connection))
    assert found == expected
    assert len(links & expected_links) >= 0.98 * len(expected_links)
