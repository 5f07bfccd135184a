"""Whether many hands at once lose, refuse or double anything: `python -m benchmarks registrations`.

Two service processes on one Neo4j of their own register as fast as they can: one half of the
complaints distinct, the other alike, as in a group event, which is when most people write.
"""

import asyncio
import json as json_format
import secrets
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import psutil
import typer

from benchmarks.registrar import SOURCE, Outcome, Phase, Task, running, together
from graph.commands.catalogue import ensure_catalogue
from graph.commands.waiting import Work, waiting_count
from graph.consistency import check
from graph.consistency.findings import Report
from graph.database import Database
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.domain.identity import KEY_BYTES
from graph.embedded import Connection, EngineOptions, engine, status
from graph.migrations.runner import migrate
from ingest.demo import DemoOptions, catalogue
from schema.ids import NodeKind, key_of
from scripts.console import FAILED, out

PROCESSES = 2
#: Registered by each process before anything counts, so that neither half meets a cold server.
WARM = 20
#: The alike half may take so many times as long as the distinct one.
MOST_RATIO = 2.0

_STORED = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: $source})
RETURN c.sourceId AS number, c.id AS id, COUNT { (:Customer)-[:FILED]->(c) } AS filed
"""


@dataclass(frozen=True, slots=True)
class Half:
    """One phase over all processes; ``processor``: seconds of these and of the server."""

    alike: bool
    size: int
    seconds: float
    slowest: float
    processor: float
    idle: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run showed; every count must be 0. ``doubled``: complaints stored twice, or of another
    number of customers than one. ``logged``: lines above INFO.
    """

    warm_up: Sequence[Half]
    halves: Sequence[Half]
    internal: int
    refused: int
    lost: int
    doubled: int
    waiting: int
    disagreements: Mapping[str, int]
    logged: Sequence[str]
    examples: Sequence[str]

    @property
    def ratio(self) -> float:
        """Of the time a complaint takes: alike against distinct."""
        return self._ratio("seconds")

    @property
    def processor_ratio(self) -> float:
        """The same of processors' time, which others on the machine do not change."""
        return self._ratio("processor")

    def _ratio(self, name: str) -> float:
        alike, distinct = sorted(self.halves, key=lambda half: not half.alike)
        return float(getattr(alike, name) / alike.size / (getattr(distinct, name) / distinct.size))

    @property
    def broken(self) -> list[str]:
        """The promises that were not kept."""
        promises = {
            "nothing INTERNAL": not self.internal,
            "nothing refused": not self.refused,
            "nothing lost": not self.lost,
            "nothing doubled": not self.doubled,
            "nothing left waiting": not self.waiting,
            "check finds nothing": not self.disagreements,
            "no log line above INFO": not self.logged,
            f"alike at most {MOST_RATIO:.0f} times distinct": self.ratio <= MOST_RATIO,
        }
        return [promise for promise, kept in promises.items() if not kept]


