"""What hangs on complaints, for many complaints at once: decisions, causes, handling, events.

The ids are those of complaints that were read within a scope; what leads to other complaints takes
the scope itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Database, present
from graph.domain.case import Attribution, Decision, Handling
from graph.domain.enums import AmountBand
from graph.domain.events import Event
from graph.domain.families import FamilyKind
from graph.domain.record import READ_ATTRIBUTION, READ_DECISION, time_of, times_of
from graph.domain.scope import Scope
from graph.queries.conditions import within

_DECISION = f"r {{ .id, {READ_DECISION} }}"
_RESOLUTIONS = f"""
CYPHER 25
MATCH (c:Complaint)-[:RESOLVED_BY]->(r:Resolution) WHERE c.id IN $ids
WITH c, r ORDER BY r.round
RETURN c.id AS id, collect({_DECISION}) AS resolutions
"""
_CAUSES = f"""
CYPHER 25
MATCH (c:Complaint)-[r:CAUSED_BY]->(cause:RootCause) WHERE c.id IN $ids
WITH c, r, cause ORDER BY r.confidence DESC, cause.code
RETURN c.id AS id, collect(r {{ code: cause.code, {READ_ATTRIBUTION} }}) AS causes
"""
_HANDLING = """
CYPHER 25
MATCH (c:Complaint)-[r:HANDLED_BY]->(d:Department) WHERE c.id IN $ids
WITH c, r, d ORDER BY r.role DESC, d.code
RETURN c.id AS id, collect({code: d.code, role: r.role}) AS handling
"""
_NOTE = "head(COLLECT { MATCH (e)-[:HAS_TEXT]->(t) RETURN t.note })"
_EVENT = f"e {{ .*, {times_of('e', 'at', 'recordedAt')}, note: {_NOTE} }}"
_EVENTS = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
CALL (c) {{
  MATCH (c)-[:HAS_EVENT]->(e:CaseEvent) WHERE e.seq > $after
  WITH e ORDER BY e.seq LIMIT $limit
  RETURN collect({_EVENT}) AS events
}}
RETURN id, events
"""
_REPEATED = """
CYPHER 25
MATCH (c:Complaint)<-[:REPEATS]-(:Complaint) WHERE c.id IN $ids
RETURN DISTINCT c.id AS id
"""


async def resolutions(database: Database, ids: Sequence[str]) -> Mapping[str, tuple[Decision, ...]]:
    """Every round's decision, in order of the rounds."""
    rows = await database.read(_RESOLUTIONS, ids=list(ids))
    return {row["id"]: tuple(map(Decision.from_record, row["resolutions"])) for row in rows}


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """What its decision is compared by: the last one, and of the case no more than that needs."""

    id: str
    received_at: datetime
    resolution: Decision
    amount_band: AmountBand | None = None
    language: str | None = None


async def decided(
    database: Database, ids: Sequence[str], scope: Scope
) -> Mapping[str, DecidedCase]:
    """Those of the complaints that lie in the scope and have a decision."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)-[:RESOLVED_BY]->(r:Resolution)
    WHERE c.id IN $ids AND {bounds.predicate}
    WITH c, r ORDER BY r.round
    WITH c, last(collect(r)) AS r
    RETURN c.id AS id, c.amountBand AS amountBand, c.language AS language,
      c {{ {times_of("c", "receivedAt")} }} AS times, {_DECISION} AS resolution
    """
    rows = await database.read(statement, ids=list(ids), **bounds.parameters)
    return {
        row["id"]: DecidedCase(
            id=row["id"],
            received_at=time_of(row["times"]["receivedAt"]),
            resolution=Decision.from_record(row["resolution"]),
            amount_band=row["amountBand"] and AmountBand(row["amountBand"]),
            language=row["language"],
        )
        for row in present(rows)
    }


async def resolutions_by_ids(
    database: Database, ids: Sequence[str], scope: Scope
) -> Mapping[str, Decision]:
    """Decisions by their own ids, of cases in the scope."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (r:Resolution)<-[:RESOLVED_BY]-(c:Complaint) WHERE r.id IN $ids AND {bounds.predicate}
    RETURN {_DECISION} AS resolution
    """
    rows = await database.read(statement, ids=list(ids), **bounds.parameters)
    return {row["resolution"]["id"]: Decision.from_record(row["resolution"]) for row in rows}


