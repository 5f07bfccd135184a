"""A bank of two years told by weeks: a surge at one branch, and a cause that grows at all."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from api.services import Services, open_services
from graph.database import Database
from graph.domain.enums import Level
from graph.embedded import Connection
from tests.support.bank import bank_settings
from tests.support.graph import put, wipe
from tests.support.weeks import CATALOGUE, END, WEEKS, extra, quiet_bank


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def services(
    neo4j_engine: Connection,
    session_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Services]:
    """Looked through once."""
    await wipe(session_database)
    surge = extra(5_000, range(WEEKS - 9, WEEKS), 3, branch="S", level=Level.YELLOW, cause="SLOW")
    growth = extra(
        8_000, range(WEEKS - 20, WEEKS), 6, branch=lambda week: "NSW"[week % 3], cause="TOLD"
    )
    told = [*quiet_bank(), *surge, *growth]
    # One says something, so that there are texts to show.
    told[-1] = replace(told[-1], narrative="短信费没有提前告知")
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("alerts"))
    async with open_services(settings) as opened:
        await put(session_database, told, CATALOGUE)
        await opened.watcher.update(END)
        yield opened
    await wipe(session_database)
