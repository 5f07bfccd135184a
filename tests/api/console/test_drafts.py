"""The form of an answer: the draft in it, what it rests on, and what is wrong with it as typed."""

import re
from html import unescape
from typing import Any

import httpx2
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.api.console.test_accessibility import RULES
from tests.api.console.test_case import registered
from tests.schema.desk.test_steps import taken
from tests.support.bank import Bank
from tests.support.browser import visiting
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

PAID = {"outcome": "UPHELD", "remedy": "MONETARY", "compensation": {"value": "300"}}
SUMMARY = """query ($r: String!) { complaint(reference: $r) { resolution { summary } } }"""
USES = "{ templateUses { template count unchanged insisted } }"


async def at_answer(bank: Bank, number: int, **proposed: Any) -> str:
    """The reference of a fee dispute that waits for its answer."""
    made = await registered(bank, f"第{number}张卡的年费没有提前告知就扣了500元，要求退还")
    steps = [
        ("classifyComplaint", {"type": "FEE_DISPUTE", "amount": {"value": "500"}}),
        ("dispatchComplaint", {"lead": "CARDS"}),
        ("startInvestigation", {}),
    ]
    if proposed:
        steps += [("proposeRemedy", proposed), ("recordAgreement", {})]
    for version, (mutation, data) in enumerate(steps, start=1):
        await taken(bank, mutation, complaint=made["id"], version=version, **data)
    return str(made["reference"])


def typed(html: str) -> dict[str, str]:
    """What a browser would send of the form as it stands, the lists of several left out."""
    (form,) = re.findall(r'<form method="post" class="step".*?</form>', html, re.DOTALL)
    sent = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form, re.DOTALL))
    sent |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.S))
    for name, inner in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'value="([^"]*)" selected', inner)
        if chosen:
            sent[name] = chosen[0]
    lines = {name: unescape(value).splitlines() for name, value in sent.items()}
    return {name: "\r\n".join(each) for name, each in lines.items()}


async def summary_of(bank: Bank, reference: str) -> str:
    data = await ask(bank.services, SUMMARY, r=reference)
    return str(data["complaint"]["resolution"]["summary"]).replace("\r\n", "\n")


async def test_the_draft_stands_in_the_form_and_is_sent_as_it_is(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    reference = await at_answer(bank, 1, **PAID)
    page = await client.get(f"/cases/{reference}/steps/answer")
    sent = typed(page.text)
    assert "我行将向您退还300元。" in sent["summary"]
    assert "what is done ← proposal: compensation 300元" in unescape(page.text)
    assert "nothing is missing" in page.text
    done = await client.post(f"/cases/{reference}/steps/answer", data=sent)
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{reference}")
    assert "我行将向您退还300元。" in await summary_of(bank, reference)
    (use,) = [
        each
        for each in (await ask(bank.services, USES))["templateUses"]
        if each["template"] == "FEE_DISPUTE.UPHELD.ZH"
    ]
    assert use["unchanged"] == use["count"] == 1


async def test_what_is_wrong_is_told_and_can_be_sent_all_the_same(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    reference = await at_answer(bank, 2, **PAID)
    address = f"/cases/{reference}/steps/answer"
    sent = typed((await client.get(address)).text)
    sent["summary"] = sent["summary"].replace("300元", "800元") + "我行保证不再发生。"
    held = await client.post(address, data=sent)
    assert held.status_code == 422
    assert "“800元” is neither a fact" in unescape(held.text)
    assert "“保证”: no answer may promise this." in unescape(held.text)
    again = typed(held.text)
    assert again["summary"] == sent["summary"]
    assert again["draftTemplate"] == "FEE_DISPUTE.UPHELD.ZH"
    assert 'name="insist" value="yes"' in held.text
    done = await client.post(address, data={**again, "insist": "yes"})
    assert done.status_code == 303
    assert "800元" in await summary_of(bank, reference)
    # It stands in the case's events with what was wrong, and is counted.
    case = unescape((await client.get(f"/cases/{reference}")).text)
    assert "sent in spite of: – → amount without a fact, promise without a fact" in case
    uses = (await ask(bank.services, USES))["templateUses"]
    use = next(each for each in uses if each["template"] == "FEE_DISPUTE.UPHELD.ZH")
    assert use["insisted"] == 1
    room = await client.get("/team/answers")
    row = re.search(r'<th scope="row"[^>]*>[^<]*fee dispute · .*?</tr>', room.text, re.DOTALL)
    assert row
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[0])[:3] == [
        str(use[name]) for name in ("count", "unchanged", "insisted")
    ]


async def test_a_draft_is_made_of_a_decision_that_was_typed(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    reference = await at_answer(bank, 3)
    address = f"/cases/{reference}/steps/answer"
    empty = await client.get(address)
    assert "have a draft made" in empty.text
    sent = {**typed(empty.text), "outcome": "NOT_UPHELD", "remedy": "NONE", "language": "EN"}
    page = await client.post(f"{address}/draft", data=sent)
    assert page.status_code == 200
    made = typed(page.text)
    assert "We therefore do not uphold your complaint." in made["summary"]
    assert (made["outcome"], made["draftTemplate"]) == ("NOT_UPHELD", "FEE_DISPUTE.NOT_UPHELD.EN")
    done = await client.post(address, data=made)
    assert done.status_code == 303
    # Without a decision there is nothing to draft, and the answer is refused as before.
    other = await at_answer(bank, 4)
    address = f"/cases/{other}/steps/answer"
    nothing = typed((await client.get(address)).text)
    assert (await client.post(f"{address}/draft", data=nothing)).status_code == 200
    refused = await client.post(address, data={**nothing, "summary": "800元"})
    assert refused.status_code == 422
    assert "say what was found" in refused.text


async def test_problems_are_told_while_it_is_typed(page: Page, bank: Bank) -> None:
    reference = await at_answer(bank, 5, **PAID)
    await page.goto(f"/cases/{reference}/steps/answer")
    answer = page.get_by_label("Answer to the customer")
    await expect(page.locator("#problems")).to_contain_text("nothing is missing")
    await answer.press("End")
    await answer.press_sequentially("5日内到账。")
    await expect(page.locator("#problems")).to_contain_text("“5日” is neither a date")
    await page.get_by_role("button", name="Draft in English").click()
    await expect(answer).to_have_value(re.compile("We will refund you CNY 300"))
    await page.locator("form.step button.primary").click()
    await expect(page.locator("h1")).to_have_text(reference)


async def test_it_works_in_chinese_and_in_the_dark(
    browser: Browser, origin: str, bank: Bank
) -> None:
    reference = await at_answer(bank, 6, **PAID)
    async with visiting(browser, origin, dark=True, locale="zh-CN") as (page, faults):
        faults.expect("422")
        await page.goto(f"/cases/{reference}/steps/answer")
        await expect(page.locator("aside")).to_contain_text("草稿逐句依据")
        await expect(page.locator("aside")).to_contain_text("处理方案：补偿金额 300元")
        assert (await Axe().run(page, options=RULES)).response["violations"] == []
        await page.locator("textarea[name=summary]").fill("经核查属实，决定退还您800元。")
        await page.locator("form.step button.primary").click()
        await expect(page.get_by_role("button", name="仍按此发送")).to_be_visible()
        await expect(page.locator("#problems")).to_contain_text("答复缺少：异议与核查途径。")
        assert (await Axe().run(page, options=RULES)).response["violations"] == []
