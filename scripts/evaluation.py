"""`complaint-graph evaluate`: how good the service's answers are, on labelled data."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from api.services import demo_settings, open_database, open_services
from api.settings import Neo4jSettings, Settings
from graph.domain.spaces import SpaceState
from graph.errors import InvalidInputError
from graph.queries.spaces import spaces
from ingest.demo import DemoOptions
from ingest.masking.evaluation import evaluate_masking
from scripts import group_events, recall, retrieval
from scripts.console import progress, result
from similarity.finder import SearchMode

app = typer.Typer(help="Quality on labelled data, by the service's own code.", no_args_is_help=True)
SEED = 1


@app.command("retrieval")
def evaluate_retrieval(
    pairs: Annotated[
        Path, typer.Option(help="TSV or TSV.gz: sentence1, sentence2, label (1: same meaning).")
    ],
    queries: Annotated[
        int | None, typer.Option(min=1, help="A sample of the positives; default: all.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """MRR@10, Recall@10 and latency of each search mode, in a throw-away graph."""
    labelled = retrieval.read_pairs(pairs)
    asked = retrieval.choose(labelled, queries, SEED)
    if not asked:
        raise InvalidInputError(f"{pairs} has no pair with the label 1 to be looked for.")

    async def work() -> dict[str, object]:
        with TemporaryDirectory(prefix="complaint-graph-") as folder, progress(quiet=json) as shown:
            settings = Settings.load().model_copy(
                update={"home": Path(folder), "neo4j": Neo4jSettings()}
            )
            async with open_services(settings, shown) as services:
                source = retrieval.SentenceSource(labelled.sentences, pairs)
                await services.importer.run(source, progress=shown, link=False)
                await services.weights.refresh()
                found, modes = {}, {}
                for mode in SearchMode:
                    ranks, times = await retrieval.ranks(services, labelled, mode, asked, shown)
                    found[mode] = ranks
                    modes[mode.value] = retrieval.summary(ranks, times)
                return {
                    "sentences": len(labelled.sentences),
                    "queries": len(asked),
                    "modes": modes,
                    "hybrid": retrieval.comparison(found, SEED),
                }

    result(asyncio.run(work()), as_json=json)


@app.command("masking")
def evaluate_masking_command(
    size: Annotated[int, typer.Option(min=1, help="Texts with planted personal data.")] = 500,
    seed: Annotated[int, typer.Option(help="Another seed makes other texts.")] = SEED,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """How much planted personal data is found, and how many ordinary numbers stay."""
    result(evaluate_masking(seed, size).as_json(), as_json=json)


@app.command("recall")
def evaluate_recall(
    sample: Annotated[int, typer.Option(min=10, help="Texts whose nearest are sought.")] = 300,
    demo: Annotated[bool, typer.Option("--demo", help="On the demo bank.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Recall@10 of the vector index on this graph, with filters that leave 100 % to 0.1 %."""
    settings = Settings.load()

    async def work() -> Mapping[str, object]:
        with progress(quiet=json) as shown:
            async with open_database(
                demo_settings(settings) if demo else settings, shown
            ) as database:
                active = [s for s in await spaces(database) if s.state is SpaceState.ACTIVE]
                if not active:
                    raise InvalidInputError("The graph has no texts yet: import some first.")
                now = datetime.now(UTC)
                return await recall.index_recall(database, active[0], sample, now, shown)

    result(asyncio.run(work()), as_json=json)


@app.command("escalation")
def evaluate_escalation(
    seeds: Annotated[str, typer.Option(help="Demo banks, by their seeds.")] = "1,2,3",
    size: Annotated[int, typer.Option(min=500, help="Complaints of each bank.")] = 1500,
    shuffles: Annotated[int, typer.Option(min=0, help="Shuffles of each bank's texts.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Whether planted group events are raised when complete, and how many false ones are."""
    try:
        chosen = [int(seed) for seed in seeds.split(",")]
    except ValueError as error:
        raise InvalidInputError(f"--seeds takes numbers such as 1,2,3, not {seeds!r}.") from error

    async def work() -> Mapping[str, object]:
        with TemporaryDirectory(prefix="complaint-graph-") as folder, progress(quiet=json) as shown:
            settings = Settings.load().model_copy(
                update={"home": Path(folder), "neo4j": Neo4jSettings()}
            )
            async with open_services(settings, shown) as services:
                banks = {}
                for seed in chosen:
                    options = DemoOptions(size, seed)
                    banks[str(seed)] = await group_events.measure(
                        services, options, shuffles, shown
                    )
                return group_events.summary(banks)

    result(asyncio.run(work()), as_json=json)
