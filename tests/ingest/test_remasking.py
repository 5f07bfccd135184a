"""What an older version of masking left in is gone from wherever a text is kept."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from api.services import Services, open_services
from graph.commands.desk import StepRequest, take_step
from graph.commands.remasking import Remasked, remask
from graph.commands.store import Stored
from graph.commands.texts import texts_of
from graph.consistency import check
from graph.database import Database, metered
from graph.domain.desk import Assign, Taking
from graph.domain.enums import OutcomeKind
from graph.domain.placeholders import MaskKind
from graph.embedded import Connection
from ingest.masking import Masker, MaskingOptions
from ingest.pipeline import Pipeline
from ingest.prepare import Preparer
from ingest.record import IncomingComplaint, IncomingDecision, Row
from ingest.remasking import Remasker
from tests.support.bank import bank_settings
from tests.support.graph import snapshot, wipe

pytestmark = pytest.mark.graph

MOBILE, OTHER_MOBILE, NOTED = "13955667788", "13688997766", "13511223344"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD = Masker(MaskingOptions(kinds=frozenset(MaskKind) - {MaskKind.MOBILE}))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(
    neo4j_engine: Connection, session_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    await wipe(session_database)
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("remasking"))
    async with open_services(settings) as opened:
        yield opened
    await wipe(session_database)


@pytest_asyncio.fixture(loop_scope="session")
async def older(services: Services) -> Pipeline:
    """The pipeline of a service that did not know mobile numbers, on a graph without complaints."""
    await services.database.run(
        "MATCH (n) WHERE NOT n:Migration AND NOT n:EmbeddingSpace DETACH DELETE n"
    )
    preparer = Preparer(OLD, services.keyring, services.preparer.rules)
    return Pipeline(services.database, services.book, preparer)


def complaint(number: int, **changes: object) -> IncomingComplaint:
    plain = IncomingComplaint(
        "old",
        str(number),
        NOW,
        subject=f"第{number}次投诉",
        narrative=f"年费没有提前告知就扣了{number}00元，请回电{MOBILE}",
        decisions=(IncomingDecision(OutcomeKind.EXPLAINED, summary=f"已致电{MOBILE}说明"),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


async def nowhere(services: Services) -> None:
    """In no property of any node, and not in the text index."""
    kept = "\n".join(await snapshot(services.database))
    for number in (MOBILE, OTHER_MOBILE, NOTED):
        assert number not in kept
        hits = await services.database.read(
            "CALL db.index.fulltext.queryNodes('complaint_text', $word) YIELD node RETURN node.id",
            word=number,
        )
        assert hits == []


async def filled(services: Services, older: Pipeline) -> str:
    """A case whose number stands in its text, an older text, its answer and a note; its id."""
    first = complaint(1, narrative=f"扣了100元，请回电{OTHER_MOBILE}")
    made = await older.register(first, actor="anna")
    await older.register(complaint(1), actor="anna")
    (row,) = await services.database.read(
        "MATCH (c:Complaint {id: $id}) RETURN c.version AS version", id=made.id
    )
    step = StepRequest(made.id, row["version"], Assign("ben", f"回电{NOTED}"))
    await take_step(services.database, step, Taking(NOW, "ben"))
    return made.id


async def test_everything_that_was_stored_is_masked_again(
    services: Services, older: Pipeline
) -> None:
    identity = await filled(services, older)
    plain = complaint(2, narrative="利息算错了", decisions=())
    await older.register(plain, actor="anna")
    assert MOBILE in "\n".join(await snapshot(services.database))
    report = await services.pipeline.remasker.run()
    assert (report.complaints, report.changed) == (2, 1)
    await nowhere(services)
    (row,) = await services.database.read(
        """
        MATCH (c:Complaint {id: $id})
        RETURN c {.*} AS own, COLLECT {
          MATCH (c)-[:HAS_EVENT]->(e) WHERE e.kind = 'REMASKED' RETURN e.version } AS events
        """,
        id=identity,
    )
    own = row["own"]
    assert own["narrative"] == "年费没有提前告知就扣了100元，请回电[手机号]"
    assert own["maskVersion"] == services.preparer.masker.version
    assert row["events"] == [own["version"]]
    space = services.book.active.space
    (vector,) = await services.encoder.encode([f"{own['subject']}\n{own['narrative']}"])
    assert np.allclose(own[space.vector_key], vector, atol=1e-6)
    await services.pipeline.backlog.drain()
    assert (await check(services.database)).examples == []
    again = await services.pipeline.remasker.run()
    assert (again.complaints, again.changed) == (0, 0)


async def test_a_source_that_comes_again_is_read_again(services: Services, older: Pipeline) -> None:
    """Also what only the source can bring back: a text that was masked without need."""
    identity = await filled(services, older)
    for fate in (Stored.UPDATED, Stored.UNCHANGED):
        again = await services.pipeline.register(complaint(1), actor="anna")
        assert (again.id, again.fate) == (identity, fate)
        await nowhere(services)
    assert await services.pipeline.remasker.older() == 0
    assert (await check(services.database)).examples == []


async def test_an_import_of_a_masked_source_is_read_again(
    services: Services, older: Pipeline
) -> None:
    await filled(services, older)
    for loaded in ((0, 1, 0), (0, 0, 1)):
        report = await services.importer.run(_Source([complaint(1)]))
        assert (report.loaded, report.updated, report.unchanged) == loaded
        await nowhere(services)


class _Source:
    """Records as a source."""

    system, path = "old", Path("old")

    def __init__(self, records: list[IncomingComplaint]) -> None:
        self._records = records

    def rows(self) -> Iterator[Row]:
        return iter(Row(number, each) for number, each in enumerate(self._records, 1))

    def fingerprint(self) -> str:
        return self.system


async def test_what_somebody_writes_meanwhile_is_not_lost(
    services: Services, older: Pipeline
) -> None:
    identity = await filled(services, older)
    read = await texts_of(services.database.read, [identity])
    masker = services.preparer.masker
    step = StepRequest(identity, read[identity].version, Assign("carl", f"又打{NOTED}"))
    await take_step(services.database, step, Taking(NOW, "carl"))
    stale = Remasked(read[identity], read[identity].mapped(lambda t: masker.mask(t).text), {})
    version = masker.version
    assert await remask(services.database, [], [stale], version, actor="test", now=NOW) == 0
    assert await services.pipeline.remasker.older() == 1
    assert (await services.pipeline.remasker.run()).changed == 1
    await nowhere(services)
    (row,) = await services.database.read(
        "MATCH (c:Complaint {id: $id}) RETURN c.assignee AS assignee", id=identity
    )
    assert row["assignee"] == "carl"


async def test_several_processes_at_once_change_each_once(
    services: Services, older: Pipeline
) -> None:
    for number in range(12):
        await older.register(complaint(number), actor="anna")
    remaskers = [
        Remasker(services.database, services.book, services.preparer.masker) for _ in range(3)
    ]
    reports = await asyncio.gather(*(each.run() for each in remaskers))
    assert sum(report.changed for report in reports) == 12
    await nowhere(services)
    await services.pipeline.backlog.drain()
    assert (await check(services.database)).examples == []


async def test_a_batch_costs_few_statements(services: Services, older: Pipeline) -> None:
    costs = []
    for many in (1, 8):
        records = [complaint(number, decisions=()) for number in range(many)]
        await older.register(records[0], actor="anna")
        for each in records[1:]:
            await older.register(each, actor="anna")
        ids = [row["id"] for row in await services.database.read(
            "MATCH (c:Complaint) WHERE c.maskVersion <> $v RETURN c.id AS id",
            v=services.preparer.masker.version,
        )]  # fmt: skip
        with metered() as meter:
            await services.pipeline.remasker.remask(ids)
        costs.append(meter.statements)
    # Neighbours that have to be locked cost one more round.
    assert max(costs) <= min(costs) + 8
