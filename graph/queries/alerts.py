"""Alerts about many complaints: group events, surges, growing causes, new topics."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graph.database import Database
from graph.domain.enums import WATCHED, AlertState, RuleKind
from graph.domain.scope import WHOLE_BANK, Scope
from graph.queries.conditions import Within, within
from graph.queries.escalation import MOST_SHOWN, StoredAlert, alert
from graph.queries.keyset import Keyset

_CASES = """
CYPHER 25
MATCH (a:Alert)-[:RAISED_FOR]->(c:Complaint) WHERE a.id IN $ids
RETURN a.id AS id, head(collect(c.id)) AS case
"""

Kinds = Sequence[RuleKind] | None
States = Sequence[AlertState] | None


async def page(
    database: Database, kinds: Kinds, states: States, scope: Scope, before: str | None, limit: int
) -> list[StoredAlert]:
    """Alerts before a key, the newest first, with what they cover in the scope."""
    bounds = within(scope)
    parameters = {**_narrowed(kinds, states), **bounds.parameters}
    rows = await _alerts(bounds).page(database, before, limit, **parameters)
    return [alert(row) for row in rows]


async def count(database: Database, kinds: Kinds, states: States) -> int:
    return await _alerts(within(WHOLE_BANK)).count(database, **_narrowed(kinds, states))


async def cases(database: Database, ids: Sequence[str]) -> Mapping[str, str]:
    """The complaint that each alert was raised for, by the alert's id."""
    return {row["id"]: row["case"] for row in await database.read(_CASES, ids=list(ids))}


async def by_ids(database: Database, ids: Sequence[str], scope: Scope) -> Mapping[str, StoredAlert]:
    """Alerts about many complaints, by id, if one of these lies in the scope; those about one case
    are left out.
    """
    bounds = within(scope)
    keyset = _alerts(bounds)
    if not scope.everything:
        covered = "EXISTS { MATCH (n)-[:COVERS|RAISED_FOR]->(c:Complaint) WHERE %s }"
        keyset = replace(keyset, only=f"{keyset.only} AND {covered % bounds.predicate}")
    rows = await keyset.by_ids(database, ids, kinds=sorted(WATCHED), **bounds.parameters)
    return {row["id"]: alert(row) for row in rows}


def _alerts(bounds: Within) -> Keyset:
    """Of several issues that an alert was evidence of, the one that still holds."""
    return Keyset(
        label="Alert",
        key="atKey",
        fields=f"""n {{.*,
          size: COUNT {{ (n)-[:COVERS]->() }},
          covers: COLLECT {{
            MATCH (n)-[:COVERS]->(c:Complaint) WHERE {bounds.predicate}
            WITH c ORDER BY c.receivedKey LIMIT {MOST_SHOWN} RETURN c.id
          }},
          issue: head(COLLECT {{
            MATCH (n)-[:EVIDENCE_OF]->(i:SystemicIssue)
            WITH i ORDER BY i.status = 'REJECTED', i.createdKey DESC
            RETURN i.id
          }}) }}""",
        only="n.kind IN $kinds",
        narrowed="($states IS NULL OR coalesce(n.state, 'OPEN') IN $states)",
    )


def _narrowed(kinds: Kinds, states: States) -> dict[str, list[str] | None]:
    return {
        "kinds": sorted(WATCHED if kinds is None else WATCHED & set(kinds)),
        "states": None if states is None else sorted(states),
    }
