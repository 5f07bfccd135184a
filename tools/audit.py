"""Known weaknesses of what the lock names: `python -m tools.audit`, `make audit`.

pip-audit asks for the advisories; ``advisories.toml`` names those that do not concern us, each with
a reason and a date. Advisories come from outside: where they cannot be had it says so and fails
only with ``--required``.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).parent.parent
IGNORED = Path(__file__).with_name("advisories.toml")
LOCK = ROOT / "requirements.lock"

_AWAY = "Advisories cannot be reached from here, so nothing was audited."


class UnreachableError(Exception):
    """There is nobody who would tell advisories."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An advisory that does not concern us, ``until`` a day when somebody looks again."""

    id: str
    package: str
    reason: str
    until: date

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(f"{self.id} is ignored without a reason")


@dataclass(frozen=True, slots=True)
class Finding:
    """An advisory about a locked package; ``names``: its own and those it has elsewhere."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed)}" if self.fixed else "not fixed yet"
        return f"{self.package} {self.version}: {self.names[0]}, {fixed}"


def main(
    required: Annotated[
        bool, typer.Option("--required", help="Fail where advisories cannot be reached.")
    ] = False,
) -> None:
    """Fail if the lock names something with a known weakness."""
    try:
        findings = findings_of(report())
    except UnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2 if required else 0) from error
    lines = verdict(findings, ignored(IGNORED.read_text("utf-8")), datetime.now(UTC).date())
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        raise typer.Exit(1)
    typer.echo("No known weakness in what the lock names.")


def ignored(text: str) -> list[Ignored]:
    """What a file of ignored advisories says."""
    return [Ignored(**entry) for entry in tomllib.loads(text).get("ignored", ())]


def report() -> dict[str, Any]:
    """What pip-audit tells of the lock.

    Raises:
        UnreachableError: it has told nothing.
    """
    options = ("--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json")
    command = [sys.executable, "-m", "pip_audit", f"--requirement={LOCK}", *options]
    finished = subprocess.run(  # noqa: S603 (our own command)
        command, capture_output=True, text=True, check=False
    )
    try:
        told: dict[str, Any] = json.loads(finished.stdout)
    except ValueError as error:
        if "ConnectionError" in finished.stderr or "ServiceError" in finished.stderr:
            raise UnreachableError(_AWAY) from error
        raise RuntimeError(finished.stderr) from error
    return told


def findings_of(told: dict[str, Any]) -> list[Finding]:
    """The findings of a report.

    Raises:
        UnreachableError: what it audited is not all of the lock.
    """
    # A mirror without advisories answers "not found" to every question, and pip-audit passes.
    skipped = [each["name"] for each in told["dependencies"] if "skip_reason" in each]
    if len(skipped) == len(told["dependencies"]):
        raise UnreachableError(_AWAY)
    if skipped:
        raise UnreachableError(
            f"There are no advisories for {', '.join(skipped)} here, so these were not audited."
        )
    return [
        Finding(
            each["name"],
            each["version"],
            (found["id"], *found["aliases"]),
            tuple(found["fix_versions"]),
        )
        for each in told["dependencies"]
        for found in each["vulns"]
    ]


def verdict(findings: Sequence[Finding], passed: Iterable[Ignored], today: date) -> list[str]:
    """What is wrong, a line each: findings that nobody ignores, and entries that are over."""
    wrong = []
    covered: set[Finding] = set()
    for entry in passed:
        meant = [
            each for each in findings if each.package == entry.package and entry.id in each.names
        ]
        if not meant:
            wrong.append(f"{entry.id} of {entry.package} is not reported any more: remove it.")
        elif entry.until < today:
            wrong.append(f"{entry.id} of {entry.package} was ignored until {entry.until}.")
        covered.update(meant)
    return [*map(str, (each for each in findings if each not in covered)), *wrong]


if __name__ == "__main__":
    typer.run(main)
