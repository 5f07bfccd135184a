"""One random bank for each module of tests here."""

from collections.abc import AsyncIterator

import pytest_asyncio

from graph.database import Database
from tests.graph.insight.world import World, fill, random_rows
from tests.support.graph import wipe


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(session_database: Database) -> AsyncIterator[World]:
    """Six hundred complaints over 500 days; tests only read them."""
    await wipe(session_database)
    yield await fill(session_database, random_rows(600, 7))
    await wipe(session_database)
