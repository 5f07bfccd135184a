"""What escalation reads: the facts of cases, the alerts raised for them, cases that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.database import Database, Reader, Row
from graph.domain.alerts import Handled
from graph.domain.enums import (
    WATCHED,
    AlertState,
    Chain,
    DismissalReason,
    Level,
    RuleKind,
)
from graph.domain.escalation import Levels
from graph.domain.evidence import CaseFacts, Evidence
from graph.domain.record import TABLE, attributes
from graph.domain.scope import Scope
from graph.queries.conditions import Within, within

#: Filings of one case that are followed back.
_REPEATS = 50
#: Complaints of a group event that are shown with an alert.
MOST_SHOWN = 100

_FACTS = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
RETURN c {{
  .id, .reference, .receivedKey, .receivedAt, .status, .channel, .subject, .narrative,
  .amountMinor, .currency, .severity, .vulnerable, .dueAt, .level, .ruleLevel, .levelBy,
  .escalateKey
}} AS own, COLLECT {{
  MATCH (a:Alert)-[:RAISED_FOR]->(c) WHERE a.kind <> 'GROUP_EVENT'
  RETURN {{id: a.id, evidence: a.evidence}}
}} AS alerts, COLLECT {{
  MATCH (c)-[:REPEATS*1..{_REPEATS}]->(e:Complaint)
  WITH DISTINCT e ORDER BY e.receivedKey DESC LIMIT {_REPEATS}
  RETURN e.id
}} AS repeats, EXISTS {{
  MATCH (n:Complaint) WHERE n.escalatedKey > c.receivedKey
}} AS followed
"""
_RECEIVED_AFTER = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
RETURN c.id AS id, c.receivedKey AS key ORDER BY c.receivedKey LIMIT $limit
"""
_NEWEST = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey IS NOT NULL
RETURN c.receivedAt AS at ORDER BY c.receivedKey DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A case as rules see it, and what they have said of it: evidence by alert.

    ``pending``: it waits for the rules; ``followed``: they have seen some complaint that was
    received after it.
    """

    facts: CaseFacts
    reference: str
    levels: Levels
    alerts: Mapping[str, str]
    pending: bool
    followed: bool


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as the graph keeps it.

    ``covers``: of a group event the first hundred complaints in the scope, of all ``size``;
    ``template``: its texts are of one wording.
    """

    id: str
    kind: RuleKind
    rule: str
    level: Level
    chain: Chain
    at: datetime
    evidence: Evidence
    key: str
    covers: tuple[str, ...] = ()
    size: int = 0
    template: bool = False
    #: Of an alert about many complaints: how people have left it, until when it held, what it is
    #: about (label and key of a node), and the systemic issue that it belongs to.
    handled: Handled | None = None
    until: datetime | None = None
    subject: tuple[str, str] | None = None
    issue: str | None = None


async def cases(read: Reader, ids: Sequence[str]) -> list[OnRecord]:
    """Cases as rules see them, without the time; in order of receipt."""
    rows = await read(_FACTS, ids=list(ids))
    return sorted((_on_record(row) for row in rows), key=lambda record: record.facts.key)


async def received_after(database: Database, after: str, limit: int) -> list[tuple[str, str]]:
    """(id, sort key) of the next complaints after a sort key, by receipt."""
    rows = await database.read(_RECEIVED_AFTER, after=after, limit=limit)
    return [(row["id"], row["key"]) for row in rows]


async def newest_receipt(database: Database) -> datetime | None:
    rows = await database.read(_NEWEST)
    at: datetime | None = rows[0]["at"] if rows else None
    return at


async def alerts(
    database: Database, ids: Sequence[str], scope: Scope
) -> Mapping[str, tuple[StoredAlert, ...]]:
    """The alerts raised for each complaint, oldest first, with what they cover in the scope."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (own:Complaint)<-[:RAISED_FOR|COVERS]-(a:Alert) WHERE own.id IN $ids
    WITH DISTINCT own, a ORDER BY a.at, a.id
    RETURN own.id AS id, collect({_fields(bounds)}) AS alerts
    """
    rows = await database.read(statement, ids=list(ids), **bounds.parameters)
    return {row["id"]: tuple(alert(values) for values in row["alerts"]) for row in rows}


def _fields(bounds: Within) -> str:
    """An alert ``a`` as ``alert`` takes it."""
    return f"""a {{.*,
      size: COUNT {{ (a)-[:COVERS]->() }},
      covers: COLLECT {{
        MATCH (a)-[:COVERS]->(c:Complaint) WHERE {bounds.predicate}
        WITH c ORDER BY c.receivedKey LIMIT {MOST_SHOWN} RETURN c.id
      }},
      issue: head(COLLECT {{
        MATCH (a)-[:EVIDENCE_OF]->(i:SystemicIssue) RETURN i.id ORDER BY i.createdKey DESC LIMIT 1
      }})
    }}"""


def alert(values: Row) -> StoredAlert:
    """The record of an alert's node."""
    return StoredAlert(
        id=values["id"],
        kind=RuleKind(values["kind"]),
        rule=values["rule"],
        level=Level(values["level"]),
        chain=Chain(values["chain"]),
        at=values["at"],
        evidence=Evidence.from_json(values["evidence"]),
        key=values["atKey"],
        covers=tuple(values["covers"]),
        size=values["size"],
        template=bool(values.get("template")),
        handled=_handled(values) if values["kind"] in WATCHED else None,
        until=values.get("until"),
        subject=_subject(values.get("subject")),
        issue=values.get("issue"),
    )


def _handled(values: Row) -> Handled:
    reason = values.get("dismissal")
    return Handled(
        state=AlertState(values.get("state") or AlertState.OPEN),
        version=values.get("version") or 1,
        by=values.get("stateBy"),
        at=values.get("stateAt"),
        reason=None if reason is None else DismissalReason(reason),
        note=values.get("note"),
    )


def _subject(text: str | None) -> tuple[str, str] | None:
    label, _, key = (text or "").partition(":")
    return (label, key) if key else None


def levels_of(own: Mapping[str, Any]) -> Levels:
    """The levels on a complaint's node; without ``ruleLevel`` no rule has fired yet."""
    rule_level = Level(own.get("ruleLevel") or Level.GREEN)
    return Levels(Level(own["level"]), rule_level, own.get("levelBy"))


def _on_record(row: Row) -> OnRecord:
    alerts = {alert["id"]: alert["evidence"] for alert in row["alerts"]}
    own = row["own"]
    return OnRecord(
        _facts(row),
        own["reference"],
        levels_of(own),
        alerts,
        pending=own["escalateKey"] is not None,
        followed=row["followed"],
    )


def _facts(row: Row) -> CaseFacts:
    own = row["own"]
    return CaseFacts(
        key=own["receivedKey"],
        repeats=tuple(row["repeats"]),
        **attributes(CaseFacts, TABLE, own),
    )