def main(
    size: Annotated[int, typer.Option(min=20, help="Complaints, half of them alike.")] = 1000,
    parallel: Annotated[int, typer.Option(min=2, help="At once, over both processes.")] = 16,
    seed: Annotated[int, typer.Option(help="An even one begins with the alike half.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Register in two processes at once; exit code 1 when something promised is not kept."""
    with TemporaryDirectory(prefix="complaint-graph-registrations-") as folder:
        home = Path(folder)
        options = EngineOptions(home=home)
        with engine(options) as connection:
            java = status(options).java_pid
            assert java is not None
            server = psutil.Process(java)
            measured = asyncio.run(measure(connection, server, home, size, parallel, seed))
    if json:
        facts = {**asdict(measured), "broken": measured.broken}
        sys.stdout.write(json_format.dumps(facts, ensure_ascii=False) + "\n")
    else:
        _show(measured)
    if measured.broken:
        raise typer.Exit(FAILED)


async def measure(
    connection: Connection,
    server: psutil.Process,
    home: Path,
    size: int,
    parallel: int,
    seed: int,
) -> Measured:
    """One run in an empty graph."""
    entries = catalogue(DemoOptions())
    phases = _phases(size, seed)
    async with Database.open(connection.uri, connection.user, connection.password) as database:
        await migrate(database)
        await ensure_catalogue(database, entries)
        key = secrets.token_hex(KEY_BYTES)
        tasks = [
            Task(
                connection.uri, connection.user, connection.password, key, str(home / str(part)),
                parallel // PROCESSES,
                _codes(entries, CatalogueKind.PRODUCT), _codes(entries, CatalogueKind.BRANCH),
                # Neighbouring numbers, which may be of one person, go to different processes.
                [Phase(phase.numbers[part::PROCESSES], phase.alike) for phase in phases],
                jobs=True,
            )
            for part in range(PROCESSES)
        ]  # fmt: skip
        async with running(tasks) as processes:
            outcomes, spent = [], [_spent(server)]
            for _ in phases:
                outcomes.append(await together(processes))
                spent.append(_spent(server))
        return await _measured(database, phases, outcomes, spent)


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _phases(size: int, seed: int) -> list[Phase]:
    """Two that warm up, then the halves."""
    halves = [seed % 2 == 0, seed % 2 == 1]
    numbers = iter(range(2 * WARM * PROCESSES + size))
    lengths = [WARM * PROCESSES, WARM * PROCESSES, size // 2, size - size // 2]
    return [
        Phase(list(islice(numbers, length)), alike)
        for length, alike in zip(lengths, [False, True, *halves], strict=True)
    ]


def _codes(entries: Sequence[CatalogueEntry], kind: CatalogueKind) -> list[str]:
    return sorted(entry.code for entry in entries if entry.kind is kind)


async def _measured(
    database: Database,
    phases: Sequence[Phase],
    outcomes: Sequence[Sequence[Outcome]],
    spent: Sequence[float],
) -> Measured:
    """``outcomes``: of each phase, those of the processes; ``spent``: by the server until each."""
    every = [outcome for phase in outcomes for outcome in phase]
    rows = await database.read(_STORED, source=SOURCE)
    stored = {int(row["number"]): row["id"] for row in rows}
    confirmed = {
        number: key_of(identity, NodeKind.COMPLAINT)
        for outcome in every
        for number, identity in outcome.ids.items()
    }
    asked = {number for phase in phases for number in phase.numbers}
    refusals = Counter(refusal for outcome in every for refusal in outcome.refusals)
    internal = sum(n for refusal, n in refusals.items() if refusal.startswith("INTERNAL"))
    report: Report = await check(database)
    halves = [
        Half(
            phase.alike,
            len(phase.numbers),
            max(each.seconds for each in outcome),
            max(each.slowest for each in outcome),
            sum(each.processor for each in outcome) + after - before,
            max(each.idle for each in outcome),
        )
        for phase, outcome, (before, after) in zip(phases, outcomes, pairwise(spent), strict=True)
    ]
    return Measured(
        warm_up=halves[:-2],
        halves=halves[-2:],
        internal=internal,
        refused=refusals.total() - internal,
        # Confirmed and not there, or neither confirmed nor refused.
        lost=sum(stored.get(n) != identity for n, identity in confirmed.items())
        + max(0, len(asked - confirmed.keys()) - refusals.total()),
        doubled=len(rows) - len(stored) + sum(row["filed"] != 1 for row in rows),
        waiting=sum([await waiting_count(database, work) for work in Work]),
        disagreements=report.counts,
        logged=[line for outcome in every for line in outcome.warnings],
        examples=list(refusals)[:5],
    )


def _show(measured: Measured) -> None:
    for name, halves in (("warm-up", measured.warm_up), ("counted", measured.halves)):
        for half in halves:
            kind = "alike" if half.alike else "distinct"
            out.print(
                f"{name}: {half.size} {kind} in {half.seconds:.1f} s, the slowest "
                f"{half.slowest:.1f} s; nothing waited {half.idle:.1f} s later; processors "
                f"{half.processor:.1f} s"
            )
    out.print(
        f"alike against distinct: time {measured.ratio:.2f}, processors "
        f"{measured.processor_ratio:.2f}"
    )
    out.print(
        f"INTERNAL {measured.internal}, refused {measured.refused}, lost {measured.lost}, doubled "
        f"{measured.doubled}, waiting {measured.waiting}, disagreements "
        f"{sum(measured.disagreements.values())}, log lines above INFO {len(measured.logged)}"
    )
    for line, count in Counter(measured.logged).most_common(10):
        out.print(f"  {count} x {line}")
    for line in (*measured.examples, *(f"{k}: {n}" for k, n in measured.disagreements.items())):
        out.print(f"  {line}")
    broken = measured.broken
    out.print("every promise is kept" if not broken else f"not kept: {', '.join(broken)}")
