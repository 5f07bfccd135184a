"""`python -m benchmarks operations`: many random operations of one role."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from api.services import Services, open_services
from api.settings import Settings
from benchmarks.operations.bank import bank_records, encoded, store_and_link
from benchmarks.operations.borders import Borders, borders_of
from benchmarks.operations.running import Figures, Runner
from graph.commands.rows import Prepared
from graph.domain.access import Role
from graph.errors import ConfigurationError
from graph.progress import Progress
from scripts.console import DISAGREEMENTS, progress, result

# Less what an open service keeps of itself: its space and its chain of the access log.
_EMPTY = """
CYPHER 25
MATCH (n)
WHERE NOT n:Migration|EmbeddingSpace|AccessLog|AccessSegment|AccessRecord|Lease
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS
"""


class Banks:
    """Makes the bank, as often as it is wanted; its texts are encoded once."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._prepared: list[Prepared] = []

    async def make(self) -> Borders:
        services, records = self.services, bank_records()
        await services.database.run(_EMPTY)
        if not self._prepared:
            self._prepared = await encoded(services, records)
        await store_and_link(services, self._prepared, records)
        made = await borders_of(services)
        await services.size.refresh()
        return made


async def run(
    services: Services, role: Role, seed: int, numbers: range, anew: int, shown: Progress
) -> Figures:
    """``anew``: operations after which the bank is made anew.

    Raises:
        ConfigurationError: the graph is somebody's.
    """
    rows = await services.database.read("MATCH (c:Complaint) RETURN count(*) AS n")
    if rows[0]["n"]:
        raise ConfigurationError("This graph holds complaints, and would be emptied: name another.")
    banks = Banks(services)
    runner: Runner | None = None
    for start in range(numbers.start, numbers.stop, anew):
        made = await banks.make()
        if runner is None:
            runner = Runner(made, role, seed)
        runner.stand_on(made)

        def report(task: str, done: int, _total: int | None, before: int = start) -> None:
            shown(task, before - numbers.start + done, len(numbers))

        await runner.run(range(start, min(start + anew, numbers.stop)), report)
    await services.database.run(_EMPTY)
    return runner.figures if runner else Figures()


def summary(figures: Figures, numbers: range) -> dict[str, Any]:
    return {
        "operations": figures.operations,
        "answered": figures.answered,
        "changed": figures.changed,
        "errorsByCode": dict(figures.codes.most_common()),
        "leaks": figures.found["leak"],
        "internal": figures.found["internal"],
        "crashes": figures.found["crash"],
        "seconds": round(figures.seconds, 1),
        "operationsPerSecond": round(figures.operations / max(figures.seconds, 0.001), 1),
        "nextOffset": numbers.stop,
        "findings": [asdict(each) for each in figures.findings],
    }


def main(
    role: Annotated[Role, typer.Option(help="As people of which role.")] = Role.HANDLER,
    count: Annotated[int, typer.Option(min=1, help="How many operations.")] = 1_000,
    seed: Annotated[int, typer.Option(help="Another seed draws other operations.")] = 1,
    offset: Annotated[int, typer.Option(min=0, help="Of the first; to go on later.")] = 0,
    anew: Annotated[
        int, typer.Option(min=100, help="Operations after which the bank is made anew.")
    ] = 2_000,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Random operations over the schema: nothing beyond reach, no INTERNAL, no exception.

    Ends with exit code 4 if there was one.
    """
    numbers = range(offset, offset + count)

    async def work() -> Figures:
        with TemporaryDirectory(prefix="operations-") as home, progress(quiet=json) as shown:
            async with open_services(Settings.load(home=Path(home)), shown) as services:
                return await run(services, role, seed, numbers, anew, shown)

    figures = asyncio.run(work())
    result(summary(figures, numbers), as_json=json)
    if figures.found:
        raise typer.Exit(DISAGREEMENTS)
