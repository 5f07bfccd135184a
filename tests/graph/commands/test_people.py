"""Who filed what: limits of sharing, corrections by people, and that neither knows an order."""

from random import Random
from typing import Any

import pytest

from graph.commands.corrections import (
    Correction,
    join_customers,
    relate_cases,
    separate_customers,
)
from graph.commands.spaces import create_space
from graph.consistency import check
from graph.database import Database
from graph.domain.case import Case, CustomerFacts
from graph.domain.enums import CaseRelation
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import EmbeddingSpace
from graph.queries.customers import by_ids
from tests.support.escalation import link_everything
from tests.support.graph import KEYRING, NOW, case, put, wipe, with_vector

pytestmark = pytest.mark.graph

BY = Correction("anna", NOW, "they told us")


def filed(number: int, *identifiers: str, content: str = "", **changes: Any) -> Case:
    """A complaint under identifiers such as "M1" (a mobile), "I1" (an identity number)."""
    kinds = {"M": "MOBILE", "I": "ID_NUMBER", "A": "ACCOUNT"}
    hashes = tuple((kinds[i[0]], KEYRING.identifier("MOBILE", i)) for i in identifiers)
    customer = CustomerFacts(hashes, segment=f"s{number}") if hashes else None
    plain = {"customer": customer, "narrative": None}
    plain["content_hash"] = f"{number} {identifiers} {content}"
    return case(number, **{**plain, **changes})


async def people(database: Database) -> set[frozenset[int]]:
    """Complaints by customer; those of nobody alone are left out."""
    rows = await database.read(
        "MATCH (u:Customer)-[:FILED]->(c) WHERE c.customerId = u.id "
        "RETURN collect(toInteger(c.sourceId)) AS ids, u.id AS id"
    )
    return {frozenset(row["ids"]) for row in rows}


async def assert_clean(database: Database) -> None:
    await link_everything(database)
    report = await check(database)
    assert report.clean, report.examples


async def test_a_number_of_too_many_people_stops_joining(
    database: Database, tiny: EmbeddingSpace
) -> None:
    family = [filed(n, "M1", f"I{n}") for n in range(3)]
    await put(database, [*family, filed(3, "M1")])
    assert await people(database) == {frozenset({0, 1, 2, 3})}
    await put(database, [filed(4, "M1", "I4"), filed(5, "M1"), filed(6, "I2")])
    assert await people(database) == {
        frozenset({0}), frozenset({1}), frozenset({2, 6}), frozenset({4}),
    }  # fmt: skip
    rows = await database.read(
        "MATCH (c)-[:HAS_EVENT]->(e {kind: 'CUSTOMER_DIVIDED'}) RETURN c.sourceId AS id"
    )
    assert [row["id"] for row in rows] == ["6"]
    await assert_clean(database)
    # A row that comes again with another number is as if it had come so first.
    await put(database, [filed(4, "I4", content="again")])
    assert await people(database) == {frozenset({0, 1, 2, 3, 5, 6}), frozenset({4})}
    await assert_clean(database)


async def test_several_accounts_of_one_person_stay_one_customer(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [filed(n, "M1", f"A{n}") for n in range(6)])
    assert await people(database) == {frozenset(range(6))}


@pytest.mark.parametrize("seed", range(3))
async def test_the_order_of_arrival_does_not_matter(
    database: Database, tiny: EmbeddingSpace, seed: int
) -> None:
    chance = Random(seed)
    names = [f"M{n}" for n in range(4)] + [f"I{n}" for n in range(8)] + [f"A{n}" for n in range(4)]
    cases = [filed(n, *chance.sample(names, chance.randint(1, 2))) for n in range(30)]
    snapshots = []
    for order in range(2):
        await wipe(database)
        await create_space(database, tiny)
        shuffled = Random(order).sample(cases, len(cases))
        for start in range(0, 30, 4):
            await put(database, shuffled[start : start + 4])
        await link_everything(database)
        assert (await check(database)).clean
        snapshots.append(await who(database))
    assert snapshots[0] == snapshots[1]


