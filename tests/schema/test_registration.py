"""Registering a complaint: the whole way in, mistakes that a person can mend, safe retries."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from schema.build import build_schema
from schema.limits import Limits
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, statements

pytestmark = pytest.mark.graph

REGISTER = """
mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  clientMutationId fate errors { code message path }
  complaint { id reference narrative subject channel receivedAt receivedPrecision version status
    sourceSystem sourceId dueAt
    product { code wider { code } } branch { code } department { code }
    amount { value currency } amountBand customer { id segment complaintCount }
    nature type { code } severity urgency riskTypes { code } assignee
    events { nodes { kind actor } }
    similar(first: 3) { complaint { product { code } } } } } }
"""


async def register(bank: Bank, **given: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(bank.services, REGISTER, input=given))["registerComplaint"]
    return payload


async def registered(bank: Bank, **given: Any) -> dict[str, Any]:
    payload = await register(bank, **given)
    assert payload["errors"] == []
    found: dict[str, Any] = payload["complaint"]
    return found


async def count(bank: Bank) -> int:
    return int(
        (await ask(bank.services, "{ complaints { totalCount } }"))["complaints"]["totalCount"]
    )


async def test_a_complaint_comes_back_masked_linked_and_with_its_similar_cases(bank: Bank) -> None:
    payload = await register(
        bank,
        narrative="我是李小龙，手机13671530826，信用卡年费没有告知就扣款",
        subject="年费",
        channel="PHONE",
        receivedAt="2026-05-01T10:00:00+08:00",
        product="CARD-FEE",
        branch="BJ-01",
        department="CARDS",
        type="FEE_DISPUTE",
        nature="ENQUIRY",
        severity="MINOR",
        urgency="HIGH",
        riskTypes=["COMPLIANCE"],
        amount={"value": "300.50"},
        customer={"name": "李小龙", "mobile": "13671530826", "segment": "retail"},
        assignee="handler-9",
        clientMutationId="m1",
    )

    assert payload["errors"] == []
    assert payload["clientMutationId"] == "m1"
    found = payload["complaint"]
    assert "13671530826" not in found["narrative"]
    assert "李小龙" not in found["narrative"]
    assert "年费没有告知" in found["narrative"]
    assert found["product"] == {"code": "CARD-FEE", "wider": {"code": "CARD"}}
    assert found["branch"] == {"code": "BJ-01"}
    assert found["department"] == {"code": "CARDS"}
    assert found["amount"] == {"value": "300.50", "currency": "CNY"}
    assert found["receivedAt"] == "2026-05-01T02:00:00+00:00"
    assert found["receivedPrecision"] == "SECOND"
    assert found["customer"]["complaintCount"] == 1
    assert found["events"]["nodes"] == [{"kind": "REGISTERED", "actor": "local"}]
    assert len(found["similar"]) == 3
    assert found["similar"][0]["complaint"]["product"]["code"].startswith("CARD")


async def test_a_date_alone_is_midnight_in_the_business_zone(bank: Bank) -> None:
    found = await registered(bank, narrative="date only", receivedAt="2026-05-02")
    assert found["receivedAt"] == "2026-05-01T16:00:00+00:00"
    assert found["receivedPrecision"] == "DAY"


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"narrative": ""}, "INVALID_INPUT", ["input", "narrative"]),
        ({"narrative": " \n"}, "INVALID_INPUT", ["input", "narrative"]),
        ({"narrative": "x" * 100_001}, "INVALID_INPUT", ["input", "narrative"]),
        ({"narrative": "a\x00b"}, "INVALID_INPUT", ["input", "narrative"]),
        ({"product": "NONE"}, "UNKNOWN_CODE", ["input", "product"]),
        ({"product": ""}, "UNKNOWN_CODE", ["input", "product"]),
        ({"branch": "NONE"}, "UNKNOWN_CODE", ["input", "branch"]),
        ({"department": "NONE"}, "UNKNOWN_CODE", ["input", "department"]),
        ({"type": "NONE"}, "UNKNOWN_CODE", ["input", "type"]),
        ({"riskTypes": ["NONE"]}, "UNKNOWN_CODE", ["input", "riskTypes"]),
        ({"receivedAt": "2099-01-01T00:00:00Z"}, "INVALID_INPUT", ["input", "receivedAt"]),
        ({"receivedAt": "1969-12-31T00:00:00Z"}, "INVALID_INPUT", ["input", "receivedAt"]),
        ({"receivedAt": "2026-01-01T00:00:00"}, "INVALID_INPUT", ["input", "receivedAt"]),
        ({"occurredAt": "2099-01-01"}, "INVALID_INPUT", ["input", "occurredAt"]),
        ({"amount": {"value": -1}}, "INVALID_INPUT", ["input", "amount"]),
        ({"amount": {"value": "1.001"}}, "INVALID_INPUT", ["input", "amount"]),
        ({"amount": {"value": 1, "currency": "yuan"}}, "INVALID_INPUT", ["input", "amount"]),
        ({"customer": {"mobile": "12"}}, "INVALID_INPUT", ["input", "customer", "mobile"]),
        ({"customer": {"idNumber": "1"}}, "INVALID_INPUT", ["input", "customer", "idNumber"]),
        ({"customer": {"name": "n" * 201}}, "INVALID_INPUT", ["input", "customer", "name"]),
        ({"sourceSystem": "a b"}, "INVALID_INPUT", ["input", "sourceSystem"]),
        ({"sourceId": "a\x00"}, "INVALID_INPUT", ["input", "sourceId"]),
        ({"idempotencyKey": "again"}, "INVALID_INPUT", ["input", "idempotencyKey"]),
    ],
)
async def test_what_a_person_can_mend_comes_back_with_its_place(
    bank: Bank, given: dict[str, Any], code: str, path: list[str]
) -> None:
    before = await count(bank)
    payload = await register(bank, **{"narrative": "something", **given})

    assert payload["complaint"] is None
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [(code, path)]
    assert payload["errors"][0]["message"].endswith(".")
    assert await count(bank) == before


async def test_all_mistakes_are_told_at_once(bank: Bank) -> None:
    payload = await register(bank, narrative="", product="NONE", branch="NONE")
    assert [error["path"][-1] for error in payload["errors"]] == ["narrative", "product", "branch"]


async def test_the_same_content_from_a_source_changes_nothing(bank: Bank) -> None:
    given = {"narrative": "once", "sourceSystem": "crm", "sourceId": "7"}
    first = await registered(bank, **given)
    again = await registered(bank, **given)
    assert again == first

    changed = await registered(bank, **{**given, "narrative": "twice"})
    assert changed["id"] == first["id"]
    assert changed["narrative"] == "twice"
    assert changed["version"] == 2
    assert [e["kind"] for e in changed["events"]["nodes"]] == ["REGISTERED", "UPDATED"]


async def test_a_retry_under_one_key_registers_once(bank: Bank) -> None:
    before = await count(bank)
    given = {"narrative": "retried", "idempotencyKey": str(uuid4())}
    first = await registered(bank, **given)
    again = await registered(bank, **{**given, "clientMutationId": "other"})
    assert again["id"] == first["id"]
    assert again["version"] == 1
    assert await count(bank) == before + 1


async def test_a_registration_takes_few_statements(bank: Bank) -> None:
    given = {
        "narrative": "counted",
        "customer": {"sourceId": "counted"},
        "idempotencyKey": str(uuid4()),
    }
    short = """mutation ($input: RegisterComplaintInput!) {
        registerComplaint(input: $input) { complaint { reference } } }"""
    answer = await execute(bank.services, short, input=given)
    assert answer.errors is None
    assert statements(answer) <= 25


async def test_retries_at_the_same_moment_register_once(bank: Bank) -> None:
    before = await count(bank)
    given = {"narrative": "hasty", "idempotencyKey": str(uuid4())}
    found = await asyncio.gather(*(registered(bank, **given) for _ in range(4)))
    assert len({complaint["id"] for complaint in found}) == 1
    assert await count(bank) == before + 1


async def test_its_fate_is_told_and_a_retry_is_told_the_same(bank: Bank) -> None:
    given = {"narrative": "told", "sourceSystem": "crm", "sourceId": "fate"}
    keys = [str(uuid4()) for _ in range(3)]
    texts = ["told", "told otherwise", "told otherwise"]
    sent = [
        {**given, "narrative": text, "idempotencyKey": key}
        for text, key in zip(texts, keys, strict=True)
    ]
    first = [(await register(bank, **each))["fate"] for each in sent]
    assert first == ["CREATED", "UPDATED", "UNCHANGED"]
    assert [(await register(bank, **each))["fate"] for each in sent] == first
    assert (await register(bank, **{**given, "narrative": "told otherwise"}))["fate"] == "UNCHANGED"
    assert (await register(bank, narrative=""))["fate"] is None


async def test_another_input_under_the_same_key_is_an_error(bank: Bank) -> None:
    given = {"narrative": "first", "idempotencyKey": str(uuid4())}
    await registered(bank, **given)
    payload = await register(bank, **{**given, "narrative": "second"})
    assert payload["complaint"] is None
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [
        ("CONFLICT", ["input", "idempotencyKey"])
    ]


async def test_a_mutation_reads_what_it_has_written(bank: Bank) -> None:
    query = """
    mutation { a: registerComplaint(input: {narrative: "one", sourceSystem: "crm", sourceId: "x"}) {
        complaint { narrative version } }
      b: registerComplaint(input: {narrative: "two", sourceSystem: "crm", sourceId: "x"}) {
        complaint { narrative version } } }
    """
    schema = build_schema(limits=Limits(mutations=2))
    data = (await execute(bank.services, query, schema)).data
    assert data is not None
    assert data["a"]["complaint"] == {"narrative": "one", "version": 1}
    assert data["b"]["complaint"] == {"narrative": "two", "version": 2}


async def test_emoji_and_mixed_scripts_are_kept(bank: Bank) -> None:
    text = "年费 fee 😤 комиссия رسوم"
    assert (await registered(bank, narrative=text))["narrative"] == text
