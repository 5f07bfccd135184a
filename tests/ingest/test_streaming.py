"""An import links and escalates what is stored while it reads on, and hardly does either twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from api.services import Services, open_services
from graph.commands.catalogue import ensure_catalogue
from graph.commands.store import Stored
from graph.consistency import check
from graph.database import Database
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.embedded import Connection
from graph.errors import UnavailableError
from ingest import importer
from ingest.demo import DemoOptions, complaints
from ingest.record import IncomingComplaint, Rejected, Row
from tests.support.bank import bank_settings
from tests.support.graph import wipe

pytestmark = pytest.mark.graph

SIZE, BATCH = 240, 30
_RESULTS = """
CALL () {
  MATCH (a:Complaint)-[r:SIMILAR_TO|REPEATS|DUPLICATE_OF]->(b:Complaint)
  RETURN type(r) + ' ' + a.sourceId + ' ' + b.sourceId AS line
  UNION ALL
  MATCH (a:Alert) RETURN 'alert ' + a.id + ' ' + a.evidence AS line
  UNION ALL
  MATCH (c:Complaint) RETURN c.sourceId + ' ' + c.level AS line
}
RETURN line ORDER BY line
"""


@dataclass
class Listed:
    contents: Sequence[IncomingComplaint | Rejected]
    system: str = "demo"
    path: Path = Path("list")

    def rows(self) -> Iterator[Row]:
        for line, content in enumerate(self.contents, start=1):
            yield Row(line, content)

    def fingerprint(self) -> str:
        return "list"


class Told:
    """What an import says of its progress: the last of each task, in order."""

    def __init__(self) -> None:
        self.totals: dict[str, int | None] = {}

    def __call__(self, task: str, done: int, total: int | None) -> None:
        self.totals[task] = total


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(
    neo4j_engine: Connection, session_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    await wipe(session_database)
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("streaming"))
    async with open_services(settings) as opened:
        yield opened
    await wipe(session_database)


@pytest_asyncio.fixture(loop_scope="session")
async def empty(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A graph without complaints, and batches that are small."""
    monkeypatch.setattr(importer, "BATCH", BATCH)
    await emptied(services)
    return services


async def emptied(services: Services) -> None:
    await services.database.run(
        "MATCH (n) WHERE NOT n:Migration AND NOT n:EmbeddingSpace DETACH DELETE n"
    )


@pytest.fixture(scope="module")
def shuffled() -> list[IncomingComplaint]:
    """A bank's complaints in no order, most of them on days that others share."""
    rows = list(complaints(DemoOptions(SIZE)))
    Random(3).shuffle(rows)
    return rows


async def results(services: Services) -> list[str]:
    return [row["line"] for row in await services.database.read(_RESULTS)]


async def test_hardly_any_is_linked_twice_and_most_before_all_are_stored(
    empty: Services, shuffled: list[IncomingComplaint]
) -> None:
    told = Told()
    report = await empty.importer.run(Listed(shuffled), progress=told)
    assert report.loaded == SIZE
    # Who files again may make somebody's links wait once more.
    assert SIZE <= report.linked <= 1.03 * SIZE
    assert (told.totals["link"] or 0) < SIZE / 2
    assert (await check(empty.database)).examples == []
    streamed = await results(empty)
    assert {line.split()[0] for line in streamed} >= {"SIMILAR_TO", "REPEATS", "alert"}

    again = await empty.importer.run(Listed(shuffled[::-1]))
    assert (again.unchanged, again.linked) == (SIZE, 0)
    await emptied(empty)
    await empty.importer.run(Listed(shuffled), link=False)
    await empty.pipeline.backlog.drain()
    assert await results(empty) == streamed


async def test_rejected_rows_are_told_in_the_file_s_order(
    empty: Services, shuffled: list[IncomingComplaint], tmp_path: Path
) -> None:
    rows: list[IncomingComplaint | Rejected] = list(shuffled[:20])
    for line in (3, 11, 19):
        rows[line - 1] = Rejected(line, "receivedAt", "is no date")
    path = tmp_path / "rejects.csv"
    report = await empty.importer.run(Listed(rows), rejects=path)
    assert (report.loaded, report.rejected) == (17, 3)
    lines = path.read_text("utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["3", "11", "19"]


async def test_nothing_is_linked_by_copies_that_are_to_follow_a_move(
    empty: Services, shuffled: list[IncomingComplaint]
) -> None:
    """The move is followed first, once all is stored."""
    for wider in ("ONE", "OTHER"):
        entries = [
            CatalogueEntry(CatalogueKind.PRODUCT, wider, wider),
            CatalogueEntry(CatalogueKind.PRODUCT, "MOVED", "MOVED", wider=wider),
        ]
        await ensure_catalogue(empty.database, entries)
    told = Told()
    report = await empty.importer.run(Listed(shuffled[:100]), progress=told)
    assert report.linked == told.totals["link"] == 100


async def test_a_failure_of_writing_leaves_no_round_behind(
    empty: Services, shuffled: list[IncomingComplaint], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, store = empty.pipeline, empty.pipeline.store
    running = asyncio.Event()
    ended: list[str] = []

    async def round_(key: str) -> int:
        running.set()
        await asyncio.sleep(0.2)
        ended.append(key)
        return 0

    async def failing(*arguments: Any) -> Mapping[str, Stored]:
        if running.is_set():
            raise UnavailableError("The graph is away.")
        return await store(*arguments)

    monkeypatch.setattr(pipeline.backlog, "serve_before", round_)
    monkeypatch.setattr(pipeline, "store", failing)
    with pytest.raises(UnavailableError, match="away"):
        await empty.importer.run(Listed(shuffled))
    assert len(ended) == 1


async def test_a_failure_of_linking_ends_the_import(
    empty: Services, shuffled: list[IncomingComplaint], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(key: str) -> int:
        raise UnavailableError("The graph is away.")

    monkeypatch.setattr(empty.pipeline.backlog, "serve_before", failing)
    with pytest.raises(UnavailableError, match="away"):
        await empty.importer.run(Listed(shuffled))
    monkeypatch.undo()
    report = await empty.importer.run(Listed(shuffled))
    assert report.loaded + report.unchanged == SIZE
    assert (await check(empty.database)).examples == []