async def attributions(
    database: Database, ids: Sequence[str]
) -> Mapping[str, tuple[Attribution, ...]]:
    rows = await database.read(_CAUSES, ids=list(ids))
    return {row["id"]: tuple(map(Attribution.from_record, row["causes"])) for row in rows}


async def handling(database: Database, ids: Sequence[str]) -> Mapping[str, tuple[Handling, ...]]:
    rows = await database.read(_HANDLING, ids=list(ids))
    return {row["id"]: tuple(map(Handling.from_record, row["handling"])) for row in rows}


async def events(
    database: Database, ids: Sequence[str], *, after: int, limit: int
) -> Mapping[str, tuple[Event, ...]]:
    """The next events of each case after its event number ``after``."""
    rows = await database.read(_EVENTS, ids=list(ids), after=after, limit=limit)
    return {
        row["id"]: tuple(Event.from_record(row["id"], event) for event in row["events"])
        for row in rows
    }


async def events_by_ids(
    database: Database, ids: Sequence[str], scope: Scope
) -> Mapping[str, Event]:
    """Events by their own ids, of cases in the scope."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (e:CaseEvent)<-[:HAS_EVENT]-(c:Complaint) WHERE e.id IN $ids AND {bounds.predicate}
    RETURN c.id AS case, {_EVENT} AS event
    """
    rows = await database.read(statement, ids=list(ids), **bounds.parameters)
    events = [Event.from_record(row["case"], row["event"]) for row in rows]
    return {event.id: event for event in events}


async def relatives(
    database: Database, ids: Sequence[str], kind: FamilyKind, scope: Scope, *, limit: int
) -> Mapping[str, tuple[str, ...]]:
    """Ids of the filings in the scope that duplicate or repeat each, newest first, then the one
    that it does.
    """
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (own:Complaint {{id: id}})
    CALL (own) {{
      MATCH (own)<-[:{kind.value}]-(c:Complaint) WHERE {bounds.predicate}
      WITH c ORDER BY c.receivedKey DESC LIMIT $limit
      RETURN collect(c.id) AS later
    }}
    RETURN id, later, COLLECT {{
      MATCH (own)-[:{kind.value}]->(c:Complaint) WHERE {bounds.predicate} RETURN c.id
    }} AS earlier
    """
    rows = await database.read(statement, ids=list(ids), limit=limit, **bounds.parameters)
    return {row["id"]: (*row["later"], *row["earlier"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Link:
    """``id``: of the other complaint; ``score``: cosine of the two vectors; ``among``: ids of those
    of the same list that a link joins to it.
    """

    id: str
    score: float
    among: tuple[str, ...]


async def linked(
    database: Database, ids: Sequence[str], scope: Scope, *, limit: int
) -> Mapping[str, tuple[Link, ...]]:
    """The complaints in the scope that a stored link joins to each, to or from it, the most alike
    first, duplicates left out.
    """
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (own:Complaint {{id: id}})
    CALL (own) {{
      MATCH (own)-[link:SIMILAR_TO]-(c:Complaint) WHERE NOT c.duplicate AND {bounds.predicate}
      WITH c, max(link.score) AS score ORDER BY score DESC, c.id LIMIT $limit
      WITH collect({{node: c, score: score}}) AS rows, collect(c) AS others
      UNWIND rows AS row
      WITH row.node AS c, row.score AS score, others
      RETURN collect({{id: c.id, score: score, among: COLLECT {{
        MATCH (c)-[:SIMILAR_TO]-(other:Complaint) WHERE other IN others
        RETURN DISTINCT other.id ORDER BY other.id
      }}}}) AS linked
    }}
    RETURN id, linked
    """
    rows = await database.read(statement, ids=list(ids), limit=limit, **bounds.parameters)
    return {
        row["id"]: tuple(
            Link(link["id"], link["score"], tuple(link["among"])) for link in row["linked"]
        )
        for row in rows
    }


async def repeated_later(database: Database, ids: Sequence[str]) -> frozenset[str]:
    """Those after whose answer the customer came back with the same case."""
    return frozenset(row["id"] for row in await database.read(_REPEATED, ids=list(ids)))
