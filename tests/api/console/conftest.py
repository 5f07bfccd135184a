"""The small bank for all tests of the console, and its pages as somebody sees them."""

from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio

from tests.support.bank import Bank, bank
from tests.support.browser import browser, faults, origin, page, visit
from tests.support.http import service

__all__ = ["bank", "browser", "faults", "origin", "page", "visit"]


@pytest_asyncio.fixture(loop_scope="session")
async def client(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    """Whoever is at this machine, in English."""
    async with service(bank) as asked:
        asked.headers["Accept-Language"] = "en"
        yield asked
