"""Raise cases: alerts with their evidence, levels with their copies, and the events, together.

Alerts have ids derived from what they are about, and every complaint is locked before its level is
read: whoever raises the same at the same moment, or again, writes it once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.commands.alerts import record_raised
from graph.commands.events import append_events
from graph.commands.locks import Kind, lock
from graph.commands.rows import as_json
from graph.database import Transaction
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.copies import copied, copies, received_key
from graph.domain.enums import (
    OPEN_STATUSES,
    WATCHED,
    CaseStatus,
    Chain,
    EventKind,
    Level,
    RuleKind,
)
from graph.domain.escalation import Levels, levels_after
from graph.domain.events import Event
from graph.domain.record import COPIED
from graph.queries.escalation import levels_of

_STATE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c {{ {COPIED}, .ruleLevel, .levelBy, .eventSeq }} AS own
"""
# A known alert keeps its time; a sentence is found anew after the text has changed. Only the MERGE
# knows which alerts are new.
_ALERTS = """
CYPHER 25
UNWIND $rows AS row
MERGE (a:Alert {id: row.id})
  ON CREATE SET a += row.properties, a.recordedAt = $now, a.raised = true
  ON MATCH SET a.evidence = CASE
    WHEN row.properties.kind IN ['THREAT', 'SELF_HARM', 'AMOUNT', 'REPEAT']
      THEN row.properties.evidence
    ELSE a.evidence END
WITH a, row, a.raised IS NOT NULL AS raised
REMOVE a.raised
WITH a, row, raised
MATCH (c:Complaint {id: row.raisedFor})
MERGE (a)-[:RAISED_FOR]->(c)
RETURN a.id AS id, raised, a.kind AS kind
"""
_COVER = """
CYPHER 25
UNWIND $rows AS row
MATCH (a:Alert {id: row.id})
SET a.template = row.template
WITH a, row
UNWIND row.covers AS id
MATCH (c:Complaint {id: id})
MERGE (a)-[:COVERS]->(c)
"""
_LEVELS = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
SET c += row.properties
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule that fired: on a case (``raised_for``), or on a group completed by it (``covers``).

    ``at``: when it came to hold, not when it was found. ``new`` False: a group event on record
    that covers more now.
    """

    id: str
    kind: RuleKind
    rule: str
    level: Level
    chain: Chain
    at: datetime
    evidence: str
    raised_for: str
    covers: tuple[str, ...] = ()
    template: bool = False
    new: bool = True

    @property
    def about(self) -> tuple[str, ...]:
        return self.covers or (self.raised_for,)


async def raise_alerts(transaction: Transaction, alerts: Sequence[Alert], now: datetime) -> None:
    """Write alerts and the levels that follow; the complaints are locked by the caller.

    Must be the last thing in its transaction (events).
    """
    alerts = sorted(alerts, key=lambda alert: alert.id)
    await lock(transaction, Kind.ALERT, {alert.id for alert in alerts})
    await _write(transaction, alerts, now)
    ids = sorted({identity for alert in alerts for identity in alert.about})
    state = {row["own"]["id"]: row["own"] for row in await transaction.run(_STATE, ids=ids)}
    about: dict[str, list[Alert]] = {identity: [] for identity in state}
    for alert in alerts:
        for identity in alert.about:
            if identity in about:
                about[identity].append(alert)
    rows, events = [], []
    for identity in ids:
        own = state.get(identity)
        if own is None:
            continue
        before = levels_of(own)
        after = _levels_after(own, before, about[identity])
        if after == before:
            continue
        rows.append({"id": identity, "properties": _properties(own, after)})
        events.append(_event(own, before, after, about[identity], now))
    if rows:
        await transaction.run(_LEVELS, rows=rows)
    await append_events(transaction, events)


async def _write(transaction: Transaction, alerts: Sequence[Alert], now: datetime) -> None:
    rows = [
        {"id": alert.id, "raisedFor": alert.raised_for, "properties": _alert_properties(alert)}
        for alert in alerts
        if alert.new
    ]
    if rows:
        found = await transaction.run(_ALERTS, rows=rows, now=now)
        raised = [row["id"] for row in found if row["raised"] and row["kind"] in WATCHED]
        record_raised(transaction, raised, now)
    groups = [
        {"id": alert.id, "covers": list(alert.covers), "template": alert.template}
        for alert in alerts
        if alert.covers
    ]
    if groups:
        await transaction.run(_COVER, rows=groups)


def _alert_properties(alert: Alert) -> dict[str, Any]:
    return {
        "kind": alert.kind,
        "rule": alert.rule,
        "level": alert.level,
        "chain": alert.chain,
        "at": alert.at,
        "atKey": received_key(alert.at, alert.id),
        "evidence": alert.evidence,
    }


def _levels_after(own: Mapping[str, Any], before: Levels, alerts: Iterable[Alert]) -> Levels:
    """A group raises all its complaints; by itself a case is raised while someone waits for it.

    An answered case keeps the level with which it was handled: the verdict stands beside it.
    """
    after = before
    waits = CaseStatus(own["status"]) in OPEN_STATUSES
    for alert in alerts:
        after = levels_after(after, alert.level, raises=waits or bool(alert.covers))
    return after


def _properties(own: Mapping[str, Any], after: Levels) -> dict[str, Any]:
    levelled = {**own, "level": after.level}
    return {
        "level": after.level,
        "ruleLevel": after.rule_level,
        "levelBy": after.set_by,
        **copies(levelled, copied(own)),
    }


def _event(
    own: Mapping[str, Any],
    before: Levels,
    after: Levels,
    alerts: Sequence[Alert],
    now: datetime,
) -> Event:
    after_it: dict[str, Any] = {
        "level": after.level,
        "ruleLevel": after.rule_level,
        "rules": sorted({alert.rule for alert in alerts}),
        "alerts": sorted({alert.id for alert in alerts}),
    }
    before_it: dict[str, Any] = {"level": before.level, "ruleLevel": before.rule_level}
    if before.set_by is not None:
        # The rules now say more than the person knew: the level is theirs again.
        before_it["levelBy"] = before.set_by
        if after.set_by is not None:
            after_it["levelBy"] = after.set_by
    return Event(
        own["id"],
        own["eventSeq"] + 1,
        EventKind.RULE_LEVEL_RAISED if after.level is before.level else EventKind.LEVEL_RAISED,
        max(alert.at for alert in alerts),
        now,
        SYSTEM_ACTOR,
        before=as_json(before_it),
        after=as_json(after_it),
    )
