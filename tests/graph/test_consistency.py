"""The check finds what somebody broke by hand, and the repair mends what can be derived."""

import pytest

from graph.commands.linking import link_pending
from graph.consistency import check
from graph.database import Database
from graph.domain.catalogue import chain
from graph.domain.enums import CatalogueKind
from graph.domain.spaces import EmbeddingSpace
from tests.support.changes import propose
from tests.support.graph import case, put, random_vectors, with_vector

pytestmark = pytest.mark.graph

PRODUCTS = chain(CatalogueKind.PRODUCT, "Card", "Fee")

BREAKS = {
    "copies": "MATCH (c:Complaint {sourceId: '1'}) SET c.productCode = 'elsewhere'",
    "links": "MATCH (:Complaint {sourceId: '9'})-[r:SIMILAR_TO]->() SET r.score = 0.123",
    "vectors": "MATCH (c:Complaint {sourceId: '2'}) REMOVE c.embedding_tiny",
    "events": "MATCH (:Complaint {sourceId: '3'})-[:HAS_EVENT]->(e) SET e.seq = 7",
    "positions": "MATCH (:Complaint {sourceId: '4'})-[:HAS_EVENT]->(e) DETACH DELETE e",
    "state": "MATCH (c:Complaint {sourceId: '5'}) SET c.urgency = 'IMMEDIATE'",
    "views": "UNWIND range(1, 51) AS n CREATE (:SavedView {person: 'lin', name: toString(n), "
    "query: '/desk'})",
    "openings": "MATCH (c:Complaint {sourceId: '6'}) CREATE (:Opening {id: 'x', key: 'x', "
    "complaint: 'elsewhere', person: 'lin', at: datetime('2026-01-01T00:00Z'), "
    "endsAt: datetime('2026-01-01T01:00Z')})-[:OPENS]->(c)",
    "drills": "CREATE (:Sitting {id: 'x', person: 'lin', drill: 'ZH-3-1', "
    "startedAt: datetime('2026-01-02T00:00Z'), finishedAt: datetime('2026-01-01T00:00Z')})",
    "identifiers": "CREATE (:Identifier {hmac: 'x', customerKey: 'y'})",
}


@pytest.mark.parametrize("kind", sorted(BREAKS))
async def test_what_was_broken_is_found(
    database: Database, tiny: EmbeddingSpace, kind: str
) -> None:
    vectors = random_vectors(10, seed=1) * 0.1 + 1.0
    cases = [with_vector(case(n, product=PRODUCTS[-1].code), vectors[n]) for n in range(10)]
    await put(database, cases, PRODUCTS)
    await link_pending(database, tiny)
    assert (await check(database)).clean
    await database.run(BREAKS[kind])
    assert kind in (await check(database)).counts


async def test_copies_and_links_are_repaired(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = random_vectors(10, seed=1) * 0.1 + 1.0
    cases = [with_vector(case(n, product=PRODUCTS[-1].code), vectors[n]) for n in range(10)]
    await put(database, cases, PRODUCTS)
    await link_pending(database, tiny)
    await database.run(BREAKS["copies"])
    await database.run(BREAKS["links"])

    async def finish() -> None:
        while await link_pending(database, tiny):
            pass

    report = await check(database, repair=True, finish=finish)
    assert report.repaired == 2
    assert (await check(database)).clean


async def test_a_lost_change_leaves_a_gap_and_an_old_one_none(
    database: Database, tiny: EmbeddingSpace
) -> None:
    """Before changes had positions they took none."""
    await put(database, [case(1)])
    await propose(database)
    issue = await propose(database)
    await database.run("CREATE (:SystemicIssue)-[:HAS_CHANGE]->(:Change {id: 'old', seq: 1})")
    assert "positions" not in (await check(database)).counts
    await database.run(
        "MATCH (:SystemicIssue {id: $id})-[:HAS_CHANGE]->(x) DETACH DELETE x", id=issue
    )
    assert (await check(database)).counts["positions"] == 1
