"""`complaint-graph train`: learn from confirmed complaints and known pairs, or go back."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from api.services import classifiers, demo_settings, open_database, open_services
from api.settings import Settings
from graph.errors import InvalidInputError
from graph.queries.spaces import active_space
from ingest.classification.confirmed import learn_all, read_labelled
from ingest.classification.files import ClassifierFiles, VersionInfo
from ingest.classification.model import Classifier
from scripts.classification import show_figures
from scripts.console import out, progress, result
from similarity import adapting

app = typer.Typer()


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    use: Annotated[
        str | None, typer.Option(help="Learn nothing; put this version in use again.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the versions there are.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="On the demo bank.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Learn from the labelled complaints, say how well on the newest ones, and put it in use."""
    if context.invoked_subcommand is not None:
        return
    settings = demo_settings(Settings.load()) if demo else Settings.load()
    files = ClassifierFiles(classifiers(settings))
    if use is not None:
        files.use(use)
        result({"inUse": use}, as_json=json)
    elif listed:
        _show_versions(files.versions(), as_json=json)
    else:
        learnt = asyncio.run(_learn(settings, quiet=json))
        files.save(learnt)
        files.use(learnt.version)
        _show(learnt, as_json=json)


@app.command("similarity")
def train_similarity(
    back: Annotated[
        bool, typer.Option("--back", help="Learn nothing; go back to the encoder's own likeness.")
    ] = False,
    demo: Annotated[bool, typer.Option("--demo", help="On the demo bank.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Learn likeness from pairs that are known to be alike, and use it if it is better.

    Pairs are complaints filed again, of one group event, or rated useful as precedents. It is
    tried on half of them; the service may run beside it.
    """
    settings = demo_settings(Settings.load()) if demo else Settings.load()

    async def work() -> dict[str, object]:
        with progress(quiet=json) as shown:
            async with open_services(settings, shown) as services:
                database, encoder = services.database, services.encoder
                if back:
                    answer: dict[str, object] = {
                        "activated": await adapting.forget_similarity(database, encoder)
                    }
                else:
                    learnt = await adapting.learn_similarity(database, encoder, shown)
                    answer = adapting.facts(learnt)
                if answer["activated"]:
                    await services.book.refresh()
                    await services.pipeline.backlog.drain(shown)
                return answer

    result(asyncio.run(work()), as_json=json)


async def _learn(settings: Settings, *, quiet: bool) -> Classifier:
    with progress(quiet=quiet) as shown:
        async with open_database(settings, shown) as database:
            space = await active_space(database)
            if space is None:
                raise InvalidInputError("The graph has no texts yet: import some first.")
            rows = await read_labelled(database, space, shown)
            return learn_all(rows, space.encoder, datetime.now(UTC), shown)


def _show(learnt: Classifier, *, as_json: bool) -> None:
    facts = {"version": learnt.version, "inUse": True, **learnt.report}
    if as_json:
        result(facts, as_json=True)
        return
    out.print(
        f"{learnt.version} is in use, learnt from {facts['complaints']} complaints "
        f"({facts['confirmed']} confirmed by a person)."
    )
    for name, results in facts["dimensions"].items():
        out.print(f"\n{name}: {results['labels']} labels")
        if not results["classesLearnt"]:
            out.print("  too few to learn from: rules and alike complaints tell instead")
        elif results["onNewest"] is None:
            out.print("  learnt, but the older complaints alone were too few for a trial")
        else:
            out.print(f"  a model of the older ones, on the newest {results['onNewest']['rows']}:")
            show_figures(results["onNewest"])


def _show_versions(results: list[VersionInfo], *, as_json: bool) -> None:
    if as_json:
        versions = [
            {
                "version": each.version,
                "trainedAt": each.trained_at.isoformat(),
                "inUse": each.in_use,
                "report": dict(each.report),
            }
            for each in results
        ]
        result({"versions": versions}, as_json=True)
        return
    table = Table(
        "version", "in use", "complaints", *("accuracy of " + name for name in _names(results))
    )
    for each in results:
        tried = [each.report["dimensions"][name]["onNewest"] for name in _names(results)]
        table.add_row(
            each.version,
            "yes" if each.in_use else "",
            str(each.report["complaints"]),
            *("-" if facts is None else f"{facts['accuracy']:.3f}" for facts in tried),
        )
    out.print(table)


def _names(results: list[VersionInfo]) -> list[str]:
    return list(results[0].report["dimensions"]) if results else []
