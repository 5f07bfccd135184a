"""What the service asks before anybody else does."""

import re
from typing import Any

import pytest

from api.warming import ask_first
from graph.database import Database
from graph.domain.access import Role
from schema.build import build_schema
from tests.api.console.visitors import signed_in
from tests.support.access_log import operations
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph
_NEWEST = "{ complaints(first: 1) { nodes { reference branch { code } } } }"


async def test_a_handlers_first_pages_send_no_statement_that_is_new(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: set[str] = set()
    read = Database._read

    async def noted(self: Database, name: str, statement: str, parameters: Any) -> Any:
        sent.add(statement)
        return await read(self, name, statement, parameters)

    (newest,) = (await ask(bank.services, _NEWEST))["complaints"]["nodes"]
    looks = await operations(bank.services.database)
    monkeypatch.setattr(Database, "_read", noted)
    await ask_first(build_schema(), bank.services)
    assert await operations(bank.services.database) == looks
    async with await signed_in(
        bank, Role.HANDLER, newest["branch"]["code"], "early-bird"
    ) as visitor:
        # Another page, for what is read of whoever has signed in.
        await visitor.get("/jobs")
        known = set(sent)
        sent.clear()
        desk = await visitor.get("/desk")
        others = set(re.findall(r'href="/cases/([^"]+)"', desk.text)) - {newest["reference"]}
        case = await visitor.get(f"/cases/{min(others)}")
    assert (desk.status_code, case.status_code) == (200, 200)
    assert len(sent) > 30
    assert sent - known == set()
