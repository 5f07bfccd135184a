"""One person's data by command: export, hold, erase, and the numbers that too many share."""

import asyncio
import json
import stat
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.services import open_services
from api.settings import Settings
from graph.database import Database
from graph.domain.enums import IdentifierKind
from graph.embedded import Connection
from ingest.record import IncomingComplaint, IncomingCustomer
from scripts.person import app
from tests.support.graph import KEYRING, wipe

pytestmark = pytest.mark.graph

NUMBER, OTHER = "13900720418", "13900720419"
SECRET = "量子蝴蝶密语"


def complaint(number: int, *identifiers: tuple[IdentifierKind, str]) -> IncomingComplaint:
    return IncomingComplaint(
        "desk",
        f"P-{number}",
        date(2026, 1, 1 + number),
        narrative=f"信用卡年费没有告知，{SECRET}，第{number}次" if number < 2 else "少给了回单",
        customer=IncomingCustomer(identifiers=identifiers),
    )


async def filled(settings: Settings, connection: Connection) -> None:
    async with Database.open(connection.uri, connection.user, connection.password) as database:
        await wipe(database)
    mobile, paper = IdentifierKind.MOBILE, IdentifierKind.ID_NUMBER
    # Five people file under one number: it no longer says who somebody is.
    papers = ("E71640392", "E52918374", "E83046157", "E19573826", "E60482915")
    async with open_services(settings) as services:
        for number in range(2):
            await services.pipeline.register(complaint(number, (mobile, NUMBER)), actor="test")
        for number, each in enumerate(papers, start=2):
            incoming = complaint(number, (mobile, OTHER), (paper, each))
            await services.pipeline.register(incoming, actor="test")


def run(*arguments: str, of: str | None = None) -> tuple[int, str, str]:
    given: Sequence[str] = [*arguments, "--of", "-"] if of is not None else arguments
    finished = CliRunner().invoke(app, given, input=of)
    assert finished.exception is None or isinstance(finished.exception, SystemExit), finished
    return finished.exit_code, finished.stdout, finished.stderr


def test_a_person_is_exported_held_and_erased(
    neo4j_engine: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("HOME", str(tmp_path)),
        ("PRIVACY__KEY", KEYRING.key.hex()),
        ("NEO4J__URI", neo4j_engine.uri),
        ("NEO4J__USER", neo4j_engine.user),
        ("NEO4J__PASSWORD", neo4j_engine.password),
    ):
        monkeypatch.setenv(f"COMPLAINT_GRAPH_{name}", value)
    asyncio.run(filled(Settings.load(), neo4j_engine))

    file = tmp_path / "data.json"
    file.write_text("what stood there before")
    file.chmod(0o644)
    code, out, _ = run("export", "--to", str(file), of="+86 139-0072-0418\n")
    assert (code, out) == (0, "")
    held = json.loads(file.read_text("utf-8"))["complaints"]
    assert [each["complaint"]["reference"] for each in held] == ["DESK-P-0", "DESK-P-1"]
    assert all(SECRET in each["complaint"]["narrative"] for each in held)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    code, out, _ = run("shared", "--json")
    (shared,) = json.loads(out)["shared"]
    assert (shared["kind"], shared["complaints"]) == ("MOBILE", 5)
    assert OTHER not in out

    assert run("hold", "--note", "a court", "--json", of=NUMBER)[:2] == (0, '{"held": 2}\n')
    erase = ("erase", "--note", "asked for it", "--yes", "--no-scrub", "--json")
    assert_refused(erase, "legal hold")
    assert run("hold", "--lift", "--note", "over", "--json", of=NUMBER)[:2] == (
        0, '{"lifted": 2}\n',
    )  # fmt: skip
    assert run(*erase, of=NUMBER)[:2] == (0, '{"erased": 2}\n')
    assert_refused(("export",), "Nobody is known by this")


def assert_refused(arguments: Sequence[str], words: str) -> None:
    """``main`` says it in one sentence; here it is still what was raised."""
    finished = CliRunner().invoke(app, [*arguments, "--of", "-"], input=NUMBER)
    assert finished.exit_code == 1
    assert words in str(finished.exception)
    assert NUMBER not in finished.output
