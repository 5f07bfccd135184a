"""Early warnings, issues and remediations as pages: what is shown, opened, and made of them."""

import re
from html import unescape
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.console.test_insight import listed, plots_of, rows_of
from tests.support.bank import Bank
from tests.support.browser import visiting
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

SURGE = "surge of escalations"
HOSTILE = "<script>alert(1)</script>"


def fields_of(form: str) -> dict[str, str]:
    """The hidden fields of a form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def warning_of(page: str, kind: str) -> str:
    """The part of a page that is about the first warning of a kind."""
    (found, *_) = [part for part in page.split('<section class="warning"') if f">{kind}<" in part]
    return found


async def planned(bank: Bank, title: str) -> None:
    """A remediation of the cause SLOW, long done."""
    made = await ask(
        bank.services,
        """mutation ($i: PlanRemediationInput!) { planRemediation(input: $i) {
          errors { message } } }""",
        i={
            "rootCause": "SLOW",
            "title": title,
            "startedAt": "2025-01-01",
            "completedAt": "2025-02-01",
        },
    )
    assert made["planRemediation"]["errors"] == []


async def test_a_warning_opens_exactly_the_cases_that_it_tells_of(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    surge = warning_of((await client.get("/alerts?state=ALL")).text, SURGE)
    link = re.search(r'href="(/desk[^"]+)"', surge)
    assert link
    query = """{ alerts(kinds: [SURGE]) { nodes { summary(language: EN)
      evidence { ... on RiseEvidence { figures { count } } } } } }"""
    found = (await ask(bank.services, query))["alerts"]["nodes"]
    (told,) = [each for each in found if each["summary"] in unescape(surge)]
    assert await listed(client, unescape(link[1])) == told["evidence"]["figures"]["count"]


async def test_an_issue_opens_exactly_the_cases_that_it_covers(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    query = "{ systemicIssues(first: 50) { nodes { id complaintCount } } }"
    nodes = (await ask(bank.services, query))["systemicIssues"]["nodes"]
    issues = [each for each in nodes if each["complaintCount"] > 20]
    assert issues
    for issue in issues:
        page = (await client.get(f"/issues/{quote(issue['id'], safe='')}")).text
        link = re.search(r'href="(/desk\?issues=[^"]+)"', page)
        assert link
        assert await listed(client, unescape(link[1])) == issue["complaintCount"]


async def test_a_warning_is_looked_after_and_dismissed_with_a_reason(
    client: httpx2.AsyncClient,
) -> None:
    form = warning_of((await client.get("/alerts")).text, SURGE)
    seen = fields_of(form)
    done = await client.post("/alerts/acknowledge", data={**seen, "note": HOSTILE})
    assert (done.status_code, done.headers["location"]) == (303, "/alerts")
    page = (await client.get("/alerts?state=ACKNOWLEDGED")).text
    assert HOSTILE not in page
    assert "alert(1)" in page
    # The version is old now: nothing is done, and what was typed stays.
    late = {**seen, "key": str(uuid4()), "reason": "CHANCE", "note": "just chance"}
    stale = await client.post("/alerts/dismiss", data=late)
    assert stale.status_code == 422
    assert 'value="just chance"' in stale.text
    seen = fields_of(warning_of(page, SURGE))
    other = await client.post("/alerts/dismiss", data={**seen, "reason": "OTHER", "note": ""})
    assert other.status_code == 422
    assert 'role="alert"' in other.text
    gone = await client.post("/alerts/dismiss", data={**seen, "reason": "KNOWN", "note": "已知"})
    assert gone.status_code == 303
    assert f">{SURGE}<" not in (await client.get("/alerts")).text
    dismissed = warning_of((await client.get("/alerts?state=DISMISSED")).text, SURGE)
    assert "已知" in dismissed
    again = await client.post("/alerts/reopen", data=fields_of(dismissed))
    assert again.status_code == 303
    assert f">{SURGE}<" in (await client.get("/alerts?state=OPEN")).text


async def test_a_warning_becomes_an_issue_that_is_confirmed(client: httpx2.AsyncClient) -> None:
    form = warning_of((await client.get("/alerts")).text, SURGE).partition('action="/issues"')[2]
    made = await client.post("/issues", data={**fields_of(form), "title": f"S {HOSTILE}"})
    assert made.status_code == 303
    address = made.headers["location"]
    page = (await client.get(address)).text
    assert HOSTILE not in page
    assert unescape(page).count("alert(1)") >= 1
    assert '<div class="sheet">' in page
    stale = await client.post(address, data={"status": "CONFIRMED", "version": "99"})
    assert stale.status_code == 422
    seen = fields_of(page)
    done = await client.post(address, data={**seen, "status": "CONFIRMED"})
    assert done.status_code == 303
    assert '<span class="tag">confirmed</span>' in (await client.get(address)).text
    listed_ = rows_of((await client.get("/issues?format=csv&table=issues")).content)
    assert any(HOSTILE in row["Issue"] and row["Status"] == "confirmed" for row in listed_)


async def test_an_effect_is_drawn_with_its_interval_and_opens_what_it_counts(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    title = f"Quicker {HOSTILE}"
    await planned(bank, title)
    page = await client.get("/remediations")
    assert HOSTILE not in page.text
    (plot,) = plots_of(page.text)
    query = """{ remediations { nodes { title effect { countAfter ratio low high
      summary(language: EN) } } } }"""
    nodes = (await ask(bank.services, query))["remediations"]["nodes"]
    (effect,) = [node["effect"] for node in nodes if node["title"] == title]
    (row,) = [row for row in plot["rows"] if row["name"] == title]
    assert (row["value"], row["low"], row["high"]) == tuple(
        effect[name] for name in ("ratio", "low", "high")
    )
    assert effect["summary"] in unescape(page.text)
    assert await listed(client, row["open"]) == effect["countAfter"] > 0


async def test_what_there_is_not_is_told(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/alerts/eat", data={"version": "1"})).status_code == 404
    assert (await client.get("/issues/nonsense")).status_code in (400, 404)
    assert (await client.get("/clusters/nonsense")).status_code in (400, 404)
    assert (await client.post("/alerts/reopen", data={"version": "x"})).status_code == 400


async def test_an_issue_prints_on_one_page(page: Page, client: httpx2.AsyncClient) -> None:
    issues = await client.get("/issues?state=ALL")
    addresses = re.findall(r'href="(/issues/[^"?]+)"', issues.text)
    assert addresses
    for address in addresses:
        await page.goto(address)
        printed = await page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, address


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_no_page_has_a_fault(
    browser: Browser, origin: str, client: httpx2.AsyncClient, language: str
) -> None:
    issue = re.findall(r'href="(/issues/[^"?]+)"', (await client.get("/issues?state=ALL")).text)[0]
    async with visiting(browser, origin, headers={"Accept-Language": language}) as (page, _):
        for address in (
            "/alerts?state=ALL",
            "/issues?state=ALL",
            issue,
            "/remediations",
            "/clusters",
        ):
            await page.goto(address)
            await expect(page.locator("main h1")).to_be_visible()
            wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, address
