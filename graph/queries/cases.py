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
from graph.queries.parts import Part

_DECISION = f"r {{ .id, {READ_DECISION} }}"
_NOTE = "head(COLLECT { MATCH (e)-[:HAS_TEXT]->(t) RETURN t.note })"
_EVENT = f"e {{ .*, {times_of('e', 'at', 'recordedAt')}, note: {_NOTE} }}"
#: Every round's decision, in order of the rounds.
RESOLUTIONS: Part[tuple[Decision, ...]] = Part(
    "resolutions",
    f"""COLLECT {{
      MATCH (own)-[:RESOLVED_BY]->(r:Resolution) RETURN {_DECISION} ORDER BY r.round
    }}""",
    lambda _, rows: tuple(map(Decision.from_record, rows)),
)
#: Root causes, the surest first.
ATTRIBUTIONS: Part[tuple[Attribution, ...]] = Part(
    "attributions",
    f"""COLLECT {{
      MATCH (own)-[r:CAUSED_BY]->(cause:RootCause)
      RETURN r {{ code: cause.code, {READ_ATTRIBUTION} }} ORDER BY r.confidence DESC, cause.code
    }}""",
    lambda _, rows: tuple(map(Attribution.from_record, rows)),
)
HANDLING: Part[tuple[Handling, ...]] = Part(
    "handling",
    """COLLECT {
      MATCH (own)-[r:HANDLED_BY]->(d:Department)
      RETURN {code: d.code, role: r.role} ORDER BY r.role DESC, d.code
    }""",
    lambda _, rows: tuple(map(Handling.from_record, rows)),
)


def events_after(after: int, limit: int) -> Part[tuple[Event, ...]]:
    """The next events of a case after its event number ``after``."""
    return Part(
        "events",
        f"""COLLECT {{
          MATCH (own)-[:HAS_EVENT]->(e:CaseEvent) WHERE e.seq > $after
          WITH e ORDER BY e.seq LIMIT $limit
          RETURN {_EVENT} ORDER BY e.seq
        }}""",
        lambda case, rows: tuple(Event.from_record(case, row) for row in rows),
        (("after", after), ("limit", limit)),
    )


def relatives(kind: FamilyKind, scope: Scope, limit: int) -> Part[tuple[str, ...]]:
    """Ids of the filings in the scope that duplicate or repeat a complaint, newest first, then the
    one that it does.
    """
    bounds = within(scope)
    return Part(
        f"relatives {kind.value}",
        f"""COLLECT {{
          MATCH (own)<-[:{kind.value}]-(c:Complaint) WHERE {bounds.predicate}
          RETURN c.id ORDER BY c.receivedKey DESC LIMIT $limit
        }} + COLLECT {{
          MATCH (own)-[:{kind.value}]->(c:Complaint) WHERE {bounds.predicate} RETURN c.id
        }}""",
        lambda _, ids: tuple(ids),
        (("limit", limit),),
        bounds.parameters,
    )


_REPEATED = """
CYPHER 25
MATCH (c:Complaint)<-[:REPEATS]-(:Complaint) WHERE c.id IN $ids
RETURN DISTINCT c.id AS id
"""


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
