"""Systemic issues through the API: proposed by data and people, confirmed, told on a page."""

from typing import Any
from uuid import uuid4

import pytest

from api.services import Services
from schema.ids import NodeKind, global_id
from tests.support.graphql import ask, execute, refused, statements
from tests.support.weeks import END

pytestmark = pytest.mark.graph

FIELDS = """id status level owner version createdBy complaintCount
  zh: title en: title(language: EN) rootCauses { code } alerts { kind } clusters { label }
  remediations { title }"""
LIST = f"""query ($s: [IssueStatus!], $first: Int) {{ systemicIssues(statuses: $s, first: $first) {{
  totalCount nodes {{ {FIELDS} }} }} }}"""
PROPOSE = f"""mutation ($i: ProposeSystemicIssueInput!) {{ proposeSystemicIssue(input: $i) {{
  issue {{ {FIELDS} }} errors {{ code message path }} }} }}"""
CHANGE = f"""mutation ($i: ChangeSystemicIssueInput!) {{ changeSystemicIssue(input: $i) {{
  issue {{ {FIELDS} }} errors {{ code message path }}
  changedSince {{ seq kind actor fields }} }} }}"""
WHOLE = """query ($id: ID!) { systemicIssue(id: $id) { zh: summary en: summary(language: EN)
  complaints(first: 3) { reference }
  figures { complaints customers unknownCustomers escalated undecided medianDays
    firstReceivedAt lastReceivedAt
    compensation { value currency }
    branches: shares(by: BRANCH) { key { code label } count share }
    causes: shares(by: ROOT_CAUSE) { key { code } count share } } } }"""
PAGES = (
    "query ($n: Int!) { systemicIssues(first: $n) { nodes { summary figures { complaints } } } }"
)


async def proposed(services: Services, **given: Any) -> dict[str, Any]:
    return dict(
        (await ask(services, PROPOSE, i={"title": "费用", **given}))["proposeSystemicIssue"]
    )


async def changed(services: Services, **given: Any) -> dict[str, Any]:
    return dict((await ask(services, CHANGE, i=given))["changeSystemicIssue"])


async def by_data(services: Services) -> dict[str, Any]:
    nodes = (await ask(services, LIST))["systemicIssues"]["nodes"]
    return next(node for node in nodes if node["createdBy"] == "system")


async def test_the_growing_cause_proposed_one(services: Services) -> None:
    issue = await by_data(services)
    assert issue["status"] == "PROPOSED"
    assert issue["rootCauses"] == [{"code": "TOLD"}]
    assert issue["alerts"] == [{"kind": "GROWING_CAUSE"}]
    assert issue["zh"] == "根因持续增长：TOLD因"
    assert issue["en"] == "growing root cause: Told"
    assert issue["complaintCount"] > 100


async def test_the_page_says_figures_and_names_alone(services: Services) -> None:
    issue = await by_data(services)
    found = (await ask(services, WHOLE, id=issue["id"]))["systemicIssue"]
    figures = found["figures"]
    assert figures["complaints"] == issue["complaintCount"]
    assert sum(share["count"] for share in figures["branches"]) == figures["complaints"]
    assert {share["key"]["label"] for share in figures["branches"]} == {"N分行", "S分行", "W分行"}
    assert figures["causes"] == [
        {"key": {"code": "TOLD"}, "count": figures["complaints"], "share": 1.0}
    ]
    for page, words in (
        (found["zh"], ("# 根因持续增长：TOLD因", "## 规模", "S分行", "## 整改与效果", "- 无")),
        (found["en"], ("# growing root cause: Told", "## Extent", "S branch", "- none")),
    ):
        assert all(word in page for word in words), page
        assert str(figures["complaints"]) in page
        assert found["complaints"][0]["reference"] in page
        assert len(page.splitlines()) < 60
        # Nobody knows who filed them: no customer is said.
        assert "客户" not in page
        assert "customer" not in page
    assert (figures["customers"], figures["unknownCustomers"]) == (0, figures["complaints"])
    assert figures["compensation"] == []


async def test_from_proposal_to_resolution(services: Services) -> None:
    issue = await by_data(services)
    same = {"issue": issue["id"]}
    confirmed = await changed(
        services,
        **same,
        version=1,
        status="CONFIRMED",
        title="通知短信未提前告知 13812345678",
        level="RED",
        owner="bo",
    )
    now = confirmed["issue"]
    assert (now["status"], now["version"], now["owner"]) == ("CONFIRMED", 2, "bo")
    assert "13812345678" not in now["zh"]
    # What was left out stays.
    assert (now["en"], now["rootCauses"]) == ("growing root cause: Told", [{"code": "TOLD"}])
    stale = await changed(services, **same, version=1, status="RESOLVED")
    assert stale["errors"][0]["code"] == "STALE_VERSION"
    assert stale["errors"][0]["path"] == ["input", "version"]
    assert stale["changedSince"] == [
        {
            "seq": 2,
            "kind": None,
            "actor": "local",
            "fields": ["level", "owner", "status", "title"],
        }
    ]
    assert stale["issue"]["version"] == 2
    back = await changed(services, **same, version=2, status="PROPOSED")
    assert "CONFIRMED" in back["errors"][0]["message"]
    odd = await changed(services, **same, version=2, rootCauses=["TOLD", "NONE"])
    assert odd["errors"][0]["path"] == ["input", "rootCauses", "1"]
    assert "“NONE”" in odd["errors"][0]["message"]

    plan = """mutation ($i: PlanRemediationInput!) { planRemediation(input: $i) {
      remediation { id issue { id } rootCause { code }
        effect(days: 30, delayDays: 0) { verdict countBefore countAfter } }
      errors { message path } } }"""
    done = END.replace(month=1, year=2026, day=5).date().isoformat()
    given = {"title": "改短信模板", "issue": issue["id"], "completedAt": done}
    payload = (await ask(services, plan, i=given))["planRemediation"]
    assert payload["errors"] == []
    assert payload["remediation"]["issue"] == {"id": issue["id"]}
    assert payload["remediation"]["rootCause"] is None
    assert payload["remediation"]["effect"]["countBefore"] > 0
    for wrong in ({"title": "x"}, {**given, "rootCause": "TOLD"}):
        refusal = (await ask(services, plan, i=wrong))["planRemediation"]
        assert refusal["errors"][0]["path"] == ["input", "rootCause"]
    page = (await ask(services, WHOLE, id=issue["id"]))["systemicIssue"]["zh"]
    assert "改短信模板 — " in page
    resolved = await changed(services, **same, version=2, status="RESOLVED")
    assert resolved["issue"]["status"] == "RESOLVED"


