"""Alerts, levels and events on a real graph: once each, in any order, by many processes."""

import asyncio
import sys
import time
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from graph.commands.deadlines import notice_deadlines
from graph.commands.groups import detect
from graph.commands.rows import Prepared
from graph.commands.spaces import create_space
from graph.consistency import check
from graph.database import Database, metered
from graph.domain.case import Decision
from graph.domain.enums import CaseStatus, Channel, Level, OutcomeKind, RuleKind
from graph.domain.money import Money
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import EmbeddingSpace
from graph.embedded import Connection
from graph.queries.escalation import StoredAlert, alerts
from graph.queries.groups import neighbourhoods, with_past
from tests.ingest.escalation.racer import EACH, THERE, apart
from tests.support.escalation import alike, escalator, filed, link_everything
from tests.support.graph import (
    NOW,
    put,
    random_vectors,
    snapshot,
    wipe,
    with_vector,
)

pytestmark = pytest.mark.graph
LAWSUIT = "再不退款，我就去法院起诉。"


async def load(database: Database, prepared: list[Prepared]) -> None:
    """As an import does it: store, link, then escalate everything."""
    works = escalator(database)
    marked = [replace(each, fires=works.fires(each.case)) for each in prepared]
    await put(database, marked)
    await link_everything(database)
    while await works.escalate_next():
        pass


async def level_of(database: Database, identity: str) -> tuple[str, str | None]:
    rows = await database.read(
        "MATCH (c:Complaint {id: $id}) RETURN c.level AS level, c.ruleLevel AS rule", id=identity
    )
    return rows[0]["level"], rows[0]["rule"]


async def raised(database: Database, identity: str) -> list[dict[str, Any]]:
    rows = await database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_EVENT]->(e {kind: 'LEVEL_RAISED'}) "
        "RETURN e {.*} AS e ORDER BY e.seq",
        id=identity,
    )
    return [row["e"] for row in rows]


async def groups(database: Database) -> list[StoredAlert]:
    rows = await database.read("MATCH (c:Complaint) RETURN c.id AS id")
    found = await alerts(database, [row["id"] for row in rows], WHOLE_BANK)
    every = {alert.id: alert for some in found.values() for alert in some}
    return [alert for alert in every.values() if alert.kind is RuleKind.GROUP_EVENT]


async def clean(database: Database) -> None:
    report = await check(database)
    assert report.clean, report.examples


async def test_a_threat_raises_its_case(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = random_vectors(2, seed=1)
    threat = filed(1, days=2, narrative=LAWSUIT, amount=Money(5_000_000, "CNY"))
    await load(
        database, [with_vector(threat, vectors[0]), with_vector(filed(2, days=1), vectors[1])]
    )
    assert await level_of(database, threat.id) == ("YELLOW", "YELLOW")
    assert await level_of(database, filed(2, days=1).id) == ("GREEN", None)
    found = (await alerts(database, [threat.id], WHOLE_BANK))[threat.id]
    by_rule = {alert.rule: alert for alert in found}
    assert set(by_rule) == {"lawsuit", "amount-large"}
    span = by_rule["lawsuit"].evidence.span
    assert span is not None
    assert span.cut(LAWSUIT) == LAWSUIT
    (event,) = await raised(database, threat.id)
    assert event["actor"] == "system"
    assert event["version"] is None if "version" in event else True
    assert "起诉" not in str(event)
    await clean(database)


async def test_looking_again_changes_nothing(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = [*alike(6, seed=3), *random_vectors(10, seed=4)]
    cases = [filed(n, days=20 - n, narrative=f"{LAWSUIT} {n}") for n in range(16)]
    await load(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)])
    before = await snapshot(database)
    works = escalator(database)
    await works.escalate([case.id for case in cases])
    assert (await works.escalate_due(NOW - timedelta(days=9))).alerts == ()
    assert await snapshot(database) == before


async def test_a_group_is_raised_at_the_complaint_that_completes_it(
    database: Database, tiny: EmbeddingSpace
) -> None:
    others = random_vectors(30, seed=5)
    await load(
        database, [with_vector(filed(100 + n, days=300 - 9 * n), others[n]) for n in range(30)]
    )
    vectors = alike(7, seed=6)
    works = escalator(database)
    for n, vector in enumerate(vectors):
        case = filed(n, days=10 - n)
        await put(database, [with_vector(case, vector)])
        await works.follow_up([case.id])
        assert len(await groups(database)) == (n >= 4)
    (event,) = await groups(database)
    cases = [filed(n, days=10 - n) for n in range(7)]
    assert event.covers == tuple(case.id for case in cases)
    assert event.at == cases[4].received.at
    assert event.evidence.group is not None
    assert event.evidence.group.customers == 5
    for case in cases:
        assert await level_of(database, case.id) == ("RED", "RED")
        assert len(await raised(database, case.id)) == 1
    await clean(database)


