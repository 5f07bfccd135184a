"""Which cases are open from beyond somebody's reach, and which were."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.database import Database
from graph.domain.openings import Opening
from graph.domain.scope import Scope
from graph.queries.conditions import Within, within
from graph.queries.keyset import Keyset

_OPENED_BY = """
CYPHER 25
MATCH (o:Opening {person: $person}) WHERE o.endsAt > $now
RETURN DISTINCT o.complaint AS complaint
"""
_OF_PERSON = "CYPHER 25 MATCH (o:Opening {id: $id, person: $person}) RETURN o.id AS id"


async def opened_by(database: Database, person: str, now: datetime) -> tuple[str, ...]:
    """Keys of the cases that somebody has open."""
    rows = await database.read(_OPENED_BY, person=person, now=now)
    return tuple(row["complaint"] for row in rows)


async def of_person(database: Database, person: str, identity: str) -> bool:
    """Whether an opening is this person's."""
    return bool(await database.read(_OF_PERSON, id=identity, person=person))


async def page(
    database: Database, since: datetime | None, scope: Scope, before: str | None, limit: int
) -> list[Opening]:
    """Openings of cases in the scope before a key, the newest first.

    ``since``: those alone that end later.
    """
    bounds = within(scope)
    rows = await _openings(bounds).page(database, before, limit, since=since, **bounds.parameters)
    return [Opening.from_record(row) for row in rows]


async def count(database: Database, since: datetime | None, scope: Scope) -> int:
    bounds = within(scope)
    return await _openings(bounds).count(database, since=since, **bounds.parameters)


async def by_ids(database: Database, ids: Sequence[str], scope: Scope) -> Mapping[str, Opening]:
    """Openings of cases in the scope, by id."""
    bounds = within(scope)
    rows = await _openings(bounds).by_ids(database, ids, **bounds.parameters)
    return {row["id"]: Opening.from_record(row) for row in rows}


def _openings(bounds: Within) -> Keyset:
    """The reason stands with the event, where redaction and erasure find it."""
    return Keyset(
        label="Opening",
        key="key",
        fields="""n {.*, reason: head(COLLECT {
          MATCH (:CaseEvent {id: n.id})-[:HAS_TEXT]->(t) RETURN t.note }) }""",
        only=f"EXISTS {{ MATCH (n)-[:OPENS]->(c:Complaint) WHERE {bounds.predicate} }}",
        narrowed="($since IS NULL OR n.endsAt > $since)",
    )
