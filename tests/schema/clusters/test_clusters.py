"""Clusters over the API: their figures are those of the complaints that they open down to."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from graph.consistency import check
from graph.domain.access import Identity, Reach, Role
from ingest.record import IncomingComplaint
from similarity.clusters import refit
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, refused, statements

pytestmark = pytest.mark.graph

FIGURES = """
  id label terms size cohesion since fittedAt endedAt
  exemplars(first: 2) { id narrative }
  complaints(first: 3) { reference receivedAt }
  outcomes { outcome count share }
  satisfaction { mean count }
  causes { count share rootCause { code } }
  trend { month count }
  drivers { kind value count share restShare lift low high p }
  cameFrom { id kind members }
"""
LIST = f"""
query ($filter: ComplaintFilter, $first: Int, $after: String, $order: ClusterOrder) {{
  clusters(filter: $filter, first: $first, after: $after, orderBy: $order) {{
    totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {FIGURES} }} }} }}
"""
MEMBERS = """
query ($filter: ComplaintFilter) { complaints(filter: $filter, first: 100) { nodes {
  id receivedAt resolution { outcome satisfaction } rootCauses { rootCause { code } } } } }
"""


@pytest.fixture
async def clusters(bank: Bank) -> list[dict[str, Any]]:
    services = bank.services
    await refit(services.database, services.book.active.space, datetime.now(UTC))
    return list((await ask(services, LIST))["clusters"]["nodes"])


async def members(bank: Bank, **wanted: Any) -> list[dict[str, Any]]:
    return list((await ask(bank.services, MEMBERS, filter=wanted))["complaints"]["nodes"])


async def test_every_figure_is_that_of_its_complaints(
    bank: Bank, clusters: list[dict[str, Any]]
) -> None:
    assert len(clusters) >= 2
    assert [c["size"] for c in clusters] == sorted((c["size"] for c in clusters), reverse=True)
    for cluster in clusters:
        found = await members(bank, clusters=[cluster["id"]])
        assert cluster["size"] == len(found)
        assert {e["id"] for e in cluster["exemplars"]} <= {m["id"] for m in found}
        decided = [m["resolution"] for m in found if m["resolution"]]
        outcomes = Counter(r["outcome"] for r in decided)
        assert {o["outcome"]: o["count"] for o in cluster["outcomes"]} == outcomes
        assert sum(o["share"] for o in cluster["outcomes"]) == pytest.approx(1.0)
        rated = [r["satisfaction"] for r in decided if r["satisfaction"] is not None]
        assert cluster["satisfaction"]["count"] == len(rated)
        assert cluster["satisfaction"]["mean"] == pytest.approx(sum(rated) / len(rated), rel=1e-9)
        causes = Counter(m["rootCauses"][0]["rootCause"]["code"] for m in found if m["rootCauses"])
        assert {c["rootCause"]["code"]: c["count"] for c in cluster["causes"]} == causes
        assert sum(month["count"] for month in cluster["trend"]) == len(found)
        assert all(m["month"].startswith("2026-") for m in cluster["trend"])
        assert cluster["label"]
        assert all(d["low"] > 1 and d["p"] <= 0.01 for d in cluster["drivers"])


async def test_a_filter_narrows_every_figure(bank: Bank, clusters: list[dict[str, Any]]) -> None:
    narrow = {"branches": ["BJ"], "receivedTo": "2026-03-01T00:00:00Z"}
    found = (await ask(bank.services, LIST, filter=narrow))["clusters"]["nodes"]
    assert 0 < sum(c["size"] for c in found) < sum(c["size"] for c in clusters)
    for cluster in found:
        some = await members(bank, **narrow, clusters=[cluster["id"]])
        assert cluster["size"] == len(some) == sum(m["count"] for m in cluster["trend"])


async def test_what_matches_nothing_has_no_clusters(bank: Bank, clusters: list[Any]) -> None:
    assert clusters
    for narrow in (
        {"receivedFrom": "2031-01-01T00:00:00Z"},
        {"receivedFrom": "2026-03-01T00:00:00Z", "receivedTo": "2026-02-01T00:00:00Z"},
    ):
        found = (await ask(bank.services, LIST, filter=narrow))["clusters"]
        assert (found["nodes"], found["totalCount"]) == ([], 0)


async def test_pages_hold_every_cluster_once(bank: Bank, clusters: list[dict[str, Any]]) -> None:
    for order in ("SIZE_DESC", "SIZE_ASC", "COHESION_DESC"):
        seen: list[str] = []
        after = None
        while True:
            page = (await ask(bank.services, LIST, first=1, after=after, order=order))["clusters"]
            seen += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert sorted(seen) == sorted(c["id"] for c in clusters)
    error = await refused(bank.services, LIST, after=after, order="SIZE_DESC")
    assert error["extensions"]["code"] == "INVALID_CURSOR"


async def test_statements_do_not_grow_with_clusters(
    bank: Bank, clusters: list[dict[str, Any]]
) -> None:
    narrow = {"channels": ["PHONE", "APP"]}
    one = await execute(bank.services, LIST, first=1, filter=narrow)
    more = await execute(bank.services, LIST, first=30, filter=narrow)
    assert len(clusters) > 1
    assert one.errors is more.errors is None
    assert statements(one) == statements(more)


async def test_one_cluster_by_its_id(bank: Bank, clusters: list[dict[str, Any]]) -> None:
    query = f"query ($id: ID!) {{ cluster(id: $id) {{ {FIGURES} }} node(id: $id) {{ id }} }}"
    found = await ask(bank.services, query, id=clusters[0]["id"])
    assert found["cluster"] == clusters[0]
    assert found["node"]["id"] == clusters[0]["id"]


async def test_a_registered_complaint_joins_and_copies_agree(
    bank: Bank, clusters: list[dict[str, Any]]
) -> None:
    assert clusters
    incoming = IncomingComplaint(
        source_system="desk",
        source_id="new",
        received_at=datetime.now(UTC),
        narrative="信用卡年费没有提前告知就直接扣款103元，要求退还",
    )
    made = await bank.services.pipeline.register(incoming, actor="test")
    rows = await bank.services.database.read(
        "MATCH (c:Complaint {id: $id})-[m:MEMBER_OF]->(k:Cluster) "
        "RETURN k.id AS id, m.provisional AS provisional",
        id=made.id,
    )
    assert [row["provisional"] for row in rows] == [True]
    assert (await check(bank.services.database)).clean


MAP = "{ clusterMap { x y cluster label } }"


async def test_the_map_has_every_text_in_its_cluster(
    bank: Bank, clusters: list[dict[str, Any]]
) -> None:
    points = (await ask(bank.services, MAP))["clusterMap"]
    rows = await bank.services.database.read(
        """MATCH (c:Complaint) WHERE c.duplicate = false AND c.narrative IS NOT NULL
        RETURN count(*) AS texts"""
    )
    assert len(points) == rows[0]["texts"]
    assert max(max(abs(point["x"]), abs(point["y"])) for point in points) == pytest.approx(1.0)
    labels = {cluster["id"]: cluster["label"] for cluster in clusters}
    counts = Counter(point["cluster"] for point in points if point["cluster"])
    assert counts == {cluster["id"]: cluster["size"] for cluster in clusters}
    assert all(
        point["label"] == labels.get(point["cluster"]) for point in points if point["cluster"]
    )


async def test_the_map_is_for_those_who_reach_the_whole_bank(bank: Bank) -> None:
    analyst = Identity("u-2", "Fang", frozenset({Role.ANALYST}), Reach(branches=("BJ",)))
    result = await execute(bank.services, MAP, identity=analyst)
    assert result.data == {"clusterMap": None}
    assert result.errors
