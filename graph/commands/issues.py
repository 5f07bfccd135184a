"""Propose systemic issues, confirm, change and resolve them; all of it stays on record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from graph.commands.alerts import locked_state, move
from graph.commands.requests import RequestKey, claim
from graph.commands.rows import as_json
from graph.database import Database, Row, Transaction
from graph.domain.alerts import Verdict, check_step
from graph.domain.copies import received_key
from graph.domain.enums import AlertState
from graph.domain.issues import IssueStatus, Statement
from graph.domain.issues import check_step as check_status
from graph.errors import ConflictError, NotFoundError, UnknownCodeError
from graph.queries.alert_reach import WITHIN
from graph.queries.codes import DEEPEST
from graph.queries.issues import statement_of

_CREATE = """
CYPHER 25
CREATE (i:SystemicIssue)
SET i = $properties
CREATE (i)-[:HAS_CHANGE]->(:Change {
  id: i.id + '.1', seq: 1, at: i.createdAt, actor: i.createdBy, after: $after
})
"""
_ROOTED = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
CALL (i) { MATCH (i)-[old:ROOTED_IN]->() DELETE old }
CALL (i) {
  UNWIND $causes AS code
  MATCH (cause:RootCause {code: code})
  CREATE (i)-[:ROOTED_IN]->(cause)
  RETURN count(cause) AS found
}
RETURN found
"""
_EVIDENCE = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
CALL (i) { MATCH (a:Alert) WHERE a.id IN $alerts MERGE (a)-[:EVIDENCE_OF]->(i) }
CALL (i) {
  MATCH (k:Cluster) WHERE k.id IN $clusters MERGE (k)-[:EVIDENCE_OF]->(i)
  RETURN count(k) AS clusters
}
RETURN clusters
"""
# What a group event covers, and the complaints that a row tells by code and period.
_COVER_GROUPS = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
MATCH (a:Alert)-[:COVERS]->(c:Complaint) WHERE a.id IN $alerts AND c.duplicate = false
MERGE (i)-[:COVERS]->(c)
"""
_COVER = f"""
CYPHER 25
MATCH (i:SystemicIssue {{id: $id}})
UNWIND $rows AS row
MATCH (c:Complaint) WHERE {WITHIN}
MERGE (i)-[:COVERS]->(c)
"""
_STANDING = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
SET i.version = i.version
RETURN i {.*, causes: COLLECT { MATCH (i)-[:ROOTED_IN]->(n) RETURN n.code ORDER BY n.code }} AS own,
  COLLECT { MATCH (a:Alert)-[:EVIDENCE_OF]->(i) RETURN a.id ORDER BY a.id } AS alerts
