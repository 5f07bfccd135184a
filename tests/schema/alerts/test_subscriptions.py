"""Alerts, issues and remediations are followed through the API, from a list on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from api.services import Services
from graph.domain.enums import RuleKind
from schema.execution import context_for
from schema.ids import NodeKind, global_id
from tests.support.changes import raise_alert
from tests.support.graphql import SCHEMA, ask

pytestmark = pytest.mark.graph

LIST = "{ alerts { nodes { id } } }"
ACKNOWLEDGE = """mutation ($i: HandleAlertInput!) { acknowledgeAlert(input: $i) {
  errors { message } alert { handling { version } } } }"""
REOPEN = ACKNOWLEDGE.replace("acknowledgeAlert", "reopenAlert")
PROPOSE = """mutation ($i: ProposeSystemicIssueInput!) { proposeSystemicIssue(input: $i) {
  errors { message } issue { id } } }"""
PLAN = """mutation ($i: PlanRemediationInput!) { planRemediation(input: $i) {
  errors { message } remediation { id } } }"""
CHANGE = "position change { seq actor actorName fields note }"
ALERTS = f"""subscription ($kinds: [RuleKind!], $after: Position) {{
  alerts(kinds: $kinds, after: $after) {{ {CHANGE}
    alert {{ id handling {{ state }} history(first: 1) {{ seq actorName }} }} }} }}"""
ISSUES = f"""subscription ($after: Position) {{ systemicIssues(after: $after) {{ {CHANGE}
  issue {{ id version }} }} }}"""
REMEDIATIONS = f"""subscription ($after: Position) {{ remediations(after: $after) {{ {CHANGE}
  remediation {{ id version }} }} }}"""


@pytest_asyncio.fixture(loop_scope="session")
async def following(services: Services) -> AsyncIterator[None]:
    task = asyncio.create_task(services.follower.run())
    yield
    task.cancel()


async def heard(services: Services, text: str, many: int, **sent: Any) -> list[dict[str, Any]]:
    """The first messages of a subscription."""
    context = context_for(services)
    results = await SCHEMA.stream(text, variable_values=sent, context_value=context)
    found = []
    async with aclosing(results):
        while len(found) < many:
            result = await anext(results)
            assert result.errors is None, result.errors
            (message,) = result.data.values()
            found.append(message)
    return found


async def done(services: Services, mutation: str, **given: Any) -> dict[str, Any]:
    (payload,) = (await ask(services, mutation, i=given)).values()
    assert payload["errors"] == []
    return dict(payload)


@pytest.mark.usefixtures("following")
async def test_what_follows_a_list_is_heard(services: Services) -> None:
    database = services.database
    after = (await ask(services, "{ position }"))["position"]
    try:
        keys = [
            await raise_alert(database, "N"),
            await raise_alert(database, "SLOW", RuleKind.GROWING_CAUSE, "RootCause"),
        ]
        surge, growth = (global_id(NodeKind.ALERT, key) for key in keys)
        listed = (await ask(services, LIST))["alerts"]["nodes"]
        assert {surge, growth} < {alert["id"] for alert in listed}
        for identity in (surge, growth):
            await done(services, ACKNOWLEDGE, alert=identity, version=1, note="看过")
        await done(services, REOPEN, alert=surge, version=2)
        every = await heard(services, ALERTS, 5, after=after)
        one = await heard(services, ALERTS, 2, after=after, kinds=["GROWING_CAUSE"])
        rest = await heard(services, ALERTS, 4, after=every[0]["position"])
    finally:
        await database.run("MATCH (a:Alert) WHERE a.id IN $keys DETACH DELETE a", keys=keys)
    told = [(message["alert"]["id"], message["change"]) for message in every]
    raised = {"seq": 1, "actor": "system", "fields": ["state"], "note": None}
    seen = {"seq": 2, "actor": "local", "fields": ["state"], "note": "看过"}
    again = {"seq": 3, "actor": "local", "fields": ["state"], "note": None}
    assert told == [
        (identity, {**change, "actorName": None})
        for identity, change in (
            (surge, raised),
            (growth, raised),
            (surge, seen),
            (growth, seen),
            (surge, again),
        )
    ]
    # Each tells the alert as it is now.
    states = [message["alert"]["handling"]["state"] for message in every[:2]]
    assert states == ["OPEN", "ACKNOWLEDGED"]
    assert one == [every[1], every[3]]
    assert rest == every[1:]
    first = int(every[0]["position"])
    assert [int(message["position"]) for message in every] == list(range(first, first + 5))
    assert first == int(after) + 1


@pytest.mark.usefixtures("following")
async def test_issues_and_remediations_are_heard_from_their_beginning(services: Services) -> None:
    after = (await ask(services, "{ position }"))["position"]
    said = await done(services, PROPOSE, title="费用", rootCauses=["WRONG"])
    issue = said["issue"]["id"]
    planned = await done(services, PLAN, title="告知", issue=issue)
    (proposed,) = await heard(services, ISSUES, 1, after=after)
    (plan,) = await heard(services, REMEDIATIONS, 1, after=after)
    assert proposed["issue"] == {"id": issue, "version": 1}
    assert plan["remediation"] == {"id": planned["remediation"]["id"], "version": 1}
    assert (proposed["change"]["seq"], plan["change"]["seq"]) == (1, 1)
    assert {"title", "rootCauses", "status"} <= set(proposed["change"]["fields"])
    assert int(plan["position"]) == int(proposed["position"]) + 1


@pytest.mark.usefixtures("following")
async def test_no_kinds_are_refused_as_in_the_list(services: Services) -> None:
    context = context_for(services)
    results = await SCHEMA.stream(ALERTS, variable_values={"kinds": []}, context_value=context)
    (only,) = [result async for result in results]
    assert only.errors[0].extensions["code"] == "INVALID_INPUT"
