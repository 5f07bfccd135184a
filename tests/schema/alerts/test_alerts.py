"""Early warnings through the API: listed, opened, and left by people with a word why."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from api.services import Services
from graph.commands.staff import keep_name
from schema.ids import NodeKind, global_id
from tests.support.graphql import ask, execute, refused, statements

pytestmark = pytest.mark.graph

LIST = """query ($kinds: [RuleKind!], $states: [AlertState!], $first: Int, $after: String) {
  alerts(kinds: $kinds, states: $states, first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id rule kind level label at until zh: summary en: summary(language: EN)
      subject { kind: __typename ... on Branch { code } ... on RootCause { code }
        ... on Cluster { title: label } } issue { id }
      evidence { kind: __typename
        ... on RiseEvidence {
          figures { count total pastCount pastTotal expected probability since until }
          narrowing { branches rootCauses levels receivedFrom receivedTo duplicate } }
        ... on TopicEvidence { figures { size } }
        ... on GroupEvidence { figures { size } complaints { reference } } }
      handling { state version by at reason note } } } }"""
OPENED = "query ($f: ComplaintFilter) { complaints(filter: $f) { totalCount } }"
MUTATION = """mutation ($i: %s!) { %s(input: $i) { clientMutationId
  alert { handling { state version by reason note } } errors { code message path }
  changedSince { seq actor } } }"""
INPUTS = {
    "acknowledgeAlert": "HandleAlertInput",
    "dismissAlert": "DismissAlertInput",
    "reopenAlert": "HandleAlertInput",
}


async def listed(services: Services, **wanted: Any) -> list[dict[str, Any]]:
    return list((await ask(services, LIST, **wanted))["alerts"]["nodes"])


async def handled(services: Services, name: str, **given: Any) -> dict[str, Any]:
    return dict((await ask(services, MUTATION % (INPUTS[name], name), i=given))[name])


async def test_each_alert_tells_its_evidence_and_opens(services: Services) -> None:
    surge, growth = sorted(await listed(services), key=lambda alert: -len(alert["kind"]))[::-1]
    assert (surge["kind"], surge["level"], surge["rule"]) == ("SURGE", "RED", "surge")
    assert surge["subject"] == {"kind": "Branch", "code": "S"}
    assert growth["kind"] == "GROWING_CAUSE"
    assert growth["subject"] == {"kind": "RootCause", "code": "TOLD"}
    for alert in (surge, growth):
        assert alert["evidence"]["kind"] == "RiseEvidence"
        rise, narrowing = alert["evidence"]["figures"], alert["evidence"]["narrowing"]
        wanted = {key: value for key, value in narrowing.items() if value is not None}
        found = await ask(services, OPENED, f=wanted)
        assert found["complaints"]["totalCount"] == rise["count"]
        assert rise["count"] > rise["expected"]
        assert str(rise["count"]) in alert["zh"]
        assert str(rise["count"]) in alert["en"]
        assert alert["until"] is not None
    assert surge["zh"].startswith("S分行：")
    assert growth["en"].startswith("Told: ")


async def test_the_list_is_paged_and_narrowed(services: Services) -> None:
    (one,) = await listed(services, kinds=["SURGE"])
    assert one["kind"] == "SURGE"
    assert await listed(services, kinds=["NEW_TOPIC"]) == []
    # A rule about single cases is none of these.
    assert await listed(services, kinds=["AMOUNT"]) == []
    first = (await ask(services, LIST, first=1))["alerts"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    after = first["pageInfo"]["endCursor"]
    second = (await ask(services, LIST, first=1, after=after))["alerts"]
    assert second["pageInfo"]["hasNextPage"] is False
    assert first["nodes"][0]["id"] != second["nodes"][0]["id"]
    assert first["nodes"][0]["at"] >= second["nodes"][0]["at"]
    with_other = await refused(services, LIST, kinds=["SURGE"], after=after)
    assert with_other["extensions"]["code"] == "INVALID_CURSOR"
    empty = await refused(services, LIST, states=[])
    assert empty["extensions"]["code"] == "INVALID_INPUT"


async def test_statements_do_not_grow_with_alerts(services: Services) -> None:
    one = statements(await execute(services, LIST, first=1))
    assert statements(await execute(services, LIST, first=2)) == one
    assert one <= 12


async def test_people_settle_an_alert(services: Services) -> None:
    (alert,) = await listed(services, kinds=["SURGE"])
    identity, key = alert["id"], str(uuid4())
    given = {"alert": identity, "version": 1, "note": "找王小明 13812345678 核实"}
    payload = await handled(services, "acknowledgeAlert", **given, idempotencyKey=key)
    again = await handled(services, "acknowledgeAlert", **given, idempotencyKey=key)
    assert again == payload
    state = payload["alert"]["handling"]
    assert (state["state"], state["version"], payload["errors"]) == ("ACKNOWLEDGED", 2, [])
    assert "13812345678" not in state["note"]
    await keep_name(services.database, state["by"], "林月", datetime.now(UTC))
    try:
        told = await ask(
            services, "query ($id: ID!) { alert(id: $id) { handling { byName } } }", id=identity
        )
    finally:
        await services.database.run("MATCH (s:Staff {actor: $by}) DELETE s", by=state["by"])
    assert told["alert"]["handling"] == {"byName": "林月"}

    stale = await handled(services, "dismissAlert", alert=identity, version=1, reason="CHANCE")
    assert [error["path"] for error in stale["errors"]] == [["input", "version"]]
    assert stale["changedSince"] == [{"seq": 2, "actor": state["by"]}]
    assert stale["alert"]["handling"] == state
    silent = await handled(services, "dismissAlert", alert=identity, version=2, reason="OTHER")
    assert [error["path"] for error in silent["errors"]] == [["input", "note"]]
    done = await handled(services, "dismissAlert", alert=identity, version=2, reason="EXPECTED")
    assert done["alert"]["handling"]["reason"] == "EXPECTED"
    assert [a["id"] for a in await listed(services, states=["DISMISSED"])] == [identity]
    twice = await handled(services, "dismissAlert", alert=identity, version=3, reason="EXPECTED")
    assert "reopen" in twice["errors"][0]["message"]
    back = await handled(services, "reopenAlert", alert=identity, version=3)
    assert back["alert"]["handling"] == {
        "state": "OPEN", "version": 4, "by": state["by"], "reason": None, "note": None
    }  # fmt: skip


async def test_what_people_did_can_be_read_with_their_notes(services: Services) -> None:
    """Also a note that a later change has replaced."""
    (alert,) = await listed(services, kinds=["GROWING_CAUSE"])
    begin = alert["handling"]["version"]
    for number, (name, given) in enumerate(
        (
            ("acknowledgeAlert", {"note": "谁在看"}),
            ("dismissAlert", {"reason": "OTHER", "note": "另有渠道13812345678"}),
            ("reopenAlert", {}),
        )
    ):
        payload = await handled(services, name, alert=alert["id"], version=begin + number, **given)
        assert payload["errors"] == []
    document = """query ($id: ID!) { alert(id: $id) {
      history(first: 3) { seq actor fields note } } }"""
    history = (await ask(services, document, id=alert["id"]))["alert"]["history"]
    assert [(each["fields"], each["note"]) for each in history] == [
        (["reason", "state"], None),
        (["reason", "state"], "另有渠道[手机号]"),
        (["state"], "谁在看"),
    ]
    assert [each["seq"] for each in history] == [begin + 3, begin + 2, begin + 1]


async def test_only_alerts_about_many_are_settled(services: Services) -> None:
    complaint = (await ask(services, "{ complaints(first: 1) { nodes { id } } }"))["complaints"]
    odd = complaint["nodes"][0]["id"]
    payload = await handled(services, "acknowledgeAlert", alert=odd, version=1)
    assert payload["errors"][0]["path"] == ["input", "alert"]
    one = "query ($id: ID!) { alert(id: $id) { kind handling { state } } }"
    (alert,) = await listed(services, kinds=["SURGE"])
    found = await ask(services, one, id=alert["id"])
    assert found["alert"]["kind"] == "SURGE"


PATHS = """query ($id: ID!, $complaint: ID!) {
  node(id: $id) { ... on Alert { id issue { id } } }
  alerts(first: 50) { nodes { id issue { id } } }
  groups: alerts(first: 50, kinds: [GROUP_EVENT]) { nodes { id issue { id } } }
  complaint(id: $complaint) { escalation { alerts { id issue { id } } } }
  systemicIssues(first: 50) { nodes { id alerts { id issue { id } } } } }"""


async def test_the_issue_of_an_alert_is_the_same_by_every_path(services: Services) -> None:
    database = services.database
    rows = await database.read("MATCH (c:Complaint) RETURN c.id AS id ORDER BY id LIMIT 1")
    await database.run(
        """MATCH (c:Complaint {id: $id}), (i:SystemicIssue) WITH c, i LIMIT 1
        CREATE (a:Alert {id: 'one', kind: 'GROUP_EVENT', rule: 'group-event', level: 'RED',
          chain: 'PROVINCE', at: c.receivedAt, atKey: '1:one', evidence: '{}'})
        CREATE (a)-[:COVERS]->(c), (a)-[:EVIDENCE_OF]->(i)""",
        id=rows[0]["id"],
    )
    try:
        identity = global_id(NodeKind.ALERT, "one")
        found = await ask(
            services, PATHS, id=identity, complaint=global_id(NodeKind.COMPLAINT, rows[0]["id"])
        )
    finally:
        await database.run("MATCH (a:Alert {id: 'one'}) DETACH DELETE a")
    nodes = found["systemicIssues"]["nodes"]
    (issue,) = (each["id"] for each in nodes if identity in [a["id"] for a in each["alerts"]])
    lists = [
        [found["node"]],
        found["alerts"]["nodes"],
        found["groups"]["nodes"],
        found["complaint"]["escalation"]["alerts"],
        *(each["alerts"] for each in nodes),
    ]
    seen = [each["issue"] for some in lists for each in some if each["id"] == identity]
    assert seen == [{"id": issue}] * 5
