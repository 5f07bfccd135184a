"""Alerts about many complaints: group events, surges, growing causes, new topics."""

from collections.abc import Mapping, Sequence

from graph.database import Database
from graph.domain.enums import WATCHED, AlertState, RuleKind
from graph.queries.escalation import MOST_SHOWN, StoredAlert, alert
from graph.queries.keyset import Keyset

# Of several issues that an alert was evidence of, the one that still holds.
_ALERTS = Keyset(
    label="Alert",
    key="atKey",
    fields="""n {.*,
      size: COUNT { (n)-[:COVERS]->() },
      covers: COLLECT {
        MATCH (n)-[:COVERS]->(m:Complaint) WITH m ORDER BY m.receivedKey LIMIT $shown RETURN m.id
      },
      issue: head(COLLECT {
        MATCH (n)-[:EVIDENCE_OF]->(i:SystemicIssue)
        WITH i ORDER BY i.status = 'REJECTED', i.createdKey DESC
        RETURN i.id
      }) }""",
    only="n.kind IN $kinds",
    narrowed="($states IS NULL OR coalesce(n.state, 'OPEN') IN $states)",
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
    rows = await _ALERTS.page(database, before, limit, shown=MOST_SHOWN, **_narrowed(kinds, states))
    return [alert(row) for row in rows]


async def count(database: Database, kinds: Kinds, states: States) -> int:
    return await _ALERTS.count(database, **_narrowed(kinds, states))


async def cases(database: Database, ids: Sequence[str]) -> Mapping[str, str]:
    """The complaint that each alert was raised for, by the alert's id."""
    return {row["id"]: row["case"] for row in await database.read(_CASES, ids=list(ids))}


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, StoredAlert]:
    """Alerts about many complaints, by id; those about one case are left out."""
    rows = await _ALERTS.by_ids(database, ids, kinds=sorted(WATCHED), shown=MOST_SHOWN)
    return {row["id"]: alert(row) for row in rows}


def _narrowed(kinds: Kinds, states: States) -> dict[str, list[str] | None]:
    return {
        "kinds": sorted(WATCHED if kinds is None else WATCHED & set(kinds)),
        "states": None if states is None else sorted(states),
    }
