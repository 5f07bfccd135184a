"""Plan what is done about a cause or an issue, and keep what changes; all stays on record."""

from datetime import datetime
from typing import Any

from graph.commands.locks import Kind
from graph.commands.requests import RequestKey, claim
from graph.commands.versioned import By, Entity, Target, change, create, locked, new_id
from graph.database import Database, Transaction
from graph.domain.remediations import Plan, PlanEdit
from graph.domain.texts import named
from graph.errors import NotFoundError, UnknownCodeError
from graph.queries.remediations import plan_of

REMEDIATION = Entity(
    locks=Kind.REMEDIATION,
    called="remediation",
    field="remediation",
    read="""n {.*,
      cause: head(COLLECT { MATCH (n)-[:ADDRESSES]->(cause:RootCause) RETURN cause.code }),
      issue: head(COLLECT { MATCH (n)-[:ADDRESSES]->(issue:SystemicIssue) RETURN issue.id }) }""",
)
# What is addressed is one of two kinds, each with its own key: of the other nothing is found.
_ADDRESS = """
CYPHER 25
CALL () {
  MATCH (cause:RootCause {code: $cause}) RETURN cause AS target
  UNION
  MATCH (issue:SystemicIssue {id: $issue}) RETURN issue AS target
}
MATCH (r:Remediation {id: $id})
CALL (r) { MATCH (r)-[old:ADDRESSES]->() DELETE old }
CREATE (r)-[:ADDRESSES]->(target)
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
    identity = new_id()

    async def work(transaction: Transaction) -> str:
        known = await claim(transaction, key, {"remediation": identity}, now)
        if known is not None:
            return known["remediation"]
        by = By(actor, now)
        await create(transaction, REMEDIATION, identity, _properties(plan), _state(plan), by)
        await _address(transaction, identity, plan)
        return identity

    return await database.write(work)


async def change_remediation(
    database: Database, target: Target, edit: PlanEdit, *, actor: str, now: datetime
) -> None:
    """Write what a person changes of a plan as they saw it; the same again changes nothing.

    Raises:
        NotFoundError: there is no such remediation, or no such systemic issue.
        StaleVersionError: it has changed since that version.
        UnknownCodeError: there is no such root cause.
    """

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, target.key, {"remediation": target.id}, now) is not None:
            return
        own = await locked(transaction, REMEDIATION, target.id, target.version)
        before = plan_of(own)
        plan = edit.over(before, now)
        states = _state(before), _state(plan)
        by = By(actor, now)
        if await change(transaction, REMEDIATION, target.id, _properties(plan), states, by):
            await _address(transaction, target.id, plan)

    await database.write(work)


async def _address(transaction: Transaction, identity: str, plan: Plan) -> None:
    if await transaction.run(_ADDRESS, id=identity, cause=plan.cause, issue=plan.issue):
        return
    if plan.issue is not None:
        raise NotFoundError("There is no systemic issue with this id.", path=["issue"])
    raise UnknownCodeError(
        f"There is no root cause with {named(plan.cause or '')} as its code; the query "
        "`rootCauses` lists those in use.",
        path=["rootCause"],
    )


def _properties(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "owner": plan.owner,
        "startedAt": plan.started_at,
        "completedAt": plan.completed_at,
    }


def _state(plan: Plan) -> dict[str, Any]:
    """What the record tells, by the names of the API."""
    times = {"startedAt": plan.started_at, "completedAt": plan.completed_at}
    state = {name: at.isoformat() if at else None for name, at in times.items()}
    addressed = {"rootCause": plan.cause, "issue": plan.issue}
    return {**addressed, "title": plan.title, "owner": plan.owner, **state}
