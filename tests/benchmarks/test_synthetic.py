"""A synthetic graph is one that the service might have made, as far as ``check`` can tell."""

import pytest

from benchmarks.synthetic import BATCH, fill, unmark
from graph.commands.waiting import Work, waiting_count
from graph.consistency import check
from graph.database import Database
from graph.progress import silent

pytestmark = pytest.mark.graph


async def test_all_waits_and_check_finds_nothing_else(database: Database) -> None:
    size = BATCH + 100
    await fill(database, size, silent, vectors=False)
    assert [await waiting_count(database, work) for work in Work] == [size, size]
    await unmark(database)
    assert [await waiting_count(database, work) for work in Work] == [0, 0]
    report = await check(database)
    assert report.checked == {"complaints": size}
    assert report.examples == []
