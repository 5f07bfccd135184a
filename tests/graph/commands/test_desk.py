"""Steps on a real graph: relations, copies, decision and event together, or nothing at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from graph.commands.deadlines import notice_deadlines
from graph.commands.desk import StepRequest, Taken, take_step
from graph.commands.requests import KEPT, RequestKey, forget_expired
from graph.commands.versioned import StaleVersionError
from graph.consistency import check
from graph.database import Database, Row
from graph.domain.case import Attribution
from graph.domain.catalogue import chain
from graph.domain.desk import (
    Agree,
    Answer,
    Assign,
    AttributeCauses,
    Classify,
    Close,
    CorrectClassification,
    DeskStep,
    Dispatch,
    Extend,
    Investigate,
    Pause,
    Propose,
    RecordFeedback,
    Refuse,
    Reopen,
    RequestReview,
    Resume,
    Review,
    SetLevel,
    Taking,
    Transfer,
    Withdraw,
)
from graph.domain.enums import AttributionSource, CatalogueKind, EventKind, Level, OutcomeKind
from graph.domain.lifecycle import StepNotAllowedError
from graph.domain.money import Money
from graph.errors import ConflictError, InvalidInputError, NotFoundError, UnknownCodeError
from tests.support.graph import KEYRING, NOW, case, put, snapshot

pytestmark = pytest.mark.graph

PRODUCTS = chain(CatalogueKind.PRODUCT, "Card", "Credit card")
CAUSES = chain(CatalogueKind.ROOT_CAUSE, "Fees", "Hidden fee")
DESKS = [*chain(CatalogueKind.DEPARTMENT, "Cards"), *chain(CatalogueKind.DEPARTMENT, "Law")]
CATALOGUE = [*PRODUCTS, *CAUSES, *DESKS]
CARDS, LAW = (desk.code for desk in DESKS)
CAUSE = Attribution(CAUSES[-1].code, AttributionSource.CONFIRMED, share=0.5)
TAKING = Taking(NOW, "anna")


async def make(database: Database, *numbers: int) -> list[str]:
    cases = [case(number) for number in numbers]
    await put(database, cases, CATALOGUE)
    return [each.id for each in cases]


async def take(database: Database, identity: str, version: int, step: DeskStep) -> Taken:
    return await take_step(database, StepRequest(identity, version, step), TAKING)


async def walk(database: Database, identity: str, *steps: DeskStep) -> None:
    """Take steps one after the other from version 1."""
    for version, step in enumerate(steps, start=1):
        await take(database, identity, version, step)


async def node(database: Database, identity: str) -> Row:
    rows = await database.read("MATCH (c:Complaint {id: $id}) RETURN c {.*} AS c", id=identity)
    found: Row = rows[0]["c"]
    return found


async def kinds(database: Database, identity: str) -> list[str]:
    rows = await database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_EVENT]->(e) RETURN e.kind AS kind ORDER BY e.seq",
        id=identity,
    )
    return [row["kind"] for row in rows]


async def nothing_disagrees(database: Database) -> None:
    report = await check(database)
    assert report.examples == []


def whole_way() -> list[DeskStep]:
    """From registration over a review to a second, withdrawn round; every step is in it."""
    return [
        Classify(type="FEE_DISPUTE", product=PRODUCTS[-1].code, complex_case=True),
        CorrectClassification(amount=Money(9_900, "CNY"), risk_types=("COMPLIANCE",)),
        Dispatch(CARDS, (LAW,), assignee="anna", note="please hurry"),
        Transfer(LAW),
        Assign("ben"),
        Investigate(),
        Pause("police report"),
        Resume(),
        Extend(10, "outside report"),
        Propose(OutcomeKind.PARTLY_UPHELD, compensation=Money(5_000, "CNY")),
        Refuse(),
        Propose(OutcomeKind.UPHELD, compensation=Money(9_900, "CNY")),
        Agree(),
        SetLevel(Level.YELLOW, "the press has called"),
        Answer(causes=(CAUSE,), summary="we are sorry"),
        RecordFeedback(4),
        Close(),
        RequestReview(),
        Review(confirmed=False),
        AttributeCauses((CAUSE,)),
        Reopen(),
        Withdraw("settled elsewhere"),
    ]


async def test_the_whole_way_agrees_with_its_events(database: Database) -> None:
    (identity,) = await make(database, 1)
    steps = whole_way()
    assert len({type(step) for step in steps}) == 21  # all of them
    await walk(database, identity, *steps)
    own = await node(database, identity)
    assert (own["status"], own["round"], own["version"]) == ("WITHDRAWN", 2, len(steps) + 1)
    assert own["departmentCodes"] == [LAW]
    assert own["rootCauseCodes"] == sorted(entry.code for entry in CAUSES)
    assert own["decided"] is True
    rows = await database.read(
        "MATCH (:Complaint {id: $id})-[:RESOLVED_BY]->(r) RETURN r {.*} AS r ORDER BY r.round",
        id=identity,
    )
    first, second = (row["r"] for row in rows)
    assert (first["outcome"], first["compensationMinor"], first["satisfaction"]) == (
        "UPHELD",
        9_900,
        4,
    )
    assert second["outcome"] == "WITHDRAWN"
    assert len(await kinds(database, identity)) == len(steps) + 1
    await nothing_disagrees(database)


async def test_events_hold_no_text(database: Database) -> None:
    (identity,) = await make(database, 1)
    await walk(database, identity, Classify(note="the customer cried"))
    rows = await database.read(
        "MATCH (:Complaint {id: $id})-[:HAS_EVENT]->(e)-[:HAS_TEXT]->(t) "
        "RETURN e {.*} AS e, t.note AS note ORDER BY e.seq DESC LIMIT 1",
        id=identity,
    )
    assert rows[0]["note"] == "the customer cried"
    assert "cried" not in repr(rows[0]["e"])


REFUSED: list[tuple[int, DeskStep, type[Exception]]] = [
    (1, Answer(OutcomeKind.UPHELD), StepNotAllowedError),
    (1, Close(), StepNotAllowedError),
    (2, Classify(), StaleVersionError),
    (1, Classify(product="no-such-product"), UnknownCodeError),
    (1, Extend(31, "long"), InvalidInputError),
    (1, Resume(), StepNotAllowedError),
]


@pytest.mark.parametrize(("version", "step", "error"), REFUSED)
async def test_what_is_refused_changes_nothing(
    database: Database, version: int, step: DeskStep, error: type[Exception]
) -> None:
    (identity,) = await make(database, 1)
    before = await snapshot(database)
    with pytest.raises(error):
        await take(database, identity, version, step)
    assert await snapshot(database) == before


async def test_a_step_is_taken_once(database: Database) -> None:
    (identity,) = await make(database, 1)
    await walk(database, identity, Classify())
    with pytest.raises(StepNotAllowedError, match=r"takes .*DISPATCH"):
        await take(database, identity, 2, Classify())


async def test_an_unknown_complaint_is_told(database: Database) -> None:
    with pytest.raises(NotFoundError):
        await take(database, "nobody", 1, Close())


async def test_a_stale_form_is_told_what_changed(database: Database) -> None:
    (identity,) = await make(database, 1)
    await walk(database, identity, Classify(), Dispatch(CARDS))
    with pytest.raises(StaleVersionError) as refusal:
        await take(database, identity, 1, Classify())
    assert [change.kind for change in refusal.value.changes] == [
        EventKind.CLASSIFIED,
        EventKind.DISPATCHED,
    ]
    assert "CLASSIFIED by anna; DISPATCHED by anna" in refusal.value.message


async def test_what_the_system_does_leaves_forms_fresh(database: Database) -> None:
    (identity,) = await make(database, 1)
    assert await notice_deadlines(database, NOW) == [identity]
    await take(database, identity, 1, Classify())
    assert await kinds(database, identity) == ["REGISTERED", "OVERDUE", "CLASSIFIED"]
    await nothing_disagrees(database)


def keyed(number: int, content: str = "same") -> RequestKey:
    return RequestKey("anna", "step", str(UUID(int=number)), KEYRING.content_hash(content))


async def test_a_retry_acts_once(database: Database) -> None:
    (identity,) = await make(database, 1)
    request = StepRequest(identity, 1, Classify(), keyed(1))
    taken = [await take_step(database, request, TAKING) for _ in range(3)]
    assert [each.acted for each in taken] == [True, False, False]
    assert await kinds(database, identity) == ["REGISTERED", "CLASSIFIED"]
    other = StepRequest(identity, 2, Dispatch(LAW), keyed(1, "another"))
    with pytest.raises(ConflictError, match="another input"):
        await take_step(database, other, TAKING)


async def test_a_key_is_forgotten_after_seven_days(database: Database) -> None:
    one, two = await make(database, 1, 2)
    await take_step(database, StepRequest(one, 1, Classify(), keyed(1)), TAKING)
    later = replace(TAKING, now=TAKING.now + KEPT)
    other = StepRequest(two, 1, Classify(), keyed(1, "another"))
    assert (await take_step(database, other, later)).acted

    keys = "MATCH (r:Request) RETURN r.payload AS payload"
    assert await forget_expired(database, later.now) == 0
    assert [two in row["payload"] for row in await database.read(keys)] == [True]
    assert await forget_expired(database, later.now + KEPT + timedelta(seconds=1)) == 1
    assert await database.read(keys) == []


async def test_a_refused_request_may_be_mended_under_its_key(database: Database) -> None:
    (identity,) = await make(database, 1)
    with pytest.raises(StaleVersionError, match="no version 9 of it yet"):
        await take_step(database, StepRequest(identity, 9, Classify(), keyed(1)), TAKING)
    taken = await take_step(database, StepRequest(identity, 1, Classify(), keyed(1)), TAKING)
    assert taken.acted


async def test_of_two_at_once_one_is_stale(database: Database) -> None:
    identities = await make(database, *range(10))
    results = await asyncio.gather(
        *(
            take(database, identity, 1, Classify(type=kind))
            for identity in identities
            for kind in ("FRAUD", "FEE_DISPUTE")
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Taken) for result in results) == 10
    assert sum(isinstance(result, StaleVersionError) for result in results) == 10
    await nothing_disagrees(database)


async def test_many_sweeps_notice_once(database: Database) -> None:
    identities = await make(database, *range(300, 330))
    now = NOW + timedelta(days=400)
    found = await asyncio.gather(*(notice_deadlines(database, now) for _ in range(4)))
    assert sorted(identity for some in found for identity in some) == sorted(identities)
    assert await notice_deadlines(database, now) == []
    for identity in identities:
        assert await kinds(database, identity) == ["REGISTERED", "OVERDUE"]
    await nothing_disagrees(database)


async def test_due_soon_then_overdue_then_extended(database: Database) -> None:
    (identity,) = await make(database, 1)
    due = (await node(database, identity))["dueAt"]
    soon = due - timedelta(days=2)
    early = due - timedelta(days=4)
    for now, expected in ((early, []), (soon, ["DUE_SOON"]), (soon, ["DUE_SOON"])):
        await notice_deadlines(database, now)
        assert (await kinds(database, identity))[1:] == expected
    await notice_deadlines(database, due)
    await take(database, identity, 1, Extend(10, "outside report"))
    await notice_deadlines(database, due + timedelta(days=1))
    assert (await kinds(database, identity))[1:] == ["DUE_SOON", "OVERDUE", "DEADLINE_EXTENDED"]
    await notice_deadlines(database, due + timedelta(days=8))
    assert (await kinds(database, identity))[-1] == "DUE_SOON"
    await nothing_disagrees(database)


async def test_paused_and_answered_cases_are_not_due(database: Database) -> None:
    paused, withdrawn = await make(database, 1, 2)
    await take(database, paused, 1, Pause("police"))
    await take(database, withdrawn, 1, Withdraw())
    assert await notice_deadlines(database, NOW + timedelta(days=900)) == []


async def test_a_source_does_not_undo_the_desk(database: Database) -> None:
    """The source sends its row again with another text: the people's work stays."""
    (identity,) = await make(database, 1)
    await walk(
        database,
        identity,
        Classify(type="FRAUD", product=PRODUCTS[-1].code),
        Dispatch(CARDS, assignee="anna"),
        Investigate(),
        Answer(OutcomeKind.UPHELD, causes=(CAUSE,), summary="sorry"),
    )
    before = await node(database, identity)
    await put(database, [case(1, narrative="another text", content_hash="other")], CATALOGUE)
    after = await node(database, identity)
    assert after["narrative"] == "another text"
    same = ("status", "type", "productCode", "departmentCodes", "causeCodes", "assignee")
    assert {key: after.get(key) for key in same} == {key: before.get(key) for key in same}
    await nothing_disagrees(database)


async def test_random_walks_agree(database: Database) -> None:
    identities = await make(database, *range(6))
    random = Random(7)
    versions = dict.fromkeys(identities, 1)
    refused = 0
    for _ in range(300):
        identity = random.choice(identities)
        step: Any = random.choice(whole_way())
        try:
            await take(database, identity, versions[identity], step)
        except (ConflictError, InvalidInputError):
            refused += 1
            continue
        versions[identity] += 1
    assert 0 < refused < 300
    for identity, version in versions.items():
        assert (await node(database, identity))["version"] == version
    await nothing_disagrees(database)
