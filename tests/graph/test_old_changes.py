"""What was written before changes had a place in the order of all: it reads like the rest."""

from datetime import datetime, timedelta

import pytest

from graph.consistency import check
from graph.database import Database
from graph.domain.recorded import Recorded
from graph.migrations.steps import STEPS
from graph.queries import activity
from graph.queries.record import history
from tests.support.graph import NOW, case, put

pytestmark = pytest.mark.graph

(STEP,) = (step for step in STEPS if step.name == "0030-changes-before-their-order")
_OLD = """
CYPHER 25
UNWIND range(1, 4) AS number
CREATE (a:Alert {id: 'old-' + number, kind: 'SURGE', rule: 'surge', state: 'OPEN', version: 1,
  at: $at, recordedAt: $at, evidence: '{}'})
"""
_WORKED_ON = """
CYPHER 25
MATCH (a:Alert {id: 'old-2'}) SET a.version = 2, a.state = 'ACKNOWLEDGED'
CREATE (a)-[:HAS_CHANGE]->(:Change {id: 'old-2.2', seq: 2, at: $at, actor: 'wei',
  before: '{"state": "OPEN"}', after: '{"state": "ACKNOWLEDGED"}'})
CREATE (:Alert {id: 'of-one-case', kind: 'LEGAL', rule: 'legal', at: $at})
"""


async def old_alerts(database: Database) -> None:
    """Four that were raised in one moment; of one it is on record that somebody has seen it."""
    await put(database, [case(1)])
    await database.run(_OLD, at=NOW)
    await database.run(_WORKED_ON, at=NOW + timedelta(hours=1))


async def applied(database: Database) -> None:
    for statement in STEP.statements:
        await database.run(statement)


async def test_old_alerts_get_their_first_change_once(database: Database) -> None:
    await old_alerts(database)
    for _ in range(2):
        await applied(database)
        found = await history(database, Recorded.ALERT, ["old-1", "old-2", "of-one-case"], 10)
        told = {key: [(one.seq, one.actor, one.at) for one in of] for key, of in found.items()}
        later: datetime = NOW + timedelta(hours=1)
        assert told == {
            "old-1": [(1, "system", NOW)],
            "old-2": [(2, "wei", later), (1, "system", NOW)],
            "of-one-case": [],
        }


async def test_a_step_that_was_ended_in_the_middle_goes_on(database: Database) -> None:
    await old_alerts(database)
    await applied(database)
    await database.run(
        "MATCH (x:Change) WHERE x.id IN ['old-1.1', 'old-2.1'] SET x.position = null"
    )
    await applied(database)
    rows = await database.read("MATCH (x:Change) RETURN x.position AS at")
    assert len({row["at"] for row in rows}) == 5
    assert all(row["at"] < 0 for row in rows)


async def test_who_changed_what_is_read_page_by_page_with_them(database: Database) -> None:
    await old_alerts(database)
    await applied(database)
    asked, seen, before = activity.Asked(), [], None
    while page := await activity.page(database, asked, before, 2):
        seen += page
        before = page[-1].key
    assert len(seen) == await activity.count(database, asked) == 6
    order = [(one.at, one.position) for one in seen]
    assert order == sorted(order, reverse=True)
    assert {one.id for one in seen if one.of is Recorded.ALERT} == {f"old-{n}" for n in range(1, 5)}
    assert "positions" not in (await check(database)).counts
