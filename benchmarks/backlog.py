"""What a batch of waiting work costs as the graph grows: `python -m benchmarks backlog`.

Synthetic graphs of several sizes, each on an engine of its own, all of whose complaints wait: a
batch of linking, escalating and the sweep, and ``check`` with its memory and its longest statement.
"""

import asyncio
import json as json_format
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, cast

import psutil
import structlog
import typer

from benchmarks.resident import Peak
from benchmarks.synthetic import DUE, DUE_SOON, FIRST, SPACE, fill, unmark
from graph.commands import deadlines
from graph.commands.linking import link_pending
from graph.commands.spaces import create_space
from graph.consistency import check
from graph.database import Database, Row
from graph.embedded import EngineOptions, engine, status
from graph.migrations.runner import migrate
from graph.progress import Progress
from ingest.escalation.escalator import BATCH as EVALUATED
from ingest.escalation.escalator import Escalator
from ingest.escalation.rulebook import default_rules
from scripts.console import FAILED, out, progress
from similarity.encoding import AsyncEncoder, Calibration
from similarity.spaces import OpenSpace, SpaceBook

#: Batches that count, after some that do not: java compiles what it runs often.
ROUNDS, WARM = 25, 35
#: A batch may cost so many times what it costs at the first size.
MOST_RATIO = 1.5
#: The cost of ``check`` is told for so many complaints: a page of most of its rules.
PAGE = 1_000
#: Up to this size ``check`` runs once before it counts.
WARM_CHECK = 10_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one batch: of the clock, and of processors, server and client together.

    Only the latter can be compared where others work on the machine, too.
    """

    clock: float
    processor: float


class Meter:
    """``with meter: …`` adds to what was spent so far."""

    def __init__(self, java: int) -> None:
        self._processes = [psutil.Process(java), psutil.Process()]
        self._clock = self._processor = 0.0

    def __enter__(self) -> None:
        self._clock -= time.perf_counter()
        self._processor -= self._spent()

    def __exit__(self, *_: object) -> None:
        self._clock += time.perf_counter()
        self._processor += self._spent()

    def cost(self, batches: float) -> Cost:
        """Of one of so many batches."""
        return Cost(1_000 * self._clock / batches, 1_000 * self._processor / batches)

    def _spent(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)


@dataclass(frozen=True, slots=True)
class Checked:
    """One ``check``: the longest statement in seconds, the process's highest memory in MB."""

    seconds: float
    longest: float
    memory: int | None
    disagreements: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sized:
    """What one size showed; ``batches``: the cost of one, by kind of work."""

    size: int
    batches: Mapping[str, Cost]
    checked: Checked | None


@dataclass(frozen=True, slots=True)
class _Book:
    active: OpenSpace


class _TimedDatabase(Database):
    """Keeps how long the longest statement took, in seconds."""

    longest: float = 0.0

    async def read(self, statement: str, /, **parameters: Any) -> list[Row]:
        started = time.perf_counter()
        rows = await super().read(statement, **parameters)
        self.longest = max(self.longest, time.perf_counter() - started)
        return rows