async def test_a_complaint_near_only_a_part_of_a_group_completes_it(
    database: Database, tiny: EmbeddingSpace
) -> None:
    """The first and the last are far from one another, the three between are near both."""
    angles = np.radians([-22, -1, 0, 1, 22])
    vectors = [np.array([np.cos(a), np.sin(a), *[0.0] * 14]) for a in angles]
    assert vectors[0] @ vectors[-1] < 0.8
    cases = [filed(n, days=9 - n) for n in range(5)]
    prepared = [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)]
    await load(database, prepared[:4])
    assert await groups(database) == []
    await load(database, prepared[4:])
    (event,) = await groups(database)
    assert event.covers == tuple(case.id for case in cases)
    raised = "MATCH (:Alert {id: $id})-[:RAISED_FOR]->(c:Complaint) RETURN c.id AS id"
    assert await database.read(raised, id=event.id) == [{"id": cases[4].id}]
    assert not any(case.id in event.id for case in cases)
    await clean(database)


async def test_one_customer_is_no_group(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = alike(8, seed=7)
    cases = [
        filed(
            n,
            days=30 - 3 * n,
            customer="same",
            status=CaseStatus.CLOSED,
            decisions=(
                Decision(1, OutcomeKind.EXPLAINED, decided_at=NOW - timedelta(days=28.5 - 3 * n)),
            ),
        )
        for n in range(8)
    ]
    await load(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)])
    assert await groups(database) == []
    found = await alerts(database, [cases[-1].id], WHOLE_BANK)
    assert {alert.rule for alert in found[cases[-1].id]} == {"repeat", "repeated"}
    await clean(database)


async def test_templates_are_flagged(database: Database, tiny: EmbeddingSpace) -> None:
    text = "本人系贵行信用卡用户，现就多收利息一事要求全额退还息费共{}元，限三日内答复。"
    vectors = alike(5, seed=8)
    cases = [filed(n, days=9 - n, narrative=text.format(n * 37)) for n in range(5)]
    await load(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)])
    (event,) = await groups(database)
    assert event.template


async def test_an_answered_case_keeps_its_level_but_not_in_a_group(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = alike(5, seed=9)
    closed = filed(50, days=40, narrative=LAWSUIT, status=CaseStatus.CLOSED)
    cases = [filed(n, days=9 - n, status=CaseStatus.CLOSED) for n in range(5)]
    prepared = [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)]
    await load(database, [*prepared, with_vector(closed, random_vectors(1, seed=1)[0])])
    assert await level_of(database, closed.id) == ("GREEN", "YELLOW")
    assert await level_of(database, cases[0].id) == ("RED", "RED")
    await clean(database)


