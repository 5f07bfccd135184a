"""What can be read of a complaint and around it."""

from typing import Any

import pytest

from tests.support.bank import Bank
from tests.support.graphql import ask, execute

pytestmark = pytest.mark.graph

EVERYTHING = """
query ($reference: String!) { complaint(reference: $reference) {
  id reference subject narrative language channel status level nature severity urgency timeliness
  receivedAt receivedPrecision recordedAt occurredAt dueAt decidedAt decided duplicate overdue
  amount { value currency } amountBand vulnerable assignee sourceSystem sourceId version
  type { code label en: label(language: EN) }
  riskTypes { code label }
  customer { id segment region vulnerable complaintCount complaints(first: 3) { reference } }
  product { id code name nameZh label wider { code narrower { code } } narrower { code } }
  branch { code level outlets customers wider { code wider { code } } }
  department { code label(language: EN) wider { code } }
  handledBy { role department { code } }
  resolution { id round outcome remedy compensation { value } decidedAt satisfaction timely }
  resolutions { round summary }
  rootCauses { source confidence share by at rootCause { code label } }
  similar(first: 4) {
    score complaint { reference } duplicates { reference }
    explanation { semantic lexical sharedTerms summary en: summary(language: EN)
      sharedFacts { kind code exact label en: label(language: EN) } } }
  precedents(first: 3) {
    score complaint { reference } resolution { outcome } alikeCount alike { reference } token
    explanation { semantic summary }
    usefulness { total outcome satisfaction lasting timely recency rating } }
  duplicates { reference } repeats { reference }
  events { nodes { id seq kind at recordedAt actor reason note label
      changes { field label before { text } after { text } } }
    edges { cursor node { seq } } pageInfo { hasNextPage endCursor } }
  customerHistory { reference }
  rootCauseCandidates { confidence rootCause { code } support(first: 3) { reference } }
  branchRecent(first: 3) { reference branch { code } }
} }
"""


async def complaint(bank: Bank, number: int) -> dict[str, Any]:
    data = await ask(bank.services, EVERYTHING, reference=f"BANK-{number}")
    found: dict[str, Any] = data["complaint"]
    return found


async def test_a_complaint_has_everything_that_hangs_on_it(bank: Bank) -> None:
    found = await complaint(bank, 33)

    assert found["amount"] == {"value": "1650.00", "currency": "CNY"}
    assert found["type"] == {"code": "FEE_DISPUTE", "label": "收费争议", "en": "fee dispute"}
    assert found["product"]["code"] == "CARD-FEE"
    assert found["product"]["label"] == "年费"
    assert [entry["code"] for entry in found["product"]["wider"]["narrower"]] == [
        "CARD-FEE",
        "CARD-INST",
    ]
    assert found["branch"]["wider"] == {"code": "BJ", "wider": {"code": "HO"}}
    assert found["branch"]["level"] == "BRANCH"
    assert found["department"] == {"code": "CARDS", "label": "Card centre", "wider": None}
    assert found["handledBy"] == [{"role": "LEAD", "department": {"code": "CARDS"}}]
    assert found["resolution"]["outcome"] == "UPHELD"
    assert found["resolution"]["compensation"] == {"value": "20.00"}
    assert [r["round"] for r in found["resolutions"]] == [1]
    assert found["receivedAt"].endswith("+00:00")
    assert found["customer"]["complaintCount"] >= 1


async def test_similar_cases_leave_out_the_complaint_and_say_why(bank: Bank) -> None:
    found = await complaint(bank, 33)

    assert len(found["similar"]) == 4
    assert "BANK-33" not in {s["complaint"]["reference"] for s in found["similar"]}
    scores = [s["score"] for s in found["similar"]]
    assert scores == sorted(scores, reverse=True)
    first = found["similar"][0]["explanation"]
    assert first["semantic"] > 0.9
    assert first["sharedTerms"]
    facts = {fact["kind"]: fact for fact in first["sharedFacts"]}
    assert facts["PRODUCT"]["label"] in {"年费", "信用卡"}
    assert facts["PRODUCT"]["label"] in first["summary"]
    assert facts["PRODUCT"]["en"] in first["en"]