def main(
    sizes: Annotated[
        str, typer.Option(help="Complaints; the first is what others are compared with.")
    ] = "10000,100000,1000000",
    vectors: Annotated[
        bool, typer.Option(help="With texts, and vectors of a small space.")
    ] = False,
    checks: Annotated[
        bool, typer.Option("--check/--no-check", help="The whole of check, too; most of the time.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Cost of a batch at each size; exit code 1 when it grows by more than half.

    A million takes some 20 minutes and 5 GB of disk; with vectors several times that.
    """
    # A line of log for each batch would take part of the time.
    structlog.configure(processors=[_drop])
    measured = []
    with progress(quiet=json) as shown:
        for size in sizes.split(","):
            with TemporaryDirectory(prefix="complaint-graph-backlog-") as folder:
                measured.append(_on_engine(Path(folder), int(size), vectors, checks, shown))
                if not json:
                    _show(measured[-1], measured[0])
    grown = [name for each in measured for name in _grown(each, measured[0])]
    if json:
        facts = {"sizes": [asdict(each) for each in measured], "grown": grown}
        sys.stdout.write(json_format.dumps(facts, ensure_ascii=False) + "\n")
    if grown or any(each.checked and each.checked.disagreements for each in measured):
        raise typer.Exit(FAILED)


def _drop(*_: object) -> structlog.types.EventDict:
    raise structlog.DropEvent


def _on_engine(home: Path, size: int, vectors: bool, checks: bool, shown: Progress) -> Sized:
    options = EngineOptions(home=home)
    with engine(options) as connection:
        java = status(options).java_pid
        assert java is not None

        async def work() -> Sized:
            async with _TimedDatabase.open(
                connection.uri, connection.user, connection.password
            ) as database:
                await migrate(database)
                await create_space(database, SPACE)
                await fill(database, size, shown, vectors=vectors)
                return await _measure(database, java, size, checks)

        return asyncio.run(work())


async def _measure(database: _TimedDatabase, java: int, size: int, checks: bool) -> Sized:
    opened = OpenSpace(
        SPACE, cast("AsyncEncoder", None), Calibration((0.0, 0.99, 0.998, 1.0), (-1, 0.8, 0.9, 1))
    )
    escalator = Escalator(database, cast("SpaceBook", _Book(opened)), default_rules())
    batches = {
        "link": await _cost(java, lambda: link_pending(database, SPACE)),
        "escalate": await _cost(java, escalator.escalate_next),
        **await _swept(database, java, escalator),
    }
    if not checks:
        return Sized(size, batches, None)
    await unmark(database)
    if size <= WARM_CHECK:
        await check(database)  # a larger graph warms the server within a small part of its pages
    database.longest = 0.0
    meter = Meter(java)
    with Peak(os.getpid()) as memory, meter:
        report = await check(database)
    batches["check"] = meter.cost(size / PAGE)
    seconds = batches["check"].clock * size / PAGE / 1_000
    return Sized(size, batches, Checked(seconds, database.longest, memory.megabytes, report.counts))


async def _cost(java: int, batch: Callable[[], Awaitable[int]]) -> Cost:
    meter = Meter(java)
    for number in range(WARM + ROUNDS):
        with meter if number >= WARM else nullcontext():
            done = await batch()
        assert done, "nothing waits any more"
    return meter.cost(ROUNDS)


async def _swept(database: Database, java: int, escalator: Escalator) -> dict[str, Cost]:
    """The sweep's batches, day by day.

    On each day those of one day's receipt come to be due soon, and from the fourth on others to be
    overdue; what is done for these counts, and of what is done for those the second half.
    """
    notices, overdue, noticed, evaluated = Meter(java), Meter(java), 0, 0
    late_from = DUE - DUE_SOON
    for day in range(late_from + 2):
        now = FIRST + timedelta(days=DUE_SOON + day)
        with notices if day >= late_from - 1 else nullcontext():
            due = await deadlines.notice_deadlines(database, now)
        noticed += len(due) if day >= late_from - 1 else 0
        late = await deadlines.overdue_cases(database, now, sys.maxsize)
        with overdue if day > late_from else nullcontext():
            await escalator.escalate_due(now)
        evaluated += len(late) if day > late_from else 0
    return {
        "notice deadlines": notices.cost(noticed / deadlines.BATCH),
        "evaluate overdue": overdue.cost(evaluated / EVALUATED),
    }


def _grown(each: Sized, base: Sized) -> Sequence[str]:
    return [
        f"{name} at {each.size:,}"
        for name, cost in each.batches.items()
        if cost.processor > MOST_RATIO * base.batches[name].processor
    ]


def _show(each: Sized, base: Sized) -> None:
    for name, cost in each.batches.items():
        first = base.batches[name]
        out.print(
            f"{each.size:>9,}  {name:<16} {cost.clock:8.1f} ms, of processors "
            f"{cost.processor:8.1f} ms   ratios {cost.clock / first.clock:5.2f} "
            f"{cost.processor / first.processor:5.2f}"
        )
    checked = each.checked
    if checked is None:
        return
    out.print(
        f"{each.size:>9,}  check took {checked.seconds:.1f} s, its longest statement "
        f"{checked.longest:.2f} s; memory {checked.memory} MB; disagreements "
        f"{sum(checked.disagreements.values())}"
    )
