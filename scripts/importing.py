"""`complaint-graph import`: complaints from files."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Annotated

import typer
from rich.table import Table

from api.services import open_services
from api.settings import Settings
from graph.domain.identity import KEY_BYTES, Keyring
from ingest.importer import ImportReport
from ingest.masking import Masker
from ingest.prepare import Preparer
from ingest.problems import ProblemGroup, Weight
from ingest.record import Problem
from ingest.sources import (
    CheckedRow,
    CheckReport,
    Source,
    cfpb,
    check,
    load_mapping,
    refuse_other_formats,
    suggest,
    table,
)
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
    _run(settings, file, lambda: cfpb(file, settings.intake.zone, now), rejects, as_json=json)


@app.command("table")
def import_table(
    file: File,
    mapping: Annotated[
        str, typer.Option(help="A mapping file (TOML), or the name of one that is shipped.")
    ],
    only_check: Annotated[
        bool,
        typer.Option(
            "--check", help="Load nothing: show the first rows as they would be, and all problems."
        ),
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
        _check(settings, source(), now, rows, as_json=json)
        return
    _run(settings, file, source, rejects, as_json=json)


@app.command("suggest")
def suggest_mapping(
    file: Annotated[Path, typer.Argument(help="A table that nobody has described yet.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it there; default: standard output."),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day of receipt of all rows, for a file in which no column holds times.",
        ),
    ] = None,
) -> None:
    """A first mapping of a file, by its headers and values, with the reasons as comments."""
    settings = Settings.load()
    text = suggest(file, datetime.now(UTC), settings.intake.zone, day and day.date())
    if output is None:
        out.print(text, end="")
        return
    if output.exists():
        show_error(f"{output} exists already; name another file, or remove it.")
        raise typer.Exit(FAILED)
    output.write_text(text, "utf-8")
    out.print(f"{output} is written: read it, then import with --mapping {output} --check.")


def _run(
    settings: Settings,
    file: Path,
    source: Callable[[], Source],
    rejects: Path | None,
    *,
    as_json: bool,
) -> None:
    refuse_other_formats(file)  # before Neo4j and the encoder are started
    opened = source()

    async def work() -> ImportReport:
        with progress(quiet=as_json) as shown:
            async with open_services(settings, shown) as services:
                return await services.importer.run(opened, rejects=rejects, progress=shown)

    report = asyncio.run(work())
    facts = asdict(report) | {"notes": list(opened.notes)}
    if as_json:
        result(facts, as_json=True)
    else:
        result({n: v for n, v in facts.items() if n not in {"problems", "notes"}}, as_json=False)
        _show_problems(report.problems, opened.notes)
    if report.damage:
        show_error(report.damage)
        raise typer.Exit(FAILED)
    if report.rejected:
        raise typer.Exit(PARTLY_REJECTED)


def _check(settings: Settings, source: Source, now: datetime, rows: int, *, as_json: bool) -> None:
    # Ids and hashes are not shown, so any key does.
    preparer = Preparer(Masker(), Keyring(token_bytes(KEY_BYTES)), settings.intake)
    with progress(quiet=as_json) as shown:
        report = check(source, preparer, now, rows, shown)
    if as_json:
        result(_facts(report), as_json=True)
    else:
        for row in report.rows:
            _show_row(row)
        out.print(f"{report.count:,} rows, {report.rejected:,} of them not taken.")
        _show_problems(report.problems, report.notes)
        if report.unused:
            out.print(f"Columns that the mapping does not use: {', '.join(report.unused)}.")
        if report.damage:
            show_error(report.damage)
    if report.damage:
        raise typer.Exit(FAILED)
    if report.rejected:
        raise typer.Exit(PARTLY_REJECTED)


def _show_row(row: CheckedRow) -> None:
    shown = Table(title=f"line {row.line}", show_header=False, title_justify="left")
    for field in row.fields:
        codes = f"  ({' > '.join(field.codes)})" if field.codes else ""
        shown.add_row(field.name, f"{field.value}{codes}")
    for problem in row.warnings:
        shown.add_row(problem.field, f"left out: {problem.reason}", style="yellow")
    if row.rejected:
        shown.add_row(row.rejected.field, f"not taken: {row.rejected.reason}", style="red")
    out.print(shown)


def _show_problems(problems: Sequence[ProblemGroup], notes: Sequence[str]) -> None:
    """One line for each kind of problem, what rejects rows first."""
    if problems:
        shown = Table("", "rows", "field", "reason", "first line", "example", title="Problems")
        for each in problems:
            is_reject = each.weight is Weight.REJECTED
            shown.add_row(
                "not taken" if is_reject else "left out",
                f"{each.count:,}",
                each.field,
                each.reason,
                f"{each.line:,}",
                each.example,
                style="red" if is_reject else "yellow",
            )
        out.print(shown)
    for note in notes:
        out.print(note)


def _facts(report: CheckReport) -> dict[str, object]:
    return {
        "count": report.count,
        "rejected": report.rejected,
        "rows": [
            {
                "line": row.line,
                "fields": {field.name: field.value for field in row.fields},
                "rejected": _reason(row.rejected) if row.rejected else None,
                "warnings": [_reason(problem) for problem in row.warnings],
            }
            for row in report.rows
        ],
        "problems": [asdict(each) for each in report.problems],
        "notes": list(report.notes),
        "unused": list(report.unused),
        "damage": report.damage,
    }


def _reason(problem: Problem) -> dict[str, str]:
    """Field and reason: the value stands in the table of problems, masked."""
    return {"field": problem.field, "reason": problem.reason}
