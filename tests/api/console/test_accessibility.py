"""Pages against WCAG 2.2 AA, as far as axe can tell: in both schemes of colour."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from schema.ids import NodeKind, key_of
from tests.api.console.test_case import registered
from tests.support.bank import Bank
from tests.support.browser import Faults
from tests.support.drills import take

pytestmark = pytest.mark.graph

RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
}
PAGES = (
    "/desk",
    "/desk?whose=mine",
    "/find?text=年费",
    "/register",
    "/cases/{case}",
    "/cases/{case}/steps/classify",
    "/team",
    "/team/answers",
    "/openings",
    "/progress/{token}",
    "/insight?by=BRANCH",
    "/insight/hotspots",
    "/insight/branches",
    "/insight/bottlenecks",
    "/alerts",
    "/issues",
    "/remediations",
    "/remediations/plan",
    "/clusters",
    "/audit",
    "/audit/changes",
    "/audit/verify?from=2026-01-01",
    "/drill",
    "/drill/ZH-3-2026",
    "/drill/ZH-3-1",
    "/drill/agreement?drill=ZH-3-1",
    "/jobs",
    "/imports",
    "/cases/NONE",
    "/",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(visit: tuple[Page, Faults], bank: Bank, scheme: str) -> None:
    page, faults = visit
    faults.expect("404")
    made = await registered(bank, "信用卡年费没有提前告知就直接扣款。再不退我去法院起诉！")
    await take(bank, "ZH-3-1", 2)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    token = bank.services.progress_tokens.sign(key_of(made["id"], NodeKind.COMPLAINT))
    found = []
    for address in PAGES:
        await page.goto(address.format(case=made["reference"], token=token))
        result = (await Axe().run(page, options=RULES)).response
        found += [
            f"{address} {each['id']}: {node['html'][:120]} {node['failureSummary']}"
            for each in result["violations"]
            for node in each["nodes"]
        ]
    assert not found, "\n".join(found)


async def test_axe_sees_what_is_wrong(page: Page) -> None:
    """The check itself: a page with a field that has no name."""
    await page.goto("/desk")
    await page.evaluate("document.querySelector('#find').removeAttribute('id')")
    await page.evaluate("document.querySelector('[name=text]').removeAttribute('placeholder')")
    result = (await Axe().run(page, options=RULES)).response
    assert "label" in {each["id"] for each in result["violations"]}
