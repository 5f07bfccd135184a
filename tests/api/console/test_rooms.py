"""Every page as every persona of the demo bank: shown, or refused with who may; no dead end."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from api.console.pages import ROOMS
from graph.domain.access import Reach
from ingest.demo.personas import PERSONAS, Persona
from tests.api.console import test_accessibility, test_browser
from tests.api.foreign import test_pages as foreign
from tests.support.bank import Bank
from tests.support.http import client as http_client

pytestmark = pytest.mark.graph
#: Parts of pages, and what is no page: streams, and forms of what this bank may lack.
PARTS = ("/desk/new", "/choices/", "/live", "/drill/agreement", "/audit/cases")
#: Pages of something that is not there: whoever may see such things learns that.
ABSENT = (
    "/issues/x", "/issues/edit?id=x", "/remediations/edit?id=x", "/clusters/x", "/imports/x",
    "/jobs/x", "/jobs/x/file",
)  # fmt: skip
#: Each page of the lists by which the browser, axe and the borders are tried.
PAGES = sorted(
    {
        address.format(case="BANK-1", token="x")
        for address in (*test_browser.PAGES, *test_accessibility.PAGES, *foreign.ROOMS, *ABSENT)
    }
)
_MENU = re.compile(r'<nav aria-label="Rooms">(.*?)</nav>', re.DOTALL)
_HEADING = re.compile(r"<title>([^<]+)</title>")


def routes_of(router: Any) -> Iterator[APIRoute]:
    """Those of an application, of whatever router."""
    for each in router.routes:
        if isinstance(each, APIRoute):
            yield each
        elif (inner := getattr(each, "original_router", None)) is not None:
            yield from routes_of(inner)


def test_the_lists_hold_every_page(bank: Bank) -> None:
    """Whoever adds a page adds it there."""
    app = create_app(bank.services.settings, bank.services)
    pages = [
        each
        for each in routes_of(app)
        if "GET" in (each.methods or ())
        and each.endpoint.__module__.startswith("api.console.")
        and not each.path.startswith(PARTS)
    ]
    assert len(pages) > 20
    paths = [address.partition("?")[0] for address in PAGES]
    missing = [each.path for each in pages if not any(each.path_regex.match(p) for p in paths)]
    assert missing == []


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda each: each.code)
@pytest.mark.parametrize("whole", [True, False], ids=["own reach", "a part"])
async def test_every_page_is_shown_or_says_who_may(
    bank: Bank, persona: Persona, whole: bool
) -> None:
    reach = persona.identity.reach
    if not whole or not reach.everything:
        # The demo bank's outlets are not in this bank.
        reach = Reach(branches=("BJ",))
    access = bank.services.access
    token, _ = await access.sessions.begin(replace(persona.identity, reach=reach), access.clock())
    wrong, menus = [], set()
    async with http_client(create_app(bank.services.settings, bank.services)) as client:
        client.cookies.set("complaint-graph-session", token)
        client.headers["Accept-Language"] = "en"
        for address in PAGES:
            page = await client.get(address)
            title = _HEADING.search(page.text)
            if page.status_code == 200 and title and title[1].strip(" ·") and "<h1" in page.text:
                menu = _MENU.search(page.text)
                menus |= {menu[1].replace('aria-current="page"', "")} if menu else set()
            elif page.status_code == 403 and "This room is not yours" in page.text:
                if "It is open to: " not in page.text:
                    wrong.append((address, "does not say who may"))
            elif page.status_code in (400, 404):
                if not address.startswith((*ABSENT, "/cases/", "/progress/", "/drill/")):
                    wrong.append((address, str(page.status_code)))
            elif page.status_code != 303:
                wrong.append((address, str(page.status_code)))
        assert wrong == [], wrong
        # One menu on all pages, and it leads nowhere in vain.
        links = {unescape(link) for menu in menus for link in re.findall(r'href="([^"]+)"', menu)}
        assert links <= {room.path for room in ROOMS}
        assert links
        answers = {link: (await client.get(link)) for link in links}
        assert {link: each.status_code for link, each in answers.items()} == dict.fromkeys(
            links, 200
        )
        vain = [link for link, each in answers.items() if "Your roles do not show" in each.text]
        assert vain == []
