"""An auditor's room: who looked, who changed, and whether the log holds."""

import re
from html import unescape
from pathlib import Path

import httpx2
import pytest

from api.console import audit
from graph.domain.access import Role
from tests.api.console.test_case import registered
from tests.api.console.visitors import signed_in
from tests.support.bank import Bank

pytestmark = pytest.mark.graph


def rows_of(page: str) -> list[str]:
    """The rows of a page's table as text."""
    found = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", unescape(row)).split()) for row in found]


async def test_who_looked_at_a_case_is_listed(client: httpx2.AsyncClient, bank: Bank) -> None:
    made = await registered(bank, "网银转账限额被无故下调，要求恢复")
    await client.get(f"/cases/{made['reference']}", headers={"X-Purpose-Of-Use": "quality review"})
    page = await client.get("/audit", params={"case": made["reference"]})
    assert page.status_code == 200
    rows = rows_of(page.text)
    assert any("A case" in row and "local" in row for row in rows)
    chinese = {"Accept-Language": "zh-CN"}
    told = await client.get("/audit", params={"case": made["reference"]}, headers=chinese)
    assert any("投诉详情" in row and "local" in row for row in rows_of(told.text))
    opens = re.search(r'href="(/audit/cases\?[^"]+)"', page.text)
    assert opens
    cases = await client.get(unescape(opens[1]))
    assert f'href="/cases/{made["reference"]}"' in cases.text
    assert "网银转账限额" in cases.text


async def test_who_looked_at_the_log_is_listed(client: httpx2.AsyncClient) -> None:
    await client.get("/audit/verify", params={"from": "2100-01-01"})
    await client.get("/audit/changes")
    rows = rows_of((await client.get("/audit")).text)
    # The name of the page that asked, and what of the log it read.
    assert any(row.count("Who changed") == 2 for row in rows)
    assert any(row.count("Whether the log holds") == 2 for row in rows)


async def test_a_case_opened_from_beyond_reach_is_marked(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    made = await registered(bank, "信用卡积分清零没有通知", branch="SH")
    async with await signed_in(bank, Role.HANDLER, "BJ", "lan") as handler:
        opening = await handler.post(
            "/graphql",
            json={
                "query": "mutation Opens($i: OpenCaseInput!) { openCase(input: $i) { errors {"
                " message } complaint { id } } }",
                "variables": {"i": {"reference": made["reference"], "reason": "at the counter"}},
            },
        )
        assert opening.json()["data"]["openCase"]["errors"] == []
    rows = rows_of((await client.get("/audit", params={"person": "lan"})).text)
    # Cases shown, and of these opened.
    assert re.search(r" 1 1 – \d+-\d+$", next(row for row in rows if "Opens" in row))


async def test_all_cases_of_a_large_answer_are_listed_page_by_page(
    client: httpx2.AsyncClient,
) -> None:
    listed = await client.get("/desk?status=any&rows=500")
    shown = set(re.findall(r'class="reference"><a href="/cases/([^"]+)"', listed.text))
    assert len(shown) > 55
    log = await client.get("/audit")
    row = next(
        each for each in re.findall(r"<tr>(.*?)</tr>", log.text, re.DOTALL) if "Desk" in each
    )
    found: list[str] = []
    opens = re.search(r'href="(/audit/cases\?[^"]+)"', row)
    while opens:
        page = (await client.get(unescape(opens[1]))).text
        found += re.findall(r'class="reference"><a href="/cases/([^"]+)"', page)
        assert f"{len(found)} of {len(shown)} are shown." in page
        opens = re.search(r'rel="next" href="([^"]+)"', page)
    assert len(found) == len(shown)
    assert set(found) == shown
    assert (await client.get("/audit/cases")).status_code == 404


async def test_a_reference_of_no_case_is_told(client: httpx2.AsyncClient) -> None:
    page = await client.get("/audit", params={"case": "NONE-1"})
    assert page.status_code == 200
    assert "There is no case of this reference." in page.text


async def test_who_changed_what_is_listed(client: httpx2.AsyncClient, bank: Bank) -> None:
    made = await registered(bank, "存折丢失补办被要求多次到网点", assignee="wei")
    page = await client.get("/audit/changes", params={"person": "local"})
    rows = rows_of(page.text)
    assert any(made["reference"] in row and "wei" in row for row in rows)
    assert f'href="/cases/{made["reference"]}"' in page.text
    nobody = await client.get("/audit/changes", params={"person": "nobody-of-this-name"})
    assert "Nobody changed anything like this." in nobody.text


async def test_a_list_goes_on_where_its_page_ends(client: httpx2.AsyncClient) -> None:
    page = await client.get("/audit/changes")
    further = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert further
    second = await client.get(unescape(further[1]))
    assert rows_of(second.text)
    assert not set(rows_of(second.text)) & set(rows_of(page.text))


async def test_it_comes_as_a_file_and_as_a_query(client: httpx2.AsyncClient) -> None:
    file = await client.get("/audit/changes", params={"format": "csv", "table": "activity"})
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.lstrip("\ufeff").startswith("When,Person,Of what,")
    query = await client.get("/audit", params={"format": "graphql"})
    assert "query Audit(" in query.text


async def test_the_log_is_verified(client: httpx2.AsyncClient) -> None:
    form = await client.get("/audit/verify")
    assert "The log holds." not in form.text
    page = await client.get("/audit/verify", params={"from": "2026-01-01"})
    assert "The log holds." in page.text


async def test_the_room_is_an_auditor_s(bank: Bank) -> None:
    async with await signed_in(bank, Role.HANDLER, "BJ", "wei") as handler:
        assert 'href="/audit"' not in (await handler.get("/desk")).text
        for address in ("/audit", "/audit/changes", "/audit/verify?from=2026-01-01"):
            assert (await handler.get(address)).status_code == 403, address
    # Of a part of the bank there is no log.
    async with await signed_in(bank, Role.AUDITOR, "BJ", "zhou") as auditor:
        assert (await auditor.get("/audit")).status_code == 403


def test_each_document_of_the_console_has_a_name_for_auditors() -> None:
    documents = Path(audit.__file__).parent.joinpath("documents").glob("*.graphql")
    named = [
        found
        for file in documents
        for found in re.findall(r"^(?:query|mutation|subscription) (\w+)", file.read_text(), re.M)
    ]
    assert len(named) > 50
    assert [name for name in named if name not in audit.NAMES] == []
