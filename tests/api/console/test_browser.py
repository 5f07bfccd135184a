"""The console in a real browser: any fault on a page fails its test."""

import json
import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.console.test_case import registered
from tests.support.bank import Bank
from tests.support.browser import visiting
from tests.support.drills import take

pytestmark = pytest.mark.graph


async def test_a_handler_works_with_the_keyboard_alone(page: Page) -> None:
    await page.goto("/desk?order=RECEIVED_ASC")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    second = page.locator("td.reference a").nth(1)
    await expect(second).to_be_focused()
    reference = await second.inner_text()
    await page.keyboard.press("k")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(reference)
    await page.keyboard.press("/")
    await expect(page.locator("#find")).to_be_focused()
    # What is typed is typed: letters are no keys there.
    await page.keyboard.type("jk BANK-7")
    assert await page.locator("#find").input_value() == "jk BANK-7"
    await page.locator("#find").fill("BANK-7")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("BANK-7")


async def test_on_a_phone_the_list_comes_first_and_filters_open(page: Page) -> None:
    level = page.locator(".filters .choices a").first
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("/desk?status=any")
    summary = page.locator(".filters > summary")
    await expect(level).to_be_attached()
    await expect(level).to_be_hidden()
    await expect(page.locator("td.reference a").first).to_be_in_viewport()
    await summary.focus()
    await page.keyboard.press("Enter")
    await expect(level).to_be_visible()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto("/desk?status=any")
    await expect(summary).to_be_hidden()
    await expect(level).to_be_visible()
    await level.focus()
    await expect(level).to_be_focused()


async def test_a_list_grows_under_the_keys_and_what_is_chosen_is_sent(page: Page) -> None:
    await page.goto("/desk?status=any&order=RECEIVED_ASC")
    rows = page.locator("#listed tr")
    # The last row is the link that goes on.
    await expect(rows).to_have_count(51)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    for _ in range(50):
        await page.keyboard.press("j")
    first = page.locator("td.reference a").nth(50)
    await expect(first).to_be_focused()
    await expect(page).to_have_url(
        f"{page.url.partition('/desk')[0]}/desk?status=any&order=RECEIVED_ASC&rows=100"
    )
    await page.keyboard.press("x")
    chosen = page.locator("#listed input:checked")
    await expect(chosen).to_have_count(2)
    shown = await page.locator("td.reference a").all_inner_texts()
    assert len(set(shown)) == len(shown) > 59
    # The button lies over the end of the list, and never over the row that one is at.
    below = await page.evaluate(
        """[...document.querySelectorAll("tr.at, .list fieldset.bar")]
          .map((each) => each.getBoundingClientRect()).map((box) => [box.top, box.bottom])"""
    )
    assert below[0][1] <= below[1][0]
    await page.get_by_label("Hand over to").fill("lin")
    await page.get_by_role("button", name="Hand over").click()
    # Both were sent; the oldest of the bank are closed, and stay where they are.
    notice = page.get_by_role("status")
    await expect(notice).to_contain_text("0 cases were handed over.")
    assert await notice.get_by_role("link").all_inner_texts() == [shown[0], shown[50]]
    assert await page.locator("td.reference a").all_inner_texts() == shown
    assert await page.evaluate("sessionStorage.getItem('htmx-history-cache')") is None


async def test_a_list_s_link_takes_whoever_follows_it_by_mouse_to_its_first_new_row(
    page: Page,
) -> None:
    await page.goto("/desk?status=any")
    await page.get_by_role("link", name="Further").click()
    await expect(page.locator("td.reference a").nth(50)).to_be_focused()
    await page.goto("/desk?status=any")
    await page.get_by_role("link", name=re.compile("at once")).click()
    await expect(page.get_by_role("link", name="Further")).to_have_count(0)
    assert await page.locator("#listed tr").count() > 59


async def test_a_precedent_is_rated_by_one_key(page: Page, bank: Bank) -> None:
    made = await registered(bank, "信用卡年费没有提前告知就直接扣款，要求退还给我")
    await page.goto(f"/cases/{made['reference']}")
    await page.keyboard.press("j")
    await expect(page.locator(".precedent").first).to_be_focused()
    await page.keyboard.press("u")
    await expect(page.locator(".precedent .rated").first).to_have_text("Rated as useful.")
    await expect(page.locator("h1")).to_have_text(made["reference"])


async def test_a_step_is_taken_in_the_browser(page: Page, bank: Bank) -> None:
    made = await registered(bank, "房贷提前还款申请提交多日仍无人处理")
    await page.goto(f"/cases/{made['reference']}")
    await page.get_by_role("link", name="confirm the classification").click()
    await page.get_by_label("Type").select_option("FEE_DISPUTE")
    await page.get_by_label("Amount in dispute").fill("1,250.50")
    await page.locator("form.step button").click()
    await expect(page.locator("h1")).to_have_text(made["reference"])
    await expect(page.locator("dl")).to_contain_text("1,250.50")


