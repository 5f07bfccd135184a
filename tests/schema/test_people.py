"""People's cases by what is typed, corrections, and one person's data, over the API."""

import json
from typing import Any

import pytest

from graph.consistency import check
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

REGISTER = """
mutation ($t: String!, $id: String!, $mobile: String, $idNumber: String) {
  registerComplaint(input: {narrative: $t, product: "LOAN", type: "FEE_DISPUTE",
    sourceSystem: "desk", sourceId: $id, customer: {mobile: $mobile, idNumber: $idNumber}}) {
    errors { message path } complaint { id reference customer { id complaintCount } } } }
"""
FIND = "query ($t: String!) { findCases(text: $t) { matchedBy complaints { reference } } }"
DUPLICATES = """
query ($r: String!) { complaint(reference: $r) { id customer { id complaintCount }
  events { nodes { kind } } duplicates { reference } } }
"""
SECRET = "量子蝴蝶密语"
TEXT = "房贷利率调整没有通知我，每月多还三百元，要求退还"


async def register(bank: Bank, number: str, text: str = TEXT, **customer: Any) -> dict[str, Any]:
    done = await ask(bank.services, REGISTER, t=text, id=number, **customer)
    assert done["registerComplaint"]["errors"] == []
    complaint: dict[str, Any] = done["registerComplaint"]["complaint"]
    return complaint


async def find(bank: Bank, text: str) -> tuple[str, list[str]]:
    found = (await ask(bank.services, FIND, t=text))["findCases"]
    return found["matchedBy"], [each["reference"] for each in found["complaints"]]


@pytest.mark.parametrize("filler", ["匿名", "无", "N/A", "-", "unknown"])
async def test_what_says_nothing_joins_nobody(bank: Bank, filler: str) -> None:
    for number in range(2):
        made = await register(bank, f"filler-{filler}-{number}", mobile=filler)
        assert made["customer"] is None


async def test_cases_are_found_by_a_number_as_people_type_it_and_by_references(bank: Bank) -> None:
    made = [
        await register(bank, f"F-40{n}", f"贷款审批太慢了第{n}次", mobile="139 0072 0418")
        for n in range(2)
    ]
    references = [each["reference"] for each in made]
    for typed in ("+86 139-0072-0418", "１３９００７２０４１８", "客户电话 008613900720418 来电"):
        by, found = await find(bank, typed)
        assert (by, sorted(found)) == ("CUSTOMER_NUMBER", sorted(references))
    assert await find(bank, f"{references[1]}, {references[0].lower()}") == (
        "REFERENCE", [references[1], references[0]],
    )  # fmt: skip
    by, found = await find(bank, "sk-f-40")
    assert (by, sorted(found)) == ("PART_OF_REFERENCE", sorted(references))
    assert (await find(bank, "信用卡年费没有告知"))[0] == "WORDS"


async def test_a_search_that_names_a_case_answers_with_it_first(bank: Bank) -> None:
    query = (
        "query ($t: String!) { searchComplaints(text: $t, first: 3) { complaint { reference } } }"
    )
    found = (await ask(bank.services, query, t="年费投诉 bank-57 的进展"))["searchComplaints"]
    assert found[0]["complaint"]["reference"] == "BANK-57"
    assert len(found) == 3


