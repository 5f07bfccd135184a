"""A statement under which somebody removes a node runs again, and does not see it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from neo4j.exceptions import ClientError

from graph.database import Database, Transaction

pytestmark = pytest.mark.graph

# A label cannot be given to what is gone; a property can, and goes nowhere.
_MARK = "MATCH (p:Probe) SET p:Marked RETURN p.name AS name"
_WAITING = (
    "SHOW TRANSACTIONS YIELD currentQuery, status WHERE status STARTS WITH 'Blocked' RETURN *"
)


@pytest_asyncio.fixture
async def probed(database: Database) -> AsyncIterator[Database]:
    await database.run("CREATE (:Probe {name: 'old'})")
    yield database
    await database.run("MATCH (p:Probe) DETACH DELETE p")


@asynccontextmanager
async def removed_under(database: Database, statement: str) -> AsyncIterator[None]:
    """The probe is held until the statement waits for it; then another one is in its place."""
    held = asyncio.Event()

    async def work(transaction: Transaction) -> None:
        await transaction.run("MATCH (p:Probe) SET p.lock = true")
        held.set()
        while not any(  # noqa: ASYNC110
            row["currentQuery"] == statement for row in await database.run(_WAITING)
        ):
            await asyncio.sleep(0.02)
        await transaction.run("MATCH (p:Probe) DELETE p CREATE (:Probe {name: 'new'})")

    remover = asyncio.create_task(database.write(work))
    await held.wait()
    yield
    await remover


async def test_a_transaction_is_tried_again(probed: Database) -> None:
    attempts = []

    async def work(transaction: Transaction) -> list[str]:
        attempts.append(1)
        return [row["name"] for row in await transaction.run(_MARK)]

    async with removed_under(probed, _MARK):
        assert await probed.write(work) == ["new"]
    assert len(attempts) == 2


async def test_what_a_statement_removes_itself_stays_a_defect(probed: Database) -> None:
    """However often it is tried again."""
    attempts = []

    async def work(transaction: Transaction) -> None:
        attempts.append(1)
        await transaction.run("MATCH (p:Probe) DELETE p SET p:Marked RETURN p.name AS name")

    with pytest.raises(ClientError):
        await probed.write(work)
    assert len(attempts) == 4
