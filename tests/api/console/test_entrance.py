"""The first page, the demo bank's people, and pages in place of refusals as JSON."""

import re

import pytest

from tests.support.bank import Bank
from tests.support.http import code_of, service

pytestmark = pytest.mark.graph
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_the_first_page_speaks_the_visitors_language(bank: Bank) -> None:
    async with service(bank) as asked:
        chinese = (await asked.get("/", headers={"Accept-Language": "zh-CN"})).text
        english = (await asked.get("/", headers={"Accept-Language": "en"})).text
    assert 'lang="zh-Hans"' in chinese
    assert "进入工作台" in chinese
    assert 'lang="en"' in english
    assert "To the desk" in english


async def test_people_of_the_demo_bank_begin_in_their_own_room(bank: Bank) -> None:
    async with service(bank, demo=True) as asked:
        page = (await asked.get("/personas", headers={"Accept-Language": "zh-CN"})).text
        assert "林越 Lin Yue" in page
        assert "经办人" in page
        begins = re.findall(r'action="(/personas/\w+\?to=(/\w+))"', page)
        assert len(begins) == 5
        for action, room in begins:
            answer = await asked.post(action)
            assert answer.headers["Location"] == room
            assert (await asked.get(room)).status_code == 200


async def test_an_unknown_address_is_a_page_for_people_and_json_for_programs(bank: Bank) -> None:
    async with service(bank) as asked:
        page = await asked.get("/nothing", headers={**PAGE, "Accept-Language": "zh-CN"})
        assert page.status_code == 404
        assert "没有找到" in page.text
        for headers in ({}, {"Accept": "application/json"}):
            answer = await asked.get("/nothing", headers=headers)
            assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
        answer = await asked.post("/nothing", headers=PAGE)
        assert code_of(answer) == "NOT_FOUND"