async def test_a_wrong_duplicate_and_a_wrong_join_are_corrected(bank: Bank) -> None:
    one = await register(bank, "W-1", mobile="13900720777")
    two = await register(bank, "W-2", mobile="13900720777")
    seen = await ask(bank.services, DUPLICATES, r=one["reference"])
    assert [d["reference"] for d in seen["complaint"]["duplicates"]] == [two["reference"]]
    assert seen["complaint"]["customer"]["complaintCount"] == 1
    relate = """mutation ($ids: [ID!]!) { relateCases(input: {complaints: $ids,
      relation: OTHER_CASE, note: "two accounts"}) { errors { message } } }"""
    done = await ask(bank.services, relate, ids=[one["id"], two["id"]])
    assert done["relateCases"]["errors"] == []
    seen = await ask(bank.services, DUPLICATES, r=one["reference"])
    assert seen["complaint"]["duplicates"] == []
    assert seen["complaint"]["customer"]["complaintCount"] == 2
    assert seen["complaint"]["events"]["nodes"][-1]["kind"] == "CASES_RELATED"
    separate = """mutation ($ids: [ID!]!) { separateCustomers(input: {complaints: $ids,
      note: "his brother"}) { errors { message } complaints { customer { id } } } }"""
    done = (await ask(bank.services, separate, ids=[two["id"]]))["separateCustomers"]
    assert done["errors"] == []
    assert done["complaints"][0]["customer"]["id"] != one["customer"]["id"]
    join = """mutation ($ids: [ID!]!) { joinCustomers(input: {customers: $ids, note: "one again"}) {
      errors { message } } }"""
    apart = await ask(bank.services, DUPLICATES, r=one["reference"])
    ids = [apart["complaint"]["customer"]["id"], done["complaints"][0]["customer"]["id"]]
    assert (await ask(bank.services, join, ids=ids))["joinCustomers"]["errors"] == []
    seen = await ask(bank.services, DUPLICATES, r=one["reference"])
    assert seen["complaint"]["customer"]["complaintCount"] == 2
    report = await check(bank.services.database)
    assert report.clean, report.examples


async def test_one_persons_data_is_exported_held_and_erased(bank: Bank) -> None:
    customer = {"mobile": "13900720999", "idNumber": "33010619880417218X"}
    text = f"{TEXT}，{SECRET}"
    made = [await register(bank, f"E-{n}", text, **customer) for n in range(2)]
    person = made[-1]["customer"]["id"]
    counts = "{ complaints { totalCount } }"
    before = await ask(bank.services, counts)
    data = await ask(bank.services, "query ($c: ID!) { personData(customer: $c) }", c=person)
    exported = json.dumps(data, ensure_ascii=False)
    assert SECRET in exported
    assert {each["complaint"]["reference"] for each in data["personData"]["complaints"]} == {
        each["reference"] for each in made
    }
    act = """mutation ($c: ID!) { %s(input: {customer: $c, note: "court"}) {
      complaints errors { code } } }"""
    assert (await ask(bank.services, act % "setLegalHold", c=person))["setLegalHold"] == {
        "complaints": 2, "errors": [],
    }  # fmt: skip
    refused = (await ask(bank.services, act % "erasePerson", c=person))["erasePerson"]
    assert [error["code"] for error in refused["errors"]] == ["LEGAL_HOLD"]
    await ask(bank.services, act % "liftLegalHold", c=person)
    done = (await ask(bank.services, act % "erasePerson", c=person))["erasePerson"]
    assert done == {"complaints": 2, "errors": []}
    assert await ask(bank.services, counts) == before
    rows = await bank.services.database.read(
        "MATCH (n) WHERE any(k IN keys(n) WHERE n[k] IS :: STRING AND n[k] CONTAINS $s) "
        "RETURN labels(n) AS labels",
        s=SECRET,
    )
    assert rows == []
    seen = (await ask(bank.services, DUPLICATES, r=made[0]["reference"]))["complaint"]
    assert seen["customer"]["id"] != person
    assert [d["reference"] for d in seen["duplicates"]] == [made[1]["reference"]]
    assert await find(bank, "13900720999") != ("CUSTOMER_NUMBER", [])
    assert (await find(bank, "13900720999"))[0] == "WORDS"
    # Its source sends the row again: nothing comes back.
    again = await register(bank, "E-0", text, **customer)
    assert again["customer"]["id"] == seen["customer"]["id"]
    narrative = "query ($r: String!) { complaint(reference: $r) { narrative } }"
    stored = await ask(bank.services, narrative, r=made[0]["reference"])
    assert stored["complaint"]["narrative"] is None
    report = await check(bank.services.database)
    assert report.clean, report.examples