async def test_linked_cases_are_those_of_the_stored_links(bank: Bank) -> None:
    query = """query ($r: String!, $n: Int!) { complaint(reference: $r) { linked(first: $n) {
      score linkedWith complaint { id reference } } } }"""
    stored = """MATCH (a:Complaint)-[l:SIMILAR_TO]-(b:Complaint)
      WHERE a.reference IN $references AND NOT b.duplicate
      RETURN a.reference AS a, b.reference AS b, max(l.score) AS score"""
    read = bank.services.database.read
    seen = 0
    for number in (33, 31, 40):
        reference = f"BANK-{number}"
        links = (await ask(bank.services, query, r=reference, n=100))["complaint"]["linked"]
        rows = await read(stored, references=[reference])
        scores = {row["b"]: row["score"] for row in rows}
        assert {each["complaint"]["reference"]: each["score"] for each in links} == scores
        assert [each["score"] for each in links] == sorted(scores.values(), reverse=True)
        names = {each["complaint"]["id"]: each["complaint"]["reference"] for each in links}
        among = {(row["a"], row["b"]) for row in await read(stored, references=list(scores))}
        for each in links:
            own = each["complaint"]["reference"]
            assert sorted(names[other] for other in each["linkedWith"]) == sorted(
                other for other in scores if (own, other) in among
            )
        few = (await ask(bank.services, query, r=reference, n=2))["complaint"]["linked"]
        assert [each["complaint"] for each in few] == [each["complaint"] for each in links[:2]]
        seen += len(links)
    assert seen > 3


async def test_precedents_are_decided_and_explained(bank: Bank) -> None:
    found = await complaint(bank, 31)

    assert found["precedents"]
    for precedent in found["precedents"]:
        assert precedent["resolution"]["outcome"]
        assert precedent["token"]
        assert 0 <= precedent["usefulness"]["total"] <= 1
        assert len(precedent["alike"]) == min(5, precedent["alikeCount"])
        assert precedent["complaint"]["reference"] not in {
            other["reference"] for other in precedent["alike"]
        }


async def test_what_stands_beside_a_case_is_of_its_customer_branch_and_causes(bank: Bank) -> None:
    found = await complaint(bank, 33)

    assert "BANK-33" not in {other["reference"] for other in found["customerHistory"]}
    assert {"BANK-13", "BANK-53"} <= {other["reference"] for other in found["customerHistory"]}
    candidates = found["rootCauseCandidates"]
    assert candidates[0]["rootCause"]["code"] == "UNTOLD"
    assert sum(c["confidence"] for c in candidates) <= 1.0001
    assert 1 <= len(candidates[0]["support"]) <= 3
    assert {other["branch"]["code"] for other in found["branchRecent"]} == {"BJ-01"}


async def test_a_complaint_without_a_text_is_compared_by_facts_alone(bank: Bank) -> None:
    found = await complaint(bank, 57)

    assert found["narrative"] is None
    assert found["similar"]
    assert all(s["explanation"]["semantic"] is None for s in found["similar"])