"""
_CHANGE = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
SET i += $properties
CREATE (i)-[:HAS_CHANGE]->(:Change {
  id: i.id + '.' + i.version, seq: i.version, at: $now, actor: $actor, before: $before,
  after: $after
})
"""
# Of two alerts that propose at the same moment, the second finds the first one's issue.
_LOCK = """
CYPHER 25
MERGE (k:Counter {name: 'proposals'}) SET k.value = 0
"""
#: Two alerts of one cause are of one fact when no more weeks than these lie between them.
_APART = 4
# An open issue of the same fact: it covers half of the alert's complaints, or it goes back to one
# of its causes, to a wider or a narrower one, and covers complaints of about the same time.
_OPEN_OF_FACT = f"""
CYPHER 25
CALL () {{
  MATCH (:Alert {{id: $alert}})-[:COVERS]->(c:Complaint) WHERE c.duplicate = false RETURN c
  UNION
  UNWIND $rows AS row
  MATCH (c:Complaint) WHERE {WITHIN} RETURN c
}}
WITH collect(c) AS own, min(c.receivedAt) AS first, max(c.receivedAt) AS last
CALL (own) {{
  UNWIND own AS c
  MATCH (c)<-[:COVERS]-(i:SystemicIssue) RETURN i, count(c) AS shared
  UNION ALL
  MATCH (i:SystemicIssue)-[:ROOTED_IN]->(n:RootCause)
  WHERE EXISTS {{ (n)-[:PART_OF*0..{DEEPEST}]->(w) WHERE w.code IN $about }}
    OR EXISTS {{ (n)<-[:PART_OF*0..{DEEPEST}]-(w) WHERE w.code IN $about }}
  RETURN DISTINCT i, 0 AS shared
}}
WITH i, max(shared) AS shared, min(shared) = 0 AS cause, size(own) AS size, first, last
WHERE i.status IN ['PROPOSED', 'CONFIRMED']
  AND (2 * shared >= size AND shared > 0 OR cause AND NOT EXISTS {{ (i)-[:COVERS]->() }} OR
    cause AND EXISTS {{
      (i)-[:COVERS]->(c:Complaint)
      WHERE c.receivedAt >= first - duration({{weeks: {_APART}}})
        AND c.receivedAt <= last + duration({{weeks: {_APART}}})
    }})
RETURN i.id AS id ORDER BY shared DESC, i.createdKey LIMIT 1
"""
_TAKEN = """
CYPHER 25
MATCH (a:Alert {id: $alert})-[:EVIDENCE_OF]->(i:SystemicIssue) RETURN i.id AS id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """Complaints that an issue covers: of a cause, escalated ones of a branch, or of a cluster.

    Received in [``since``, ``until``); what is None does not narrow.
    """

    since: datetime | None = None
    until: datetime | None = None
    cause: str | None = None
    branch: str | None = None
    cluster: str | None = None

    def row(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "cause": self.cause,
            "branch": self.branch,
            "cluster": self.cluster,
        }


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an issue is proposed from: alerts, clusters, and the complaints that go with them."""

    alerts: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    extents: tuple[Extent, ...] = field(default=())


async def propose_issue(
    database: Database,
    statement: Statement,
    grounds: Grounds,
    *,
    actor: str,
    now: datetime,
    key: RequestKey | None = None,
) -> str:
    """A person's proposal: its id; the alerts that it rests on belong to it from now on.

    Raises:
        UnknownCodeError: there is no such root cause.
        NotFoundError: an alert or a cluster is not there.
        InvalidInputError: an alert is dismissed, or belongs to another issue.
    """
    identity = uuid4().hex

    async def work(transaction: Transaction) -> str:
        known = key and await claim(transaction, key, {"issue": identity}, now)
        if known:
            return known["issue"]
        await _create(transaction, identity, statement, actor, now)
        await _ground(transaction, identity, grounds)
        for alert in sorted(grounds.alerts):
            await _take_in(transaction, alert, actor, now)
        return identity

    return await database.write(work)


async def propose_by_data(
    database: Database,
    statement: Statement,
    grounds: Grounds,
    *,
    about: Sequence[str],
    actor: str,
    now: datetime,
) -> tuple[str, bool]:
    """What one alert proposes by itself: an issue's id, and whether that is a new one.

    ``about``: the causes that make it the same fact as another alert. Where there is an open issue
    of the same fact, the alert is evidence of that. The alert stays open: a person has yet to look
    at it. Safe to repeat, by any number of processes.
    """
    (alert,) = grounds.alerts
    rows = [each.row() for each in grounds.extents]

    async def work(transaction: Transaction) -> tuple[str, bool]:
        await transaction.run(_LOCK)
        await locked_state(transaction, alert)
        taken = await transaction.run(_TAKEN, alert=alert)
        if not taken:
            taken = await transaction.run(_OPEN_OF_FACT, alert=alert, rows=rows, about=list(about))
        identity = taken[0]["id"] if taken else uuid4().hex
        if not taken:
            await _create(transaction, identity, statement, actor, now)
        await _ground(transaction, identity, grounds)
        return identity, not taken

    return await database.write(work)


