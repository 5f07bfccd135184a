"""`complaint-graph rules`: check a rule file, and see what it would change."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.services import demo_settings, open_database
from api.settings import Settings
from graph.domain.rules import RuleSet
from ingest.escalation.preview import Preview, preview
from ingest.escalation.rulebook import default_text, load_rules
from scripts.console import out, progress, result

app = typer.Typer(help="The rules of escalation.", no_args_is_help=True)


@app.command("check")
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A rule file; without it, the one that is configured.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How far back it is tried.")] = 90,
    demo: Annotated[bool, typer.Option("--demo", help="On the demo bank.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check a rule file, and show what it would change on the last days. Nothing is written."""
    settings = Settings.load()
    # A file with a mistake ends here, before anything is started.
    after = load_rules(file or settings.desk.rules)
    before = load_rules(settings.desk.rules if file else None)

    async def work() -> Preview:
        with progress(quiet=json) as shown:
            chosen = demo_settings(settings) if demo else settings
            async with open_database(chosen, shown) as database:
                now = datetime.now(UTC)
                return await preview(database, before, after, days=days, now=now, progress=shown)

    match = asyncio.run(work())
    if json:
        result(_facts(before, after, match), as_json=True)
    else:
        _show(before, after, match)


@app.command("show")
def show() -> None:
    """Print the configured rule file, to copy and change."""
    path = Settings.load().desk.rules
    load_rules(path)
    sys.stdout.write(default_text() if path is None else path.read_text(encoding="utf-8-sig"))


def _facts(before: RuleSet, after: RuleSet, result: Preview) -> dict[str, object]:
    return {
        "file": after.name,
        "comparedWith": before.name,
        "since": result.since.isoformat() if result.since else None,
        "complaints": result.complaints,
        "changed": result.changed,
        "rules": {
            code: {"before": result.fired_before[code], "after": result.fired_after[code]}
            for code in _codes(before, after)
        },
        "groupEvents": {"before": result.groups_before, "after": result.groups_after},
        "levels": {
            f"{one.value}>{other.value}": count
            for (one, other), count in sorted(result.levels.items())
        },
        "examples": [
            {
                "reference": change.reference,
                "before": change.before,
                "after": change.after,
                "rules": list(change.rules),
            }
            for change in result.examples
        ],
    }


def _show(before: RuleSet, after: RuleSet, result: Preview) -> None:
    out.print(f"{after.name}: {len(after.rules)} rules, nothing wrong.")
    if result.since is None:
        out.print("The graph has no complaints yet to try them on.")
        return
    out.print(
        f"{result.complaints:,} complaints since {result.since.date()}, compared with "
        f"{before.name}:",
    )
    for code in _codes(before, after):
        was, will = result.fired_before[code], result.fired_after[code]
        change = "" if was == will else f"  {will - was:+,}"
        out.print(f"{code:>20}  {was:>6,} → {will:>6,}{change}")
    out.print(
        f"{'group events':>20}  {result.groups_before:>6,} → {result.groups_after:>6,}",
    )
    for (one, other), count in sorted(result.levels.items()):
        if one is not other:
            out.print(f"{count:,} cases from {one.value} to {other.value}")
    for example in result.examples:
        rules = ", ".join(example.rules)
        line = f"{example.reference}  {example.before.value} → {example.after.value}  ({rules})"
        out.print(f"    {line}")
    if not result.changed:
        out.print("No case changes its level.")


def _codes(before: RuleSet, after: RuleSet) -> list[str]:
    """Rules of either file, in the order of the files."""
    return list(dict.fromkeys(rule.code for rule in (*before.rules, *after.rules)))
