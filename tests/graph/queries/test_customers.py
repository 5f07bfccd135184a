"""Customers read while others become another one."""

import asyncio

import pytest

from graph.database import Database
from graph.domain.scope import WHOLE_BANK
from graph.queries import customers

pytestmark = pytest.mark.graph

MANY = 400
_TWO = """
UNWIND range(0, $many - 1) AS n
CREATE (:Identifier {hmac: 'h' + n, customerKey: 'old' + n})-[:IDENTIFIES]->(:Customer {
  id: 'old' + n, segment: 'gold'})
CREATE (:Identifier {hmac: 'g' + n, customerKey: 'new' + n})-[:IDENTIFIES]->(:Customer {
  id: 'new' + n, segment: 'gold'})
"""
_BECOME = """
UNWIND range($first, $first + 19) AS n
MATCH (i:Identifier {hmac: 'h' + n}), (u:Customer {id: 'new' + n}), (old:Customer {id: 'old' + n})
CREATE (i)-[:IDENTIFIES]->(u) DETACH DELETE old
"""


async def test_who_becomes_another_during_the_read_is_one_of_both(database: Database) -> None:
    """No customer without an id, and none missing: the node may go between two of its reads."""
    await database.run(_TWO, many=MANY)
    ids = [f"old{n}" for n in range(MANY)]
    reads = 0

    async def become() -> None:
        for first in range(0, MANY, 20):
            await database.run(_BECOME, first=first)
            await asyncio.sleep(0.01)

    becoming = asyncio.create_task(become())
    while not becoming.done():
        known = await customers.by_ids(database, ids, WHOLE_BANK)
        assert set(known) == set(ids)
        assert all(known[f"old{n}"].id in (f"old{n}", f"new{n}") for n in range(MANY))
        reads += 1
    await becoming
    assert reads > 1
    known = await customers.by_ids(database, ids, WHOLE_BANK)
    assert all(known[f"old{n}"].id == f"new{n}" for n in range(MANY))
