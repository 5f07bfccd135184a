"""Random filters of people of every reach against a plain evaluation: lists are exact, searches
give only what matches and all of it where no more match than were asked for.
"""

import os
from collections.abc import AsyncIterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random

import pytest
import pytest_asyncio

from api.services import Services
from graph.database import metered
from graph.domain.filters import ComplaintFilter
from graph.domain.scope import WHOLE_BANK, Scope
from graph.errors import NoTextError
from graph.migrations.steps import STEPS
from graph.queries import complaints as complaint_queries
from graph.queries import neighbours
from graph.queries.complaints import Order, Window
from ingest.record import IncomingComplaint
from similarity.finder import SearchMode
from tests.similarity.filters import SCOPES, matches, random_filter, reached, record
from tests.support.bank import Bank, load

pytestmark = pytest.mark.graph

SIZE = 400
FIRST = 40
#: `TEST_FILTERS=1000` tries more, which takes longer: every filter is a new plan.
FILTERS = int(os.environ.get("TEST_FILTERS", "60"))


@dataclass(frozen=True)
class World:
    services: Services
    records: dict[str, IncomingComplaint]
    customers: dict[str, str | None]
    recorded: dict[str, datetime]
    duplicates: frozenset[str]
    filters: list[tuple[ComplaintFilter, Scope]]

    def expected(self, wanted: ComplaintFilter, scope: Scope, *, searched: bool) -> set[str]:
        now = datetime.now(UTC)
        found = {
            number
            for number, one in self.records.items()
            if matches(one, wanted, self.customers[number], self.recorded[number], now)
            and reached(one, scope)
        }
        if not searched:
            return found
        return {n for n in found - self.duplicates if self.records[n].narrative}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(bank: Bank) -> AsyncIterator[World]:
    services = bank.services
    await services.database.run("MATCH (c:Complaint) DETACH DELETE c")
    chance = Random(42)
    records = [record(number, chance) for number in range(SIZE)]
    await load(services, records)
    rows = await services.database.read(
        "MATCH (c:Complaint) RETURN c.sourceId AS n, c.customerId AS customer, "
        "c.duplicate AS copy, c.recordedAt AS at"
    )
    customers = {row["n"]: row["customer"] for row in rows}
    recorded = {row["n"]: row["at"] for row in rows}
    times = sorted(set(recorded.values()))
    known = sorted({customer for customer in customers.values() if customer})
    yield World(
        services,
        {str(one.source_id): one for one in records},
        customers,
        recorded,
        frozenset(row["n"] for row in rows if row["copy"]),
        [(random_filter(chance, known, times), SCOPES[n % len(SCOPES)]) for n in range(FILTERS)],
    )


async def test_lists_are_exact(world: World) -> None:
    sizes = set()
    for wanted, scope in world.filters:
        narrowed = await world.services.finder.compile(wanted, scope)
        page = await complaint_queries.page(
            world.services.database, narrowed, Order.RECEIVED_DESC, Window(SIZE + 1)
        )
        found = [one.source_id for one in page.complaints]
        assert set(found) == world.expected(wanted, scope, searched=False), (wanted, scope)
        assert len(found) == len(set(found))
        assert await complaint_queries.count(world.services.database, narrowed) == len(found)
        sizes.add(len(found))
    # The filters are of use: some leave nothing, some a few, some many.
    assert 0 in sizes
    assert any(0 < size <= FIRST for size in sizes)
    assert any(size > FIRST for size in sizes)


