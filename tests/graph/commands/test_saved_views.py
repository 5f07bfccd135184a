"""Lists that one person keeps in several browsers at once, through several processes."""

import asyncio
import json
import sys

import pytest

from graph.consistency import check
from graph.database import Database
from graph.domain.saved_views import MOST
from graph.embedded import Connection
from tests.support.views import OWN, SHARED

pytestmark = pytest.mark.graph
PARTS = ("a", "b", "c")


async def test_many_at_once_keep_each_name_once_and_no_more_than_one_may(
    database: Database, neo4j_engine: Connection
) -> None:
    engine = (neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password)
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.views", *engine, "lin", part),
            stdout=asyncio.subprocess.PIPE,
        )
        for part in PARTS
    ]
    told = [json.loads((await each.communicate())[0]) for each in processes]
    assert [each["wrong"] for each in told] == [[], [], []]
    rows = await database.read(
        "MATCH (v:SavedView {person: 'lin'}) RETURN v.name AS n, v.query AS q"
    )
    stands = {row["n"]: row["q"] for row in rows}
    # More were asked for than one may keep: all places are taken, and none twice.
    assert SHARED + len(PARTS) * OWN > MOST
    assert len(rows) == len(stands) == MOST
    # Whoever was told that it is kept finds it, or what another browser kept under its name.
    for each in told:
        for name, query in each["kept"].items():
            assert stands[name] == query or name.startswith("shared")
    confirmed = set().union(*(each["kept"] for each in told))
    assert confirmed == set(stands)
    asked = len(PARTS) * (SHARED + OWN)
    assert sum(len(each["kept"]) + each["refused"] for each in told) == asked
    assert (await check(database)).clean
