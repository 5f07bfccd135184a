"""`complaint-graph demo`: the demo bank, in a data folder of its own."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from api.services import Services, demo_settings, open_services
from api.settings import Settings
from graph.commands.catalogue import ensure_catalogue
from graph.commands.remediations import plan_remediation
from graph.commands.removal import remove_source
from graph.domain.periods import midnight
from graph.domain.remediations import Plan
from graph.errors import ConfigurationError
from graph.progress import Progress, silent
from graph.queries import remediations
from graph.queries.sources import source_systems
from ingest.demo import SYSTEM, DemoOptions, DemoSource, catalogue, planted_facts
from schema.registration import OWN_SYSTEM
from scripts.console import progress, result


def demo(
    size: Annotated[int, typer.Option(min=10, help="Complaints, spread over two years.")] = 1500,
    seed: Annotated[int, typer.Option(help="Another seed makes another bank.")] = 1,
    planted: Annotated[
        Literal["all", "none"], typer.Option(help="Whether analysis has facts to find.")
    ] = "all",
    remove: Annotated[bool, typer.Option("--remove", help="Take the demo bank away.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Load the demo bank (`serve --demo` serves it and loads it by itself)."""
    options = DemoOptions(size=size, seed=seed, planted=planted == "all")

    async def work() -> dict[str, object]:
        with progress(quiet=json) as shown:
            async with open_services(demo_settings(Settings.load()), shown) as services:
                if remove:
                    return {"removed": await remove_source(services.database, SYSTEM, shown)}
                return await load_demo(services, shown, options)

    result(asyncio.run(work()), as_json=json)


async def load_demo(
    services: Services, shown: Progress = silent, options: DemoOptions | None = None
) -> dict[str, object]:
    """Load the bank unless a demo bank is there already and none was asked for by its options.

    Raises:
        ConfigurationError: the graph holds another source's complaints.
    """
    systems = await source_systems(services.database)
    others = sorted(set(systems) - {SYSTEM, OWN_SYSTEM})
    if others:
        raise ConfigurationError(
            f"This graph holds complaints of {', '.join(others)}: the demo bank never mixes with "
            "them. Unset COMPLAINT_GRAPH_NEO4J__URI, or choose an empty database."
        )
    if options is None and SYSTEM in systems:
        return {"loaded": 0}
    chosen = options or DemoOptions()
    await ensure_catalogue(services.database, catalogue(chosen))
    report = await services.importer.run(DemoSource(chosen), progress=shown)
    await _plan_remediations(services, chosen)
    await services.weights.refresh()
    await services.watcher.update()
    return asdict(report)


async def _plan_remediations(services: Services, options: DemoOptions) -> None:
    """Put the fixes on record that the bank is planted with: one worked, one did not."""
    if not options.planted or await remediations.count(services.database, None):
        return
    for fact in planted_facts(options):
        if fact.completed is None:
            continue
        done = midnight(fact.completed, services.zone)
        plan = Plan(title=fact.title_zh.partition("：")[0], cause=fact.causes[0], completed_at=done)
        await plan_remediation(services.database, plan, actor=SYSTEM, now=datetime.now(UTC))
