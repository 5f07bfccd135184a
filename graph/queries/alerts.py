"""Alerts about many complaints: group events, surges, growing causes, new topics."""

from collections.abc import Mapping, Sequence

from graph.database import Database
from graph.domain.enums import WATCHED, AlertState, RuleKind
from graph.queries.escalation import ALERT, StoredAlert, alert

_WANTED = """
a.kind IN $kinds AND ($states IS NULL OR coalesce(a.state, 'OPEN') IN $states)
"""
_PAGE = f"""
CYPHER 25
MATCH (a:Alert) WHERE a.atKey < $before AND {_WANTED}
WITH a ORDER BY a.atKey DESC LIMIT $limit
RETURN {ALERT} AS alert ORDER BY alert.atKey DESC
"""
_COUNT = f"CYPHER 25 MATCH (a:Alert) WHERE {_WANTED} RETURN count(*) AS total"
_BY_IDS = (
    f"CYPHER 25 MATCH (a:Alert) WHERE a.id IN $ids AND a.kind IN $kinds RETURN {ALERT} AS alert"
)

_CASES = """
CYPHER 25
MATCH (a:Alert)-[:RAISED_FOR]->(c:Complaint) WHERE a.id IN $ids
RETURN a.id AS id, head(collect(c.id)) AS case
"""

Kinds = Sequence[RuleKind] | None
States = Sequence[AlertState] | None


async def page(
    database: Database, kinds: Kinds, states: States, before: str | None, limit: int
) -> list[StoredAlert]:
    """Alerts before a key, the newest first."""
    # Every key begins with a digit.
    rows = await database.read(_PAGE, **_wanted(kinds, states), before=before or ":", limit=limit)
    return [alert(row["alert"]) for row in rows]


async def count(database: Database, kinds: Kinds, states: States) -> int:
    return int((await database.read(_COUNT, **_wanted(kinds, states)))[0]["total"])


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, StoredAlert]:
    """Alerts about many complaints, by id; those about one case are left out."""
    rows = await database.read(_BY_IDS, ids=list(ids), kinds=sorted(WATCHED))
    return {row["alert"]["id"]: alert(row["alert"]) for row in rows}


async def cases(database: Database, ids: Sequence[str]) -> Mapping[str, str]:
    """The complaint that each alert was raised for, by the alert's id."""
    return {row["id"]: row["case"] for row in await database.read(_CASES, ids=list(ids))}


def _wanted(kinds: Kinds, states: States) -> dict[str, list[str] | None]:
    return {
        "kinds": sorted(WATCHED if kinds is None else WATCHED & set(kinds)),
        "states": None if states is None else sorted(states),
    }
