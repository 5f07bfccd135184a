"""API keys by command: made once, listed without their secret, ended at once."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.access.keys import ApiKeys
from graph.commands.catalogue import ensure_catalogue
from graph.database import Database
from graph.domain.access import Identity, Reach, Role
from graph.embedded import Connection
from graph.errors import ComplaintGraphError, UnauthenticatedError, UnknownCodeError
from scripts.keys import app
from tests.support.bank import BEIJING, CARDS, HEAD
from tests.support.graph import KEYRING, wipe

pytestmark = pytest.mark.graph


@pytest.fixture
def places(neo4j_engine: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A graph with two branches and a department, and the settings that lead to it."""
    for name, value in {
        "HOME": str(tmp_path),
        "NEO4J__URI": neo4j_engine.uri,
        "NEO4J__USER": neo4j_engine.user,
        "NEO4J__PASSWORD": neo4j_engine.password,
        "PRIVACY__KEY": KEYRING.key.hex(),
    }.items():
        monkeypatch.setenv(f"COMPLAINT_GRAPH_{name}", value)

    async def fill() -> None:
        async with opened(neo4j_engine) as database:
            await wipe(database)
            await ensure_catalogue(database, [HEAD, BEIJING, CARDS])

    asyncio.run(fill())
    return neo4j_engine


def opened(connection: Connection) -> AbstractAsyncContextManager[Database]:
    return Database.open(connection.uri, connection.user, connection.password)


def run(*arguments: str) -> str:
    finished = CliRunner().invoke(app, arguments)
    if isinstance(finished.exception, ComplaintGraphError):
        raise finished.exception
    assert finished.exit_code == 0, finished.output
    return finished.stdout


def identity(connection: Connection, key: str) -> Identity:
    async def ask() -> Identity:
        async with opened(connection) as database:
            return await ApiKeys.of(database, KEYRING).identity(key, datetime.now(UTC))

    return asyncio.run(ask())


def test_a_key_is_made_listed_and_revoked(places: Connection) -> None:
    assert "keys create" in run("list")
    reach = ("--branch", "BJ", "--department", "CARDS")
    key = run("create", "crm-import", "--role", "service", *reach, "--days", "90").strip()
    made = identity(places, key)
    assert (made.actor, made.name, made.roles) == ("key:crm-import", "crm-import", {Role.SERVICE})
    assert made.reach == Reach(False, ("BJ",), ("CARDS",))
    assert made.expires_at is not None
    assert (made.expires_at - datetime.now(UTC)).days in {89, 90}
    (listed,) = json.loads(run("list", "--json"))["keys"]
    assert (listed["program"], listed["state"]) == ("crm-import", "valid")
    assert listed["usedAt"] is not None
    assert key.startswith(listed["key"])
    assert key not in json.dumps(listed)
    assert "crm-import" in run("revoke", listed["key"])
    with pytest.raises(UnauthenticatedError):
        identity(places, key)
    (listed,) = json.loads(run("list", "--json"))["keys"]
    assert listed["state"] == "revoked"
    assert listed["key"] in run("list"), "also where the terminal is narrow"


def test_a_branch_that_there_is_not_makes_no_key(places: Connection) -> None:
    with pytest.raises(UnknownCodeError):
        run("create", "feed", "--role", "service", "--branch", "NOWHERE")
    assert json.loads(run("list", "--json"))["keys"] == []


def test_the_whole_bank_and_several_roles(places: Connection) -> None:
    roles = ("--role", "ANALYST", "--role", "auditor")
    made = json.loads(run("create", "report", *roles, "--everything", "--json"))
    known = identity(places, made["key"])
    assert known.roles == {Role.ANALYST, Role.AUDITOR}
    assert known.reach.everything


def test_a_key_that_there_is_not_cannot_be_revoked(places: Connection) -> None:
    with pytest.raises(ComplaintGraphError, match="keys list"):
        run("revoke", "cgk_nobody")
