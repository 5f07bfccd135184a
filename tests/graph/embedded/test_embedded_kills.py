"""Whatever is killed: those who use the engine get it back with their data."""

from collections.abc import Iterator

import pytest

from graph.embedded import EngineOptions, status
from tests.graph.embedded.conftest import eventually, javas_of, kill
from tests.graph.embedded.user import User

pytestmark = pytest.mark.graph


@pytest.fixture(scope="module", autouse=True)
def resident(shared_options: EngineOptions) -> Iterator[User]:
    """A user who stays, so that the engine does not end between the tests."""
    with User(shared_options) as resident:
        resident.joined()
        yield resident


@pytest.fixture
def user(shared_options: EngineOptions) -> Iterator[User]:
    with User(shared_options) as user:
        user.joined()
        user.run("MATCH (n) DETACH DELETE n RETURN 1 AS done")
        yield user


def test_java_that_is_killed_is_back_on_the_same_port(
    shared_options: EngineOptions, user: User
) -> None:
    before = status(shared_options)
    assert user.count_up() == 1
    kill(before.java_pid)
    assert user.counted() == 1
    eventually(lambda: status(shared_options).running)
    after = status(shared_options)
    assert (after.uri, after.keeper_pid) == (before.uri, before.keeper_pid)
    assert after.java_pid != before.java_pid


def test_java_that_is_killed_again_while_it_starts_is_back(
    shared_options: EngineOptions, user: User
) -> None:
    assert user.count_up() == 1
    killed: set[int | None] = {None}
    while len(killed) < 4:
        pid = status(shared_options).java_pid
        if pid not in killed:
            kill(pid)
            killed.add(pid)
    assert user.counted() == 1


def test_keeper_that_is_killed_is_replaced_and_its_java_ended(
    shared_options: EngineOptions, user: User
) -> None:
    before = status(shared_options)
    assert user.count_up() == 1
    kill(before.keeper_pid)
    eventually(lambda: status(shared_options).keeper_pid not in {None, before.keeper_pid})
    assert user.counted() == 1
    eventually(lambda: status(shared_options).running)
    after = status(shared_options)
    assert after.uri == before.uri
    assert after.java_pid != before.java_pid
    assert javas_of(shared_options.home) == 1


def test_keeper_and_java_killed_together_are_replaced(
    shared_options: EngineOptions, user: User
) -> None:
    before = status(shared_options)
    assert user.count_up() == 1
    kill(before.keeper_pid)
    kill(before.java_pid)
    assert user.count_up() == 2


def test_user_that_is_killed_takes_nobody_along(
    shared_options: EngineOptions, user: User, resident: User
) -> None:
    before = status(shared_options)
    user.kill()
    eventually(lambda: [one.pid for one in status(shared_options).users] == [resident.pid])
    assert resident.run("RETURN 1 AS one") == [{"one": 1}]
    assert status(shared_options).java_pid == before.java_pid
