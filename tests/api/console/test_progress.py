"""A customer's page: open to whoever has its address, and nothing internal is on it."""

import re
from typing import Any

import httpx2
import pytest

from graph.domain.access import Role
from tests.api.console.test_case import registered
from tests.api.console.test_team import signed_in
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

CASE = """query ($r: String!) { complaint(reference: $r) {
  id version progressToken narrative assignee customer { id } } }"""
STEP = """mutation ($i: %sInput!) { %s(input: $i) { errors { message } complaint { version } } }"""


async def taken(bank: Bank, name: str, case: str, version: int, **given: Any) -> None:
    document = STEP % (name[0].upper() + name[1:], name)
    sent = {"complaint": case, "version": version, **given}
    payload = (await ask(bank.services, document, i=sent))[name]
    assert payload["errors"] == []


async def test_nobody_signs_in_and_only_stages_and_dates_are_shown(
    bank: Bank, client: httpx2.AsyncClient
) -> None:
    made = await registered(bank, "年费没有告知就扣款，请退还", assignee="zhou", branch="BJ-01")
    case = (await ask(bank.services, CASE, r=made["reference"]))["complaint"]
    address = f"/progress/{case['progressToken']}"
    early = await client.get(address)
    assert early.status_code == 200
    assert "You will hear from us by" in early.text
    for version, (step, given) in enumerate(
        (
            ("classifyComplaint", {"note": "internal note"}),
            ("dispatchComplaint", {"lead": "CARDS"}),
            ("startInvestigation", {}),
            ("answerComplaint", {"outcome": "NOT_UPHELD", "summary": "internal answer"}),
        ),
        start=case["version"],
    ):
        await taken(bank, step, case["id"], version, **given)
    page = await client.get(address)
    words = re.sub(r"<[^>]*>", " ", page.text)
    assert re.findall(r"<li.*?<strong>(.*?)</strong>", page.text) == [
        "received", "in progress", "answered",
    ]  # fmt: skip
    assert "We have answered your complaint." in words
    assert "Within 30 days" in words
    for hidden in (
        "internal",
        "zhou",
        case["id"],
        "年费",
        "CARDS",
        "Card centre",
        "BJ-01",
        "local",
    ):
        assert hidden not in page.text, hidden
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    chinese = await client.get(address, headers={"Accept-Language": "zh-CN"})
    assert "我行已答复您的投诉。" in chinese.text


async def test_another_token_opens_nothing(client: httpx2.AsyncClient, bank: Bank) -> None:
    made = await registered(bank, "年费没有告知就扣款")
    case = (await ask(bank.services, CASE, r=made["reference"]))["complaint"]
    for token in (case["progressToken"] + "x", case["id"], "x" * 5_000, "%00"):
        answer = await client.get(f"/progress/{token}")
        assert answer.status_code == 400
        assert made["reference"] not in answer.text
    gone = bank.services.progress_tokens.sign("gone")
    assert (await client.get(f"/progress/{gone}")).status_code == 404


async def test_whoever_is_signed_in_sees_the_same(bank: Bank, client: httpx2.AsyncClient) -> None:
    """It is a page of the token's, not of the person's."""
    made = await registered(bank, "年费没有告知就扣款", branch="BJ-01")
    case = (await ask(bank.services, CASE, r=made["reference"]))["complaint"]
    async with await signed_in(bank, Role.HANDLER, "SH", "wu") as asked:
        theirs = await asked.get(f"/progress/{case['progressToken']}")
    assert theirs.text == (await client.get(f"/progress/{case['progressToken']}")).text
