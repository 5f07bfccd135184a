"""Forms of a bank with 2,000 branches: each of them can be named, by list, suggestion or typing."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.support.bank import Bank

pytestmark = pytest.mark.graph
_MANY = """
CYPHER 25
MATCH (head:Branch {code: 'HO'})
UNWIND range(1, 2000) AS number
CREATE (n:Branch {code: 'ZZ-' + toString(10000 + number), level: 'BRANCH',
  name: 'Village ' + toString(number), nameZh: '第' + toString(number) + '支行'})-[:PART_OF]->(head)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def many(bank: Bank) -> AsyncIterator[None]:
    """So many branches, for this module alone."""
    await bank.services.database.run(_MANY)
    yield
    await bank.services.database.run(
        "MATCH (n:Branch) WHERE n.code STARTS WITH 'ZZ-' DETACH DELETE n"
    )


async def test_a_long_list_is_typed_and_a_short_one_chosen(client: httpx2.AsyncClient) -> None:
    for address in ("/register", "/cases/BANK-1/steps/correct-classification", "/insight"):
        page = (await client.get(address)).text
        assert re.search(
            r'<input id="[fn]-branch" name="branch"[^>]* list="[fn]-branch-list"', page
        )
        assert re.search(r'<select (id="f-product" )?name="product"', page), address
        # What is suggested before anything is typed is short, too.
        assert len(re.findall(r'<option value="(ZZ|BJ|SH|HO)', page)) <= 20


async def test_what_is_typed_is_suggested_from_the_whole_tree(client: httpx2.AsyncClient) -> None:
    async def suggested(tree: str, typed: str) -> list[tuple[str, str]]:
        page = await client.get(f"/choices/{tree}", params={"whatever": typed})
        assert page.status_code == 200
        return re.findall(r'<option value="([^"]+)">([^<]+)</option>', unescape(page.text))

    assert await suggested("branches", "village 1999") == [("ZZ-11999", "Village 1999")]
    assert await suggested("branches", "第1999支") == [("ZZ-11999", "Village 1999")]
    assert await suggested("branches", "zz-12000") == [("ZZ-12000", "Village 2000")]
    assert await suggested("rootCauses", "fee") == [("UNTOLD", "Fee not told")]
    assert len(await suggested("branches", "village")) == 20
    assert (await client.get("/choices/elsewhere")).status_code == 404


@pytest.mark.parametrize("typed", ["BJ-01", "haidian", " 海淀 "])
async def test_an_entry_is_named_by_code_or_name_without_scripts(
    client: httpx2.AsyncClient, bank: Bank, typed: str
) -> None:
    form = {"narrative": f"柜台排队两个小时没有人处理 {typed}", "branch": typed, "channel": "PHONE"}
    done = await client.post("/register", data=form)
    assert done.status_code == 303, done.text
    rows = await bank.services.database.read(
        "MATCH (c:Complaint {reference: $reference}) RETURN c.branchCodes AS codes",
        reference=done.headers["location"].rpartition("/")[2],
    )
    assert "BJ-01" in rows[0]["codes"]


async def test_what_names_nothing_comes_back_with_what_was_typed(
    client: httpx2.AsyncClient,
) -> None:
    form = {"narrative": "柜台排队两个小时", "branch": "village", "channel": "PHONE"}
    page = await client.post("/register", data=form)
    assert page.status_code == 422
    assert re.search(r'name="branch" value="village"[^>]*aria-invalid="true"', page.text)


async def test_an_analysis_is_narrowed_by_a_name(client: httpx2.AsyncClient) -> None:
    by_name = await client.get("/insight/branches", params={"branch": "北京"})
    by_code = await client.get("/insight/branches", params={"branch": "BJ"})
    assert (by_name.status_code, by_name.text) == (200, by_code.text)
    assert 'name="branch" value="BJ"' in by_code.text


async def test_suggestions_come_as_one_types(page: Page) -> None:
    await page.goto("/register")
    await page.get_by_label("Branch", exact=True).press_sequentially("Village 1999")
    await expect(page.locator("#f-branch-list option")).to_have_count(1)
    value = await page.locator("#f-branch-list option").get_attribute("value")
    assert value == "ZZ-11999"
