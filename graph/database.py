"""The one door to Neo4j: every statement of the project passes here and is counted."""

import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Protocol, Self, TypeAlias, TypeVar

import neo4j
from neo4j import exceptions
from neo4j.time import Date, DateTime

from graph import telemetry
from graph.errors import (
    BusyError,
    ComplaintGraphError,
    ConfigurationError,
    ConflictError,
    UnavailableError,
)
from graph.telemetry import sender

Row: TypeAlias = dict[str, Any]
T = TypeVar("T")

#: Managed transactions are retried by the driver until this many seconds have passed; an embedded
#: engine that was killed is back within it.
RETRY_SECONDS = 60.0
#: Waiting for a connection of an exhausted pool ends earlier: whoever waits is better told.
ACQUIRE_SECONDS = 15.0
#: No transaction that writes takes longer; what would is written in batches.
WRITE_SECONDS = 30.0
#: A batch of an import, a removal or a fit: on a busy machine hundreds of rows take longer than one
#: request may.
BATCH_SECONDS = 180.0
_TOO_LONG_TO_READ = "The graph took too long for this request: narrow the filter."
#: So often a transaction is tried again because nodes were removed under its statements.
_REMOVALS = 3
#: Of errors after which Neo4j answers nothing until it is started again.
_STOPPED = ("needs to be restarted", "Failed to apply transaction", "Could not append transaction")
_TOO_LONG_TO_WRITE = (
    "The graph took too long to write this, and nothing of it was written: try again when less "
    "is going on."
)


@dataclass(slots=True)
class Meter:
    """What one operation cost: statements sent, and milliseconds spent waiting for them."""

    statements: int = 0
    milliseconds: float = 0.0


