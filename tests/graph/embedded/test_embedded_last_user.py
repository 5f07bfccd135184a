"""When the last user is killed, the engine ends, and the next one finds what was committed."""

import sys
from collections.abc import Iterator

import pytest

from graph.embedded import EngineOptions, status
from graph.embedded.layout import Layout
from graph.embedded.lock import is_held
from tests.graph.embedded.conftest import eventually, kill, processes_of
from tests.graph.embedded.user import User

pytestmark = pytest.mark.graph


@pytest.fixture
def user(options: EngineOptions) -> Iterator[User]:
    with User(options) as user:
        user.joined()
        user.run("MATCH (n) DETACH DELETE n RETURN 1 AS done")
        yield user


def test_engine_ends_when_its_only_user_is_killed(options: EngineOptions, user: User) -> None:
    user.kill()
    eventually(lambda: status(options).phase == "stopped")
    eventually(lambda: processes_of(options.home) == [])


def test_all_killed_in_the_middle_of_writes_leaves_what_was_committed(
    options: EngineOptions, user: User
) -> None:
    before = status(options)
    assert user.count_up() == 1
    user.ask("UNWIND range(1, 200000) AS i CREATE (:Half {i: i})", {})
    kill(before.keeper_pid)
    kill(before.java_pid)
    user.kill()
    with User(options) as next_one:
        next_one.joined()
        assert next_one.counted() == 1
        (row,) = next_one.run("MATCH (n:Half) RETURN count(n) AS number")
        assert row["number"] in {0, 200000}
        next_one.run("MATCH (n:Half) CALL (n) { DELETE n } RETURN count(*) AS number")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a shell does it, tested beside it")
def test_java_does_not_outlive_a_killed_keeper_that_nobody_replaces(
    options: EngineOptions, user: User
) -> None:
    before = status(options)
    user.kill()
    kill(before.keeper_pid)
    eventually(lambda: processes_of(options.home) == [])
    eventually(lambda: not is_held(Layout.of(options.home).engine_lock))
