"""The small bank of the benchmark, for tests of the schema and the service."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from api.services import Services, open_services
from api.settings import Settings
from benchmarks.operations.bank import (
    BEIJING,
    CARD,
    CARDS,
    CREDIT,
    FEE,
    HAIDIAN,
    HEAD,
    INSTALMENT,
    LOAN,
    SHANGHAI,
    SLOW,
    START,
    SYSTEM,
    UNTOLD,
    bank_records,
    encoded,
    load,
    store_and_link,
)
from graph.commands.rows import Prepared
from graph.database import Database
from graph.embedded import Connection
from tests.support.graph import KEYRING, wipe

__all__ = [
    "BEIJING",
    "CARD",
    "CARDS",
    "CREDIT",
    "FEE",
    "HAIDIAN",
    "HEAD",
    "INSTALMENT",
    "LOAN",
    "SHANGHAI",
    "SLOW",
    "START",
    "SYSTEM",
    "UNTOLD",
    "Bank",
    "bank",
    "bank_records",
    "bank_settings",
    "encoded",
    "load",
    "store_and_link",
]

#: The bank's complaints: encoded once for all packages.
_PREPARED: list[Prepared] = []


@dataclass(frozen=True, slots=True)
class Bank:
    """The services over the bank, and how many complaints it has."""

    services: Services
    size: int


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def bank(
    neo4j_engine: Connection,
    session_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Bank]:
    """The bank, made once for a package of tests; what a test adds stays."""
    await wipe(session_database)
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("bank"))
    async with open_services(settings) as services:
        if not _PREPARED:
            _PREPARED[:] = await encoded(services, bank_records())
        await store_and_link(services, _PREPARED, bank_records())
        yield Bank(services, len(_PREPARED))
    await wipe(session_database)


def bank_settings(connection: Connection, home: Path) -> Settings:
    return Settings.load(
        home=home,
        neo4j={
            "uri": connection.uri,
            "user": connection.user,
            "password": connection.password,
        },
        privacy={"key": KEYRING.key.hex()},
    )
