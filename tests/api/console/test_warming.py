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

pytestmark = pytest.mark.graph


async def test_a_handlers_first_pages_send_hardly_a_new_statement(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: set[str] = set()
    read = Database._read

    async def noted(self: Database, name: str, statement: str, parameters: Any) -> Any:
        sent.add(statement)
        return await read(self, name, statement, parameters)

    looks = await operations(bank.services.database)
    monkeypatch.setattr(Database, "_read", noted)
    await ask_first(build_schema(), bank.services)
    assert await operations(bank.services.database) == looks
    async with await signed_in(bank, Role.HANDLER, "BJ", "early-bird") as visitor:
        # Another page, for what is read of whoever has signed in.
        await visitor.get("/jobs")
        known = set(sent)
        sent.clear()
        desk = await visitor.get("/desk")
        listed = set(re.findall(r'href="/cases/([^"]+)"', desk.text))
        cases = [await visitor.get(f"/cases/{reference}") for reference in sorted(listed)[:3]]
    assert {page.status_code for page in (desk, *cases)} == {200}
    assert len(cases) == 3
    assert len(sent) > 30
    # What only some cases need may be new: the wider causes of one that was attributed, a search in
    # the one or the other way, which depends on how many cases a place is known to have.
    assert len(sent - known) <= len(sent) / 6