async def test_the_order_of_rows_does_not_matter(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = [*alike(8, seed=10), *alike(6, seed=11), *random_vectors(30, seed=12)]
    prepared = [
        with_vector(
            filed(n, days=100 - 2 * n, channel=Channel.REGULATOR if n % 9 == 0 else Channel.WEB),
            vector,
        )
        for n, vector in enumerate(vectors)
    ]
    found = []
    for seed in range(3):
        await wipe(database)
        await create_space(database, tiny)
        await load(database, Random(seed).sample(prepared, len(prepared)))
        assert len(await groups(database)) >= 1
        rows = await snapshot(database)
        found.append([row for row in rows if "CaseEvent" not in row and "'Change'" not in row])
    assert found[0] == found[1] == found[2]


async def test_a_persons_level_is_not_overruled(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = alike(5, seed=13)
    case = filed(0, days=9, narrative=LAWSUIT)
    await load(database, [with_vector(case, vectors[0])])
    await database.run(
        "MATCH (c:Complaint {id: $id}) SET c.level = 'GREEN', c.levelBy = 'handler'", id=case.id
    )
    works = escalator(database)
    await works.escalate([case.id])
    assert await level_of(database, case.id) == ("GREEN", "YELLOW")
    rest = [with_vector(filed(n, days=9 - n), vectors[n]) for n in range(1, 5)]
    await load(database, rest)
    assert await level_of(database, case.id) == ("RED", "RED")


async def test_time_alone_raises_in_a_sweep_and_once(
    database: Database, tiny: EmbeddingSpace
) -> None:
    case = filed(1, days=20)
    answered = filed(2, days=20, status=CaseStatus.ANSWERED)
    vectors = random_vectors(2, seed=14)
    await load(
        database, [with_vector(c, v) for c, v in zip([case, answered], vectors, strict=True)]
    )
    assert await level_of(database, case.id) == ("GREEN", None)
    works = [escalator(database) for _ in range(4)]
    await notice_deadlines(database, NOW)
    await asyncio.gather(*(each.escalate_due(NOW) for each in works))
    assert await level_of(database, case.id) == ("YELLOW", "YELLOW")
    assert await level_of(database, answered.id) == ("GREEN", None)
    await asyncio.gather(*(each.escalate_due(NOW + timedelta(days=20)) for each in works))
    assert await level_of(database, case.id) == ("RED", "RED")
    assert [event["at"] for event in await raised(database, case.id)] == [
        case.due_at,
        case.due_at + timedelta(days=15) if case.due_at else None,
    ]
    await clean(database)


async def test_a_late_old_complaint_completes_the_group_of_those_after_it(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = alike(5, seed=15)
    await load(database, [with_vector(filed(n, days=9 - n), vectors[n]) for n in range(4)])
    assert await groups(database) == []
    late = filed(4, days=20)
    await put(database, [with_vector(late, vectors[4])])
    await escalator(database).follow_up([late.id])
    (event,) = await groups(database)
    assert event.size == 5


async def test_a_calm_complaint_costs_few_statements(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = random_vectors(40, seed=16)
    await load(database, [with_vector(filed(n, days=50 - n), vectors[n]) for n in range(39)])
    last = filed(39, days=1)
    await put(database, [with_vector(last, vectors[39])])
    with metered() as meter:
        await escalator(database).follow_up([last.id])
    assert meter.statements <= 15


async def test_one_detection_serves_all_who_register_at_the_same_moment(
    database: Database, tiny: EmbeddingSpace
) -> None:
    """Each of them is near others whom no event covers yet, and must not be compared at length."""
    vectors = alike(20, seed=17)
    cases = [filed(n, days=20 - n if n < 6 else 1 - n / 100) for n in range(20)]
    await load(database, [with_vector(cases[n], vectors[n]) for n in range(6)])
    assert [event.size for event in await groups(database)] == [6]
    await put(database, [with_vector(cases[n], vectors[n]) for n in range(6, 20)])
    works = escalator(database)
    assert works.criteria is not None
    with metered() as meter:
        found = await detect(database.read, works.criteria, [(cases[19].id, cases[19].received.at)])
    assert meter.statements <= 5
    (event,) = found.events()
    assert event.added == {each.id for each in cases[6:]}
    await works.follow_up([cases[19].id])
    assert [event.size for event in await groups(database)] == [20]
    await link_everything(database)
    while await works.escalate_next():
        pass
    assert [event.size for event in await groups(database)] == [20]
    await clean(database)


async def test_who_turns_out_to_be_a_duplicate_while_a_group_is_sought_is_left_out(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = alike(5, seed=18)
    cases = [filed(n, days=9 - n) for n in range(5)]
    await put(database, [with_vector(each, vectors[n]) for n, each in enumerate(cases)])
    criteria = escalator(database).criteria
    assert criteria is not None
    found = await neighbourhoods(
        database.read, criteria, [(each.id, each.received.at) for each in cases]
    )
    await database.run("MATCH (c:Complaint {id: $id}) SET c.duplicate = true", id=cases[4].id)
    past = await with_past(database.read, criteria, list(found.values()))
    assert {each.centre.id for each, _ in past} == {each.id for each in cases[:4]}


async def test_a_group_completed_by_two_processes_at_the_same_moment_is_raised_once(
    database: Database, tiny: EmbeddingSpace, neo4j_engine: Connection
) -> None:
    rounds = 6
    for group in range(rounds):
        vectors = alike(THERE + EACH, seed=group)
        there = [
            with_vector(filed(100 * group + n, days=apart(group) + 5 - n), vectors[n])
            for n in range(THERE)
        ]
        await load(database, there)
    assert await groups(database) == []
    start = time.time() + 8
    racers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.ingest.escalation.racer", neo4j_engine.uri,
            neo4j_engine.user, neo4j_engine.password, str(me), str(rounds), str(start),
            stderr=asyncio.subprocess.PIPE,
        )
        for me in range(EACH)
    ]  # fmt: skip
    for racer in racers:
        _, errors = await asyncio.wait_for(racer.communicate(), timeout=300)
        assert racer.returncode == 0, errors.decode()
    found = await groups(database)
    assert len(found) == rounds
    assert {event.size for event in found} == {THERE + EACH}
    rows = await database.read(
        "MATCH (c:Complaint) RETURN c.level AS level, "
        "COUNT { (c)-[:HAS_EVENT]->({kind: 'LEVEL_RAISED'}) } AS events"
    )
    assert {(row["level"], row["events"]) for row in rows} == {(Level.RED, 1)}
    # Those that came late have marked the later ones.
    await link_everything(database)
    await clean(database)
