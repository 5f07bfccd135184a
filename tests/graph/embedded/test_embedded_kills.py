"""Whatever is killed: users get their engine back, data is whole, and nothing is left behind."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from graph.embedded import EngineOptions, status
from graph.embedded.lock import is_held
from graph.embedded.layout import Layout
from tests.graph.embedded.conftest import eventually, processes_of
from tests.graph.embedded.user import User

pytestmark = pytest.mark.graph

_WRITE = "MERGE (n:Count {id: 0}) SET n.value = coalesce(n.value, 0) + 1 RETURN n.value AS value"
_READ = "MATCH (n:Count) RETURN n.value AS value"


@pytest.fixture
def user(options: EngineOptions) -> Iterator[User]:
    with User(options) as user:
        user.joined()
        user.run("MATCH (n) DETACH DELETE n RETURN 1 AS done")
        yield user


def _kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_java_that_is_killed_is_back_on_the_same_port(options: EngineOptions, user: User) -> None:
    before = status(options)
    assert user.run(_WRITE) == [{"value": 1}]
    _kill(before.java_pid)
    assert user.run(_READ) == [{"value": 1}]
    after = status(options)
    assert (after.uri, after.keeper_pid) == (before.uri, before.keeper_pid)
    assert after.java_pid != before.java_pid


def test_java_that_is_killed_again_while_it_starts_is_back(
    options: EngineOptions, user: User
) -> None:
    assert user.run(_WRITE) == [{"value": 1}]
    killed = set()
    for _ in range(3):
        eventually(lambda: status(options).java_pid not in {None, *killed})
        killed.add(status(options).java_pid)
        _kill(status(options).java_pid)
    assert user.run(_READ) == [{"value": 1}]


def test_keeper_that_is_killed_is_replaced_and_its_java_ended(
    options: EngineOptions, user: User
) -> None:
    before = status(options)
    assert user.run(_WRITE) == [{"value": 1}]
    _kill(before.keeper_pid)
    eventually(lambda: status(options).keeper_pid not in {None, before.keeper_pid})
    assert user.run(_READ) == [{"value": 1}]
    after = status(options)
    assert after.uri == before.uri
    assert after.java_pid != before.java_pid
    main = f"--home-dir={options.home}"
    assert len([line for line in processes_of(options.home) if main in line]) == 1


def test_keeper_and_java_killed_together_are_replaced(options: EngineOptions, user: User) -> None:
    before = status(options)
    assert user.run(_WRITE) == [{"value": 1}]
    _kill(before.keeper_pid)
    _kill(before.java_pid)
    assert user.run(_WRITE) == [{"value": 2}]


def test_user_that_is_killed_takes_nobody_along(options: EngineOptions, user: User) -> None:
    before = status(options)
    with User(options) as other:
        other.joined()
        user.kill()
        eventually(lambda: [one.pid for one in status(options).users] == [other.pid])
        assert other.run("RETURN 1 AS one") == [{"one": 1}]
        assert status(options).java_pid == before.java_pid


def test_engine_ends_when_its_only_user_is_killed(options: EngineOptions, user: User) -> None:
    user.kill()
    eventually(lambda: status(options).phase == "stopped")
    eventually(lambda: processes_of(options.home) == [])


def test_all_killed_in_the_middle_of_writes_leaves_what_was_committed(
    options: EngineOptions, user: User
) -> None:
    before = status(options)
    assert user.run(_WRITE) == [{"value": 1}]
    user.ask("UNWIND range(1, 200000) AS i CREATE (:Half {i: i})", {})
    _kill(before.keeper_pid)
    _kill(before.java_pid)
    user.kill()
    with User(options) as next_one:
        next_one.joined()
        assert next_one.run(_READ) == [{"value": 1}]
        (row,) = next_one.run("MATCH (n:Half) RETURN count(n) AS number")
        assert row["number"] in {0, 200000}
        next_one.run("MATCH (n:Half) CALL (n) { DELETE n } RETURN count(*) AS number")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a shell does it, tested beside it")
def test_java_does_not_outlive_a_killed_keeper_that_nobody_replaces(
    options: EngineOptions, user: User
) -> None:
    before = status(options)
    user.kill()
    _kill(before.keeper_pid)
    eventually(lambda: processes_of(options.home) == [])
    assert not is_held(Layout.of(options.home).engine_lock)
