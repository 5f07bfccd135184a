"""Programs of Node.js in tests, with what a lock names and nothing else."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

from api import assets
from tools.browser_files import NpmError, install


def ran(
    program: Any, *arguments: str, folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a program of Node.js printed."""
    finished: subprocess.CompletedProcess[str] = program(
        arguments,
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return finished


def installed(source: Path, folder: Path) -> Path:
    """A copy of a package with what its lock names; skips where npm's registry is away."""
    try:
        install(source, folder)
    except NpmError as error:
        if error.away:
            lacking("The registry of npm cannot be reached, so nothing was installed.")
        pytest.fail(str(error))
    return folder


def need_files() -> None:
    """Skips where npm's registry was away at set-up, or fails in CI."""
    if assets.missing(assets.FETCHED):
        lacking("The files of web pages are missing: `make setup` fetches them.")


def lacking(told: str) -> NoReturn:
    """Skip what cannot be tried on this machine; CI's machine has everything."""
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told)


def check_lock(source: Path) -> None:
    """A lock names versions and hashes, and no address of a registry."""
    lock = json.loads((source / "package-lock.json").read_text("utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in each for each in packages.values())
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
