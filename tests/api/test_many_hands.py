"""Many handlers register at the same moment, in two processes: nothing is lost or refused."""

from pathlib import Path

import pytest

from benchmarks.registrar import SOURCE, Phase, Task, running, together
from graph.consistency import check
from graph.embedded import Connection
from tests.support.bank import BEIJING, CARD, FEE, HAIDIAN, LOAN, SHANGHAI, Bank
from tests.support.graph import KEYRING

pytestmark = pytest.mark.graph

EACH, PARALLEL = 20, 8
_STORED = f"""
CYPHER 25
MATCH (c:Complaint {{sourceSystem: '{SOURCE}'}})
RETURN count(*) AS stored, count(DISTINCT c.sourceId) AS distinct,
  count(c.linkKey) + count(c.escalateKey) AS waiting,
  count(CASE WHEN EXISTS {{ (c)-[:SIMILAR_TO]-() }} THEN 1 END) AS linked
"""


async def test_registering_at_once_loses_and_refuses_nothing(
    bank: Bank, neo4j_engine: Connection, tmp_path: Path
) -> None:
    phases = [Phase(range(2 * EACH), alike=False), Phase(range(2 * EACH, 4 * EACH), alike=True)]
    tasks = [
        Task(
            neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password, KEYRING.key.hex(),
            str(tmp_path / str(part)), PARALLEL,
            [each.code for each in (FEE, CARD, LOAN)],
            [each.code for each in (HAIDIAN, SHANGHAI, BEIJING)],
            [Phase(list(phase.numbers[part::2]), phase.alike) for phase in phases],
            jobs=False,
        )
        for part in range(2)
    ]  # fmt: skip
    # Others use this bank too, and some of them change nodes by hand.
    known = (await check(bank.services.database)).examples
    async with running(tasks) as processes:
        outcomes = [outcome for _ in phases for outcome in await together(processes)]
    assert [outcome.refusals for outcome in outcomes] == [[], [], [], []]
    assert [outcome.warnings for outcome in outcomes] == [[], [], [], []]
    ids = {identity for outcome in outcomes for identity in outcome.ids.values()}
    assert len(ids) == 4 * EACH
    row = (await bank.services.database.read(_STORED))[0]
    assert row == {"stored": 4 * EACH, "distinct": 4 * EACH, "waiting": 0, "linked": 4 * EACH}
    report = await check(bank.services.database)
    assert [each for each in report.examples if each not in known] == []
