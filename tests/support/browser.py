"""A real browser: Chromium of the system, and pages on which any fault fails the test."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.support.bank import Bank
from tests.support.live import serving
from tests.support.nodes import lacking, need_files

#: Nothing is told by how long a page takes: the machine may do other things, too.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
#: Told by a page of what its policy has kept from it.
_REPORTS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""


def _executable() -> str:
    """Where Chromium is; without one the test is skipped, or fails in CI."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        lacking("There is no Chromium: install Debian's package `chromium`, or another one.")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for a process of tests, without a window."""
    executable = _executable()
    need_files()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=executable, args=list(_ARGUMENTS)
        )
        try:
            yield started
        finally:
            await started.close()


class Faults:
    """What went wrong on the pages of one context."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._origins: set[str] = set()
        self._expected: list[str] = []

    def expect(self, part: str) -> None:
        """One fault that the test brings about; its text holds this."""
        self._expected.append(part)

    def watch(self, context: BrowserContext, origin: str) -> None:
        self._origins = {urlsplit(origin).netloc}
        context.on("console", lambda told: self._told(told.type, told.text))
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._requested(request.url))
        context.on("page", lambda page: page.on("websocket", lambda w: self._requested(w.url)))

    def check(self) -> None:
        """Fails for what was not expected, and for what was and did not come."""
        remaining, absent = list(self.found), []
        for part in self._expected:
            fitting = next((each for each in remaining if part in each), None)
            if fitting is None:
                absent.append(part)
            else:
                remaining.remove(fitting)
        assert not remaining, "\n".join(remaining)
        assert not absent, f"expected, and did not come: {absent}"

    def _told(self, kind: str, text: str) -> None:
        if kind in ("error", "assert"):
            self.found.append(f"{kind}: {text}")

    def _requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in self._origins:
            self.found.append(f"request to elsewhere: {url}")


@asynccontextmanager
async def visiting(
    browser: Browser,
    origin: str,
    *,
    dark: bool = False,
    locale: str = "en-GB",
    headers: dict[str, str] | None = None,
) -> AsyncIterator[tuple[Page, Faults]]:
    """An empty page of a fresh context, for a service at ``origin`` (``http://host:port``).

    At the end the test fails for each error on the console, each violation of the page's policy,
    each uncaught error and each request to another host, unless ``Faults.expect`` has named it.
    ``headers`` go with every request.
    """
    context = await browser.new_context(
        base_url=origin,
        locale=locale,
        viewport={"width": 1280, "height": 800},
        color_scheme="dark" if dark else "light",
        extra_http_headers=headers or {},
    )
    context.set_default_timeout(PATIENCE)
    faults = Faults()
    try:
        await context.add_init_script(_REPORTS)
        faults.watch(context, origin)
        yield await context.new_page(), faults
    finally:
        await context.close()
    faults.check()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def origin(bank: Bank) -> AsyncIterator[str]:
    """``http://host:port`` of the service over the package's bank."""
    async with serving(bank) as address:
        yield origin_of(address)


def origin_of(websocket: str) -> str:
    """Of the address that ``serving`` gives."""
    return websocket.replace("ws:", "http:").removesuffix("/graphql")


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, origin: str) -> AsyncIterator[tuple[Page, Faults]]:
    async with visiting(browser, origin) as opened:
        yield opened


@pytest.fixture
def page(visit: tuple[Page, Faults]) -> Page:
    """A page of a fresh context on which any fault fails the test."""
    return visit[0]


@pytest.fixture
def faults(visit: tuple[Page, Faults]) -> Faults:
    """For tests that bring faults about: what is expected on ``page``."""
    return visit[1]