async def test_what_would_become_of_it_stands_beside_the_form_while_it_is_typed(
    page: Page, bank: Bank
) -> None:
    await page.goto("/register")
    preview = page.locator("#preview")
    await page.get_by_label("What the customer says").press_sequentially(
        "信用卡年费没有告知就扣款，我的手机是13671530826", delay=5
    )
    await expect(preview).to_contain_text("How alike cases were decided")
    assert "13671530826" not in await preview.inner_text()
    await expect(page.get_by_label("What the customer says")).to_be_focused()
    await expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    await page.get_by_label("Product").select_option("CARD-FEE")
    await page.get_by_role("button", name="Register", exact=True).click()
    await expect(page.locator("section .narrative").first).to_contain_text("信用卡年费没有告知")
    assert "/cases/API-" in page.url


async def test_pages_work_without_scripts(browser: Browser, origin: str) -> None:
    context = await browser.new_context(base_url=origin, java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto("/desk?order=RECEIVED_ASC")
    await expect(page.locator("h1")).to_have_text("工作台")
    await page.locator("td.reference a").first.click()
    await page.locator(".precedent button").first.click()
    await expect(page).to_have_url(re.compile("#precedents$"))
    await page.get_by_label("备注").fill("没有脚本也能写")
    await page.get_by_role("button", name="保存备注").click()
    await expect(page.locator(".events")).to_contain_text("没有脚本也能写")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("#events")).to_have_text("What happened")
    await context.close()


PAGES = (
    "/desk",
    "/desk?status=any&branches=BJ&duplicate=false&channels=PHONE",
    "/cases/BANK-1",
    "/cases/BANK-3/steps/assign",
    "/find?text=年费",
    "/team",
    "/team/answers",
    "/openings",
    "/register",
    "/insight?by=BRANCH",
    "/insight/hotspots",
    "/insight/branches",
    "/insight/bottlenecks",
    "/remediations/plan",
    "/audit",
    "/audit/changes",
    "/audit/verify?from=2026-01-01",
    "/drill",
    "/drill/ZH-3-2026",
    "/drill/EN-3-2",
    "/drill/agreement?drill=EN-3-2",
    "/jobs",
    "/imports",
)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
async def test_no_page_has_a_fault(
    browser: Browser, origin: str, bank: Bank, dark: bool, language: str
) -> None:
    await take(bank, "EN-3-2", 2)
    async with visiting(browser, origin, dark=dark, locale=language) as (
        page,
        faults,
    ):
        for address in PAGES:
            await page.goto(address)
            await expect(page.locator("main h1")).to_be_visible()
            spoken = await page.locator("html").get_attribute("lang")
            assert spoken == ("zh-Hans" if language == "zh-CN" else "en")
            wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, address
            # Every plot there is was drawn.
            plots = await page.locator(".plot").count()
            await expect(page.locator(".plot svg")).to_have_count(plots)
        faults.expect("404")
        await page.goto("/cases/NONE")
        await expect(page.locator("h1")).to_be_visible()


#: The pixel of a point of a page's only plot, of its series and value.
_MARK = """([series, x, y]) => {
  const place = document.querySelector(".plot");
  const [left, top] = echarts.getInstanceByDom(place).convertToPixel({seriesIndex: series}, [x, y]);
  const box = place.getBoundingClientRect();
  return [box.left + left, box.top + top];
}"""


async def test_a_click_on_a_mark_opens_its_cases(page: Page) -> None:
    await page.goto("/insight?interval=MONTH")
    plot = json.loads(await page.locator(".plot").get_attribute("data-plot") or "")
    place, point = max(enumerate(plot["series"][0]["points"]), key=lambda each: each[1]["y"])
    await page.locator(".plot").scroll_into_view_if_needed()
    left, top = await page.evaluate(_MARK, [0, place, point["y"]])
    await page.mouse.click(left, top)
    await expect(page).to_have_url(re.compile("/desk\\?"))
    await expect(page.locator(".bar p").first).to_have_text(f"{point['y']} cases")


async def test_a_plot_comes_as_svg_and_a_query_is_copied(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto("/insight/bottlenecks")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="SVG").click()
    file = await coming.value
    assert file.suggested_filename == "bottlenecks.svg"
    text = (await file.path()).read_text("utf-8")
    assert text.startswith("<svg")
    assert "Card centre" in text
    await page.get_by_role("link", name="Copy query").click()
    await expect(page.get_by_role("status")).to_have_text("Copied.")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert "query Bottlenecks(" in copied
    assert '"groupBy": "DEPARTMENT"' in copied


async def test_without_scripts_the_tables_are_open_and_no_plot_is_missed(
    browser: Browser, origin: str
) -> None:
    context = await browser.new_context(base_url=origin, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/insight/branches")
    await expect(page.locator(".plot")).to_be_hidden()
    await expect(page.locator("table.figures").first).to_be_visible()
    await expect(page.get_by_role("button", name="SVG")).to_be_hidden()
    await page.locator("table.figures a").first.click()
    await expect(page.locator("h1")).to_have_text("Desk")
    await context.close()
