"""The tour of the demo bank: each stop opens its page as the person who would see it."""

import re
from html import unescape

import pytest

from api.app import create_app
from api.console.tour import STOPS
from tests.support.bank import Bank
from tests.support.http import client as http_client

pytestmark = pytest.mark.graph


async def test_each_stop_opens_its_page_as_its_person(bank: Bank) -> None:
    async with http_client(create_app(bank.services.settings, bank.services, demo=True)) as client:
        client.headers["Accept-Language"] = "en"
        page = await client.get("/tour")
        assert page.status_code == 200
        forms = [unescape(each) for each in re.findall(r'action="(/personas/[^"]+)"', page.text)]
        assert len(forms) == len(STOPS)
        for form, stop in zip(forms, STOPS, strict=True):
            assert stop.title in page.text
            opened = await client.post(form)
            assert opened.status_code == 303
            address = opened.headers["location"]
            # This bank has no case of the handler's outlet.
            assert address == (stop.address or "/desk")
            assert (await client.get(address)).status_code == 200, address
        chinese = await client.get("/tour", headers={"Accept-Language": "zh-CN"})
        assert "演示银行导览" in chinese.text
        elsewhere = await client.post("/personas/handler?to=//evil.example/")
        assert elsewhere.status_code == 400


async def test_only_the_demo_bank_has_one(bank: Bank) -> None:
    async with http_client(create_app(bank.services.settings, bank.services)) as client:
        assert (await client.get("/tour")).status_code == 404
