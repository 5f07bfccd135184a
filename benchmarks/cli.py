"""`python -m benchmarks`: the command line."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from api.services import demo_settings, open_database, open_services
from api.settings import Neo4jSettings, Settings
from benchmarks import (
    access_log,
    analyses,
    backlog,
    beside,
    cluster_evaluation,
    console,
    facts,
    group_events,
    natures,
    precedents,
    reach,
    recall,
    registrations,
    remasking,
    retrieval,
    speed,
    text_rules,
)
from benchmarks.classification.comparison import show_comparison
from benchmarks.classification.evaluation import evaluate_stories, read_stories, unseen
from benchmarks.load import command as load
from benchmarks.masking import evaluate_masking
from benchmarks.operations import command as operations
from graph.errors import InvalidInputError
from graph.queries.spaces import active_space
from ingest.classification.features import Vectors
from ingest.demo import DemoOptions, DemoSource
from ingest.masking import Masker
from ingest.sources import cfpb
from scripts.classification import show_figures
from scripts.console import out, progress, result
from similarity import adapting
from similarity.encoding import AsyncEncoder, adapted, centre, learn_adapter, sample_texts
from similarity.finder import SearchMode

app = typer.Typer(
    name="benchmarks",
    help="Speed, and quality on labelled data, by the service's own code.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("speed")(speed.main)
app.command("access-log")(access_log.main)
app.command("reach")(reach.main)
app.command("analyses")(analyses.main)
app.command("backlog")(backlog.main)
app.command("beside")(beside.main)
app.command("console")(console.main)
app.command("load")(load.main)
app.command("operations")(operations.main)
app.command("registrations")(registrations.main)
app.command("remasking")(remasking.main)
app.command("natures")(natures.main)
app.command("rules")(text_rules.main)
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
                results, modes = {}, {}
                for mode in SearchMode:
                    ranks, times = await retrieval.ranks(services, labelled, mode, asked, shown)
                    results[mode] = ranks
                    modes[mode.value] = retrieval.summary(ranks, times)
                return {
                    "sentences": len(labelled.sentences),
                    "queries": len(asked),
                    "modes": modes,
                    "hybrid": retrieval.comparison(results, SEED),
                }

    result(asyncio.run(work()), as_json=json)


@app.command("adapting")
def evaluate_adapting(
    pairs: Annotated[
        Path, typer.Option(help="TSV or TSV.gz: sentence1, sentence2, label (1: same meaning).")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Likeness learnt from half of the pairs and tried on the other half, both ways."""
    labelled = retrieval.read_pairs(pairs)
    positives = np.array(labelled.positives, dtype=np.int64)

    async def work() -> dict[str, object]:
        with progress(quiet=json) as shown:
            encoder = AsyncEncoder(Settings.load().encoder_options(), shown)
            try:
                rows = await encoder.encode(list(labelled.sentences), shown)
            finally:
                await encoder.close()
        one, other = adapting.halves(positives)
        nothing = np.empty((0, 3), dtype=np.int64)
        trials: dict[str, object] = {}
        for name, known, asked in (("firstTeaches", one, other), ("secondTeaches", other, one)):
            turned = adapted(rows, learn_adapter(rows, known, nothing))
            trials[name] = asdict(adapting.tried(rows, turned, asked))
        return trials

    result(asyncio.run(work()), as_json=json)


