"""A bank of two years told by weeks: a surge at one branch, and a cause that grows at all."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from api.services import Services, open_services
from graph.database import Database
from graph.embedded import Connection
from tests.support.bank import bank_settings
from tests.support.graph import put, wipe
from tests.support.weeks import CATALOGUE, END, rising_bank


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def services(
    neo4j_engine: Connection,
    session_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Services]:
    """Looked through once."""
    await wipe(session_database)
    cases = rising_bank()
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("alerts"))
    async with open_services(settings) as opened:
        await put(session_database, cases, CATALOGUE)
        await opened.watcher.update(END)
        yield opened
    await wipe(session_database)
