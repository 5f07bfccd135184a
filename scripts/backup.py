"""`complaint-graph backup` and `restore`: the embedded graph in one file, and back."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.backups import back_up
from api.backups import restore as restored_from
from api.services import settings_of
from scripts.console import DISAGREEMENTS, progress, result

File = Annotated[Path, typer.Argument(help="The archive, such as bank-2026-11-30.tar.gz.")]
Demo = Annotated[bool, typer.Option("--demo", help="The demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def backup(file: File, demo: Demo = False, json: Json = False) -> None:
    """Write the embedded graph to one file while the service runs; it stands still for the copy.

    The installation key is not in it: keep a copy elsewhere.
    """
    with progress(quiet=json) as shown:
        made = asyncio.run(back_up(settings_of(demo=demo), file, shown))
    facts = {
        "file": str(file),
        "megabytes": round(file.stat().st_size / 1e6, 1),
        "complaints": made.complaints,
        "position": made.position,
        "stoppedSeconds": made.stopped_seconds,
        "installationKey": made.key,
    }
    result(facts, as_json=json)


def restore(file: File, demo: Demo = False, json: Json = False) -> None:
    """Bring a backup into a data folder that has no graph, start it, and check all of it."""
    with progress(quiet=json) as shown:
        made = asyncio.run(restored_from(settings_of(demo=demo), file, shown))
    facts = {
        "taken": made.manifest.taken,
        "release": made.manifest.release,
        "complaints": made.complaints,
        "position": made.position,
        "missing": made.manifest.position - made.position,
        "disagreements": sum(made.report.counts.values()),
    }
    result(facts, as_json=json)
    if not made.report.clean or made.position != made.manifest.position:
        raise typer.Exit(DISAGREEMENTS)
