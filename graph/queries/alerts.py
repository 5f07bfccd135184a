"""Alerts about many complaints: group events, surges, growing causes, new topics."""

from collections.abc import Mapping, Sequence

from graph.database import Database
from graph.domain.enums import WATCHED, AlertState, RuleKind
from graph.queries.escalation import TOLD, StoredAlert, alert

_FIELDS = """a {.*,
  size: COUNT { (a)-[:COVERS]->() },
  covers: COLLECT {
    MATCH (a)-[:COVERS]->(m:Complaint) WITH m ORDER BY m.receivedKey LIMIT $told RETURN m.id
  },
  issue: head(COLLECT { MATCH (a)-[:EVIDENCE_OF]->(i:SystemicIssue) RETURN i.id })
}"""
_WANTED = """
a.kind IN $kinds AND ($states IS NULL OR coalesce(a.state, 'OPEN') IN $states)
"""
_PAGE = f"""
CYPHER 25
MATCH (a:Alert) WHERE a.atKey < $before AND {_WANTED}
WITH a ORDER BY a.atKey DESC LIMIT $limit
RETURN {_FIELDS} AS alert ORDER BY alert.atKey DESC
"""
_COUNT = f"CYPHER 25 MATCH (a:Alert) WHERE {_WANTED} RETURN count(*) AS total"
_BY_IDS = (
    f"CYPHER 25 MATCH (a:Alert) WHERE a.id IN $ids AND a.kind IN $kinds RETURN {_FIELDS} AS alert"
)

Kinds = Sequence[RuleKind] | None
States = Sequence[AlertState] | None


async def page(
    database: Database, kinds: Kinds, states: States, before: str | None, limit: int
) -> list[StoredAlert]:
    """Alerts before a key, the newest first."""
    # Every key begins with a digit.
    rows = await database.read(
        _PAGE, **_wanted(kinds, states), before=before or ":", limit=limit, told=TOLD
    )
    return [alert(row["alert"]) for row in rows]


async def count(database: Database, kinds: Kinds, states: States) -> int:
    return int((await database.read(_COUNT, **_wanted(kinds, states)))[0]["total"])


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, StoredAlert]:
    """Alerts about many complaints, by id; those about one case are left out."""
    rows = await database.read(_BY_IDS, ids=list(ids), kinds=sorted(WATCHED), told=TOLD)
    return {row["alert"]["id"]: alert(row["alert"]) for row in rows}


def _wanted(kinds: Kinds, states: States) -> dict[str, list[str] | None]:
    return {
        "kinds": sorted(WATCHED if kinds is None else WATCHED & set(kinds)),
        "states": None if states is None else sorted(states),
    }
