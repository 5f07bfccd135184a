"""Keep what is seen in many complaints, and what people make of it; all of it stays on record."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from graph.commands.locks import Kind, lock, lock_ends, take_turn
from graph.commands.requests import claim
from graph.commands.versioned import By, Entity, Target, change, locked, record
from graph.database import Database, Row, Transaction
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.alerts import AlertDecision, check_step
from graph.domain.copies import received_key
from graph.domain.enums import WATCHED, AlertState, CatalogueKind
from graph.domain.sightings import Sighting

_SUBJECTS = {
    CatalogueKind.BRANCH.value: "code",
    CatalogueKind.ROOT_CAUSE.value: "code",
    "Cluster": "id",
}
_KNOWN = """
CYPHER 25
UNWIND $rules AS rule
MATCH (a:Alert {rule: rule}) WHERE a.subject IS NOT NULL
RETURN a.id AS id, a.rule AS rule, a.subject AS subject, a.at AS at, a.until AS until
ORDER BY a.at, a.id
"""
_WRITE = """
CYPHER 25
UNWIND $rows AS row
MERGE (a:Alert {id: row.id})
  ON CREATE SET a += row.properties, a.recordedAt = $now, a.state = 'OPEN', a.version = 1
SET a.until = row.until, a.evidence = row.evidence
"""


def _concern(label: str, key: str) -> str:
    return f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (a:Alert {{id: row.id}}), (n:{label} {{{key}: row.key}})
    MERGE (a)-[:CONCERNS]->(n)
    """


_CONCERN = {label: _concern(label, key) for label, key in _SUBJECTS.items()}
ALERT = Entity(
    locks=Kind.ALERT,
    called="alert about many complaints",
    field="alert",
    read="n {.*, state: coalesce(n.state, 'OPEN')}",
    where=f"n.kind IN {[kind.value for kind in sorted(WATCHED)]}",
)
#: The last change on record: it tells out of which state an alert came, and for which issue.
_LAST = """
CYPHER 25
MATCH (a:Alert {id: $id})-[:HAS_CHANGE]->(x:Change {seq: a.version})
RETURN x.before AS before, x.after AS after
"""


async def record_sightings(
    database: Database, sightings: Sequence[Sighting], now: datetime
) -> list[str]:
    """Write what was seen; ids of the alerts that are new.

    What is on record already is extended, also when people have dismissed it: the same rise is
    one alert for as long as it lasts. Safe to repeat, by any number of processes.
    """

    async def work(transaction: Transaction) -> list[str]:
        await take_turn(transaction, "watch")
        rules = sorted({sighting.rule.code for sighting in sightings})
        known = await transaction.run(_KNOWN, rules=rules)
        rows = [_row(sighting, known) for sighting in sightings]
        await lock(transaction, Kind.ALERT, [row["id"] for row in rows])
        await lock_ends(transaction, _concerned(rows))
        await transaction.run(_WRITE, rows=rows, now=now)
        for label, statement in _CONCERN.items():
            of_label = [row for row in rows if row["label"] == label]
            if of_label:
                await transaction.run(statement, rows=of_label)
        old = {row["id"] for row in known}
        raised = [row["id"] for row in rows if row["id"] not in old]
        record_raised(transaction, raised, now)
        return raised

    return await database.write(work) if sightings else []


def record_raised(transaction: Transaction, alerts: Sequence[str], now: datetime) -> None:
    """Keep that these alerts about many complaints were raised."""
    for alert in alerts:
        after = {"state": AlertState.OPEN}
        record(transaction, alert, 1, ({}, after), By(SYSTEM_ACTOR, now))


def _row(sighting: Sighting, known: Sequence[Row]) -> Mapping[str, Any]:
    rule, subject = sighting.rule, f"{sighting.subject.label}:{sighting.subject.key}"
    same = [
        row
        for row in known
        if (row["rule"], row["subject"]) == (rule.code, subject) and _meets(row, sighting)
    ]
    # What came in late can move a rise by some weeks: it stays the alert that people know.
    identity = same[-1]["id"] if same else f"{rule.code}.{subject}.{sighting.at:%Y%m%d}"
    return {
        "id": identity,
        "label": sighting.subject.label,
        "key": sighting.subject.key,
        "until": max([sighting.until, *(row["until"] for row in same)]),
        "evidence": sighting.evidence.to_json(),
        "properties": {
            "kind": rule.kind,
            "rule": rule.code,
            "subject": subject,
            "level": rule.level,
            "chain": rule.chain,
            "at": sighting.at,
            "atKey": received_key(sighting.at, identity),
        },
    }


def _concerned(rows: Sequence[Mapping[str, Any]]) -> Mapping[Kind, set[str]]:
    """What the alerts are about."""
    return {
        kind: {row["key"] for row in rows if row["label"] == kind.value[0]}
        for kind in (Kind.BRANCH, Kind.ROOT_CAUSE, Kind.CLUSTER)
    }


def _meets(row: Row, sighting: Sighting) -> bool:
    pause: timedelta = sighting.pause
    begins, ends = row["at"] - pause, row["until"] + pause
    return bool(begins <= sighting.until and sighting.at <= ends)


async def handle_alert(
    database: Database, target: Target, verdict: AlertDecision, *, actor: str, now: datetime
) -> None:
    """What a person makes of an alert as they saw it.

    Raises:
        NotFoundError: there is no such alert about many complaints.
        StaleVersionError: somebody has handled it since that version.
        InvalidInputError: it cannot come into that state from where it is.
    """

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, target.key, {"alert": target.id}, now) is not None:
            return
        own = await locked(transaction, ALERT, target.id, target.version)
        check_step(AlertState(own["state"]), verdict.state)
        await _move(transaction, own, verdict, By(actor, now))

    await database.write(work)


async def take_in(
    transaction: Transaction, alert: str, issue: str, by: By, *, forgiving: bool = False
) -> None:
    """An alert becomes part of an issue; ``forgiving``: one that a person dismissed stays that."""
    own = await locked(transaction, ALERT, alert, path=["alerts"])
    state = AlertState(own["state"])
    if forgiving and state in (AlertState.DISMISSED, AlertState.IN_ISSUE):
        return
    check_step(state, AlertState.IN_ISSUE, field="alerts")
    await _move(transaction, own, AlertDecision(AlertState.IN_ISSUE), by, issue=issue)


async def set_free(transaction: Transaction, alert: str, issue: str, by: By) -> None:
    """An alert that an issue had taken in goes back to where it came from."""
    own = await locked(transaction, ALERT, alert)
    if AlertState(own["state"]) is not AlertState.IN_ISSUE:
        return
    rows = await transaction.run(_LAST, id=alert)
    before, after = (json.loads(rows[0][name] or "{}") for name in ("before", "after"))
    if after.get("issue", issue) == issue:
        state = AlertState(before.get("state", AlertState.OPEN))
        await _move(transaction, own, AlertDecision(state), by)


async def _move(
    transaction: Transaction, own: Row, verdict: AlertDecision, by: By, issue: str | None = None
) -> None:
    """Write a locked alert's new state; a note belongs to this change alone."""
    properties = {
        "state": verdict.state,
        "stateBy": by.actor,
        "stateAt": by.now,
        "dismissal": verdict.reason,
        "note": verdict.note,
    }
    before = {"state": own["state"], "reason": own.get("dismissal")}
    after = {
        "state": verdict.state,
        "reason": verdict.reason,
        "note": verdict.note,
        "issue": issue,
    }
    await change(transaction, ALERT, own["id"], properties, (before, after), by)
