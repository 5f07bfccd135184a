"""Forms of what is done: planned, changed, refused, and sent on a version that is old."""

import re
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from graph.domain.access import Role
from tests.api.console.visitors import signed_in
from tests.api.watch.test_watch import fields_of
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

REMEDIATION = """query ($id: ID!) { remediation(id: $id) { title owner version startedAt completedAt
  rootCause { code } issue { id } } }"""
ISSUE = """query ($id: ID!) { systemicIssue(id: $id) { title(language: ZH) level owner version
  rootCauses { code } } }"""
PROPOSE = """mutation ($i: ProposeSystemicIssueInput!) { proposeSystemicIssue(input: $i) {
  errors { message } issue { id } } }"""


async def of_title(bank: Bank, title: str) -> str:
    query = "{ remediations(first: 100) { nodes { id title } } }"
    nodes = (await ask(bank.services, query))["remediations"]["nodes"]
    (identity,) = [node["id"] for node in nodes if node["title"] == title]
    return str(identity)


async def proposed(bank: Bank, title: str) -> str:
    given = {"title": title, "level": "YELLOW", "rootCauses": ["SLOW"], "owner": "ann"}
    answer = await ask(bank.services, PROPOSE, i=given)
    assert answer["proposeSystemicIssue"]["errors"] == []
    return str(answer["proposeSystemicIssue"]["issue"]["id"])


def shown(page: str) -> dict[str, str]:
    """What stands in the fields of a form that take one value."""
    inputs = re.findall(r'<input id="f-([^"]+)" [^>]*?value="([^"]*)"', page)
    chosen = re.findall(
        r'<select id="f-([^"]+)"(?:(?!</select>).)*?<option value="([^"]+)" selected',
        page,
        re.DOTALL,
    )
    return {name: unescape(value) for name, value in (*inputs, *chosen)}


async def test_a_remediation_is_planned_and_changed(client: httpx2.AsyncClient, bank: Bank) -> None:
    form = await client.get("/remediations/plan")
    assert form.status_code == 200
    title = f"Remind early {uuid4().hex[:6]}"
    done = await client.post(
        "/remediations/plan",
        data={
            **fields_of(form.text),
            "title": title,
            "rootCause": "SLOW",
            "owner": "ann",
            "startedAt": "2025-03-01T09:30",
        },
    )
    assert (done.status_code, done.headers["location"]) == (303, "/remediations")
    identity = await of_title(bank, title)
    made = (await ask(bank.services, REMEDIATION, id=identity))["remediation"]
    assert (made["rootCause"], made["owner"]) == ({"code": "SLOW"}, "ann")
    assert made["startedAt"] == "2025-03-01T01:30:00+00:00"
    address = f"/remediations/edit?id={quote(identity)}"
    assert (
        address.replace("=", "%3D").replace("id%3D", "id=")
        in (await client.get("/remediations")).text
    )
    form = await client.get(address)
    before = shown(form.text)
    assert before["title"] == title
    assert before["rootCause"] == "SLOW"
    assert before["startedAt"] == "2025-03-01T09:30"
    changed = {**before, "owner": "", "completedAt": "2025-05-01T00:00"}
    done = await client.post(address, data={**fields_of(form.text), **changed})
    assert done.status_code == 303
    after = (await ask(bank.services, REMEDIATION, id=identity))["remediation"]
    assert (after["owner"], after["completedAt"]) == (None, "2025-04-30T16:00:00+00:00")
    assert (after["title"], after["rootCause"]) == (title, {"code": "SLOW"})
    # The version is old now: nothing is done, and what was typed stays.
    stale = await client.post(
        address, data={**fields_of(form.text), **changed, "title": "too late", "key": str(uuid4())}
    )
    assert stale.status_code == 422
    assert 'value="too late"' in stale.text
    assert "completedAt" in stale.text.partition("while you were writing")[2]
    assert (await ask(bank.services, REMEDIATION, id=identity))["remediation"] == after


async def test_what_is_missing_is_said_beside_its_field(client: httpx2.AsyncClient) -> None:
    form = await client.get("/remediations/plan")
    refused = await client.post(
        "/remediations/plan", data={**fields_of(form.text), "title": " ", "owner": "ann"}
    )
    assert refused.status_code == 422
    assert 'id="e-title"' in refused.text
    assert shown(refused.text)["owner"] == "ann"
    both = await client.post(
        "/remediations/plan", data={**fields_of(form.text), "title": "About nothing"}
    )
    assert (both.status_code, 'role="alert"' in both.text) == (422, True)


async def test_an_issue_is_changed_and_planned_against(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    identity = await proposed(bank, "办理太慢")
    page = await client.get(f"/issues/{quote(identity)}")
    assert "/issues/edit?id=" in page.text
    address = f"/issues/edit?id={quote(identity)}"
    form = await client.get(address)
    before = shown(form.text)
    assert (before["title"], before["level"], before["owner"]) == ("办理太慢", "YELLOW", "ann")
    data = {**fields_of(form.text), **before, "level": "RED", "rootCauses": ["SLOW", "TOLD"]}
    done = await client.post(address, data=data)
    assert (done.status_code, done.headers["location"]) == (303, f"/issues/{identity}")
    after = (await ask(bank.services, ISSUE, id=identity))["systemicIssue"]
    assert (after["level"], after["owner"], after["title"]) == ("RED", "ann", "办理太慢")
    assert {each["code"] for each in after["rootCauses"]} == {"SLOW", "TOLD"}
    plan = await client.get(f"/remediations/plan?issue={quote(identity)}")
    assert shown(plan.text)["issue"] == identity


async def test_one_that_is_chosen_stays_chosen_where_the_list_does_not_reach(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    identity = await proposed(bank, "早已解决")
    form = await client.get(f"/remediations/plan?issue={quote(identity)}")
    title = f"Mended {uuid4().hex[:6]}"
    await client.post(
        "/remediations/plan", data={**fields_of(form.text), "title": title, "issue": identity}
    )
    change: dict[str, Any] = {"issue": identity, "version": 1, "status": "REJECTED"}
    answer = await ask(
        bank.services,
        "mutation ($i: ChangeSystemicIssueInput!) { changeSystemicIssue(input: $i) {"
        " errors { message } } }",
        i=change,
    )
    assert answer["changeSystemicIssue"]["errors"] == []
    made = await of_title(bank, title)
    form = await client.get(f"/remediations/edit?id={quote(made)}")
    assert shown(form.text)["issue"] == identity


async def test_forms_are_for_those_who_may_change(bank: Bank) -> None:
    async with await signed_in(bank, Role.HANDLER, "BJ", "wei") as handler:
        for address in ("/remediations/plan", "/issues/edit?id=x", "/remediations/edit?id=x"):
            assert (await handler.get(address)).status_code in {403, 404}, address


async def test_what_there_is_not_is_not_there(client: httpx2.AsyncClient) -> None:
    none = "UmVtZWRpYXRpb246bm9uZQ=="
    assert (await client.get(f"/remediations/edit?id={none}")).status_code == 404
