"""Using the engine: install it, start or join it, and have it while a lease is held."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graph.embedded.install import install
from graph.embedded.jars import jar_lock
from graph.embedded.layout import Layout
from graph.embedded.lease import lease
from graph.embedded.lock import is_held, try_take
from graph.embedded.options import USER, Connection, EngineOptions
from graph.embedded.password import ensure_password, read_password
from graph.embedded.process import detach, program
from graph.embedded.state import State, read_state
from graph.embedded.version import check_version
from graph.errors import EngineError
from graph.progress import Progress, silent

_POLL = 0.05
_WATCH_SECONDS = 0.5
_MAX_WATCH_SECONDS = 30.0
#: a keeper that stops gives java two minutes
_STOP_SECONDS = 150.0
_MAX_KEEPERS = 5
_VERIFY_SECONDS = 10.0


@contextmanager
def engine(
    options: EngineOptions, progress: Progress = silent, *, holder: bool = False
) -> Iterator[Connection]:
    """Use the engine of a data folder: install, start or join it, and hold a lease inside.

    While the lease is held the engine is brought back, on the same port, whatever was killed: a
    driver that retries for a minute notices nothing else.

    Raises:
        EngineError: it cannot be installed or started; the message says why and what to do.
    """
    layout = Layout.of(options.home)
    layout.create()
    check_version(layout, jar_lock().version)
    starter = _Starter(options, layout, install(options, progress))
    with lease(layout, _STOP_SECONDS, holder=holder):
        connection = _verified(starter, progress)
        with _watched(starter):
            yield connection


def ensure(options: EngineOptions, progress: Progress = silent) -> Connection:
    """Wait until the engine answers, starting it when it is gone; for holders of a lease only.

    The address differs from the one before only when another program took the port meanwhile.
    """
    jars = install(options, progress)
    return _Starter(options, Layout.of(options.home), jars).await_ready(progress)


@dataclass(frozen=True)
class _Starter:
    """Starts keepers, one at a time: the kernel gives the keeper's lock to one process only."""

    options: EngineOptions
    layout: Layout
    jars: Path

    def await_ready(self, progress: Progress) -> Connection:
        """Start a keeper unless one lives, and wait until its engine answers."""
        before, began, started = read_state(self.layout), time.monotonic(), 0
        while True:
            started += self.start_keeper()
            state = read_state(self.layout)
            if state is not None and state.is_live():
                return Connection(
                    f"bolt://127.0.0.1:{state.port}", USER, read_password(self.layout)
                )
            if state is not None and state.phase == "failed" and not _same_run(state, before):
                raise EngineError(state.error or f"Neo4j failed: see {self.layout.log}.")
            waited = time.monotonic() - began
            if started > _MAX_KEEPERS or waited > self.options.start_timeout + _STOP_SECONDS:
                raise EngineError(
                    f"Neo4j in {self.layout.root} did not answer within {round(waited)} s: "
                    f"see {self.layout.log} and {self.layout.keeper_log}."
                )
            progress("Start Neo4j, seconds", int(waited), None)
            time.sleep(_POLL)

    def start_keeper(self) -> bool:
        """Start a keeper unless one lives; it is born with the lock in its hands."""
        lock = try_take(self.layout.keeper_lock)
        if lock is None:
            return False
        try:
            ensure_password(self.layout)
            task = {
                "options": self.options.to_json(),
                "jars": str(self.jars),
                "version": jar_lock().version,
                "lock_fd": lock,
            }
            detach(program("keeper", task), self.layout.keeper_log, (lock,))
        finally:
            os.close(lock)
        return True


def _same_run(state: State, before: State | None) -> bool:
    return before is not None and before.run == state.run


def _verified(starter: _Starter, progress: Progress) -> Connection:
    """Wait for the engine and see that the graph is there: a damaged store answers, too."""
    from neo4j.exceptions import AuthError, Neo4jError, ServiceUnavailable

    layout = starter.layout
    for _ in range(_MAX_KEEPERS):
        connection = starter.await_ready(progress)
        try:
            _ask_patiently(connection)
        except ServiceUnavailable:  # it was killed between the two lines
            continue
        except AuthError as error:
            raise EngineError(
                f"The password in {layout.password} is not that of the graph beside it: "
                "bring the file back from a backup."
            ) from error
        except Neo4jError as error:
            raise EngineError(
                f"Neo4j runs but cannot open the graph in {layout.data}: see {layout.log} and "
                f"{layout.debug_log}, and bring the folder back from a backup."
            ) from error
        return connection
    raise EngineError(f"Neo4j in {layout.root} ends again and again: see {layout.log}.")


def _ask_patiently(connection: Connection) -> None:
    from neo4j.exceptions import AuthError
    from tenacity import Retrying, retry_if_not_exception_type, stop_after_delay, wait_fixed

    retrying = Retrying(
        retry=retry_if_not_exception_type(AuthError),
        stop=stop_after_delay(_VERIFY_SECONDS),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    retrying(_ask, connection)


def _ask(connection: Connection) -> None:
    import neo4j

    auth = (connection.user, connection.password)
    with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
        with driver.session(database="neo4j") as session:
            session.run("RETURN 1").consume()


@contextmanager
def _watched(starter: _Starter) -> Iterator[None]:
    """Bring the engine back inside when its keeper was killed; java alone the keeper restarts."""
    left = threading.Event()
    thread = threading.Thread(target=_watch, args=(starter, left), name="neo4j-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _watch(starter: _Starter, left: threading.Event) -> None:
    pause = _WATCH_SECONDS
    while not left.wait(pause):
        if is_held(starter.layout.keeper_lock):
            pause = _WATCH_SECONDS
        else:
            _revive(starter)
            pause = min(2 * pause, _MAX_WATCH_SECONDS)


def _revive(starter: _Starter) -> None:
    """Start another keeper, unless the last one has given up, as this one would."""
    import structlog  # not at the top: the keeper, which imports this package, stays small

    log = structlog.get_logger(__name__)
    state = read_state(starter.layout)
    if state is not None and state.phase == "failed":
        log.error("neo4j was given up", reason=state.error)
        return
    log.warning("neo4j lost its keeper; starting another")
    try:
        starter.start_keeper()
    except (EngineError, OSError) as error:
        log.error("neo4j cannot be started again", reason=str(error))
