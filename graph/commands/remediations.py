"""Plan what is done about a cause or an issue, and keep what changes; all stays on record."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from graph.commands.requests import RequestKey, claim
from graph.commands.rows import as_json
from graph.database import Database, Transaction
from graph.domain.copies import received_key
from graph.domain.remediations import Plan
from graph.errors import ConflictError, NotFoundError, UnknownCodeError
from graph.queries.remediations import plan_of

# What is addressed is one of two kinds, each with its own key: of the other nothing is found.
_TARGET = """
CALL () {
  MATCH (cause:RootCause {code: $cause}) RETURN cause AS target
  UNION
  MATCH (issue:SystemicIssue {id: $issue}) RETURN issue AS target
}
"""
_PLAN = f"""
CYPHER 25
{_TARGET}
CREATE (r:Remediation)-[:ADDRESSES]->(target)
SET r = $properties
CREATE (r)-[:HAS_CHANGE]->(:Change {{
  id: $properties.id + '.1', seq: 1, at: $properties.createdAt, actor: $properties.createdBy,
  after: $after
}})
RETURN r.id AS id
"""
# The first SET locks: of two at the same moment, the second finds another version.
_STANDING = """
CYPHER 25
MATCH (r:Remediation {id: $id})-[:ADDRESSES]->(target)
SET r.version = r.version
RETURN r {.*, cause: target.code, issue: CASE WHEN target:SystemicIssue THEN target.id END} AS own
"""
_CHANGE = f"""
CYPHER 25
{_TARGET}
MATCH (r:Remediation {{id: $id}})-[old:ADDRESSES]->()
DELETE old
CREATE (r)-[:ADDRESSES]->(target)
SET r += $properties
CREATE (r)-[:HAS_CHANGE]->(:Change {{
  id: r.id + '.' + r.version, seq: r.version, at: $now, actor: $actor, before: $before,
  after: $after
}})
RETURN r.id AS id
"""


async def plan_remediation(
    database: Database, plan: Plan, *, actor: str, now: datetime, key: RequestKey | None = None
) -> str:
    """Its id; under a key that was used before, that of the first time.

    Raises:
        UnknownCodeError: there is no such root cause.
        NotFoundError: there is no such systemic issue.
    """
    identity = uuid4().hex
    properties = {
        "id": identity,
        "version": 1,
        "createdAt": now,
        "createdKey": received_key(now, identity),
        "createdBy": actor,
        **_properties(plan),
    }

    async def work(transaction: Transaction) -> str:
        known = key and await claim(transaction, key, {"remediation": identity}, now)
        if known:
            return known["remediation"]
        after = as_json(_state(plan))
        made = await transaction.run(
            _PLAN, cause=plan.cause, issue=plan.issue, properties=properties, after=after
        )
        if not made:
            raise _unknown(plan)
        return identity

    return await database.write(work)


async def change_remediation(
    database: Database, identity: str, version: int, plan: Plan, *, actor: str, now: datetime
) -> None:
    """Write another plan over the one that the person saw; the same again changes nothing.

    Raises:
        NotFoundError: there is no such remediation, or no such systemic issue.
        ConflictError: it has changed since that version.
        UnknownCodeError: there is no such root cause.
    """

    async def work(transaction: Transaction) -> None:
        rows = await transaction.run(_STANDING, id=identity)
        if not rows:
            raise NotFoundError("There is no remediation with this id.", path=["remediation"])
        own = rows[0]["own"]
        if own["version"] != version:
            raise ConflictError(
                f"The remediation is at version {own['version']}, not {version}: look at it again, "
                "and repeat your change with the new version.",
                path=["version"],
            )
        before = _state(plan_of(own))
        after = _state(plan)
        if before == after:
            return
        changed = await transaction.run(
            _CHANGE,
            id=identity,
            cause=plan.cause,
            issue=plan.issue,
            properties={**_properties(plan), "version": version + 1},
            before=as_json(before),
            after=as_json(after),
            actor=actor,
            now=now,
        )
        if not changed:
            raise _unknown(plan)

    await database.write(work)


def _properties(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "owner": plan.owner,
        "startedAt": plan.started_at,
        "completedAt": plan.completed_at,
    }


def _state(plan: Plan) -> dict[str, Any]:
    times = {"startedAt": plan.started_at, "completedAt": plan.completed_at}
    state = {name: at.isoformat() if at else None for name, at in times.items()}
    addressed = {"cause": plan.cause} if plan.issue is None else {"issue": plan.issue}
    return {**addressed, "title": plan.title, "owner": plan.owner, **state}


def _unknown(plan: Plan) -> UnknownCodeError | NotFoundError:
    if plan.issue is not None:
        return NotFoundError("There is no systemic issue with this id.", path=["issue"])
    return UnknownCodeError(
        "There is no root cause with this code; the query `rootCauses` lists those in use.",
        path=["rootCause"],
    )
