"""A bank of two years with a surge and a growing cause, looked through once; its pages."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from api.services import open_services
from graph.database import Database
from graph.embedded import Connection
from tests.support.bank import Bank, bank_settings
from tests.support.browser import browser, faults, origin, page, visit
from tests.support.graph import put, wipe
from tests.support.http import service
from tests.support.weeks import CATALOGUE, END, rising_bank

__all__ = ["browser", "faults", "origin", "page", "visit"]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def bank(
    neo4j_engine: Connection,
    session_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Bank]:
    await wipe(session_database)
    cases = rising_bank()
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("watch"))
    async with open_services(settings) as services:
        await put(session_database, cases, CATALOGUE)
        await services.watcher.update(END)
        yield Bank(services, len(cases))
    await wipe(session_database)


@pytest_asyncio.fixture(loop_scope="session")
async def client(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    """Whoever is at this machine, in English."""
    async with service(bank) as asked:
        asked.headers["Accept-Language"] = "en"
        yield asked
