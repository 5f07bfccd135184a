"""`complaint-graph webhooks`: made, shown, changed and removed as the documentation says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graph.database import Database
from graph.embedded import Connection
from scripts.cli import app
from tests.support.graph import KEYRING

pytestmark = pytest.mark.graph

URL = "https://hooks.bank.example/in"
Run = Callable[..., str]


@pytest.fixture
def run(
    database: Database, neo4j_engine: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    settings = {
        "HOME": str(tmp_path),
        "NEO4J__URI": neo4j_engine.uri,
        "NEO4J__USER": neo4j_engine.user,
        "NEO4J__PASSWORD": neo4j_engine.password,
        "PRIVACY__KEY": KEYRING.key.hex(),
        "WEBHOOKS__HOSTS": '["hooks.bank.example"]',
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"COMPLAINT_GRAPH_{name}", value)

    def invoke(*arguments: str, fails: bool = False) -> str:
        result = CliRunner().invoke(app, ["webhooks", *arguments])
        assert (result.exception is not None) == fails, result.output
        return str(result.exception) if fails else result.stdout

    return invoke


def test_a_webhook_from_its_first_day_to_its_last(run: Run) -> None:
    made = json.loads(
        run("add", URL, "--topic", "complaint.answered", "--topic", "alert", "--json")
    )
    assert made["secret"].startswith("whsec_")
    (one,) = json.loads(run("list", "--json"))["webhooks"]
    assert one == {
        "id": made["id"],
        "url": URL,
        "topics": ["complaint.answered", "alert"],
        "position": "0",
        "paused": False,
        "failures": 0,
        "error": None,
    }
    assert run("secret", made["id"]).split() == [made["secret"]]
    run("rotate", made["id"])
    newest, before = run("secret", made["id"]).split()
    assert (newest != before, before) == (True, made["secret"])
    run("pause", made["id"])
    assert json.loads(run("list", "--json"))["webhooks"][0]["paused"]
    assert "paused" in run("list")
    run("resume", made["id"])
    assert "well" in run("list")
    run("replay", made["id"], "--after", "0")
    run("remove", made["id"])
    assert json.loads(run("list", "--json")) == {"webhooks": []}


def test_what_cannot_be_is_said_in_one_sentence(run: Run) -> None:
    assert "COMPLAINT_GRAPH_WEBHOOKS__HOSTS" in run("add", "https://evil.example/", fails=True)
    wrong = run("add", URL, "--topic", "complaint.answred", fails=True)
    assert wrong == "There is no topic complaint.answred; did you mean 'complaint.answered'?"
    for command in ("secret", "rotate", "pause", "resume", "remove"):
        assert "webhooks list" in run(command, "none", fails=True)
    assert "webhooks list" in run("replay", "none", "--after", "0", fails=True)
    assert json.loads(run("list", "--json")) == {"webhooks": []}
