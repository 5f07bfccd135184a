"""Registration writes node, relations, copied codes and events together, and can be repeated."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from graph.commands.linking import link_pending
from graph.commands.spaces import create_space
from graph.commands.store import Stored
from graph.consistency import check
from graph.database import Database
from graph.domain.case import Attribution, Case, CustomerFacts, Decision, Handling
from graph.domain.catalogue import chain
from graph.domain.enums import AttributionSource, CatalogueKind, OutcomeKind
from graph.domain.money import Money
from graph.domain.spaces import EmbeddingSpace
from tests.support.graph import (
    KEYRING,
    NOW,
    case,
    put,
    random_vectors,
    snapshot,
    wipe,
    with_vector,
)

pytestmark = pytest.mark.graph

CARDS = chain(CatalogueKind.PRODUCT, "Card", "Credit card", "Instalment")
BRANCHES = chain(CatalogueKind.BRANCH, "Bank", "North")
CAUSES = chain(CatalogueKind.ROOT_CAUSE, "Fees", "Hidden fee")
DESK = chain(CatalogueKind.DEPARTMENT, "Cards desk")
CATALOGUE = [*CARDS, *BRANCHES, *CAUSES, *DESK]


def full(number: int, **changes: Any) -> Case:
    """A case with every relation."""
    identifier = KEYRING.identifier("MOBILE", f"1380000{number % 7:04d}")
    return case(
        number,
        product=CARDS[-1].code,
        branch=BRANCHES[-1].code,
        handling=(Handling(DESK[0].code),),
        causes=(Attribution(CAUSES[-1].code, AttributionSource.IMPORTED, share=1.0),),
        customer=CustomerFacts((("MOBILE", identifier),), segment=f"s{number % 3}"),
        amount=Money(12_300, "CNY"),
        decisions=(Decision(1, OutcomeKind.UPHELD, decided_at=NOW, summary="refunded"),),
        **changes,
    )


async def test_everything_of_a_case_agrees(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = random_vectors(20, seed=1)
    cases = [with_vector(full(n), vectors[n]) for n in range(20)]
    fates = await put(database, cases, CATALOGUE)
    assert set(fates.values()) == {Stored.LOADED}
    while await link_pending(database, tiny):
        pass
    report = await check(database)
    assert report.clean, report.examples
    assert report.checked["complaints"] == 20


async def test_the_same_again_changes_nothing(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = random_vectors(30, seed=2)
    cases = [with_vector(full(n), vectors[n]) for n in range(30)]
    await put(database, cases, CATALOGUE)
    await link_pending(database, tiny)
    before = await snapshot(database)
    shuffled = Random(3).sample(cases, len(cases))
    fates = await put(database, shuffled, CATALOGUE)
    assert set(fates.values()) == {Stored.UNCHANGED}
    assert await snapshot(database) == before


async def test_the_order_of_arrival_does_not_matter(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = random_vectors(42, seed=4)
    cases = [with_vector(full(n), vectors[n]) for n in range(42)]
    snapshots = []
    for seed in range(3):
        await wipe(database)
        await create_space(database, tiny)
        shuffled = Random(seed).sample(cases, len(cases))
        for start in range(0, 42, 7):
            await put(database, shuffled[start : start + 7], CATALOGUE)
            await link_pending(database, tiny)
        while await link_pending(database, tiny):
            pass
        assert (await check(database)).clean
        snapshots.append([row for row in await snapshot(database) if "CaseEvent" not in row])
    assert snapshots[0] == snapshots[1] == snapshots[2]


async def test_a_changed_row_updates_and_leaves_an_event(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = random_vectors(10, seed=5)
    await put(database, [with_vector(full(n), vectors[n]) for n in range(10)], CATALOGUE)
    await link_pending(database, tiny)
    changed = replace(
        full(3), content_hash="other", narrative="something else", type="FEE_DISPUTE",
        due_at=NOW + timedelta(days=3), product=CARDS[0].code, causes=(),
    )  # fmt: skip
    fates = await put(database, [with_vector(changed, vectors[9])], CATALOGUE)
    assert fates == {changed.id: Stored.UPDATED}
    while await link_pending(database, tiny):
        pass
    rows = await database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_EVENT]->(e) RETURN e.kind AS kind ORDER BY e.seq",
        id=changed.id,
    )
    assert [row["kind"] for row in rows] == ["REGISTERED", "DECIDED", "UPDATED"]
    report = await check(database)
    assert report.clean, report.examples
