"""Keep what is seen in many complaints, and what people make of it; all of it stays on record."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from graph.commands.requests import RequestKey, claim
from graph.commands.rows import as_json
from graph.database import Database, Row, Transaction
from graph.domain.alerts import Verdict, check_step
from graph.domain.copies import received_key
from graph.domain.enums import WATCHED, AlertState, CatalogueKind
from graph.domain.sightings import Sighting
from graph.errors import ConflictError, NotFoundError

_SUBJECTS = {
    CatalogueKind.BRANCH.value: "code",
    CatalogueKind.ROOT_CAUSE.value: "code",
    "Cluster": "id",
}
# Two that watch at the same moment come one after the other.
_LOCK = """
CYPHER 25
MERGE (k:Counter {name: 'watch'}) SET k.value = 0
"""
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
# The first SET locks: of two at the same moment, the second finds another version.
_STANDING = """
CYPHER 25
MATCH (a:Alert {id: $id}) WHERE a.kind IN $kinds
SET a.version = coalesce(a.version, 1)
RETURN a.version AS version, coalesce(a.state, 'OPEN') AS state
"""
_SETTLE = """
CYPHER 25
MATCH (a:Alert {id: $id})
SET a += $properties
CREATE (a)-[:HAS_CHANGE]->(:Change {
  id: a.id + '.' + a.version, seq: a.version, at: $now, actor: $actor, before: $before,
  after: $after
})
"""


async def record_sightings(
    database: Database, sightings: Sequence[Sighting], now: datetime
) -> list[str]:
    """Write what was seen; ids of the alerts that are new.

    What is on record already is extended, also when people have dismissed it: the same rise is
    one alert for as long as it lasts. Safe to repeat, by any number of processes.
    """

    async def work(transaction: Transaction) -> list[str]:
        await transaction.run(_LOCK)
        rules = sorted({sighting.rule.code for sighting in sightings})
        known = await transaction.run(_KNOWN, rules=rules)
        rows = [_row(sighting, known) for sighting in sightings]
        await transaction.run(_WRITE, rows=rows, now=now)
        for label, statement in _CONCERN.items():
            some = [row for row in rows if row["label"] == label]
            if some:
                await transaction.run(statement, rows=some)
        old = {row["id"] for row in known}
        return [row["id"] for row in rows if row["id"] not in old]

    return await database.write(work) if sightings else []


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


def _meets(row: Row, sighting: Sighting) -> bool:
    pause: timedelta = sighting.pause
    begins, ends = row["at"] - pause, row["until"] + pause
    return bool(begins <= sighting.until and sighting.at <= ends)


async def settle_alert(
    database: Database,
    identity: str,
    version: int,
    verdict: Verdict,
    *,
    actor: str,
    now: datetime,
    key: RequestKey | None = None,
) -> None:
    """What a person makes of an alert as they saw it.

    Raises:
        NotFoundError: there is no such alert about many complaints.
        ConflictError: somebody has handled it since that version.
        InvalidInputError: it cannot come into that state from where it is.
    """

    async def work(transaction: Transaction) -> None:
        if key is not None and await claim(transaction, key, {"alert": identity}, now):
            return
        state, _ = await locked_state(transaction, identity, version)
        check_step(state, verdict.state)
        await move(transaction, identity, state, verdict, version=version, actor=actor, now=now)

    await database.write(work)


async def locked_state(
    transaction: Transaction, identity: str, version: int | None = None
) -> tuple[AlertState, int]:
    """An alert's state and version; nobody else changes them until this transaction ends.

    Raises what ``settle_alert`` raises; without a version any will do.
    """
    rows = await transaction.run(_STANDING, id=identity, kinds=sorted(WATCHED))
    if not rows:
        raise NotFoundError("There is no alert about many complaints with this id.", path=["alert"])
    if version is not None and rows[0]["version"] != version:
        raise ConflictError(
            f"The alert is at version {rows[0]['version']}, not {version}: look at it again, and "
            "repeat your decision with the new version.",
            path=["version"],
        )
    return AlertState(rows[0]["state"]), int(rows[0]["version"])


async def move(
    transaction: Transaction,
    identity: str,
    before: AlertState,
    verdict: Verdict,
    *,
    version: int,
    actor: str,
    now: datetime,
) -> None:
    """Write an alert's new state with the change; the caller has locked it at this version."""
    properties = {
        "state": verdict.state,
        "version": version + 1,
        "stateBy": actor,
        "stateAt": now,
        "dismissal": verdict.reason,
        "note": verdict.note,
    }
    after = {"state": verdict.state, "reason": verdict.reason, "note": verdict.note}
    await transaction.run(
        _SETTLE,
        id=identity,
        properties=properties,
        actor=actor,
        now=now,
        before=as_json({"state": before}),
        after=as_json({name: value for name, value in after.items() if value is not None}),
    )
