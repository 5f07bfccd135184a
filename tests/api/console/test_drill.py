"""The room Drill: begun, left and found again, answered, finished, compared."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from api.app import create_app
from graph.domain.access import Identity, Method, Reach, Role
from graph.domain.drills import DrillAnswer
from tests.support.bank import Bank
from tests.support.drills import finish, person, take, truth_of
from tests.support.http import client as http_client

pytestmark = pytest.mark.graph


def typed(given: DrillAnswer) -> dict[str, str | list[str]]:
    """An answer as the form sends it."""
    return {
        "type": given.type,
        "riskTypes": list(given.risk_types),
        "level": given.level.value,
        "precedent": str(given.precedent),
        "outcome": given.outcome.value,
        "remedy": given.remedy.value,
        "compensation": given.compensation.value,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def analyst(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    access = bank.services.access
    somebody = Identity("fang", "Fang", frozenset({Role.ANALYST}), Reach(), Method.SESSION)
    token, _ = await access.sessions.begin(somebody, access.clock())
    asked = http_client(create_app(bank.services.settings, bank.services))
    asked.cookies.set("complaint-graph-session", token)
    asked.headers["Accept-Language"] = "en"
    async with asked:
        yield asked


async def test_a_new_drill_has_as_many_cases_as_asked_for(client: httpx2.AsyncClient) -> None:
    begun = await client.post("/drill", data={"size": "4", "language": "EN", "code": ""})
    assert begun.status_code == 303
    address = begun.headers["location"]
    assert re.fullmatch(r"/drill/EN-4-\d+", address)
    page = (await client.get(address)).text
    assert "Case 1 of 4" in page
    assert "0 of 4 answered" in page
    common = await client.post("/drill", data={"size": "4", "code": " zh-3-61 "})
    assert common.headers["location"] == "/drill/ZH-3-61"


@pytest.mark.parametrize(
    ("sent", "told"),
    [({"code": "nonsense"}, "such as ZH-10-2026"), ({"size": "99"}, "3 to 20 cases")],
)
async def test_what_leads_to_no_drill_is_told_at_the_form(
    client: httpx2.AsyncClient, sent: dict[str, str], told: str
) -> None:
    page = await client.post("/drill", data=sent)
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{sent.get("code", sent.get("size"))}"' in page.text


async def test_an_unfinished_form_keeps_what_was_typed_and_names_what_is_missing(
    client: httpx2.AsyncClient,
) -> None:
    page = await client.post("/drill/ZH-3-62?case=2", data={"type": "FRAUD", "level": "RED"})
    assert page.status_code == 422
    assert "Case 2 of 3" in page.text
    assert page.text.count("Fill this in.") == 4
    assert '<option value="FRAUD" selected>' in page.text
    assert re.search(r'name="level" value="RED" required checked', page.text)


async def test_a_drill_is_left_and_found_again(client: httpx2.AsyncClient, bank: Bank) -> None:
    code, truth = "ZH-3-63", await truth_of(bank, "ZH-3-63")
    went = await client.post(f"/drill/{code}?case=1", data=typed(truth[0]))
    assert (went.status_code, went.headers["location"]) == (303, f"/drill/{code}?case=2")
    start = (await client.get("/drill")).text
    assert re.search(rf'href="/drill/{code}">.*?1 / 3</td><td>not finished', start, re.S)
    assert "Case 2 of 3" in (await client.get(f"/drill/{code}")).text
    # What names no case names the next one.
    for number in ("9", "x"):
        assert "Case 2 of 3" in (await client.get(f"/drill/{code}?case={number}")).text
    first = (await client.get(f"/drill/{code}?case=1")).text
    assert f'name="precedent" value="{truth[0].precedent}" required checked' in first
    # Nothing tells what is right before it is finished.
    assert "What is right" not in first


async def test_what_was_right_and_why(client: httpx2.AsyncClient, bank: Bank) -> None:
    code, truth = "EN-3-64", await truth_of(bank, "EN-3-64")
    early = await client.post(f"/drill/{code}/finish", data={"key": str(uuid4())})
    assert early.status_code == 400
    assert "Answer all cases first" in early.text
    for case, given in enumerate(truth, start=1):
        sent = typed(given) | ({"outcome": "WITHDRAWN"} if case == 2 else {})
        assert (await client.post(f"/drill/{code}?case={case}", data=sent)).status_code == 303
    whole = (await client.get(f"/drill/{code}")).text
    assert "Finish the drill" in whole
    assert (
        await client.post(f"/drill/{code}/finish", data={"key": str(uuid4())})
    ).status_code == 303
    page = (await client.get(f"/drill/{code}")).text
    assert "Result of the drill" in page
    row = re.search(r'<th scope="row"[^>]*>outcome.*?</tr>', page, re.S)
    assert row
    assert "66.7%" in row[0]
    assert page.count("✗") == 1
    assert "7 of 7 right" in page
    assert "6 of 7 right" in page
    assert "Cases of this kind end" in page
    assert "finished" in (await client.get("/drill")).text


async def test_the_agreement_of_a_session(client: httpx2.AsyncClient, bank: Bank) -> None:
    code = "ZH-5-65"
    await finish(bank, code, await truth_of(bank, code), person("lin"))
    alone = (await client.get(f"/drill/agreement?drill={code}")).text
    assert "1 person has finished it" in alone
    assert "once two people have finished" in alone
    truth = await truth_of(bank, code)
    await finish(bank, code, [replace(truth[0], type="OTHER"), *truth[1:]], person("wu"))
    page = (await client.get(f"/drill/agreement?drill={code}")).text
    assert "2 people have finished it" in page
    assert "of 2 branches." in page
    assert "100.0%" in page
    # Of five cases people differ on the first alone.
    assert re.findall(r"<h3>(Case \d)", page) == ["Case 1"]
    assert "other × 1" in page
    assert "× 2" in page
    assert f'/drill/agreement?drill={code}"' in (await client.get("/drill")).text
    assert (await client.get("/drill/agreement?drill=x")).status_code == 400


async def test_whose_room_it_is(analyst: httpx2.AsyncClient) -> None:
    """An analyst compares, and takes none."""
    start = await analyst.get("/drill")
    assert start.status_code == 200
    assert "Calibration" in start.text
    assert "Your drills" not in start.text
    assert (await analyst.get("/drill/ZH-3-66")).status_code == 403
    assert (await analyst.get("/drill/agreement?drill=ZH-3-66")).status_code == 200


async def test_a_drill_is_taken_in_the_browser_by_keyboard(page: Page) -> None:
    await page.goto("/drill/ZH-3-67")
    await page.get_by_label("Type", exact=True).focus()
    # A letter chooses in a list, space ticks a box, arrows and space choose among buttons.
    await page.keyboard.type("fraud")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    for _ in range(4):
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Case 2 of 3")
    await (
        page.get_by_role("navigation", name="Cases of the drill").get_by_role("link").first.click()
    )
    await expect(page.get_by_label("yellow")).to_be_checked()
    await expect(page.get_by_label("Type", exact=True)).to_have_value("FRAUD")
    await expect(page.get_by_label("operational risk")).to_be_checked()


async def test_a_drill_is_taken_without_scripts(browser: Browser, origin: str) -> None:
    context = await browser.new_context(base_url=origin, java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto("/drill")
    await page.get_by_label("题数").fill("3")
    await page.get_by_role("button", name="开始").click()
    for _ in range(3):
        await page.get_by_label("类型", exact=True).select_option("FEE_DISPUTE")
        for name, value in (
            ("level", "GREEN"), ("precedent", "1"), ("outcome", "UPHELD"), ("remedy", "MONETARY"),
            ("compensation", "SMALL"),
        ):  # fmt: skip
            await page.locator(f'input[name="{name}"][value="{value}"]').check()
        await page.get_by_role("button", name="保存并继续").click()
    await page.get_by_role("button", name="提交整套演练").click()
    await expect(page.locator("h1")).to_contain_text("演练结果")
    await expect(page.locator(".plot")).to_be_hidden()
    await expect(page.locator("table.figures tbody tr")).to_have_count(7)
    await context.close()


async def test_the_plots_are_drawn(page: Page, bank: Bank) -> None:
    await take(bank, "ZH-3-68", 2)
    for address in ("/drill/ZH-3-68", "/drill/agreement?drill=ZH-3-68"):
        await page.goto(address)
        await expect(page.locator(".plot svg")).to_be_visible()
