"""Commands that keep a graph in order: link, remask, reembed, check, migrate, export-schema."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.background import finish_work
from api.services import open_database, open_services, settings_of
from graph import consistency
from graph.commands.linking import link_pending, pending_links
from graph.commands.spaces import activate_space, drop_space
from graph.consistency import Report
from graph.database import Database
from graph.domain.spaces import SpaceState
from graph.errors import ConfigurationError
from graph.migrations.runner import migrate as run_migrations
from graph.progress import Progress
from graph.queries.retention import counts
from graph.queries.spaces import active_space, spaces, texts_without_vector
from ingest.retention import check_products, end_retention
from scripts.console import DISAGREEMENTS, out, progress, result
from similarity.encoding import AsyncEncoder
from similarity.spaces import build_space, fill_space

Demo = Annotated[bool, typer.Option("--demo", help="On the demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def link(demo: Demo = False, json: Json = False) -> None:
    """Link complaints that wait for it (an import does it by itself)."""

    async def work() -> int:
        with progress(quiet=json) as shown:
            async with open_services(settings_of(demo=demo), shown) as services:
                linked = await services.pipeline.backlog.link_all(shown)
                await services.pipeline.backlog.escalate_all(shown)
                return linked

    result({"linked": asyncio.run(work())}, as_json=json)


def remask(demo: Demo = False, json: Json = False) -> None:
    """Mask texts again that an older version of masking has made, and link what has changed.

    It can be stopped and started again; the service may run beside it.
    """

    async def work() -> dict[str, object]:
        with progress(quiet=json) as shown:
            async with open_services(settings_of(demo=demo), shown) as services:
                report = await services.pipeline.remasker.run(shown)
                await services.pipeline.backlog.drain(shown)
                return {**asdict(report), "version": services.preparer.masker.version}

    result(asyncio.run(work()), as_json=json)


def sweep(demo: Demo = False, json: Json = False) -> None:
    """Find cases due soon or overdue, and what the rules say of them (the service does it too)."""

    async def work() -> dict[str, int]:
        with progress(quiet=json) as shown:
            async with open_services(settings_of(demo=demo), shown) as services:
                return await services.desk.sweep()

    result(asyncio.run(work()), as_json=json)


def watch(demo: Demo = False, json: Json = False) -> None:
    """Look through the last year for surges, growing causes and new topics, and propose issues
    (the service does it too, every hour).
    """

    async def work() -> dict[str, int]:
        with progress(quiet=json) as shown:
            async with open_services(settings_of(demo=demo), shown) as services:
                return (await services.watcher.update()).as_dict()

    result(asyncio.run(work()), as_json=json)


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be derived.")] = False,
    demo: Demo = False,
    json: Json = False,
) -> None:
    """Prove that relations, copied codes, events, vectors and links agree."""

    async def work() -> Report:
        settings = settings_of(demo=demo)
        limits = settings.intake.limits
        with progress(quiet=json) as shown:
            if not repair:
                async with open_database(settings, shown) as database:
                    return await consistency.check(database, limits=limits, progress=shown)
            async with open_services(settings, shown) as services:
                return await consistency.check(
                    services.database,
                    repair=True,
                    finish=lambda: finish_work(services, shown),
                    limits=limits,
                    progress=shown,
                )

    report = asyncio.run(work())
    if json:
        result(report.as_dict(), as_json=True)
    else:
        for finding in report.examples:
            out.print(f"{finding.kind:>12}  {finding.subject}  {finding.detail}")
        disagreements = sum(report.counts.values())
        out.print(
            f"{report.checked['complaints']:,} complaints checked, {disagreements} disagreements."
        )
    if not report.clean and not repair:
        raise typer.Exit(DISAGREEMENTS)


def migrate(demo: Demo = False, json: Json = False) -> None:
    """Bring the graph's constraints and indexes to this version (the service does it too)."""

    async def work() -> list[str]:
        with progress(quiet=json) as shown:
            async with open_database(settings_of(demo=demo), shown) as database:
                return await run_migrations(database)

    asyncio.run(work())
    result({"migrated": True}, as_json=json)


def export_schema() -> None:
    """Print the GraphQL schema as SDL."""
    from schema.export import sdl

    out.print(sdl(), end="")


def reembed(
    model: Annotated[
        str, typer.Option(help="The new model: a folder, a hub id or a bundled name.")
    ],
    demo: Demo = False,
    json: Json = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the old space's vectors and index.")
    ] = False,
) -> None:
    """Change the model: a second space is filled beside the first, then takes its place."""
    settings = settings_of(demo=demo)

    async def work() -> dict[str, object]:
        with progress(quiet=json) as shown:
            encoder = AsyncEncoder(settings.encoder_options(model), shown)
            try:
                await encoder.ready()
                # Not the services: they refuse a graph whose active space is another model's.
                async with open_database(settings, shown) as database:
                    facts = await change_space(database, encoder, shown)
                    if not keep:
                        await _drop_retired(database)
                    return facts
            finally:
                await encoder.close()

    facts = asyncio.run(work())
    result(facts, as_json=json)
    if facts["changed"] and not json:
        out.print(f"Start the service with COMPLAINT_GRAPH_ENCODER__MODEL={model} from now on.")


async def change_space(
    database: Database, encoder: AsyncEncoder, progress: Progress
) -> dict[str, object]:
    """Fill a space for the encoder's model beside the active one, then activate and link it.

    Searches are answered by the old space until the one write that activates the new one; what
    other processes register meanwhile they encode for both. Killed at any point, it goes on with
    the next call.
    """
    active = await active_space(database)
    if active is not None and active.name == encoder.name:
        return {"space": active.name, "encoded": 0, "changed": False}
    space = await build_space(database, encoder, SpaceState.BUILDING, progress=progress)
    encoded = await fill_space(database, space, encoder, progress=progress)
    while await texts_without_vector(database, space):
        encoded += await fill_space(database, space, encoder)
    await activate_space(database, space)
    done = 0
    while linked := await link_pending(database, space):
        done += linked
        progress("link", done, max(done, await pending_links(database) + done))
    return {"space": space.name, "encoded": encoded, "changed": True}


async def _drop_retired(database: Database) -> None:
    for space in await spaces(database):
        if space.state is SpaceState.RETIRED:
            await drop_space(database, space)


def retention(
    demo: Demo = False,
    json: Json = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Erase now what is due; the service does it every hour.")
    ] = False,
) -> None:
    """Show how many closed cases have been kept for as long as they are to be, by product."""
    settings = settings_of(demo=demo)
    terms = settings.retention_terms
    if not terms.used:
        raise ConfigurationError(
            "Nothing says how long closed cases are kept: set "
            "COMPLAINT_GRAPH_PRIVACY__RETENTION_DAYS or …__RETENTION_BY_PRODUCT."
        )

    async def shown() -> dict[str, object]:
        async with open_database(settings) as database:
            await check_products(database, terms)
            known = await counts(database, terms, datetime.now(UTC))
        return {
            "due": sum(known.values()),
            **{code or "no product": n for code, n in known.items()},
        }

    async def applied() -> dict[str, object]:
        with progress(quiet=json) as bars:
            async with open_services(settings, bars) as services:
                database, people = services.database, services.people
                return {"erased": await end_retention(database, people, terms, bars)}

    result(asyncio.run(applied() if apply else shown()), as_json=json)
