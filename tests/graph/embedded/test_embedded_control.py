"""The engine is looked at, kept running and stopped from outside; it gives nothing away."""

import os
import stat
from pathlib import Path

import neo4j
import pytest

from graph.embedded import EngineOptions, engine, hold, status, stop
from graph.errors import EngineError
from tests.graph.embedded.conftest import eventually, processes_of
from tests.graph.embedded.user import User

SECRET = "Geheimnis-4711"


def test_looking_at_a_folder_without_engine_changes_nothing(tmp_path: Path) -> None:
    options = EngineOptions(home=tmp_path / "none")
    seen = status(options)
    assert (seen.running, seen.phase, seen.users, seen.error) == (False, "stopped", (), None)
    assert stop(options) is False
    assert not options.home.exists()


@pytest.mark.graph
def test_engine_is_kept_until_it_is_stopped_and_nobody_else_uses_it(
    options: EngineOptions,
) -> None:
    held = hold(options)
    assert hold(options) == held
    (holder,) = status(options).users
    assert holder.holder
    assert holder.pid != os.getpid()

    with User(options) as user:
        assert user.joined() == held.uri
        with pytest.raises(EngineError, match=f"in use by process {user.pid}: end that first"):
            stop(options)
        assert user.run("RETURN 1 AS one") == [{"one": 1}]
        assert [one.pid for one in status(options).users] == [user.pid]

        hold(options)
        user.leave()
    assert status(options).running
    assert stop(options) is True
    assert status(options).phase == "stopped"
    assert processes_of(options.home) == []
    assert stop(options) is False


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _logged(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.graph
def test_engine_keeps_its_secrets(options: EngineOptions) -> None:
    root = options.home / "neo4j"
    with engine(options) as connection:
        auth = (connection.user, connection.password)
        with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
            driver.execute_query("LET x = 1 CREATE (:Secret {text: $text})", text=SECRET)
            driver.execute_query(f"MATCH (n:Secret {{text: '{SECRET}'}}) DELETE n")
            with pytest.raises(neo4j.exceptions.CypherSyntaxError):
                driver.execute_query(f"MACHT (n {{text: '{SECRET}'}})")
            with pytest.raises(neo4j.exceptions.ClientError):
                driver.execute_query("RETURN 1 / $text", text=SECRET)
        with neo4j.GraphDatabase.driver(connection.uri, auth=("neo4j", "neo4j")) as driver:
            with pytest.raises(neo4j.exceptions.AuthError):
                driver.verify_connectivity()
        assert connection.password not in repr(connection)
        assert not any(connection.password in line for line in processes_of(options.home))
        assert _mode(root) == 0o700
        assert _mode(root / "password") == 0o600
        assert (root / "password").read_text().strip() == connection.password
    eventually(lambda: status(options).phase == "stopped")
    said = _logged(root / "logs") + _logged(root / "run")
    assert SECRET.encode() not in said
    assert connection.password.encode() not in said + _logged(root / "conf")
