"""`complaint-graph import`: complaints from files."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.services import open_services
from api.settings import Settings
from ingest.importer import ImportReport
from ingest.sources import CheckReport, Source, cfpb, check, load_mapping, table
from scripts.console import FAILED, PARTLY_REJECTED, out, progress, result, show_error

app = typer.Typer(help="Bring complaints into the graph.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The file; .gz and .zip are read as they are.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Rejects = Annotated[
    Path | None, typer.Option(help="Where rows that cannot be taken go; default: the data folder.")
]


@app.command("cfpb")
def import_cfpb(file: File, json: Json = False, rejects: Rejects = None) -> None:
    """The CFPB's public complaints: csv, or the JSON of its API."""
    settings = Settings.load()
    now = datetime.now(UTC)
    _run(settings, lambda: cfpb(file, settings.intake.zone, now), rejects, as_json=json)


@app.command("table")
def import_table(
    file: File,
    mapping: Annotated[
        str, typer.Option(help="A mapping file (TOML), or the name of one that is shipped.")
    ],
    only_check: Annotated[
        bool, typer.Option("--check", help="Only show the first rows as they would be loaded.")
    ] = False,
    rows: Annotated[int, typer.Option(help="Rows that --check shows.")] = 10,
    json: Json = False,
    rejects: Rejects = None,
) -> None:
    """Any CSV, TSV, JSON lines or XLSX, read by a mapping file (docs/import.md)."""
    settings = Settings.load()
    result = load_mapping(mapping)
    now = datetime.now(UTC)

    def source() -> Source:
        return table(file, result, settings.intake.zone, now)

    if only_check:
        _show(source(), rows, as_json=json)
        return
    _run(settings, source, rejects, as_json=json)


def _run(
    settings: Settings, source: Callable[[], Source], rejects: Path | None, *, as_json: bool
) -> None:
    async def work() -> ImportReport:
        opened = source()
        with progress(quiet=as_json) as shown:
            async with open_services(settings, shown) as services:
                return await services.importer.run(opened, rejects=rejects, progress=shown)

    report = asyncio.run(work())
    result(report.as_dict(), as_json=as_json)
    if report.damage:
        show_error(report.damage)
        raise typer.Exit(FAILED)
    if report.rejected:
        raise typer.Exit(PARTLY_REJECTED)


def _show(source: Source, rows: int, *, as_json: bool) -> None:
    report = check(source, rows)
    if as_json:
        result(_facts(report), as_json=True)
    else:
        for row in report.rows:
            shown = Table(title=f"line {row.line}", show_header=False, title_justify="left")
            for field in row.fields:
                codes = f"  ({' > '.join(field.codes)})" if field.codes else ""
                shown.add_row(field.name, f"{field.value}{codes}", style="")
            if row.rejected:
                shown.add_row(row.rejected.field, f"not taken: {row.rejected.reason}", style="red")
            out.print(shown)
        if report.unused:
            out.print(f"Columns that the mapping does not use: {', '.join(report.unused)}.")
        if report.problem:
            show_error(report.problem)
    if report.problem:
        raise typer.Exit(FAILED)
    if report.rejected:
        raise typer.Exit(PARTLY_REJECTED)


def _facts(report: CheckReport) -> dict[str, object]:
    return {
        "rows": [
            {
                "line": row.line,
                "fields": {field.name: field.value for field in row.fields},
                "rejected": asdict(row.rejected) if row.rejected else None,
            }
            for row in report.rows
        ],
        "unused": list(report.unused),
        "problem": report.problem,
        "complete": report.complete,
    }