async def who(database: Database) -> list[str]:
    """Everything that says who somebody is."""
    rows = await database.read(
        """
        MATCH (c:Complaint) RETURN [c.id, c.customerId, c.filterTokens] AS row
        UNION MATCH (u:Customer) RETURN [u.id, u.segment, u.attributesKey] AS row
        UNION MATCH (i:Identifier) RETURN [i.hmac, coalesce(i.shared, false),
          COLLECT { MATCH (i)-[:IDENTIFIES]->(u) RETURN u.id ORDER BY u.id }] AS row
        """
    )
    return sorted(repr(row["row"]) for row in rows)


async def test_people_are_separated_and_joined_again_for_good(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [filed(0, "M1", "I0"), filed(1, "M1"), filed(2, "M1", "I2")])
    (old,) = {row["id"] for row in await database.read("MATCH (u:Customer) RETURN u.id AS id")}
    await separate_customers(database, [case(2).id], BY, KEYRING)
    assert await people(database) == {frozenset({0, 1}), frozenset({2})}
    await assert_clean(database)
    # The number still comes: it leads to neither, beside another it leads to that one's.
    await put(database, [filed(3, "M1"), filed(4, "M1", "I2"), filed(0, "M1", "I0", content="x")])
    await put(database, [filed(5, "I0", "I2")])
    assert await people(database) == {frozenset({0, 1}), frozenset({2, 4})}
    await assert_clean(database)
    events = await database.read(
        "MATCH (c:Complaint {sourceId: '2'})-[:HAS_EVENT]->(e {kind: 'CUSTOMERS_SEPARATED'}) "
        "MATCH (e)-[:HAS_TEXT]->(t) RETURN e.actor AS actor, t.note AS note"
    )
    assert events == [{"actor": "anna", "note": "they told us"}]
    both = [row["id"] for row in await database.read("MATCH (u:Customer) RETURN u.id AS id")]
    assert set((await by_ids(database, [old], WHOLE_BANK)).values()) <= set(
        (await by_ids(database, both, WHOLE_BANK)).values()
    )
    await join_customers(database, both, BY, KEYRING)
    assert await people(database) == {frozenset(range(6))}
    await assert_clean(database)


async def test_strangers_who_share_one_number_alone_are_told_apart(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [filed(n, "M1") for n in range(3)])
    await separate_customers(database, [case(0).id], BY, KEYRING)
    assert await people(database) == {frozenset({0}), frozenset({1, 2})}
    await assert_clean(database)


async def test_a_wrong_duplicate_counts_again_and_two_cases_become_one(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vector = [1.0] * 16
    other = [-1.0] * 16
    await put(
        database,
        [
            with_vector(filed(0, "M1", narrative="a fee"), vector),
            with_vector(filed(1, "M1", narrative="a fee"), vector),
            with_vector(filed(2, "I9", narrative="a loan"), other),
            with_vector(filed(3, narrative="a loan"), other),
        ],
    )
    await link_everything(database)
    assert await duplicates(database) == {1}
    await relate_cases(database, [case(0).id, case(1).id], CaseRelation.OTHER_CASE, BY)
    await relate_cases(database, [case(0).id, case(2).id, case(3).id], CaseRelation.SAME_CASE, BY)
    await assert_clean(database)
    assert await duplicates(database) == {2, 3}
    # It outlasts the row coming again, and a new link.
    await put(
        database, [with_vector(filed(1, "M1", content="new", type="FEE", narrative="x"), vector)]
    )
    await put(database, [with_vector(filed(3, content="new", type="FEE", narrative="x"), other)])
    await assert_clean(database)
    assert await duplicates(database) == {2, 3}
    await relate_cases(database, [case(0).id, case(3).id], CaseRelation.DERIVED, BY)
    await relate_cases(database, [case(2).id, case(3).id], CaseRelation.DERIVED, BY)
    await assert_clean(database)
    assert await duplicates(database) == {2}


async def duplicates(database: Database) -> set[int]:
    rows = await database.read(
        "MATCH (c:Complaint {duplicate: true}) RETURN toInteger(c.sourceId) AS id"
    )
    return {row["id"] for row in rows}
