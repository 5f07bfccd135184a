"""A supervisor's page, and a case that is opened from elsewhere."""

import re
from html import unescape

import httpx2
import pytest

from graph.domain.access import Role
from tests.api.console.test_case import registered
from tests.api.console.test_desk import references_in
from tests.api.console.visitors import signed_in
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph


async def test_the_team_s_figures_are_those_of_the_api(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    await registered(bank, "三天内不退款我就去法院起诉", assignee="zhou")
    page = await client.get("/team")
    assert page.status_code == 200
    query = """{ complaints(filter: {levels: [RED], statuses: [REGISTERED, CLASSIFIED, DISPATCHED,
      INVESTIGATING, REMEDY_PROPOSED, AGREED, REFUSED, REOPENED, REVIEW_REQUESTED]}) {
      totalCount } }"""
    red = (await ask(bank.services, query))["complaints"]["totalCount"]
    assert re.search(rf'Escalated to red, the newest first <span class="count">{red}<', page.text)
    loads = dict(re.findall(r'<tr><td>(\S+)</td><td class="num">(\d+)</td>', unescape(page.text)))
    found = await bank.services.database.read(
        """MATCH (c:Complaint) WHERE c.assignee IS NOT NULL AND NOT c.status IN
        ['ANSWERED', 'FEEDBACK_RECORDED', 'CLOSED', 'WITHDRAWN', 'REVIEWED']
        RETURN c.assignee AS who, count(*) AS n"""
    )
    assert {row["who"]: row["n"] for row in found}.items() >= {
        who: int(count) for who, count in loads.items()
    }.items()


async def test_a_case_is_opened_with_a_reason_and_ended_by_its_supervisor(bank: Bank) -> None:
    rows = await bank.services.database.read(
        """MATCH (c:Complaint) WHERE 'SH' IN c.branchCodes AND NOT 'BJ' IN c.branchCodes
        RETURN c.reference AS reference ORDER BY reference LIMIT 1"""
    )
    reference = rows[0]["reference"]
    async with await signed_in(bank, Role.HANDLER, "BJ", "wei") as handler:
        refused = await handler.get(f"/cases/{reference}")
        assert refused.status_code == 404
        assert f'href="/openings?reference={reference}"' in refused.text
        form = await handler.get(f"/openings?reference={reference}")
        assert f'value="{reference}"' in form.text
        empty = await handler.post("/openings", data={"reference": reference, "reason": " "})
        assert (empty.status_code, 'role="alert"' in empty.text) == (422, True)
        done = await handler.post(
            "/openings", data={"reference": reference, "reason": "客户转到本行网点"}
        )
        assert (done.status_code, done.headers["location"]) == (303, f"/cases/{reference}")
        case = await handler.get(f"/cases/{reference}")
        assert case.status_code == 200
        assert "客户转到本行网点" in case.text
        gone = await handler.post("/openings", data={"reference": "NONE-1", "reason": "x"})
        assert gone.status_code == 422
    async with await signed_in(bank, Role.SUPERVISOR, "SH", "guo") as supervisor:
        team = await supervisor.get("/team")
        openings = team.text.partition('id="openings"')[2]
        assert "客户转到本行网点" in openings
        assert references_in(openings)[0] == reference
        identity = re.search(r'name="opening" value="([^"]+)"', openings)
        assert identity
        ended = await supervisor.post("/openings/end", data={"opening": identity[1]})
        assert ended.status_code == 303
        assert "客户转到本行网点" not in (await supervisor.get("/team")).text
    async with await signed_in(bank, Role.HANDLER, "BJ", "wei") as handler:
        assert (await handler.get(f"/cases/{reference}")).status_code == 404


async def test_a_handler_has_no_team_in_the_menu(bank: Bank) -> None:
    async with await signed_in(bank, Role.HANDLER, "BJ", "wei") as handler:
        assert 'href="/team"' not in (await handler.get("/desk")).text
        page = await handler.get("/team")
        assert page.status_code == 200
        assert 'id="openings"' not in page.text
    async with await signed_in(bank, Role.SUPERVISOR, "BJ", "guo") as supervisor:
        assert 'href="/team"' in (await supervisor.get("/desk")).text