async def test_a_person_proposes(services: Services) -> None:
    alerts = "{ alerts(kinds: [SURGE]) { nodes { id handling { state version } } } }"
    (alert,) = (await ask(services, alerts))["alerts"]["nodes"]
    key = str(uuid4())
    first = await proposed(services, alerts=[alert["id"]], idempotencyKey=key)
    again = await proposed(services, alerts=[alert["id"]], idempotencyKey=key)
    assert first == again
    assert first["issue"]["alerts"] == [{"kind": "SURGE"}]
    assert first["issue"]["complaintCount"] > 20
    (after,) = (await ask(services, alerts))["alerts"]["nodes"]
    assert after["handling"]["state"] == "IN_ISSUE"
    taken = await proposed(services, alerts=[alert["id"]])
    assert taken["errors"][0]["path"] == ["input", "alerts"]
    causes = await proposed(services, rootCauses=["SLOW"], since="2024-01-01", titleEn="slow")
    assert causes["issue"]["complaintCount"] > 300
    assert (causes["issue"]["zh"], causes["issue"]["en"]) == ("费用", "slow")


CASES = """query ($f: ComplaintFilter!) {
  complaints(filter: $f, first: 1) { totalCount nodes { reference } } }"""


async def test_all_that_an_issue_covers_is_a_list(services: Services) -> None:
    """Joined with the rest of the filter, and denied by ``not``."""

    async def count(**given: Any) -> int:
        return int((await ask(services, CASES, f=given))["complaints"]["totalCount"])

    nodes = (await ask(services, LIST))["systemicIssues"]["nodes"]
    issues = [node for node in nodes if node["complaintCount"]]
    assert issues
    whole = await count(duplicate=False)
    for issue in issues:
        size = issue["complaintCount"]
        assert await count(issues=[issue["id"]], duplicate=False) == size
        assert await count(**{"not": {"issues": [issue["id"]]}, "duplicate": False}) == whole - size
    wrong = await refused(services, CASES, f={"issues": [global_id(NodeKind.ALERT, "one")]})
    assert wrong["extensions"]["code"] == "INVALID_INPUT"


async def test_all_of_a_group_event_is_a_list(services: Services) -> None:
    database = services.database
    await database.run(
        """CREATE (a:Alert {id: 'one', kind: 'GROUP_EVENT', rule: 'group-event', level: 'RED',
          chain: 'PROVINCE', at: datetime('2025-01-01T00:00:00Z'), atKey: '1:one', evidence: '{}'})
        WITH a MATCH (c:Complaint) WITH a, c ORDER BY c.id LIMIT 3 CREATE (a)-[:COVERS]->(c)"""
    )
    wanted = {"groupEvents": [global_id(NodeKind.ALERT, "one")]}
    try:
        found = (await ask(services, CASES, f=wanted))["complaints"]
        denied = (await ask(services, CASES, f={"not": wanted}))["complaints"]
    finally:
        await database.run("MATCH (a:Alert {id: 'one'}) DETACH DELETE a")
    whole = (await database.read("MATCH (c:Complaint) RETURN count(c) AS n"))[0]["n"]
    assert (found["totalCount"], denied["totalCount"]) == (3, whole - 3)
    gone = (await ask(services, CASES, f=wanted))["complaints"]
    assert gone == {"totalCount": 0, "nodes": []}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, ["input", "rootCauses"]),
        ({"rootCauses": ["NONE"]}, ["input", "rootCauses", "0"]),
        ({"title": " ", "rootCauses": ["SLOW"]}, ["input", "title"]),
        ({"title": "x" * 400, "rootCauses": ["SLOW"]}, ["input", "title"]),
        ({"owner": " ", "rootCauses": ["SLOW"]}, ["input", "owner"]),
        ({"alerts": ["x"]}, ["input", "alerts", "0"]),
    ],
)
async def test_what_cannot_be_proposed(
    services: Services, given: dict[str, Any], path: list[str]
) -> None:
    before = (await ask(services, LIST))["systemicIssues"]["totalCount"]
    payload = await proposed(services, **given)
    assert payload["issue"] is None
    assert payload["errors"][0]["path"] == path
    assert (await ask(services, LIST))["systemicIssues"]["totalCount"] == before


async def test_statements_do_not_grow_with_issues(services: Services) -> None:
    for _ in range(2):
        await proposed(services, rootCauses=["SLOW"])
    one = statements(await execute(services, PAGES, n=1))
    assert statements(await execute(services, PAGES, n=3)) == one
    assert one <= 20


async def test_an_empty_list_of_statuses_is_refused(services: Services) -> None:
    error = await refused(services, LIST, s=[])
    assert error["extensions"]["code"] == "INVALID_INPUT"
