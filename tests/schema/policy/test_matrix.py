"""Every role, on every path that leads to a case, asked for every field, against plain Python.

``TEST_MATRIX=all`` asks everybody on every path, which takes an hour; otherwise a
dozen people share the paths among them.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from benchmarks.operations.borders import Borders, borders_of
from benchmarks.operations.oracle import Oracle, identities
from benchmarks.operations.wide import asked
from graph.domain.access import LOCAL
from tests.support.bank import Bank
from tests.support.matrix import Differences, cell
from tests.support.paths import Path, paths

pytestmark = pytest.mark.graph

PEOPLE = identities()
_FEW = (
    "HANDLER BJ",
    "HANDLER CARDS",
    "HANDLER ann",
    "HANDLER none",
    "SUPERVISOR ann at BJ-01",
    "ANALYST BJ",
    "AUDITOR CREDIT and SH",
    "ADMINISTRATOR SH",
    "SERVICE BJ",
    "CUSTOMER bank",
    "HANDLER AUDITOR BJ",
    "NOBODY",
)
EVERYBODY = os.environ.get("TEST_MATRIX") == "all"
ASKING = tuple(name for name in PEOPLE if name != "LOCAL") if EVERYBODY else _FEW
#: Of the paths each of a few people takes every so manieth.
_SHARE = 1 if EVERYBODY else 5


@dataclass
class World:
    """The bank, and what LOCAL was answered on each path so far."""

    made: Borders
    paths: list[Path]
    local: dict[str, Any] = field(default_factory=dict)
    cells: Counter[str] = field(default_factory=Counter)

    async def answer(self, path: Path) -> Any:
        if path.name not in self.local:
            document = path.document(Oracle(LOCAL, self.made))
            self.local[path.name] = await asked(self.made.services, LOCAL, document)
        return self.local[path.name]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(bank: Bank) -> AsyncIterator[World]:
    made = await borders_of(bank.services)
    yield World(made, paths(made))


@pytest.mark.parametrize("name", ASKING)
async def test_no_cell_differs_from_the_oracle(world: World, name: str) -> None:
    oracle, differences = Oracle(PEOPLE[name], world.made), Differences()
    for place, path in enumerate(world.paths):
        if (place + ASKING.index(name)) % _SHARE == 0:
            local = await world.answer(path)
            assert local.data is not None, (path.name, local.errors)
            await cell(world.made.services, oracle, path, local, differences)
    assert differences.found == []
    assert differences.cells
    world.cells += differences.cells
