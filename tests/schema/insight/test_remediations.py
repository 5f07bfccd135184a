"""Remediations through the API: planned, changed, and held against what became of their cause."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.bank import START, Bank, bank_records
from tests.support.graph import snapshot
from tests.support.graphql import ask, execute, refused, statements

pytestmark = pytest.mark.graph

FIELDS = """id title owner status version startedAt completedAt rootCause { code }"""
PLAN = f"""mutation ($i: PlanRemediationInput!) {{ planRemediation(input: $i) {{
  remediation {{ {FIELDS} }} errors {{ code message path }} clientMutationId }} }}"""
CHANGE = f"""mutation ($i: ChangeRemediationInput!) {{ changeRemediation(input: $i) {{
  remediation {{ {FIELDS} }} errors {{ code message path }} }} }}"""
EFFECT = """query ($id: ID!, $days: Int!, $delay: Int!) { node(id: $id) { ... on Remediation {
  effect(days: $days, delayDays: $delay) {
    verdict before { start end } after { start end } countBefore countAfter othersBefore othersAfter
    expected ratio low high trend zh: summary en: summary(language: EN)
  } } } }"""
LIST = """query ($first: Int, $after: String, $cause: String) {
  remediations(first: $first, after: $after, rootCause: $cause) { totalCount
    pageInfo { hasNextPage endCursor }
    nodes { title rootCause { label } effect { verdict } } } }"""
DONE = START + timedelta(days=60)


async def planned(bank: Bank, **given: Any) -> dict[str, Any]:
    given = {"rootCause": "UNTOLD", "title": "短信提前告知", **given}
    return dict((await ask(bank.services, PLAN, i=given))["planRemediation"])


async def changed(bank: Bank, **given: Any) -> dict[str, Any]:
    return dict((await ask(bank.services, CHANGE, i=given))["changeRemediation"])


async def test_from_plan_to_effect(bank: Bank) -> None:
    payload = await planned(
        bank, title="  告知王小明手机13812345678  ", owner="anna", clientMutationId="a"
    )
    first = payload["remediation"]
    assert payload["errors"] == []
    assert payload["clientMutationId"] == "a"
    assert (first["status"], first["version"], first["owner"]) == ("PLANNED", 1, "anna")
    assert "13812345678" not in first["title"]
    assert first["rootCause"]["code"] == "UNTOLD"
    none = await ask(bank.services, EFFECT, id=first["id"], days=30, delay=0)
    assert none["node"]["effect"] is None

    same = {"remediation": first["id"]}
    begun = await changed(bank, **same, version=1, title="告知", startedAt="2026-02-20")
    assert (begun["remediation"]["owner"], begun["remediation"]["title"]) == ("anna", "告知")
    assert begun["remediation"]["status"] == "RUNNING"
    assert begun["remediation"]["startedAt"] == "2026-02-19T16:00:00+00:00"
    done = await changed(bank, **same, version=2, startedAt=None, completedAt=DONE.isoformat())
    assert done["remediation"]["startedAt"] is None
    assert (done["remediation"]["status"], done["remediation"]["version"]) == ("COMPLETED", 3)
    again = await changed(bank, **same, version=3, completedAt=DONE.isoformat())
    assert again["remediation"]["version"] == 3
    rows = await bank.services.database.read(
        "MATCH (r:Remediation)-[:HAS_CHANGE]->(c) WHERE r.title = '告知' "
        "RETURN c.seq AS seq, c.actor AS actor, c.before AS before, c.after AS after ORDER BY seq"
    )
    assert [row["seq"] for row in rows] == [1, 2, 3]
    # A record has what differs.
    assert rows[2]["before"] == '{"startedAt":"2026-02-19T16:00:00+00:00"}'
    assert set(json.loads(rows[2]["after"])) == {"completedAt"}


async def test_the_counts_are_those_of_the_complaints(bank: Bank) -> None:
    made = await planned(bank, startedAt=(DONE - timedelta(days=8)).isoformat(),
                         completedAt=DONE.isoformat())  # fmt: skip
    answer = await ask(bank.services, EFFECT, id=made["remediation"]["id"], days=40, delay=5)
    found = answer["node"]["effect"]
    again = await bank.services.database.read(
        "MATCH (c:Complaint {duplicate: true}) RETURN c.sourceId AS id"
    )
    duplicates = {row["id"] for row in again}

    def count(own: bool, begins: float, ends: float) -> int:
        return sum(
            begins <= (record.received_at - DONE) / timedelta(days=1) < ends
            and bool(record.causes)
            and record.source_id not in duplicates
            and (record.causes[0].chain[0].code == "UNTOLD") is own
            for record in bank_records()
        )

    assert found["countBefore"] == count(True, -48, -8) > 3
    assert found["countAfter"] == count(True, 5, 45) > 3
    assert found["othersBefore"] == count(False, -48, -8) > 3
    assert found["othersAfter"] == count(False, 5, 45) > 3
    assert found["verdict"] == "NO_EVIDENCE"
    assert found["low"] < found["ratio"] < found["high"]
    assert found["zh"].startswith("没有证据表明整改使投诉发生变化：整改前")
    assert found["en"].startswith(
        f"There is no evidence of a change: {found['countBefore']} before"
    )


async def test_a_fix_of_today_is_too_early_to_judge(bank: Bank) -> None:
    newest = bank_records()[-1].received_at.isoformat()
    made = await planned(bank, completedAt=newest)
    answer = await ask(bank.services, EFFECT, id=made["remediation"]["id"], days=180, delay=21)
    found = answer["node"]["effect"]
    assert found["verdict"] == "TOO_EARLY"
    assert found["countAfter"] == 0


async def test_a_retry_plans_once(bank: Bank) -> None:
    key = str(uuid4())
    first = await planned(bank, title="once", idempotencyKey=key)
    again = await planned(bank, title="once", idempotencyKey=key, clientMutationId="b")
    assert again["remediation"]["id"] == first["remediation"]["id"]
    other = await planned(bank, title="twice", idempotencyKey=key)
    assert [e["code"] for e in other["errors"]] == ["CONFLICT"]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"rootCause": "NONE"}, "UNKNOWN_CODE", ["input", "rootCause"]),
        ({"title": " "}, "INVALID_INPUT", ["input", "title"]),
        ({"title": "x" * 301}, "INVALID_INPUT", ["input", "title"]),
        ({"owner": "x" * 201}, "INVALID_INPUT", ["input", "owner"]),
        ({"completedAt": "2199-01-01"}, "INVALID_INPUT", ["input", "completedAt"]),
        (
            {"startedAt": "2026-02-02", "completedAt": "2026-02-01"},
            "INVALID_INPUT",
            ["input", "completedAt"],
        ),
        ({"idempotencyKey": "no"}, "INVALID_INPUT", ["input", "idempotencyKey"]),
    ],
)
async def test_what_cannot_be_planned_changes_nothing(
    bank: Bank, given: dict[str, Any], code: str, path: list[str]
) -> None:
    before = await snapshot(bank.services.database)
    payload = await planned(bank, **given)
    assert payload["remediation"] is None
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [(code, path)]
    assert await snapshot(bank.services.database) == before


async def test_a_stale_or_unknown_one_is_not_changed(bank: Bank) -> None:
    made = (await planned(bank))["remediation"]
    given = {"remediation": made["id"], "rootCause": "SLOW", "title": "other"}
    assert (await changed(bank, **given, version=1))["remediation"]["version"] == 2
    before = await snapshot(bank.services.database)
    stale = await changed(bank, **given, version=1)
    assert [(e["code"], e["path"]) for e in stale["errors"]] == [
        ("STALE_VERSION", ["input", "version"])
    ]
    unknown = await changed(bank, **{**given, "rootCause": "NONE"}, version=2)
    assert [e["code"] for e in unknown["errors"]] == ["UNKNOWN_CODE"]
    assert await snapshot(bank.services.database) == before


async def test_the_list_costs_the_same_whatever_it_holds(bank: Bank) -> None:
    for number in range(3):
        await planned(bank, title=f"listed {number}", completedAt=DONE.isoformat())
    one = await execute(bank.services, LIST, first=1)
    many = await execute(bank.services, LIST, first=10)
    assert one.data is not None
    assert many.data is not None
    assert statements(one) == statements(many)
    page, found = one.data["remediations"], many.data["remediations"]
    assert [node["title"] for node in found["nodes"]][:3] == ["listed 2", "listed 1", "listed 0"]
    assert found["nodes"][0]["effect"]["verdict"] == "NO_EVIDENCE"
    after = page["pageInfo"]["endCursor"]
    following = await ask(bank.services, LIST, first=1, after=after)
    assert following["remediations"]["nodes"][0]["title"] == "listed 1"
    slow = await ask(bank.services, LIST, cause="SLOW")
    assert slow["remediations"]["totalCount"] < found["totalCount"]


@pytest.mark.parametrize(("days", "delay"), [(29, 0), (731, 0), (180, -1), (180, 366)])
async def test_the_days_are_bounded(bank: Bank, days: int, delay: int) -> None:
    made = (await planned(bank, completedAt=DONE.isoformat()))["remediation"]
    error = await refused(bank.services, EFFECT, id=made["id"], days=days, delay=delay)
    assert error["extensions"]["code"] == "INVALID_INPUT"
