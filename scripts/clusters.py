"""`complaint-graph cluster`: divide all complaints into root-cause clusters anew."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.services import demo_settings, open_database
from api.settings import Settings
from graph.commands.leases import lease
from graph.errors import ConflictError, InvalidInputError
from graph.queries.spaces import active_space
from scripts.console import out, progress, result
from similarity.clusters import Refit, refit
from similarity.refitting import LEASE

#: Clusters that are shown after a refit.
_SHOWN = 20


def cluster(
    demo: Annotated[bool, typer.Option("--demo", help="On the demo bank.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Divide all complaints with a text into clusters anew, starting from those of before."""
    settings = Settings.load()

    async def work() -> Refit:
        with progress(quiet=json) as shown:
            async with open_database(
                demo_settings(settings) if demo else settings, shown
            ) as database:
                space = await active_space(database)
                if space is None:
                    raise InvalidInputError("The graph has no texts yet: import some first.")
                async with lease(database, LEASE) as held:
                    if not held:
                        raise ConflictError(
                            "Another process divides the complaints at this moment: wait until it "
                            "has finished, then nothing may be left to do."
                        )
                    return await refit(database, space, datetime.now(UTC), shown)

    match = asyncio.run(work())
    result(match.as_dict(), as_json=json)
    if not json:
        for each in match.fit.clusters[:_SHOWN]:
            out.print(f"{each.size:>8,}  {each.cohesion:.2f}  {each.label}")