async def change_issue(
    database: Database,
    identity: str,
    version: int,
    statement: Statement,
    status: IssueStatus,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Write what holds from now on over what the person saw; the same again changes nothing.

    Confirming takes the alerts in that it rests on.

    Raises:
        NotFoundError: there is no such issue.
        ConflictError: it has changed since that version.
        InvalidInputError: it cannot come into that status from where it is.
        UnknownCodeError: there is no such root cause.
    """

    async def work(transaction: Transaction) -> None:
        own, alerts = await _standing(transaction, identity, version)
        before = IssueStatus(own["status"])
        check_status(before, status)
        old, new = _state(statement_of(own), before), _state(statement, status)
        if old == new:
            return
        properties = {**_properties(statement), "status": status, "version": version + 1}
        await transaction.run(
            _CHANGE,
            id=identity,
            properties=properties,
            before=as_json(old),
            after=as_json(new),
            actor=actor,
            now=now,
        )
        await _root(transaction, identity, statement.causes)
        if status is IssueStatus.CONFIRMED:
            for alert in alerts:
                await _take_in(transaction, alert, actor, now, forgiving=True)

    await database.write(work)


async def _standing(
    transaction: Transaction, identity: str, version: int
) -> tuple[Row, Sequence[str]]:
    rows = await transaction.run(_STANDING, id=identity)
    if not rows:
        raise NotFoundError("There is no systemic issue with this id.", path=["issue"])
    own = rows[0]["own"]
    if own["version"] != version:
        raise ConflictError(
            f"The issue is at version {own['version']}, not {version}: look at it again, and "
            "repeat your change with the new version.",
            path=["version"],
        )
    return own, rows[0]["alerts"]


async def _create(
    transaction: Transaction, identity: str, statement: Statement, actor: str, now: datetime
) -> None:
    properties = {
        "id": identity,
        "version": 1,
        "status": IssueStatus.PROPOSED,
        "createdAt": now,
        "createdKey": received_key(now, identity),
        "createdBy": actor,
        **_properties(statement),
    }
    after = as_json(_state(statement, IssueStatus.PROPOSED))
    await transaction.run(_CREATE, properties=properties, after=after)
    await _root(transaction, identity, statement.causes)


async def _root(transaction: Transaction, identity: str, causes: Sequence[str]) -> None:
    rows = await transaction.run(_ROOTED, id=identity, causes=list(causes))
    if rows[0]["found"] != len(causes):
        raise UnknownCodeError(
            "There is no root cause with one of these codes; the query `rootCauses` lists those "
            "in use.",
            path=["rootCauses"],
        )


async def _ground(transaction: Transaction, identity: str, grounds: Grounds) -> None:
    alerts, clusters = list(grounds.alerts), list(grounds.clusters)
    rows = await transaction.run(_EVIDENCE, id=identity, alerts=alerts, clusters=clusters)
    if rows[0]["clusters"] != len(clusters):
        raise NotFoundError("There is no cluster with one of these ids.", path=["clusters"])
    await transaction.run(_COVER_GROUPS, id=identity, alerts=alerts)
    await transaction.run(_COVER, id=identity, rows=[each.row() for each in grounds.extents])


async def _take_in(
    transaction: Transaction, alert: str, actor: str, now: datetime, *, forgiving: bool = False
) -> None:
    """An alert becomes part of an issue; ``forgiving``: one that a person dismissed stays that."""
    state, version = await locked_state(transaction, alert)
    if forgiving and state in (AlertState.DISMISSED, AlertState.IN_ISSUE):
        return
    check_step(state, AlertState.IN_ISSUE)
    verdict = Verdict(AlertState.IN_ISSUE)
    await move(transaction, alert, state, verdict, version=version, actor=actor, now=now)


def _properties(statement: Statement) -> dict[str, Any]:
    return {
        "titleZh": statement.title_zh,
        "titleEn": statement.title_en,
        "level": statement.level,
        "owner": statement.owner,
    }


def _state(statement: Statement, status: IssueStatus) -> dict[str, Any]:
    causes = sorted(statement.causes)
    return {**_properties(statement), "causes": causes, "status": status}
