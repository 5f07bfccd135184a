"""The document bounds the number of Cypher statements, whatever the rows hold."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from graph.database import Database
from graph.domain.scope import Scope
from graph.queries import complaints as complaint_queries
from tests.support.bank import Bank
from tests.support.graphql import execute, statements

pytestmark = pytest.mark.graph

#: What is asked for in one turn of the event loop is read together, and what was read is not read
#: again: which loads meet is chance. A statement for each row would be forty-nine more.
CHANCE = 8
DESK = """
query ($first: Int!) { complaints(first: $first, orderBy: RECEIVED_ASC, after: null) { totalCount
  nodes { reference
    type { label } product { label wider { label } } branch { label } department { label }
    customer { complaintCount complaints(first: 3) { reference } }
    resolution { outcome } rootCauses { rootCause { label } } events { nodes { kind } }
    customerHistory { reference product { label } }
    duplicates { reference } repeats { reference }
    similar(first: 5) { score complaint { reference product { label } resolution { outcome } }
      explanation { summary sharedFacts { label } } duplicates { reference } }
    precedents(first: 3) { complaint { reference branch { label } } alike { reference }
      explanation { summary } }
    rootCauseCandidates { confidence rootCause { label } support { reference } }
    branchRecent(first: 5) { reference customer { segment } }
  } } }
"""


async def test_the_context_of_fifty_costs_no_more_statements_than_that_of_one(bank: Bank) -> None:
    one = await execute(bank.services, DESK, first=1)
    fifty = await execute(bank.services, DESK, first=50)

    assert one.errors is None
    assert fifty.errors is None
    assert fifty.data is not None
    assert len(fifty.data["complaints"]["nodes"]) == 50
    assert statements(fifty) <= statements(one) + CHANCE


async def test_complaints_without_a_text_cost_no_more_the_more_there_are(bank: Bank) -> None:
    # The bank's own, which end in May: what other tests register has no customer.
    newest = DESK.replace("ASC", 'DESC, filter: {receivedTo: "2026-06-01T00:00:00Z"}')
    some = await execute(bank.services, newest, first=10)
    more = await execute(bank.services, newest, first=50)
    assert some.errors is more.errors is None
    assert statements(more) <= statements(some) + CHANCE


async def test_what_was_read_is_not_read_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[tuple[str, str]] = Counter()
    by_ids = complaint_queries.by_ids

    async def noted(database: Database, ids: Sequence[str], scope: Scope) -> Any:
        read.update((str(scope), identity) for identity in ids)
        return await by_ids(database, ids, scope)

    monkeypatch.setattr(complaint_queries, "by_ids", noted)
    result = await execute(bank.services, DESK, first=20)
    assert result.errors is None
    assert len(read) > 20
    assert set(read.values()) == {1}


async def test_two_aliases_of_one_field_share_their_statements(bank: Bank) -> None:
    one = """{ a: complaint(reference: "BANK-1") { product { label } } }"""
    two = """{ a: complaint(reference: "BANK-1") { product { label } }
               b: complaint(reference: "BANK-2") { product { label } } }"""
    assert statements(await execute(bank.services, one)) == 2
    assert statements(await execute(bank.services, two)) == 2


async def test_a_count_costs_only_who_asks_for_it(bank: Bank) -> None:
    assert statements(await execute(bank.services, "{ complaints { nodes { id } } }")) == 1
    assert statements(await execute(bank.services, "{ complaints { totalCount } }")) == 2


async def test_statements_inside_loaders_are_counted(bank: Bank) -> None:
    query = """{ complaint(reference: "BANK-1") { customer { segment } rootCauses { source } } }"""
    assert statements(await execute(bank.services, query)) == 3


async def test_statements_are_told_in_development_only(bank: Bank) -> None:
    from schema.build import build_schema

    result = await execute(bank.services, "{ products { totalCount } }", schema=build_schema())
    assert result.errors is None
    assert (result.extensions or {}).keys() == {"cost"}
