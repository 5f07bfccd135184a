"""Whatever people change is changed in one way: of two at once, one is told of the other."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from graph.commands.alerts import handle_alert
from graph.commands.desk import StepRequest, take_step
from graph.commands.issues import Grounds, change_issue, propose_issue
from graph.commands.remediations import change_remediation, plan_remediation
from graph.commands.requests import RequestKey
from graph.commands.versioned import StaleVersionError, Target, difference
from graph.database import Database
from graph.domain.alerts import AlertDecision
from graph.domain.catalogue import chain
from graph.domain.desk import Assign, Taking
from graph.domain.enums import AlertState, CatalogueKind, Level
from graph.domain.issues import IssueEdit, Statement
from graph.domain.remediations import Plan, PlanEdit
from graph.errors import ConflictError
from tests.support.graph import NOW, case, put

pytestmark = pytest.mark.graph

CAUSE = chain(CatalogueKind.ROOT_CAUSE, "Fees")
Change = Callable[[Database, Target, str], Awaitable[object]]


async def a_case(database: Database) -> str:
    each = case(1)
    await put(database, [each])
    return each.id


async def an_alert(database: Database) -> str:
    await database.run(
        "CREATE (:Alert {id: 'a', kind: 'SURGE', rule: 'surge', level: 'RED', chain: 'BRANCH', "
        "at: $at, atKey: '1:a', evidence: '{}'})",
        at=NOW,
    )
    return "a"


async def an_issue(database: Database) -> str:
    said = Statement("费用", "fees", Level.RED, None, ())
    return await propose_issue(database, said, Grounds(), actor="anna", now=NOW)


async def a_remediation(database: Database) -> str:
    await put(database, [], CAUSE)
    plan = Plan("letters", cause=CAUSE[-1].code)
    return await plan_remediation(database, plan, actor="anna", now=NOW)


async def assign(database: Database, target: Target, who: str) -> object:
    request = StepRequest(target.id, target.version, Assign(who), target.key)
    return await take_step(database, request, Taking(NOW, who))


async def acknowledge(database: Database, target: Target, who: str) -> object:
    verdict = AlertDecision(AlertState.ACKNOWLEDGED, note=who)
    return await handle_alert(database, target, verdict, actor=who, now=NOW)


async def own_issue(database: Database, target: Target, who: str) -> object:
    return await change_issue(database, target, IssueEdit(owner=who), actor=who, now=NOW)


async def own_remediation(database: Database, target: Target, who: str) -> object:
    return await change_remediation(database, target, PlanEdit(owner=who), actor=who, now=NOW)


KINDS = [
    (a_case, assign),
    (an_alert, acknowledge),
    (an_issue, own_issue),
    (a_remediation, own_remediation),
]
Make = Callable[[Database], Awaitable[str]]


@pytest.mark.parametrize(("make", "change"), KINDS)
async def test_of_two_at_once_one_is_told_of_the_other(
    database: Database, make: Make, change: Change
) -> None:
    target = Target(await make(database), 1)
    results = await asyncio.gather(
        *(change(database, target, who) for who in ("anna", "ben")), return_exceptions=True
    )
    (stale,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(stale, StaleVersionError)
    winner = "ben" if stale is results[0] else "anna"
    assert [(each.actor, winner in each.after.values()) for each in stale.changes] == [
        (winner, True)
    ]
    assert f"by {winner}" in stale.message
    assert stale.path == ("version",)


@pytest.mark.parametrize(("make", "change"), KINDS)
async def test_a_key_acts_once(database: Database, make: Make, change: Change) -> None:
    key = RequestKey("anna", "m", str(uuid4()), "same")
    target = Target(await make(database), 1, key)
    for _ in range(2):
        await change(database, target, "anna")
    versions = "MATCH (n {id: $id}) RETURN n.version AS version"
    assert (await database.read(versions, id=target.id))[0]["version"] == 2
    other = Target(target.id, 2, RequestKey("anna", "m", key.key, "other"))
    with pytest.raises(ConflictError, match="another input"):
        await change(database, other, "anna")


@pytest.mark.parametrize(("make", "change"), KINDS)
async def test_a_version_that_never_was(database: Database, make: Make, change: Change) -> None:
    with pytest.raises(StaleVersionError, match="no version 7 of it yet"):
        await change(database, Target(await make(database), 7), "anna")


def test_a_difference_has_both_sides() -> None:
    before = {"a": 1, "b": 2, "c": None, "d": [1]}
    after = {"a": 1, "b": 3, "c": 4, "e": None}
    assert difference(before, after) == ({"b": 2, "d": [1]}, {"b": 3, "c": 4})
