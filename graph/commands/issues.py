"""Propose systemic issues, confirm, change and resolve them; all of it stays on record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.commands.alerts import ALERT, set_free, take_in
from graph.commands.locks import Kind, WiderError, lock, lock_ends, take_turn, widening
from graph.commands.requests import RequestKey, claim
from graph.commands.versioned import By, Entity, Target, change, create, locked, new_id
from graph.database import Database, Transaction
from graph.domain.issues import IssueEdit, IssueStatus, Statement
from graph.domain.issues import check_step as check_status
from graph.domain.patch import patched
from graph.domain.texts import named
from graph.errors import NotFoundError, UnknownCodeError
from graph.queries.alert_reach import WITHIN
from graph.queries.codes import DEEPEST
from graph.queries.issues import statement_of

ISSUE = Entity(
    locks=Kind.SYSTEMIC_ISSUE,
    called="systemic issue",
    field="issue",
    read="""n {.*,
      causes: COLLECT { MATCH (n)-[:ROOTED_IN]->(cause) RETURN cause.code ORDER BY cause.code },
      alerts: COLLECT { MATCH (a:Alert)-[:EVIDENCE_OF]->(n) RETURN a.id ORDER BY a.id } }""",
)
_ROOTED = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
CALL (i) { MATCH (i)-[old:ROOTED_IN]->() DELETE old }
CALL (i) {
  UNWIND $causes AS code
  MATCH (cause:RootCause {code: code})
  CREATE (i)-[:ROOTED_IN]->(cause)
  RETURN collect(code) AS known
}
RETURN known
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
_COVERED = f"""
CYPHER 25
CALL () {{
  MATCH (a:Alert)-[:COVERS]->(c:Complaint) WHERE a.id IN $alerts AND c.duplicate = false RETURN c
  UNION
  UNWIND $rows AS row
  MATCH (c:Complaint) WHERE {WITHIN} RETURN c
}}
RETURN DISTINCT c.id AS id
"""
_COVER = """
CYPHER 25
MATCH (i:SystemicIssue {id: $id})
UNWIND $complaints AS complaint
MATCH (c:Complaint {id: complaint})
MERGE (i)-[:COVERS]->(c)
"""
_RESTING = """
CYPHER 25
MATCH (a:Alert)-[:EVIDENCE_OF]->(:SystemicIssue {id: $id}) RETURN a.id AS id
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
    identity = new_id()

    async def work(transaction: Transaction) -> str:
        known = await claim(transaction, key, {"issue": identity}, now)
        if known is not None:
            return known["issue"]
        covered = await _lock(transaction, grounds)
        await _create(transaction, identity, statement, By(actor, now))
        await _ground(transaction, identity, grounds, covered)
        for alert in sorted(grounds.alerts):
            await take_in(transaction, alert, identity, By(actor, now))
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
        # Of two alerts that propose at the same moment, the second finds the first one's issue.
        await take_turn(transaction, "proposals")
        covered = await _lock(transaction, grounds)
        await locked(transaction, ALERT, alert)
        taken = await transaction.run(_TAKEN, alert=alert)
        if not taken:
            taken = await transaction.run(_OPEN_OF_FACT, alert=alert, rows=rows, about=list(about))
        identity = taken[0]["id"] if taken else new_id()
        if not taken:
            await _create(transaction, identity, statement, By(actor, now))
        else:
            await lock(transaction, Kind.SYSTEMIC_ISSUE, [identity])
        await _ground(transaction, identity, grounds, covered)
        return identity, not taken

    return await database.write(work)


async def change_issue(
    database: Database, target: Target, edit: IssueEdit, *, actor: str, now: datetime
) -> None:
    """Write what a person changes of an issue as they saw it; the same again changes nothing.

    Confirming takes the alerts in that it rests on; rejecting sets them free.

    Raises:
        NotFoundError: there is no such issue.
        StaleVersionError: it has changed since that version.
        InvalidInputError: it cannot come into that status from where it is.
        UnknownCodeError: there is no such root cause.
    """

    async def work(transaction: Transaction, alerts: frozenset[str]) -> None:
        if await claim(transaction, target.key, {"issue": target.id}, now) is not None:
            return
        await lock(transaction, Kind.ALERT, alerts)
        own = await locked(transaction, ISSUE, target.id, target.version)
        if not alerts.issuperset(own["alerts"]):
            raise WiderError(own["alerts"])
        before = IssueStatus(own["status"])
        status = patched(edit.status, before)
        check_status(before, status)
        old = statement_of(own)
        new = edit.over(old)
        properties = {**_properties(new), "status": status}
        states = _state(old, before), _state(new, status)
        by = By(actor, now)
        if not await change(transaction, ISSUE, target.id, properties, states, by):
            return
        await _root(transaction, target.id, new.causes, old.causes)
        for alert in own["alerts"]:
            if status is IssueStatus.CONFIRMED:
                await take_in(transaction, alert, target.id, by, forgiving=True)
            elif status is IssueStatus.REJECTED:
                await set_free(transaction, alert, target.id, by)

    resting = await database.read(_RESTING, id=target.id)
    await widening(database, [row["id"] for row in resting], work)


async def _create(transaction: Transaction, identity: str, statement: Statement, by: By) -> None:
    properties = {**_properties(statement), "status": IssueStatus.PROPOSED}
    after = _state(statement, IssueStatus.PROPOSED)
    await create(transaction, ISSUE, identity, properties, after, by)
    await _root(transaction, identity, statement.causes)


async def _lock(transaction: Transaction, grounds: Grounds) -> list[str]:
    """Lock what an issue rests on; the complaints that it covers."""
    rows = [each.row() for each in grounds.extents]
    results = await transaction.run(_COVERED, alerts=list(grounds.alerts), rows=rows)
    covered = sorted(row["id"] for row in results)
    await lock(transaction, Kind.COMPLAINT, covered)
    await lock(transaction, Kind.ALERT, grounds.alerts)
    return covered


async def _root(
    transaction: Transaction, identity: str, causes: Sequence[str], before: Sequence[str] = ()
) -> None:
    await lock_ends(transaction, {Kind.ROOT_CAUSE: {*causes, *before}})
    rows = await transaction.run(_ROOTED, id=identity, causes=list(causes))
    known = rows[0]["known"]
    for number, code in enumerate(causes):
        if code not in known:
            raise UnknownCodeError(
                f"There is no root cause with {named(code)} as its code; the query `rootCauses` "
                "lists those in use.",
                path=["rootCauses", str(number)],
            )


async def _ground(
    transaction: Transaction, identity: str, grounds: Grounds, covered: Sequence[str]
) -> None:
    """Relate an issue to what was locked for it."""
    alerts, clusters = list(grounds.alerts), list(grounds.clusters)
    await lock_ends(transaction, {Kind.CLUSTER: clusters})
    rows = await transaction.run(_EVIDENCE, id=identity, alerts=alerts, clusters=clusters)
    if rows[0]["clusters"] != len(clusters):
        raise NotFoundError("There is no cluster with one of these ids.", path=["clusters"])
    await transaction.run(_COVER, id=identity, complaints=covered)


def _properties(statement: Statement) -> dict[str, Any]:
    return {
        "titleZh": statement.title_zh,
        "titleEn": statement.title_en,
        "level": statement.level,
        "owner": statement.owner,
    }


def _state(statement: Statement, status: IssueStatus) -> dict[str, Any]:
    """What the record tells, by the names of the API."""
    return {
        "status": status,
        "title": statement.title_zh,
        "titleEn": statement.title_en,
        "level": statement.level,
        "owner": statement.owner,
        "rootCauses": sorted(statement.causes),
    }
