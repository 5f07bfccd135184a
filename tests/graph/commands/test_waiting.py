"""Claims on work that waits: who may take it, and for whom they still stand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from graph.commands.linking import link_claimed, pending_links
from graph.commands.locks import Kind, lock, lock_ends
from graph.commands.waiting import Claim, Work, claim_these, lock_held
from graph.consistency import check
from graph.database import Database, Transaction, metered
from graph.domain.case import Case, CustomerFacts
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.domain.spaces import EmbeddingSpace
from graph.errors import BusyError, UnavailableError
from tests.graph.commands.test_linking import link_everything
from tests.support.graph import ACT, KEYRING, case, put, random_vectors, with_vector

pytestmark = pytest.mark.graph


def by(number: int, filer: str, **changes: Any) -> Case:
    identifier = KEYRING.identifier("MOBILE", filer)
    return case(number, customer=CustomerFacts((("MOBILE", identifier),)), **changes)


async def still_held(database: Database, work: Work, claim: Claim) -> list[str]:
    async def attempt(transaction: Transaction) -> list[str]:
        return list(await lock_held(transaction, work, claim))

    return await database.write(attempt)


async def test_a_claim_takes_the_work_asked_for_and_what_is_free_unless_it_steals(
    database: Database, tiny: EmbeddingSpace
) -> None:
    ids = [case(n).id for n in range(3)]
    await put(database, [case(n) for n in (2, 0, 1)])

    first = await claim_these(database, [Work.LINK], ids[:2], token="first", steal=False)
    second = await claim_these(database, list(Work), [*ids, "none"], token="second", steal=False)
    assert first == Claim("first", tuple(ids[:2]))
    assert second == Claim("second", tuple(ids))  # of the first two only the rules' part
    assert await still_held(database, Work.LINK, first) == ids[:2]
    assert await still_held(database, Work.LINK, second) == ids[2:]
    assert await still_held(database, Work.ESCALATE, second) == ids

    assert await claim_these(database, list(Work), ids, token="third", steal=False) is None
    assert await claim_these(database, [Work.LINK], ids, token="fourth") == Claim(
        "fourth", tuple(ids)
    )
    assert await still_held(database, Work.LINK, first) == []
    assert await still_held(database, Work.ESCALATE, second) == ids


class _Meanwhile:
    """The same database, where something happens right after the first read."""

    def __init__(self, database: Database, act: Callable[[], Awaitable[Any]]) -> None:
        self.write = database.write
        self._database = database
        self._acts = [act]

    async def read(self, statement: str, /, **parameters: Any) -> list[dict[str, Any]]:
        rows = await self._database.read(statement, **parameters)
        while self._acts:
            await self._acts.pop()()
        return rows


async def test_a_complaint_that_gets_another_customer_while_it_is_linked_is_linked_again(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vector = random_vectors(1, seed=3)[0]
    await put(database, [with_vector(by(0, "13800000001"), vector)])
    await link_everything(database, tiny)
    await put(database, [with_vector(by(1, "13800000002"), vector)])
    later = by(1, "13800000001", content_hash="another filer")
    claim = await claim_these(database, [Work.LINK], [later.id], token="own")
    assert claim is not None

    async def correct() -> None:
        await put(database, [with_vector(later, vector)], act=replace(ACT, token="own"))

    await link_claimed(cast("Database", _Meanwhile(database, correct)), tiny, claim)
    assert await pending_links(database) == 1
    await link_everything(database, tiny)
    rows = await database.read("MATCH (b)-[:DUPLICATE_OF]->(a) RETURN a.id AS a, b.id AS b")
    assert rows == [{"a": case(0).id, "b": later.id}]
    assert (await check(database)).clean


async def test_the_ends_of_relations_of_all_kinds_are_locked_by_one_statement(
    database: Database,
) -> None:
    kinds = (CatalogueKind.PRODUCT, CatalogueKind.BRANCH, CatalogueKind.ROOT_CAUSE)
    await put(database, [], [CatalogueEntry(kind, "A", name="A") for kind in kinds])
    ends: dict[Kind, set[str]] = {Kind[kind.name]: {"A", "none"} for kind in kinds}

    async def other(kind: Kind) -> None:
        await database.write(lambda transaction: lock(transaction, kind, ["A"]), seconds=1)

    async def work(transaction: Transaction) -> list[BaseException | None]:
        with metered() as meter:
            await lock_ends(transaction, {**ends, Kind.DEPARTMENT: set()})
            await lock_ends(transaction, {kind: set() for kind in ends})
        assert meter.statements == 1
        assert transaction.locked == ends
        with pytest.raises(AssertionError, match="PRODUCT is locked after"):
            await lock_ends(transaction, {Kind.PRODUCT: {"B"}})
        return await asyncio.gather(*(other(kind) for kind in ends), return_exceptions=True)

    errors = await database.write(work)
    assert [type(error) for error in errors] == [BusyError] * 3
    await asyncio.gather(*(other(kind) for kind in ends))


async def test_what_takes_too_long_is_not_written_and_says_so(database: Database) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:Filler)")
        await transaction.run("UNWIND range(1, 1000000000) AS i RETURN sum(sqrt(i)) AS total")

    with pytest.raises(UnavailableError, match="nothing of it was written"):
        await database.write(work, seconds=1)
    assert await database.read("MATCH (f:Filler) RETURN f") == []
