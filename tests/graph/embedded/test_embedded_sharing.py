"""Processes share one engine, which ends with the last of them and never before."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import psutil
import pytest

from graph.embedded import EngineOptions, status
from tests.graph.embedded.conftest import eventually, javas_of, processes_of
from tests.graph.embedded.user import User

pytestmark = pytest.mark.graph


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("round_", ["first", "second"])
def test_two_that_come_together_share_an_engine_until_the_last_leaves(
    options: EngineOptions, stack: ExitStack, round_: str
) -> None:
    first, second = (stack.enter_context(User(options)) for _ in range(2))
    assert first.joined() == second.joined()
    assert javas_of(options.home) == 1
    seen = status(options)
    assert {user.pid for user in seen.users} == {first.pid, second.pid}
    first.run("CREATE (:Seen {by: 'first'})")
    assert second.run("MATCH (n:Seen) RETURN n.by AS by") == [{"by": "first"}]

    first.leave()
    eventually(lambda: [user.pid for user in status(options).users] == [second.pid])
    assert second.run("MATCH (n:Seen) DELETE n RETURN 1 AS done") == [{"done": 1}]
    assert status(options).java_pid == seen.java_pid

    second.leave()
    eventually(lambda: status(options).phase == "stopped")
    assert processes_of(options.home) == []
    assert seen.java_pid is not None
    assert not psutil.pid_exists(seen.java_pid)


def test_nobody_is_given_an_engine_that_is_being_stopped(
    options: EngineOptions, stack: ExitStack
) -> None:
    hasty = replace(options, linger=0.0)
    leaving = stack.enter_context(User(hasty))
    leaving.joined()
    for _ in range(3):
        leaving.leave()  # the engine begins to stop at any moment now
        joining = [stack.enter_context(User(hasty)) for _ in range(2)]
        for user in joining:
            user.joined()
            assert user.run("RETURN 1 AS one") == [{"one": 1}]
        other, leaving = joining
        other.leave()
    leaving.leave()


def test_engine_listens_on_one_port_of_loopback_and_takes_another_when_that_is_taken(
    options: EngineOptions,
) -> None:
    with User(options) as user:
        port = int(user.joined().rpartition(":")[2])
        sockets = psutil.Process(status(options).java_pid).net_connections(kind="inet")
        user.leave()
    assert {one.type for one in sockets} == {socket.SOCK_STREAM}  # no broadcast
    listening = [one.laddr for one in sockets if one.status == psutil.CONN_LISTEN]
    assert [address.port for address in listening] == [port]
    assert listening[0].ip in {"127.0.0.1", "::ffff:127.0.0.1"}

    eventually(lambda: status(options).phase == "stopped")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen(1)
        with User(options) as user:
            assert user.joined() != f"bolt://127.0.0.1:{port}"
            assert user.run("RETURN 1 AS one") == [{"one": 1}]
