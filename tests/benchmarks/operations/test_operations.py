"""Random operations of every role: nothing beyond reach, no INTERNAL, no exception.

``TEST_OPERATIONS`` says how many of each; `python -m benchmarks operations` runs
many more.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from graphql import parse, validate

from benchmarks.operations.borders import Borders, borders_of, gid
from benchmarks.operations.drawing import Operation, Operations, Pools
from benchmarks.operations.oracle import Oracle, somebody
from benchmarks.operations.running import BATCH, CHANGES, Runner, batches
from benchmarks.operations.wide import SCHEMA
from graph.domain.access import Identity, Role
from tests.support.bank import Bank

pytestmark = pytest.mark.graph

COUNT = int(os.environ.get("TEST_OPERATIONS", "100"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(bank: Bank) -> AsyncIterator[Borders]:
    yield await borders_of(bank.services)


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("role", list(Role))
async def test_no_random_operation_finds_anything(made: Borders, role: Role) -> None:
    runner = Runner(made, role, seed=1)
    await runner.run(range(COUNT))
    figures = runner.figures
    assert figures.findings == []
    assert figures.operations == COUNT
    assert figures.answered > COUNT / 2


def drawn(made: Borders, role: Role = Role.HANDLER) -> Operations:
    oracle = Oracle(somebody("BJ", role), made)
    return Operations(Pools.of(made), "seed", oracle.may)


async def test_nearly_every_operation_is_a_valid_document(made: Borders) -> None:
    """Odd values that do not fit their type are drawn, too, and names that meet in two types."""
    operations = drawn(made, Role.ADMINISTRATOR)
    every = [draw(n) for n in range(200) for draw in (operations.query, operations.change)]
    valid = [each for each in every if not validate(SCHEMA, parse(each.document))]
    assert len(valid) >= 0.95 * len(every)


async def test_an_operation_is_told_by_its_number_alone(made: Borders) -> None:
    one = [drawn(made).query(number) for number in range(20)]
    operations = drawn(made)
    assert [operations.query(number) for number in reversed(range(20))] == one[::-1]
    assert drawn(made).query(3) != drawn(made).query(4)


async def test_mutations_reach_the_desk_with_the_version_of_the_case(made: Borders) -> None:
    operations = drawn(made)
    versions = {gid("Complaint", row.id): row.version for row in made.rows.values()}
    inputs = [operations.change(number).variables["i"] for number in range(300)]
    given = [each for each in inputs if "version" in each and each.get("complaint") in versions]
    right = [each for each in given if versions[each["complaint"]] == each["version"]]
    assert len(right) > len(given) / 2


@pytest.mark.parametrize(("kind", "permitted"), [("Precedent", True), ("SimilarComplaint", False)])
async def test_why_a_case_elsewhere_is_a_precedent_is_told_in_its_words(
    made: Borders, kind: str, permitted: bool
) -> None:
    oracle = Oracle(somebody("SH", Role.HANDLER), made)
    word = min(oracle.as_precedents & oracle.forbidden)
    why = {"__typename": "SimilarityExplanation", "summary": f"Both say {word}."}
    answer = {"found": {"__typename": kind, "explanation": why}}
    assert oracle.leaks(answer) == ([] if permitted else [word])


def test_a_run_is_taken_up_where_it_ended() -> None:
    whole = list(batches(0, 3 * BATCH))
    assert list(batches(0, BATCH + 30))[-1] == range(BATCH, BATCH + 30)
    again = [*batches(0, BATCH + 30), *batches(BATCH + 30, 2 * BATCH - 30)]
    assert [n for each in again for n in each] == [n for each in whole for n in each]
    assert all(start.start // BATCH == (start.stop - 1) // BATCH for start in again)


class Telling(Runner):
    """Answers with what it is given, whatever is asked."""

    answer: dict[str, Any]

    async def _asked(self, identity: Identity, number: int, operation: Operation) -> dict[str, Any]:
        return self.answer


@pytest.mark.parametrize("kind", ["leak", "internal", "crash"])
async def test_what_must_not_be_is_found(made: Borders, kind: str) -> None:
    foreign = next(row for row in made.rows.values() if row.branch == "SH" and row.shown)
    runner = Telling(made, Role.HANDLER, seed=1)
    runner.answer = {
        "leak": {"data": {"label": f"see {min(foreign.shown)}"}, "errors": []},
        "internal": {"data": None, "errors": [{"extensions": {"code": "INTERNAL"}}]},
    }.get(kind, {})
    if kind == "crash":
        runner = Runner(replace(made, services=None), Role.HANDLER, seed=1)  # type: ignore[arg-type]
        oracle = Oracle(somebody("BJ", Role.HANDLER), made)
        await runner._query(oracle, 0, drawn(made).query(0))
        assert runner.figures.found == {"crash": 1}
        return
    await runner.run(range(BATCH - CHANGES))
    assert runner.figures.found == {kind: BATCH - CHANGES}
    assert runner.figures.findings[0].document.startswith("query")
