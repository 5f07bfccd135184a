"""One person's data: export, erase, legal hold; and the numbers that too many people share."""

import asyncio
import json as jsons
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from api.services import Services, open_database, open_services, settings_of
from graph.queries.find import shared_identifiers
from scripts.console import out, progress, result

HELP = "One person's data: export, erase, hold."

app = typer.Typer(help=HELP, no_args_is_help=True)

Of = Annotated[
    Path | None,
    typer.Option(
        "--of",
        help="A file with the person's number or a case's reference; - for standard input. Left "
        "out: you are asked. (Not an argument: those are seen by others and kept by shells.)",
    ),
]
Demo = Annotated[bool, typer.Option("--demo", help="On the demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Note = Annotated[str, typer.Option("--note", help="Why; masked, and kept with the events.")]

_LISTED = 1_000
T = TypeVar("T")


@app.command()
def export(
    of: Of = None,
    to: Annotated[Path | None, typer.Option(help="Where to write; left out: printed.")] = None,
    demo: Demo = False,
) -> None:
    """Everything that is held of a person, as JSON."""

    async def work(services: Services, complaints: Sequence[str]) -> object:
        return await services.people.export(complaints)

    text = jsons.dumps(_with_person(of, demo, work), ensure_ascii=False, indent=2)
    if to is None:
        sys.stdout.write(text + "\n")
    else:
        _write(to, text + "\n")


@app.command()
def erase(
    note: Note,
    of: Of = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
    scrubbed: Annotated[
        bool,
        typer.Option(
            "--scrub/--no-scrub",
            help="Write over the freed places of the store's files, and prune its log.",
        ),
    ] = True,
    demo: Demo = False,
    json: Json = False,
) -> None:
    """Erase a person for good; cases, figures and the chain of events stay."""

    async def work(services: Services, complaints: Sequence[str]) -> int:
        if not yes:
            question = f"Erase the person of {len(complaints)} complaints for good?"
            typer.confirm(question, abort=True, err=True)
        correction = await services.corrections.correction("command", note, None)
        return await services.people.erase(complaints, correction, scrubbed=scrubbed)

    result({"erased": _with_person(of, demo, work)}, as_json=json)


@app.command()
def hold(
    note: Note,
    of: Of = None,
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold.")] = False,
    demo: Demo = False,
    json: Json = False,
) -> None:
    """Set a legal hold on a person's data, or lift it: held data cannot be erased."""

    async def work(services: Services, complaints: Sequence[str]) -> int:
        correction = await services.corrections.correction("command", note, None)
        return await services.people.hold(complaints, correction, held=not lift)

    done = _with_person(of, demo, work)
    result({"lifted" if lift else "held": done}, as_json=json)


@app.command()
def shared(demo: Demo = False, json: Json = False) -> None:
    """List identifiers that no longer join complaints, for too many people file under them."""

    async def work() -> list[dict[str, object]]:
        with progress(quiet=json) as shown:
            async with open_database(settings_of(demo=demo), shown) as database:
                return await shared_identifiers(database, _LISTED)

    results = asyncio.run(work())
    if json:
        result({"shared": results}, as_json=True)
        return
    for each in results:
        out.print(f"{each['kind']:>10}  {each['hash']}  {each['complaints']:,} complaints")
    out.print(f"{len(results)} identifiers join nobody.")


def _write(path: Path, text: str) -> None:
    """For nobody else on the machine to read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def _with_person(
    of: Path | None, demo: bool, work: Callable[[Services, Sequence[str]], Awaitable[T]]
) -> T:
    """Ask whose data is meant, find the complaints, do the work."""
    text = _asked(of)

    async def run() -> T:
        with progress(quiet=True) as shown:
            async with open_services(settings_of(demo=demo), shown) as services:
                return await work(services, await services.people.of_text(text))

    return asyncio.run(run())


def _asked(of: Path | None) -> str:
    if of is None:
        return str(
            typer.prompt("The person's number, or a case's reference", hide_input=True, err=True)
        )
    if str(of) == "-":
        return sys.stdin.read().strip()
    return of.read_text("utf-8").strip()
