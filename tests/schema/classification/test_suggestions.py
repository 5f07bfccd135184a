"""What the service suggests about a complaint: before it has learnt anything, and after."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.services import classifiers
from graph.domain.suggestions import Dimension
from graph.queries.suggestions import latest
from ingest.classification.confirmed import learn_all, read_labelled
from ingest.classification.files import ClassifierFiles
from schema.ids import NodeKind, key_of
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, statements

pytestmark = pytest.mark.graph

FIELDS = """
suggestion { at modelVersion untaught zh: note en: note(language: EN)
  missingFacts { code label(language: EN) }
  dimensions { dimension accepted confidence source modelVersion value { code label }
    alternatives { confidence value { code label } }
    evidence { terms rules { code label } cases { reference type { code } } } } }
"""
REGISTER = f"""
mutation ($input: RegisterComplaintInput!) {{ registerComplaint(input: $input) {{
  errors {{ message }} complaint {{ id {FIELDS} }} }} }}
"""
FEE = "信用卡年费没有提前告知就直接扣款310元，要求退还"


async def registered(bank: Bank, narrative: str = FEE, **given: Any) -> dict[str, Any]:
    answer = await ask(bank.services, REGISTER, input={"narrative": narrative, **given})
    assert answer["registerComplaint"]["errors"] == []
    found: dict[str, Any] = answer["registerComplaint"]["complaint"]
    return found


def told(complaint: dict[str, Any], dimension: str) -> dict[str, Any]:
    dimensions = complaint["suggestion"]["dimensions"]
    found: dict[str, Any] = next(d for d in dimensions if d["dimension"] == dimension)
    return found


@pytest.fixture
def learnt(bank: Bank) -> Iterator[ClassifierFiles]:
    """The service's files; the service forgets what a test put in use."""
    yield ClassifierFiles(classifiers(bank.services.settings))
    bank.services.suggester._classifier = None


async def test_before_anything_is_learnt_neighbours_vote_and_it_says_so(bank: Bank) -> None:
    complaint = await registered(bank)
    suggestion = complaint["suggestion"]
    assert suggestion["modelVersion"] is None
    assert suggestion["untaught"] == ["TYPE", "PRODUCT", "DEPARTMENT", "SEVERITY"]
    assert "已确认的投诉太少" in suggestion["zh"]
    assert suggestion["en"].startswith("Too few confirmed complaints")

    type_ = told(complaint, "TYPE")
    assert type_["accepted"]
    assert type_["source"] == "NEIGHBOURS"
    assert type_["value"] == {"code": "FEE_DISPUTE", "label": "收费争议"}
    assert 0.6 <= type_["confidence"] <= 1
    assert {case["type"]["code"] for case in type_["evidence"]["cases"]} == {"FEE_DISPUTE"}
    assert told(complaint, "DEPARTMENT")["value"] == {"code": "CARDS", "label": "信用卡中心"}


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("请问你们周六几点开门，中午休息吗？", "ENQUIRY"),
        ("Could you tell me which documents I need to open a joint account?", "ENQUIRY"),
        ("柜台的小陈耐心帮我妈妈办好了所有手续，特来表扬", "PRAISE"),
        ("建议在手机银行里增加一个大字版，方便老年人使用", "SUGGESTION"),
        (FEE, "COMPLAINT"),
        ("Why was I charged the same fee twice? I want it back.", "COMPLAINT"),
    ],
)
async def test_its_nature_is_suggested_before_the_bank_has_taught_any(
    bank: Bank, text: str, nature: str
) -> None:
    suggested = told(await registered(bank, text), "NATURE")
    assert suggested["source"] == "GENERAL_MODEL"
    assert suggested["value"]["code"] == nature
    assert 0.4 < suggested["confidence"] < 1
    assert suggested["evidence"]["cases"] == []
    assert all(word in text.lower() for t in suggested["evidence"]["terms"] for word in t.split())


async def test_missing_facts_are_those_of_the_suggested_type(bank: Bank) -> None:
    complaint = await registered(bank, product="CARD-FEE", branch="BJ-01")
    missing = {fact["code"]: fact["label"] for fact in complaint["suggestion"]["missingFacts"]}
    assert missing == {
        "AMOUNT": "no amount in dispute",
        "OCCURRED_AT": "no date of what happened",
        "ACCOUNT": "no account or card",
    }


async def test_a_threat_is_told_with_its_words_and_its_rule(bank: Bank) -> None:
    complaint = await registered(bank, f"{FEE}，再不解决我就起诉你们")
    urgency = told(complaint, "URGENCY")
    assert (urgency["value"]["code"], urgency["source"]) == ("HIGH", "RULE")
    evidence = urgency["evidence"]
    assert evidence["terms"] == [f"{FEE}，再不解决我就起诉你们"]
    assert evidence["rules"] == [{"code": "lawsuit", "label": "提出诉讼"}]
    assert evidence["cases"] == []
    assert told(complaint, "RISK_TYPES")["value"]["code"] == "REPUTATIONAL"


async def test_without_facts_it_abstains(bank: Bank) -> None:
    band = told(await registered(bank), "AMOUNT_BAND")
    assert not band["accepted"]
    assert band["value"] is None
    assert band["confidence"] is None


