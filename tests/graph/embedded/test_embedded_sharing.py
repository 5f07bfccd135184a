"""Processes share one engine, which ends with the last of them and never before."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import neo4j
import psutil
import pytest

from graph.embedded import Connection, EngineOptions, status
from tests.graph.embedded.conftest import eventually, processes_of
from tests.graph.embedded.user import User

pytestmark = pytest.mark.graph


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_engine_is_a_neo4j_that_searches_vectors_with_a_filter(neo4j_engine: Connection) -> None:
    auth = (neo4j_engine.user, neo4j_engine.password)
    with neo4j.GraphDatabase.driver(neo4j_engine.uri, auth=auth) as driver:
        (record,), _, _ = driver.execute_query(
            "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' "
            "RETURN versions[0] AS version"
        )
    assert record["version"].startswith("2026.")


def test_engine_outlives_the_first_user_and_ends_with_the_last(
    options: EngineOptions, stack: ExitStack
) -> None:
    first, second = (stack.enter_context(User(options)) for _ in range(2))
    assert first.joined() == second.joined()
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


@pytest.mark.parametrize("time", ["first", "second"])
def test_two_that_start_at_the_same_moment_get_one_engine(
    options: EngineOptions, stack: ExitStack, time: str
) -> None:
    both = [stack.enter_context(User(options)) for _ in range(2)]
    assert both[0].joined() == both[1].joined()
    main = f"--home-dir={options.home}"
    assert len([line for line in processes_of(options.home) if main in line]) == 1
    for user in both:
        assert user.run("RETURN 1 AS one") == [{"one": 1}]
        user.leave()


def test_nobody_is_given_an_engine_that_is_being_stopped(
    options: EngineOptions, stack: ExitStack
) -> None:
    from dataclasses import replace

    hasty = replace(options, linger=0.0)
    for _ in range(3):
        leaving = stack.enter_context(User(hasty))
        leaving.joined()
        leaving.leave()  # the engine begins to stop at any moment now
        joining = [stack.enter_context(User(hasty)) for _ in range(2)]
        for user in joining:
            user.joined()
            assert user.run("RETURN 1 AS one") == [{"one": 1}]
        for user in joining:
            user.leave()


def test_engine_listens_on_loopback_and_bolt_only(options: EngineOptions) -> None:
    with User(options) as user:
        port = int(user.joined().rpartition(":")[2])
        java = psutil.Process(status(options).java_pid)
        listening = [
            connection.laddr
            for connection in java.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert [address.port for address in listening] == [port]
        assert all(address.ip in {"127.0.0.1", "::ffff:127.0.0.1"} for address in listening)
        # no broadcast either: whatever is open besides belongs to connections to us
        assert all(c.type == socket.SOCK_STREAM for c in java.net_connections(kind="inet"))


def test_engine_takes_another_port_when_its_own_is_taken(options: EngineOptions) -> None:
    with User(options) as user:
        port = int(user.joined().rpartition(":")[2])
        user.leave()
    eventually(lambda: status(options).phase == "stopped")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen(1)
        with User(options) as user:
            assert user.joined() != f"bolt://127.0.0.1:{port}"
            assert user.run("RETURN 1 AS one") == [{"one": 1}]