@app.command("precedents")
def evaluate_precedents(
    size: Annotated[int, typer.Option(help="Complaints of the demo bank.")] = 1500,
    asked: Annotated[int, typer.Option(help="Lists of precedents.")] = 300,
    agreement: Annotated[
        str, typer.Option(help="Weights of type and product; the last is held against the first.")
    ] = "0,0.1,0.2,0.3,0.5",
    seed: Annotated[int, typer.Option(help="Of the bank and of what is asked.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Whether the first precedents are of the same subject, by the truth of a demo bank."""
    options = DemoOptions(size=size, seed=seed)

    async def work() -> dict[str, object]:
        with TemporaryDirectory(prefix="complaint-graph-") as folder, progress(quiet=json) as shown:
            settings = Settings.load().model_copy(
                update={"home": Path(folder), "neo4j": Neo4jSettings()}
            )
            async with open_services(settings, shown) as services:
                await services.importer.run(DemoSource(options), progress=shown)
                await services.weights.refresh()
                weights = [float(weight) for weight in agreement.split(",")]
                return await precedents.evaluate(services, options, weights, asked, seed, shown)

    result(asyncio.run(work()), as_json=json)


class FileFormat(StrEnum):
    """The formats of labelled files."""

    CFPB = "cfpb"


@app.command("classification")
def evaluate_classification(
    train: Annotated[Path, typer.Option(help="The file to learn from.")],
    test: Annotated[Path, typer.Option(help="The file to try on; rows of both are only learnt.")],
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="cfpb: the product families of its narratives.")
    ] = FileFormat.CFPB,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Accuracy, coverage and calibration of a classifier of one file on another."""
    settings = Settings.load()
    now = datetime.now(UTC)
    readers = {FileFormat.CFPB: lambda path: cfpb(path, settings.intake.zone, now)}
    sources = [readers[file_format](path) for path in (train, test)]

    async def work() -> dict[str, object]:
        with progress(quiet=json) as shown:
            known, data = (read_stories(source, Masker(), shown) for source in sources)
            asked = unseen(known.rows, data.rows)
            encoder = AsyncEncoder(settings.encoder_options(), shown)

            async def encode(texts: Sequence[str]) -> Vectors:
                return await encoder.encode(texts, shown)

            try:
                facts = await evaluate_stories(known.rows, asked, encode, now, shown)
            finally:
                await encoder.close()
            left = {"alsoLearnt": len(data.rows) - len(asked), "noFamily": data.without_family}
            return {**facts, "leftOut": left}

    facts = asyncio.run(work())
    if json:
        result(facts, as_json=True)
        return
    out.print(f"{'learnt from':>28}  {facts['trained']} narratives, tried on {facts['tested']}")
    show_figures(facts)
    show_comparison(facts)


class ClusterFormat(StrEnum):
    """The formats of files with known matters."""

    CFPB = "cfpb"
    TABLE = "table"


@app.command("clusters")
def evaluate_clusters(
    file: Annotated[Path, typer.Argument(help="Labelled complaints with narratives.")],
    file_format: Annotated[
        ClusterFormat,
        typer.Option(
            "--format",
            help="cfpb: 'Product | Issue' of its narratives; table: any CSV or TSV, with --text "
            "and --label.",
        ),
    ] = ClusterFormat.CFPB,
    text: Annotated[str | None, typer.Option(help="The column of a table's texts.")] = None,
    label: Annotated[str | None, typer.Option(help="The column of their labels.")] = None,
    most: Annotated[
        int | None, typer.Option(min=10, help="So many rows of a table at most, drawn at random.")
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option(help="A .npy file that keeps the vectors, so that another run is quick."),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="Runs of the recipe, which chance decides.")
    ] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """NMI against labels, beside BERTopic's recipe (with umap-learn), time and stability."""
    settings = Settings.load()
    columns = None
    if file_format is ClusterFormat.TABLE:
        if text is None or label is None:
            raise InvalidInputError("--format table needs the columns: --text NAME --label NAME.")
        columns = (text, label)

    async def work() -> Mapping[str, object]:
        with progress(quiet=json) as shown:
            if columns is None:
                source = cfpb(file, settings.intake.zone, datetime.now(UTC))
                rows = cluster_evaluation.read_labelled(source, Masker(), shown)
            else:
                rows = cluster_evaluation.read_table(file, columns, most, Masker())
            encoder = AsyncEncoder(settings.encoder_options(), shown)
            try:
                match = await cluster_evaluation.encoded(rows, encoder, vectors, shown)
                middle = centre(await encoder.encode(sample_texts()))
            finally:
                await encoder.close()
            return cluster_evaluation.evaluate(rows, match, middle, shown, seeds=seeds)

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
                space = await active_space(database)
                if space is None:
                    raise InvalidInputError("The graph has no texts yet: import some first.")
                now = datetime.now(UTC)
                return await recall.index_recall(database, space, sample, now, shown)

    result(asyncio.run(work()), as_json=json)


@app.command("escalation")
def evaluate_escalation(
    seeds: Annotated[str, typer.Option(help="Demo banks, by their seeds.")] = "1,2,3",
    size: Annotated[int, typer.Option(min=500, help="Complaints of each bank.")] = 1500,
    shuffles: Annotated[int, typer.Option(min=0, help="Shuffles of each bank's texts.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Whether planted group events are raised when complete, and how many false ones are."""
    chosen = _numbers(seeds)

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


@app.command("facts")
def evaluate_facts(
    seeds: Annotated[str, typer.Option(help="Demo banks, by their seeds.")] = "1,2,3",
    size: Annotated[int, typer.Option(min=500, help="Complaints of each bank.")] = 6000,
    planted: Annotated[
        bool, typer.Option(help="With facts to find; without, all that is raised is false.")
    ] = True,
    texts: Annotated[
        bool,
        typer.Option(
            help="Encode the texts: group events, repeats and new topics stand on them. Banks "
            "without facts draw theirs from the first one's."
        ),
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Whether analysts are shown the facts planted in demo banks, and what else is raised."""
    chosen = _numbers(seeds)

    async def work() -> Mapping[str, object]:
        with TemporaryDirectory(prefix="complaint-graph-") as folder, progress(quiet=json) as shown:
            settings = Settings.load().model_copy(
                update={"home": Path(folder), "neo4j": Neo4jSettings()}
            )
            async with open_services(settings, shown) as services:
                measurer = facts.Measurer(services, shown, texts=texts)
                return facts.summary(
                    {
                        str(seed): await measurer.measure(DemoOptions(size, seed, planted))
                        for seed in chosen
                    }
                )

    result(asyncio.run(work()), as_json=json)


def _numbers(seeds: str) -> list[int]:
    try:
        return [int(seed) for seed in seeds.split(",")]
    except ValueError as error:
        raise InvalidInputError(f"--seeds takes numbers such as 1,2,3, not {seeds!r}.") from error