_meter: ContextVar[Meter | None] = ContextVar("graph_meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count the statements of everything awaited inside, also in tasks started inside."""
    meter = Meter()
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


class DuplicateError(ConflictError):
    """A uniqueness constraint refused a write: somebody else wrote the same key first."""

    code = "DUPLICATE"


def present(rows: Iterable[Row], *keys: str) -> Iterator[Row]:
    """The rows in which none of ``keys`` (default: ``id``) is null.

    A statement reads what is committed at each moment: of a node that somebody removes while it
    runs, every property is null from there on.
    """
    return (row for row in rows if all(row[key] is not None for key in keys or ("id",)))


class _GoneError(exceptions.DriverError):
    """Somebody removed a node under a statement, which does not see it when it runs again.

    Neo4j has no such error: of what a statement matched and another transaction removed it reads
    nulls, but a label or a relation that it sets is refused for good.
    """

    def is_retryable(self) -> bool:
        return True


def _is_gone(error: exceptions.ClientError) -> bool:
    return "EntityNotFound" in (error.code or "") and "Unable to load" in (error.message or "")


class Reader(Protocol):
    """``Database.read`` or ``Transaction.run``: where what is read may also be about to change."""

    def __call__(self, statement: str, /, **parameters: Any) -> Awaitable[list[Row]]: ...


class Transaction:
    """One managed transaction; give it to a command, never keep it."""

    def __init__(self, transaction: neo4j.AsyncManagedTransaction) -> None:
        self._transaction = transaction
        #: Keys locked so far, by kind of node: ``graph.commands.locks`` keeps their order.
        self.locked: dict[Any, set[str]] = {}
        self._last: dict[Callable[[Transaction, Sequence[Any]], Awaitable[None]], list[Any]] = {}

    def at_end(
        self, work: Callable[["Transaction", Sequence[T]], Awaitable[None]], item: T
    ) -> None:
        """Let ``work`` be done when all else is, once, with every item that was given for it."""
        self._last.setdefault(work, []).append(item)

    def due(self, work: Callable[["Transaction", Sequence[T]], Awaitable[None]]) -> list[T]:
        """What was left for the end, for a caller who does it now."""
        return self._last.pop(work, [])

    async def finish(self) -> None:
        """Do what was left for the end."""
        for work in list(self._last):
            await work(self, self.due(work))

    def run(self, statement: str, /, **parameters: Any) -> Coroutine[Any, Any, list[Row]]:
        """Run one statement and return all its rows."""
        return self._run(sender(), statement, parameters)

    async def _run(self, name: str, statement: str, parameters: dict[str, Any]) -> list[Row]:
        with _counted(name):
            result = await self._transaction.run(statement, parameters)
            return [_native(record) async for record in result]


class Database:
    """A Neo4j database behind a driver's pool."""

    def __init__(self, driver: neo4j.AsyncDriver, name: str, read_seconds: float) -> None:
        self._driver = driver
        self._name = name
        self._read_seconds = read_seconds

    @classmethod
    @asynccontextmanager
    async def open(
        cls, uri: str, user: str, password: str, *, name: str = "neo4j", read_seconds: float = 30.0
    ) -> AsyncIterator[Self]:
        """Connect and verify; ``read_seconds`` bound every read.

        Raises:
            ConfigurationError: a wrong address, user or password.
            UnavailableError: nothing answers there.
        """
        try:
            driver = neo4j.AsyncGraphDatabase.driver(
                uri,
                auth=(user, password),
                max_transaction_retry_time=RETRY_SECONDS,
                connection_acquisition_timeout=ACQUIRE_SECONDS,
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
                telemetry_disabled=True,
                user_agent="complaint-graph",
            )
        except (exceptions.ConfigurationError, ValueError) as error:
            raise ConfigurationError(
                f"{uri!r} is no address of a Neo4j server: use neo4j+s://host or bolt://host:port "
                f"in COMPLAINT_GRAPH_NEO4J__URI ({error})."
            ) from error
        async with driver:
            with _translated():
                # Outside a managed transaction: an address where nobody answers fails at once.
                async with driver.session(database=name) as session:
                    await (await session.run("RETURN 1")).consume()
            yield cls(driver, name, read_seconds)

    def read(self, statement: str, /, **parameters: Any) -> Coroutine[Any, Any, list[Row]]:
        """Run one reading statement, bounded in time; again when it fails for a passing reason.

        The first time without a transaction around it, which would cost two more round trips.
        """
        return self._read(sender(), statement, parameters)

    async def _read(self, name: str, statement: str, parameters: dict[str, Any]) -> list[Row]:
        query = neo4j.Query(statement, timeout=self._read_seconds)
        with _counted(name), _translated():
            try:
                async with self._driver.session(
                    database=self._name, default_access_mode=neo4j.READ_ACCESS
                ) as session:
                    result = await session.run(query, parameters)
                    return [_native(record) async for record in result]
            except (exceptions.Neo4jError, exceptions.DriverError) as error:
                if not error.is_retryable():
                    raise
            retried = await self._driver.execute_query(
                query,
                parameters,
                database_=self._name,
                routing_=neo4j.RoutingControl.READ,
            )
            return [_native(record) for record in retried.records]

    async def write(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        seconds: float = WRITE_SECONDS,
    ) -> T:
        """Run ``work`` in one transaction; it may be called again when the driver retries.

        ``seconds`` bound each attempt, the waiting for locks included.
        """
        removals = 0

        @neo4j.unit_of_work(timeout=seconds)
        async def attempt(transaction: neo4j.AsyncManagedTransaction) -> T:
            nonlocal removals
            own = Transaction(transaction)
            try:
                result = await work(own)
                await own.finish()
            except exceptions.ClientError as error:
                removals += 1
                # What fails each time has removed the node itself, and is a defect.
                if removals > _REMOVALS or not _is_gone(error):
                    raise
                raise _GoneError(error.message) from error
            return result

        with _translated(_TOO_LONG_TO_WRITE):
            async with self._driver.session(database=self._name) as session:
                return await session.execute_write(attempt)

    def run(
        self, statement: str, /, *, seconds: float = WRITE_SECONDS, **parameters: Any
    ) -> Coroutine[Any, Any, list[Row]]:
        """Run one statement outside a managed transaction: schema changes need that."""
        return self._run(sender(), neo4j.Query(statement, timeout=seconds), parameters)

    async def _run(self, name: str, query: neo4j.Query, parameters: dict[str, Any]) -> list[Row]:
        with _counted(name), _translated(_TOO_LONG_TO_WRITE):
            async with self._driver.session(database=self._name) as session:
                result = await session.run(query, parameters)
                return [_native(record) async for record in result]


@contextmanager
def _counted(name: str) -> Iterator[None]:
    started = time.perf_counter()
    with telemetry.statement(name):
        yield
    meter = _meter.get()
    if meter is not None:
        meter.statements += 1
        meter.milliseconds += (time.perf_counter() - started) * 1000


def _native(record: neo4j.Record) -> Row:
    return {key: _python(record[key]) for key in record.keys()}  # noqa: SIM118 - iterates values


def _python(value: Any) -> Any:
    """Driver values as plain Python: times in UTC, nodes as dictionaries of their properties."""
    if isinstance(value, DateTime):
        return value.to_native().astimezone(UTC)
    if isinstance(value, Date):
        return value.to_native()
    if isinstance(value, neo4j.graph.Entity):
        return {key: _python(value[key]) for key in value}
    if isinstance(value, dict):
        return {key: _python(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and not isinstance(value[0], (str, int, float)):
        return [_python(inner) for inner in value]
    return value


@contextmanager
def _translated(too_long: str = _TOO_LONG_TO_READ) -> Iterator[None]:
    """The driver's errors as ours; a defect of a statement stays what it is."""
    try:
        yield
    except exceptions.ConstraintError as error:
        raise DuplicateError("Somebody else has just written the same record.") from error
    except exceptions.AuthError as error:
        raise ConfigurationError(
            "Neo4j refused the user or password: check COMPLAINT_GRAPH_NEO4J__USER and "
            "COMPLAINT_GRAPH_NEO4J__PASSWORD."
        ) from error
    except exceptions.ConnectionPoolError as error:
        raise BusyError("All connections to Neo4j are in use: try again in a moment.") from error
    except (exceptions.ServiceUnavailable, exceptions.SessionExpired, OSError) as error:
        raise UnavailableError(
            "Neo4j does not answer: see `complaint-graph neo4j status` for the embedded one, or "
            "check COMPLAINT_GRAPH_NEO4J__URI."
        ) from error
    except exceptions.Neo4jError as error:
        translated = _server_error(error, too_long)
        if translated is None:
            raise
        raise translated from error


def _server_error(error: exceptions.Neo4jError, too_long: str) -> ComplaintGraphError | None:
    code = error.code or ""
    if "TransactionTimedOut" in code:
        return UnavailableError(too_long)
    if "LockClientStopped" in code:
        return BusyError("Somebody else is changing the same records: try again in a moment.")
    if "DatabaseNotFound" in code:
        return ConfigurationError(
            "The Neo4j server has no such database: check COMPLAINT_GRAPH_NEO4J__DATABASE."
        )
    if isinstance(error, exceptions.DatabaseError) and _has_stopped(error):
        return UnavailableError(
            "Neo4j has stopped, as it does where its disk is full: make room there. The embedded "
            "one begins anew by itself, another has to be restarted."
        )
    if "DiskFull" in code or "No space left" in str(error) or "Read-only" in str(error):
        return UnavailableError(
            "Neo4j cannot write: its disk is full or read-only. Free some room and try again; "
            "nothing that was confirmed is lost."
        )
    if "DatabaseUnavailable" in code or "TransientError" in code:
        return UnavailableError("Neo4j is busy or restarting: try again in a moment.")
    return None


def _has_stopped(error: exceptions.DatabaseError) -> bool:
    said = str(error)
    return "DatabaseError.Transaction" in (error.code or "") or any(
        words in said for words in _STOPPED
    )
