"""An empty answer says why, where nothing could be compared."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.ids import NodeKind, global_id
from similarity import recalibration
from similarity.recalibration import recalibrate_if_due
from tests.support.bank import SYSTEM, Bank
from tests.support.graphql import ask, execute

pytestmark = pytest.mark.graph

SEARCH = """query ($f: ComplaintFilter) {
  searchComplaints(text: "fee", filter: $f) { score } }"""
PRECEDENTS = """query ($f: ComplaintFilter) { precedents(text: "fee", filter: $f) { score } }"""
CLUSTERS = "query ($f: ComplaintFilter) { clusters(filter: $f) { nodes { id } } }"
SIMILAR = """query ($id: ID!, $least: Float, $f: ComplaintFilter) { complaint(id: $id) {
  similar(minScore: $least, filter: $f) { score explanation { semantic } } } }"""
#: The last five complaints of the bank have no text, and are its newest.
WITHOUT = {"receivedFrom": "2026-04-24T00:00:00Z", "receivedTo": "2026-05-10T00:00:00Z"}
NOTHING = {"receivedFrom": "2030-01-01T00:00:00Z"}


async def code(bank: Bank, document: str, **variables: Any) -> str | None:
    result = await execute(bank.services, document, **variables)
    return result.errors[0].extensions["code"] if result.errors else None


@pytest.mark.parametrize("document", [SEARCH, PRECEDENTS, CLUSTERS])
async def test_where_nothing_has_a_text_that_is_said(bank: Bank, document: str) -> None:
    assert await code(bank, document, f=WITHOUT) == "NO_TEXT"
    # Nothing is left at all: an empty list is the answer.
    assert await code(bank, document, f=NOTHING) is None
    assert await code(bank, document, f={"sourceSystems": [SYSTEM], **NOTHING}) is None


async def test_before_the_first_fit_that_is_said(bank: Bank) -> None:
    await bank.services.database.run("MATCH (k:Cluster|ClusterFit) DETACH DELETE k")
    await bank.services.database.run("MATCH (c:Complaint) SET c.clusterIds = []")
    assert await code(bank, CLUSTERS) == "NOT_YET"


async def test_likeness_of_a_complaint_without_a_text_is_by_facts_or_refused(bank: Bank) -> None:
    rows = await bank.services.database.read(
        "MATCH (c:Complaint) WHERE c.narrative IS NULL RETURN c.id AS id LIMIT 1"
    )
    identity = global_id(NodeKind.COMPLAINT, rows[0]["id"])
    found = (await ask(bank.services, SIMILAR, id=identity))["complaint"]["similar"]
    assert found
    assert all(each["explanation"]["semantic"] is None for each in found)
    assert await code(bank, SIMILAR, id=identity, least=0.5) == "NO_TEXT"


async def test_where_no_other_complaint_has_a_text_that_is_said(bank: Bank) -> None:
    rows = await bank.services.database.read(
        "MATCH (c:Complaint) WHERE c.narrative IS NOT NULL RETURN c.id AS id LIMIT 1"
    )
    identity = global_id(NodeKind.COMPLAINT, rows[0]["id"])
    assert await code(bank, SIMILAR, id=identity, f=WITHOUT) == "NO_TEXT"
    # None is alike enough, and none is left: both are answers.
    assert await code(bank, SIMILAR, id=identity, least=1.0) is None
    assert await code(bank, SIMILAR, id=identity, f=NOTHING) is None


async def test_an_unknown_source_system_is_refused_and_those_in_use_are_named(bank: Bank) -> None:
    result = await execute(bank.services, CLUSTERS, f={"sourceSystems": ["nowhere"]})
    assert result.errors
    assert result.errors[0].extensions["code"] == "UNKNOWN_CODE"
    assert SYSTEM in result.errors[0].message
    assert "nowhere" not in result.errors[0].message


BASIS = """{ searchComplaints(text: "信用卡年费没有提前告知", mode: VECTOR, first: 40) {
  complaint { language } explanation { semantic semanticBasis { source language texts } } } }"""


async def test_it_is_said_whose_pairs_a_likeness_is_compared_with(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = bank.services
    shipped = (await ask(services, BASIS))["searchComplaints"]
    nothing = {"source": "SHIPPED", "language": None, "texts": None}
    assert [each["explanation"]["semanticBasis"] for each in shipped] == [nothing] * len(shipped)
    monkeypatch.setattr(recalibration, "FEWEST", 10)
    try:
        assert "zh" in await recalibrate_if_due(services.database, datetime.now(UTC), every=0.0)
        await services.book.refresh()
        found = (await ask(services, BASIS))["searchComplaints"]
        rows = await services.database.read(
            "MATCH (c:Complaint {language: 'zh', duplicate: false}) RETURN count(*) AS texts"
        )
    finally:
        await services.database.run("MATCH (s:EmbeddingSpace) REMOVE s.own")
        await services.book.refresh()
    by_language = {
        each["complaint"]["language"]: each["explanation"]["semanticBasis"] for each in found
    }
    assert by_language["zh"] == {"source": "OWN", "language": "zh", "texts": rows[0]["texts"]}
    assert by_language["en"] == nothing
