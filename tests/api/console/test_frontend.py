"""The page of docs/frontend.md, from another origin, in a real browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from graph.domain.access import Identity, Method, Reach, Role
from tests.support.bank import Bank
from tests.support.browser import origin_of
from tests.support.graphql import ask
from tests.support.live import serving
from tests.support.sign_in import changed

pytestmark = pytest.mark.graph
FOLDER = Path(__file__).parents[3] / "docs" / "frontend"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@asynccontextmanager
async def desk_of_my_own() -> AsyncIterator[int]:
    """The page's own server; its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(FOLDER))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            await asyncio.to_thread(server.shutdown)


@asynccontextmanager
async def opened(bank: Bank, browser: Browser, *, host: str) -> AsyncIterator[tuple[Page, Bank]]:
    """The page at this host, in a browser that has signed in at the service as a handler."""
    who = Identity(
        "wu", "Wu Wen", frozenset({Role.HANDLER}), Reach(branches=("BJ",)), Method.SESSION
    )
    async with desk_of_my_own() as port:
        page_origin = f"http://{host}:{port}"
        there = changed(bank, server={"allowed_origins": [page_origin]})
        access = there.services.access
        token, _ = await access.sessions.begin(who, access.clock())
        async with serving(there) as address:
            context = await browser.new_context()
            faults: list[str] = []
            context.on("weberror", lambda error: faults.append(str(error.error)))
            context.on(
                "console", lambda told: faults.append(told.text) if told.type == "error" else None
            )
            service = origin_of(address)
            await context.add_cookies(
                [{"name": "complaint-graph-session", "value": token, "url": service}]
            )
            page = await context.new_page()
            await page.goto(f"{page_origin}/?service={service}")
            yield page, there
            await context.close()
            assert faults == []


async def test_a_desk_of_another_origin_lists_opens_and_rates(bank: Bank, browser: Browser) -> None:
    async with opened(bank, browser, host="127.0.0.1") as (page, there):
        await expect(page.locator("#who")).to_have_text("Wu Wen, HANDLER")
        rows = page.locator("#cases tr")
        await expect(rows).to_have_count(10)
        await page.locator("#more").click()
        await expect(rows).not_to_have_count(10)
        shown = await page.locator("#cases a").all_text_contents()
        assert len(shown) == len(set(shown)) > 10
        query = """query ($r: String!) { complaint(reference: $r) { narrative
          precedents(first: 3) { case { narrative } } } }"""
        for reference in shown:
            case = (await ask(there.services, query, r=reference))["complaint"]
            if case["narrative"] and case["precedents"]:
                break
        await page.get_by_role("link", name=reference, exact=True).click()
        await expect(page.locator("#case")).to_contain_text(case["narrative"])
        useful = page.get_by_role("button", name="Useful")
        await expect(useful).not_to_have_count(0)
        await useful.first.click()
        await expect(page.get_by_role("button", name="Kept")).to_have_count(1)
    rated = await there.services.database.read(
        "MATCH (r:Rating) WHERE r.actor = 'wu' RETURN r.useful AS useful"
    )
    assert json.dumps(rated) == '[{"useful": true}]'


async def test_another_name_of_the_same_machine_is_told_that_nobody_has_signed_in(
    bank: Bank, browser: Browser
) -> None:
    async with opened(bank, browser, host="localhost") as (page, _):
        await expect(page.locator("#who")).to_contain_text("Nobody has signed in (LOCAL)")
