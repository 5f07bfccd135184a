"""`complaint-graph cluster`: divide all complaints into root-cause clusters anew."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.services import demo_settings, open_database
from api.settings import Settings
from scripts.console import out, progress, result
from similarity.clusters import Refit
from similarity.refitting import refit_now

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
                return await refit_now(database, datetime.now(UTC), shown)

    match = asyncio.run(work())
    result(match.as_dict(), as_json=json)
    if not json:
        for each in match.fit.clusters[:_SHOWN]:
            out.print(f"{each.size:>8,}  {each.cohesion:.2f}  {each.label}")
