"""`python -m benchmarks load`: a day of a bank in an hour."""

import asyncio
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from api.services import open_database, open_services
from api.settings import Neo4jSettings, Settings
from benchmarks.load.day import Day, bank_of, working
from benchmarks.load.disk import Disk
from benchmarks.load.faults import Faults
from benchmarks.load.ledger import Ledger, missing
from benchmarks.load.memory import Memory
from benchmarks.load.service import LEADS, SERVE, started
from graph.commands.waiting import Work, waiting_count
from graph.consistency import check, clusters
from graph.database import Database
from graph.progress import Progress
from ingest.demo import DemoOptions
from scripts.console import DISAGREEMENTS, progress, result
from scripts.demo import load_demo
from similarity.clusters import refit


async def measured(
    settings: Settings, day: Day, minutes: float, size: int, shown: Progress
) -> dict[str, Any]:
    ledger, random = Ledger(), Random(day.seed)  # noqa: S311 - no secret
    async with open_services(settings, shown) as services:
        await load_demo(services, shown, DemoOptions(size=size))
        await refit(services.database, services.book.active.space, datetime.now(UTC), shown)
        bank = await bank_of(services.database, services.keyring, day)
    async with open_database(settings, shown) as database:
        arguments = ("--workers", str(day.workers))
        with started(settings.home, {"HOME": str(settings.home)}, *arguments) as workers:
            await workers.until(lambda: workers.said(SERVE) == 1)
            memory = Memory(workers, settings.engine)
            faults = Faults(workers, day.workers, settings.engine, random)
            disk = Disk(settings.home, random)
            begun = time.perf_counter()
            watching = asyncio.create_task(memory.watch())
            async with working(workers, bank, day, ledger):
                ticking = asyncio.create_task(_ticks(ledger, minutes, shown))
                await asyncio.gather(
                    asyncio.sleep(60 * minutes),
                    faults.kill(day.kills, 60 * minutes),
                    disk.fill(day.full, 60 * minutes),
                )
                seconds = time.perf_counter() - begun
                for task in (watching, ticking):
                    task.cancel()
            await asyncio.gather(watching, ticking, return_exceptions=True)
            waited = await _drained(database)
            takeovers = workers.said(LEADS)
        report = await check(database, progress=shown)
        return {
            **asdict(day),
            "minutes": round(seconds / 60, 1),
            **ledger.summary(seconds),
            **memory.summary(),
            "killed": dict(faults.killed),
            "filled": disk.filled,
            "leaders": takeovers,
            "drainedSeconds": round(waited),
            "disagreements": report.counts,
            "examples": [asdict(each) for each in report.examples[:20]],
            "missing": await missing(database, ledger),
        }


async def _ticks(ledger: Ledger, minutes: float, shown: Progress) -> None:
    for second in range(round(60 * minutes)):
        shown(f"load, {sum(ledger.failures.values())} failed", second, round(60 * minutes))
        await asyncio.sleep(1)


async def _drained(database: Database) -> float:
    """Seconds until nothing waits any more, and no fit of clusters is half carried out."""
    begun = time.perf_counter()
    for work in Work:
        while await waiting_count(database, work, most=1):  # noqa: ASYNC110
            await asyncio.sleep(1)
    while await clusters.unfinished(database):  # noqa: ASYNC110
        await asyncio.sleep(1)
    return time.perf_counter() - begun


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long they work.")] = 60.0,
    size: Annotated[int, typer.Option(min=200, help="Complaints of the demo bank.")] = 6_000,
    handlers: Annotated[int, typer.Option(min=1, help="Handlers at once.")] = 50,
    analysts: Annotated[int, typer.Option(min=0, help="Analysts at once.")] = 10,
    senders: Annotated[int, typer.Option(min=0, help="Programs that send files at once.")] = 5,
    reading: Annotated[
        float, typer.Option(min=0, help="Seconds that a handler reads an answer, mean.")
    ] = 20.0,
    workers: Annotated[int, typer.Option(min=2, help="Processes that answer.")] = 2,
    kills: Annotated[int, typer.Option(min=0, help="Processes killed meanwhile.")] = 0,
    full: Annotated[
        int, typer.Option(min=0, help="How often the file system of --home is full meanwhile.")
    ] = 0,
    home: Annotated[
        Path | None, typer.Option(help="An empty data folder; default: one that is removed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another day.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """A bank's day in an hour, and whether all that was answered is there afterwards.

    Ends with exit code 4 where an answer was lost, doubled or an error.
    """
    day = Day(handlers, analysts, senders, reading, workers, kills, full, seed)

    async def work() -> dict[str, Any]:
        with TemporaryDirectory(prefix="load-") as folder, progress(quiet=json) as shown:
            update = {"home": home or Path(folder), "neo4j": Neo4jSettings()}
            settings = Settings.load().model_copy(update=update)
            if full:
                Disk(settings.home, Random(seed)).check()  # noqa: S311 - no secret
            return await measured(settings, day, minutes, size, shown)

    figures = asyncio.run(work())
    result(figures, as_json=json)
    if figures["failed"] or figures["disagreements"] or any(figures["missing"].values()):
        raise typer.Exit(DISAGREEMENTS)