@pytest.mark.parametrize("few", [neighbours.SMALL_SCOPE, 0])
async def test_similar_cases_match_and_none_is_missing(
    world: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where hardly a scope is so small that all of it is compared at once."""
    monkeypatch.setattr(neighbours, "SMALL_SCOPE", few)
    monkeypatch.setattr(neighbours, "SMALL_PART", neighbours.SMALL_PART if few else 0)
    with_text = [n for n in world.records if world.records[n].narrative]
    text = max(with_text, key=lambda n: sum(reached(world.records[n], each) for each in SCOPES))
    row = await world.services.database.read(
        "MATCH (c:Complaint {sourceId: $n}) RETURN c.id AS id", n=text
    )
    identity = row[0]["id"]
    asked = 0
    for wanted, scope in world.filters:
        alike = await world.services.finder.similar(
            [identity], filters=wanted, scope=scope, first=FIRST
        )
        if not reached(world.records[text], scope):
            assert alike == {}
            continue
        found = [one.complaint.source_id for one in alike[identity]]
        _compare(found, world.expected(wanted, scope, searched=True) - {text}, wanted)
        asked += not scope.everything
    assert asked


async def test_a_wrong_memory_of_a_scope_costs_no_neighbour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many cases at once, of which a wider search completes a part."""
    chance = Random(7)
    monkeypatch.setattr(neighbours, "SMALL_SCOPE", FIRST)
    monkeypatch.setattr(neighbours, "SMALL_PART", 0)
    monkeypatch.setattr(neighbours, "FETCHED", 50)
    monkeypatch.setattr(neighbours, "WIDEST", 300)
    monkeypatch.setattr(
        neighbours.ScopeSizes, "is_small", lambda *_: chance.choice([True, False, None])
    )
    numbers = sorted(world.expected(ComplaintFilter(), WHOLE_BANK, searched=True))[::9]
    rows = await world.services.database.read(
        "MATCH (c:Complaint) WHERE c.sourceId IN $numbers RETURN c.id AS id, c.sourceId AS n",
        numbers=numbers,
    )
    numbers_of = {row["id"]: row["n"] for row in rows}
    for wanted, scope in world.filters:
        alike = await world.services.finder.similar(
            list(numbers_of), filters=wanted, scope=scope, first=FIRST
        )
        assert {numbers_of[i] for i in alike} == {
            n for n in numbers if reached(world.records[n], scope)
        }
        for identity, results in alike.items():
            found = [one.complaint.source_id for one in results]
            expected = world.expected(wanted, scope, searched=True) - {numbers_of[identity]}
            _compare(found, expected, wanted)


async def test_the_size_of_a_scope_is_asked_once(world: World) -> None:
    scope = next(scope for scope in SCOPES if not scope.everything)
    rows = await world.services.database.read("MATCH (c:Complaint) RETURN c.id AS id")
    finder = copy(world.services.finder)
    finder._sizes = neighbours.ScopeSizes()
    costs = []
    for _ in range(3):
        with metered() as meter:
            assert await finder.similar(
                [row["id"] for row in rows], filters=None, scope=scope, first=5
            )
        costs.append(meter.statements)
    assert costs[1] == costs[2] == costs[0] - 1


@pytest.mark.parametrize("mode", list(SearchMode))
async def test_searches_match_and_none_is_missing(world: World, mode: SearchMode) -> None:
    text = "信用卡年费 annual fee"
    for wanted, scope in world.filters:
        search = partial(
            world.services.finder.search,
            text,
            filters=wanted,
            scope=scope,
            mode=mode,
            first=FIRST,
        )
        left = world.expected(wanted, scope, searched=False) - world.duplicates
        if left and not any(world.records[number].narrative for number in left):
            with pytest.raises(NoTextError):
                await search()
            continue
        found = await search()
        numbers = [one.complaint.source_id for one in found]
        _compare(numbers, world.expected(wanted, scope, searched=True), wanted)


async def test_the_step_that_adds_words_writes_what_a_registration_does(world: World) -> None:
    database = world.services.database
    written = """
    MATCH (c:Complaint) RETURN c.id AS id, c.filterTokens AS words, c.outcome AS outcome ORDER BY id
    """
    before = await database.read(written)
    assert any(row["outcome"] for row in before)
    await database.run(
        """
        MATCH (c:Complaint)
        SET c.outcome = null, c.filterTokens = reduce(text = 'everycase', word IN
          [w IN split(c.filterTokens, ' ')[1..] WHERE NOT left(w, 1) IN ['f', 'g']] |
          text + ' ' + word)
        """
    )
    assert await database.read(written) != before
    (step,) = [step for step in STEPS if step.name == "0023-more-filters"]
    for _ in range(2):
        for statement in step.statements:
            await database.run(statement)
        assert await database.read(written) == before


def _compare(found: list[str], expected: set[str], wanted: ComplaintFilter) -> None:
    assert len(found) == len(set(found)) == min(FIRST, len(expected)), wanted
    assert set(found) <= expected, wanted
