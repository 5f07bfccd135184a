"""Whether the desk goes on beside analysts: the same requests alone and while others analyse, in
turns: `python -m benchmarks beside`.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from api.services import Services, access_sealer, open_services
from api.settings import Settings
from benchmarks.access_log import DESK, Unrecorded
from graph.domain.access import LOCAL, Identity
from ingest.demo import DemoOptions
from schema.analyses import TurnOptions, Turns
from schema.build import Schema, build_schema
from schema.execution import context_for
from schema.ids import NodeKind, global_id
from schema.limits import Limits
from scripts.console import progress, result
from scripts.demo import load_demo

_HOTSPOTS = "{ hotspots(first: 5) { count } }"
_IDS = "MATCH (c:Complaint) RETURN c.id AS id ORDER BY c.id"
#: Whatever it costs: that documents are bounded is another matter.
_FREE = Limits(cost=10**9)


@dataclass(frozen=True, slots=True)
class Beside:
    """Medians of a desk request in milliseconds, and their ratio; analyses ended meanwhile."""

    analysts: int
    at_once: int
    alone_milliseconds: float
    beside_milliseconds: float
    ratio: float
    analyses: int


@dataclass
class _Desk:
    """Somebody at the desk, and the cases that are opened one after the other."""

    services: Services
    schema: Schema
    ids: Sequence[str]

    async def times(self) -> list[float]:
        """Seconds that each request took."""
        taken = []
        for identity in self.ids:
            started = time.perf_counter()
            await self.asked(LOCAL, DESK, id=global_id(NodeKind.COMPLAINT, identity))
            taken.append(time.perf_counter() - started)
        return taken

    async def asked(self, identity: Identity, document: str, **variables: Any) -> Any:
        answer = await self.schema.execute(
            document, variable_values=variables, context_value=context_for(self.services, identity)
        )
        assert not answer.errors, answer.errors
        return answer.data


async def measured(
    services: Services, options: TurnOptions, analysts: int, pairs: int, requests: int
) -> Beside:
    """Without the access log, whose cost has a benchmark of its own."""
    quiet = Unrecorded(services.database, access_sealer(services.keyring))
    services = replace(services, recorder=quiet, turns=Turns(options))
    ids = [row["id"] for row in await services.database.read(_IDS)]
    chance = Random(pairs)  # noqa: S311 - no secret
    desk = _Desk(services, build_schema(limits=_FREE), chance.choices(ids, k=requests))
    await desk.times()  # the first time finds cold caches
    alone: list[float] = []
    beside: list[float] = []
    ended = itertools.count()

    async def analyse(number: int) -> None:
        while True:
            await desk.asked(replace(LOCAL, actor=f"analyst-{number}"), _HOTSPOTS)
            next(ended)

    for _ in range(pairs):
        alone += await desk.times()
        analysing = [asyncio.create_task(analyse(number)) for number in range(analysts)]
        await asyncio.sleep(0.1)  # until they are at it
        beside += await desk.times()
        for task in analysing:
            task.cancel()
        for failed in await asyncio.gather(*analysing, return_exceptions=True):
            if isinstance(failed, Exception):
                raise failed
    medians = [1000 * statistics.median(each) for each in (alone, beside)]
    return Beside(
        analysts,
        options.most,
        round(medians[0], 1),
        round(medians[1], 1),
        round(medians[1] / medians[0], 2),
        next(ended),
    )


def main(
    size: Annotated[int, typer.Option(min=100, help="Complaints of the demo bank.")] = 3_000,
    analysts: Annotated[
        int, typer.Option(min=1, help="Analysts, one hotspots after the other.")
    ] = 8,
    at_once: Annotated[int, typer.Option(min=1, help="Analyses at once, as set by default.")] = 2,
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of rounds, alone and beside.")] = 5,
    requests: Annotated[int, typer.Option(min=1, help="Desk requests of a round.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Open cases alone and beside analysts, with turns and without them."""

    async def work() -> list[Beside]:
        with TemporaryDirectory(prefix="beside-") as home, progress(quiet=json) as shown:
            async with open_services(Settings.load(home=Path(home)), shown) as services:
                await load_demo(services, shown, DemoOptions(size=size))
                return [
                    await measured(services, TurnOptions(most, 600), analysts, pairs, requests)
                    for most in (at_once, analysts)
                ]

    result({"runs": [asdict(each) for each in asyncio.run(work())]}, as_json=json)
