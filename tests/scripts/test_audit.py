"""The access log by command: held to account with an exit code, exported and resumed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from graph.database import Database
from graph.domain.access_log import Outcome
from graph.embedded import Connection
from graph.errors import InvalidInputError
from schema.recorder import Recorder
from scripts.audit import app
from scripts.console import DISAGREEMENTS
from tests.support.access_log import SEALER, access, segment
from tests.support.graph import KEYRING, wipe

pytestmark = pytest.mark.graph


class Log:
    """A graph that commands and the test write to in turns."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def write(self, work: Callable[[Database], Awaitable[Any]]) -> None:
        async def run() -> None:
            async with Database.open(
                self.connection.uri, self.connection.user, self.connection.password
            ) as database:
                await work(database)

        asyncio.run(run())

    def record(self, *numbers: int, **changes: Any) -> None:
        """A process that records these and ends."""

        async def work(database: Database) -> None:
            made = [access(number, **changes) for number in numbers]
            recorder = Recorder(database, SEALER, clock=lambda: made[0].at)
            for each in made:
                await recorder.record(each)
            await recorder.close()

        self.write(work)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        finished = self.run("export", *arguments)
        assert finished.exit_code == 0, finished.output
        return [json.loads(line) for line in finished.stdout.splitlines()]


@pytest.fixture
def log(neo4j_engine: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    for name, value in {
        "HOME": str(tmp_path),
        "NEO4J__URI": neo4j_engine.uri,
        "NEO4J__USER": neo4j_engine.user,
        "NEO4J__PASSWORD": neo4j_engine.password,
        "PRIVACY__KEY": KEYRING.key.hex(),
    }.items():
        monkeypatch.setenv(f"COMPLAINT_GRAPH_{name}", value)
    made = Log(neo4j_engine)
    made.write(wipe)
    # Migrates.
    assert made.run("verify").exit_code == 0
    return made


def operations(lines: list[dict[str, Any]]) -> list[str]:
    return [each["event"]["action"] for each in lines if "user" in each]


def test_verify_tells_where_the_log_breaks_by_its_exit_code(log: Log, tmp_path: Path) -> None:
    log.record(1, 2, 3)
    held = log.run("verify")
    assert (held.exit_code, held.stdout) == (0, "5 records in 1 whole segments, 0 breaks.\n")
    kept = tmp_path / "heads.json"
    kept.write_text(log.run("verify", "--json").stdout)
    assert len(json.loads(kept.read_text())["heads"]) == 1

    async def change(database: Database) -> None:
        await database.write(
            lambda t: t.run("MATCH (r:AccessRecord {number: 2}) SET r.actor = 'nobody'")
        )

    log.write(change)
    broken = log.run("verify")
    assert broken.exit_code == DISAGREEMENTS
    assert "segment 1, record 2: it was changed or put in" in broken.stdout
    told = json.loads(log.run("verify", "--json").stdout)
    assert told["holds"] is False
    assert told["breaks"] == [{"segment": 1, "number": 2, "what": "it was changed or put in"}]
    log.write(wipe)
    assert log.run("verify").exit_code == 0
    assert log.run("verify", "--known", str(kept)).exit_code == DISAGREEMENTS


def test_what_is_no_earlier_run_is_refused(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    for text in ("", "[]", '{"heads": ["x"]}', '{"heads": [1]}'):
        file.write_text(text)
        assert isinstance(log.run("verify", "--known", str(file)).exception, InvalidInputError)
    assert isinstance(log.run("verify", "--known", "nowhere").exception, InvalidInputError)


def test_a_line_says_who_what_and_when_in_names_that_a_siem_knows(log: Log) -> None:
    log.record(7, purpose="supervision")
    opened, looked, closed = log.lines()
    assert looked["event"] == {
        "kind": "event",
        "category": ["database"],
        "type": ["access"],
        "action": "Desk7",
        "outcome": "success",
        "id": "1-1",
        "sequence": 1,
        "hash": looked["complaint_graph"]["hash"],
    }
    assert looked["user"] == {"id": "u-1", "roles": ["HANDLER"]}
    own = looked["complaint_graph"]
    assert (own["purpose"], own["shown"], len(own["complaints"])) == ("supervision", 1, 1)
    assert own["previous"] == opened["event"]["hash"]
    assert [line["event"]["sequence"] for line in (opened, looked, closed)] == [0, 1, 2]
    assert [line["event"]["action"] for line in (opened, closed)] == ["opened", "closed"]
    assert datetime.fromisoformat(looked["@timestamp"]).tzinfo is not None
    log.record(8, outcome=Outcome.REFUSED, cases=(), shown=0)
    assert [e["event"]["outcome"] for e in log.lines() if "user" in e] == ["success", "failure"]


def test_an_export_goes_on_where_it_was_stopped_whoever_writes(log: Log) -> None:
    log.record(1, 2)
    log.write(lambda database: segment(database, 2, process="still open"))
    first = log.lines()
    assert len(operations(first)) == 4
    assert log.lines("--after", first[-1]["position"]) == []
    # Stopped at any line, the rest follows, once.
    for number, line in enumerate(first):
        assert log.lines("--after", line["position"]) == first[number + 1 :]

    async def go_on(database: Database) -> None:
        from graph.queries.access_log import segment as read
        from graph.queries.access_log import segment_of
        from tests.support.access_log import extended

        own = await read(database.read, 2)
        assert own is not None
        await extended(database, segment_of(own), 3)

    log.record(4)
    log.write(go_on)
    rest = log.lines("--after", first[-1]["position"])
    assert operations(rest) == ["Desk0", "Desk1", "Desk2", "Desk4"]
    ids = [line["event"]["id"] for line in first + rest]
    assert len(set(ids)) == len(ids) == 4 + 3 + 3 + 3


def test_a_period_is_exported_and_what_comes_later_is_left_for_later(log: Log) -> None:
    start = datetime.now(UTC) - timedelta(hours=3)
    for hour in range(3):
        log.record(hour, at=start + timedelta(hours=hour, minutes=5))
    bounds = [(start + timedelta(hours=hour)).isoformat() for hour in range(4)]
    assert operations(log.lines("--since", bounds[1], "--until", bounds[2])) == ["Desk1"]
    early = log.lines("--until", bounds[1])
    assert operations(early) == ["Desk0"]
    assert operations(log.lines("--after", early[-1]["position"])) == ["Desk1", "Desk2"]


def test_what_is_no_time_is_refused(log: Log) -> None:
    assert isinstance(log.run("export", "--since", "yesterday").exception, InvalidInputError)


@pytest.mark.parametrize("position", ["", "x", "1", "1:x", "1:2:3"])
def test_what_is_no_position_is_refused(log: Log, position: str) -> None:
    assert isinstance(log.run("export", "--after", position).exception, InvalidInputError)
