"""What people take out of a group event, or put into one, and the levels that follow."""

import asyncio

import pytest

from graph.commands.corrections import Correction, correct_group
from graph.consistency import check
from graph.database import Database
from graph.domain.enums import RuleKind
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import EmbeddingSpace
from graph.errors import InvalidInputError, NotFoundError
from graph.queries.alerts import page
from graph.queries.escalation import StoredAlert
from tests.support.escalation import alike, escalator, filed, link_everything
from tests.support.graph import NOW, put, with_vector

pytestmark = pytest.mark.graph

BY = Correction("anna", NOW, "another system")
_STATE = """
CYPHER 25
MATCH (c:Complaint {id: $id})
RETURN c.level AS level, c.ruleLevel AS ruleLevel,
  COLLECT { MATCH (c)-[:HAS_EVENT]->(e) RETURN e.kind ORDER BY e.seq } AS kinds
"""


async def work_off(database: Database, tiny: EmbeddingSpace) -> None:
    await link_everything(database, tiny)
    while await escalator(database).escalate_next():
        pass


async def state(database: Database, identity: str) -> tuple[str, str | None, list[str]]:
    row = (await database.read(_STATE, id=identity))[0]
    return row["level"], row["ruleLevel"], row["kinds"]


async def groups(database: Database) -> list[StoredAlert]:
    return await page(database, [RuleKind.GROUP_EVENT], None, WHOLE_BANK, None, 10)


async def test_a_complaint_leaves_a_group_event_and_comes_back(
    database: Database, tiny: EmbeddingSpace
) -> None:
    cases = [filed(n, days=10 - n) for n in range(7)]
    vectors = alike(8, seed=21)
    await put(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=False)])
    await work_off(database, tiny)
    (event,) = await groups(database)
    first, middle = cases[0].id, cases[3].id
    assert (await state(database, middle))[:2] == ("RED", "RED")

    await correct_group(database, event.id, [middle], BY, covered=False)
    level, rule_level, kinds = await state(database, middle)
    assert (level, rule_level) == ("GREEN", None)
    assert kinds[-2:] == ["GROUP_CORRECTED", "ALERTS_WITHDRAWN"]
    # Whoever comes later, and every new detection, leaves it out; the others stay.
    newcomer = with_vector(filed(7, days=1), vectors[7])
    await put(database, [newcomer])
    await work_off(database, tiny)
    (now,) = await groups(database)
    assert set(now.covers) == {*(c.id for c in cases), newcomer.case.id} - {middle}
    assert (await state(database, middle))[:2] == ("GREEN", None)
    assert (await state(database, first))[:2] == ("RED", "RED")
    assert (await check(database)).clean

    await correct_group(database, event.id, [middle], BY, covered=True)
    level, rule_level, kinds = await state(database, middle)
    assert (level, rule_level) == ("RED", "RED")
    assert kinds[-2:] == ["GROUP_CORRECTED", "LEVEL_RAISED"]
    await work_off(database, tiny)
    assert (await check(database)).clean


async def test_a_complaint_that_nothing_is_near_is_put_into_a_group_event(
    database: Database, tiny: EmbeddingSpace
) -> None:
    cases = [filed(n, days=10 - n) for n in range(6)]
    vectors = [*alike(5, seed=22), *alike(1, seed=23)]
    await put(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)])
    await work_off(database, tiny)
    (event,) = await groups(database)
    stranger = cases[5].id
    with pytest.raises(InvalidInputError, match="no part of this group event"):
        await correct_group(database, event.id, [stranger], BY, covered=False)
    with pytest.raises(NotFoundError, match="no group event"):
        await correct_group(database, "none", [stranger], BY, covered=True)
    with pytest.raises(NotFoundError, match="no complaint"):
        await correct_group(database, event.id, ["none"], BY, covered=True)
    assert (await state(database, stranger))[:2] == ("GREEN", None)
    await correct_group(database, event.id, [stranger], BY, covered=True)
    await work_off(database, tiny)
    assert (await state(database, stranger))[:2] == ("RED", "RED")
    assert (await check(database)).clean


async def test_people_who_correct_at_once_lose_nothing(
    database: Database, tiny: EmbeddingSpace
) -> None:
    cases = [filed(n, days=12 - n) for n in range(12)]
    vectors = alike(12, seed=24)
    await put(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)])
    await work_off(database, tiny)
    (event,) = await groups(database)
    out = [c.id for c in cases[2:10]]
    await asyncio.gather(
        *(correct_group(database, event.id, [each], BY, covered=False) for each in out),
        escalator(database).follow_up([c.id for c in cases]),
    )
    await work_off(database, tiny)
    (now,) = await groups(database)
    assert set(now.covers) == {c.id for c in cases} - set(out)
    assert {(await state(database, each))[0] for each in out} == {"GREEN"}
    assert (await check(database)).clean