async def test_events_page_forward(bank: Bank) -> None:
    query = """
    query ($after: String) { complaint(reference: "BANK-33") { events(first: 1, after: $after) {
      nodes { seq kind } pageInfo { hasNextPage hasPreviousPage endCursor } } } }
    """
    first = (await ask(bank.services, query))["complaint"]["events"]
    assert [event["kind"] for event in first["nodes"]] == ["REGISTERED"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert first["pageInfo"]["hasPreviousPage"] is False

    after = first["pageInfo"]["endCursor"]
    second = (await ask(bank.services, query, after=after))["complaint"]["events"]
    assert [event["seq"] for event in second["nodes"]] == [2]
    assert second["pageInfo"]["hasPreviousPage"] is True


async def test_search_finds_by_meaning_and_words(bank: Bank) -> None:
    query = """
    query ($text: String!, $mode: SearchMode) {
      searchComplaints(text: $text, mode: $mode, first: 5) {
        score complaint { product { code } } explanation { semantic lexical sharedTerms } } }
    """
    for mode in ("VECTOR", "LEXICAL", "HYBRID", None):
        data = await ask(bank.services, query, text="年费扣款没有告知", mode=mode)
        found = data["searchComplaints"]
        assert len(found) == 5
        assert found[0]["complaint"]["product"]["code"] == "CARD-FEE"
        assert found[0]["explanation"]["semantic"] is not None


async def test_precedents_for_a_text_that_is_not_registered(bank: Bank) -> None:
    query = """
    { precedents(text: "信用卡年费没有告知就扣款", first: 3) {
        complaint { decided product { code } } resolution { outcome } } }
    """
    found = (await ask(bank.services, query))["precedents"]
    assert found
    assert all(precedent["complaint"]["decided"] for precedent in found)


async def test_nodes_are_found_again_by_their_ids(bank: Bank) -> None:
    data = await ask(
        bank.services,
        """{ complaints(first: 1, orderBy: RECEIVED_ASC) { nodes {
             id customer { id } product { id } branch { id }
             department { id } } } rootCauses(first: 1) { nodes { id } } }""",
    )
    found = data["complaints"]["nodes"][0]
    ids = [found["id"], *(found[name]["id"] for name in ("customer", "product", "branch"))]
    ids += [found["department"]["id"], data["rootCauses"]["nodes"][0]["id"]]
    kinds = ["Complaint", "Customer", "Product", "Branch", "Department", "RootCause"]
    for identity, kind in zip(ids, kinds, strict=True):
        node = (await ask(bank.services, "query ($id: ID!) { node(id: $id) { __typename id } }",
                          id=identity))["node"]  # fmt: skip
        assert node == {"__typename": kind, "id": identity}
    customer = await ask(
        bank.services,
        "query ($id: ID!) { customer(id: $id) { id complaints { reference } } }",
        id=found["customer"]["id"],
    )
    assert customer["customer"]["complaints"]


async def test_an_id_that_nothing_has_is_null(bank: Bank) -> None:
    from schema.ids import NodeKind, global_id

    query = "query ($id: ID!) { node(id: $id) { id } complaint(id: $id) { id } }"
    data = await ask(bank.services, query, id=global_id(NodeKind.COMPLAINT, "gone"))
    assert data == {"node": None, "complaint": None}


async def test_a_variable_in_vain_does_no_harm(bank: Bank) -> None:
    assert await ask(bank.services, "{ __typename }", other=1) == {"__typename": "Query"}


async def test_trees_are_listed_under_an_entry(bank: Bank) -> None:
    data = await ask(
        bank.services,
        """{ all: products { totalCount nodes { code wider { code } } }
             under: products(under: "CARD", first: 1) { totalCount nodes { code }
               pageInfo { hasNextPage endCursor } }
             branches { nodes { code } } departments { nodes { code } } rootCauses { totalCount } }
        """,
    )
    assert [n["code"] for n in data["all"]["nodes"]] == ["CARD", "CARD-FEE", "CARD-INST", "LOAN"]
    assert data["all"]["totalCount"] == 4
    assert data["under"]["totalCount"] == 2
    assert data["under"]["pageInfo"]["hasNextPage"] is True
    assert [n["code"] for n in data["branches"]["nodes"]] == ["BJ", "BJ-01", "HO", "SH"]
    assert data["rootCauses"]["totalCount"] == 2
    after = data["under"]["pageInfo"]["endCursor"]
    rest = await ask(
        bank.services,
        """query ($after: String) { products(under: "CARD", after: $after) {
             nodes { code } pageInfo { hasNextPage hasPreviousPage } } }""",
        after=after,
    )
    assert rest["products"] == {
        "nodes": [{"code": "CARD-INST"}],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": True},
    }


@pytest.mark.parametrize(
    ("document", "value"),
    [
        ("query ($v: String!) { branch(code: $v) { code } }", "\ud800"),
        ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", ["ok", "a\udfffb"]),
        ("query ($v: ComplaintFilter) { complaints(filter: $v) { totalCount } }",
         {"types": ["FEE", "\ud83d"]}),
    ],
)  # fmt: skip
async def test_half_of_a_surrogate_pair_is_no_text(bank: Bank, document: str, value: Any) -> None:
    """JSON can hold one; whoever executes in the process has no JSON that is looked at."""
    result = await execute(bank.services, document, v=value)
    assert result.data is None
    (error,) = result.errors or []
    assert (error.extensions or {})["code"] == "BAD_USER_INPUT"
    assert "half of a surrogate pair" in error.message