async def test_what_was_learnt_is_used_recorded_and_rolled_back(
    bank: Bank, learnt: ClassifierFiles
) -> None:
    services = bank.services
    space = services.book.active.space
    rows = await read_labelled(services.database, space)
    versions = []
    for days in range(2):
        model = learn_all(rows, space.name, datetime.now(UTC) - timedelta(days=days))
        learnt.save(model)
        versions.append(model.version)
    learnt.use(versions[0])
    await services.suggester.refresh()

    first = await registered(bank)
    type_ = told(first, "TYPE")
    assert (type_["source"], type_["modelVersion"]) == ("MODEL", versions[0])
    assert type_["value"]["code"] == "FEE_DISPUTE"
    assert type_["evidence"]["terms"]
    assert all(word in FEE for term in type_["evidence"]["terms"] for word in term.split())
    assert "TYPE" not in first["suggestion"]["untaught"]

    learnt.use(versions[1])
    await services.suggester.refresh()
    assert (await registered(bank))["suggestion"]["modelVersion"] == versions[1]
    # What was suggested once stays on record with its model.
    again = await ask(
        services, f"query ($id: ID!) {{ complaint(id: $id) {{ {FIELDS} }} }}", id=first["id"]
    )
    assert again["complaint"]["suggestion"]["modelVersion"] == versions[0]


async def test_a_damaged_version_leaves_the_one_before_in_use(
    bank: Bank, learnt: ClassifierFiles
) -> None:
    services = bank.services
    space = services.book.active.space
    rows = await read_labelled(services.database, space)
    good, bad = (
        learn_all(rows, space.name, datetime.now(UTC) - timedelta(days=days)) for days in (5, 6)
    )
    for each in (good, bad):
        learnt.save(each)
        learnt.use(each.version)
        if each is good:
            await services.suggester.refresh()
    (classifiers(services.settings) / bad.version / "model.json").write_text("{")
    await services.suggester.refresh()
    assert services.suggester.classifier is not None
    assert services.suggester.classifier.version == good.version


async def test_nothing_of_the_text_is_kept_with_a_suggestion(bank: Bank) -> None:
    complaint = await registered(bank)
    identity = key_of(complaint["id"], NodeKind.COMPLAINT)
    rows = await bank.services.database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_SUGGESTION]->(s) RETURN s {.*} AS s", id=identity
    )
    assert len(rows) == 1
    assert "年费" not in repr(rows)


async def test_the_same_complaint_again_is_suggested_once(bank: Bank) -> None:
    number = str(uuid4())
    given = {"sourceSystem": "twice", "sourceId": number}
    first = await registered(bank, **given)
    second = await registered(bank, **given)
    assert first["suggestion"] == second["suggestion"]
    changed = await registered(bank, f"{FEE}，另外态度恶劣", **given)
    identity = key_of(changed["id"], NodeKind.COMPLAINT)
    found = await bank.services.database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_SUGGESTION]->(s) RETURN count(*) AS n", id=identity
    )
    assert found[0]["n"] == 1


async def test_a_case_that_people_have_read_gets_no_new_suggestion(bank: Bank) -> None:
    found = await ask(bank.services, '{ complaint(reference: "BANK-1") { suggestion { at } } }')
    assert found["complaint"]["suggestion"] is None
    assert await latest(bank.services.database, ["nobody"]) == {}


async def test_suggestions_of_many_cost_as_many_statements_as_that_of_few(bank: Bank) -> None:
    for number in range(6):
        await registered(bank, f"{FEE}，第{number}次投诉")
    nodes = f"nodes {{ {FIELDS} }}"
    query = f"query ($first: Int!) {{ complaints(first: $first) {{ {nodes} }} }}"
    few = await execute(bank.services, query, first=1)
    many = await execute(bank.services, query, first=6)
    assert few.errors is None
    assert many.errors is None
    assert statements(few) == statements(many)


async def test_learning_reads_every_label_once_in_order_of_receipt(bank: Bank) -> None:
    rows = await read_labelled(bank.services.database, bank.services.book.active.space)
    # Of sixty complaints five have no text, and some are duplicates.
    assert len([row for row in rows if Dimension.TYPE in row.values]) >= 40
    assert {row.values.get(Dimension.DEPARTMENT) for row in rows} >= {"CARDS", "CREDIT"}
    assert not any(row.confirmed for row in rows)


async def test_a_handler_corrects_the_nature_and_filters_by_it(bank: Bank) -> None:
    complaint = await registered(bank, "请问年费什么时候收，怎么取消？")
    document = """mutation ($input: ClassifyComplaintInput!) { classifyComplaint(input: $input) {
      errors { message } taken { dimension value { code } } complaint { nature version } } }"""
    given = {"complaint": complaint["id"], "version": 1, "confirmSuggestion": True}
    answer = (await ask(bank.services, document, input=given))["classifyComplaint"]
    assert answer["complaint"]["nature"] == "ENQUIRY"
    assert {"dimension": "NATURE", "value": {"code": "ENQUIRY"}} in answer["taken"]
    corrected = await ask(
        bank.services,
        """mutation ($input: CorrectClassificationInput!) { correctClassification(input: $input) {
          errors { message } complaint { nature } } }""",
        input={"complaint": complaint["id"], "version": 2, "nature": "COMPLAINT"},
    )
    assert corrected["correctClassification"]["complaint"] == {"nature": "COMPLAINT"}
    counted = """query ($n: [Nature!]) { complaints(filter: {natures: $n}, first: 50) {
      nodes { id } } }"""
    for nature, there in (("COMPLAINT", True), ("ENQUIRY", False)):
        nodes = (await ask(bank.services, counted, n=[nature]))["complaints"]["nodes"]
        assert ({"id": complaint["id"]} in nodes) is there
