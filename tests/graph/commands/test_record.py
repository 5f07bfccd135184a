"""Every property of the complaint's table on a real graph: who may change it, and who may not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.commands.corrections import Correction
from graph.commands.deadlines import notice_deadlines
from graph.commands.desk import StepRequest, take_step
from graph.commands.escalation import Alert, raise_alerts
from graph.commands.locks import Kind as Locks
from graph.commands.locks import lock
from graph.commands.person import hold
from graph.consistency import check
from graph.database import Database, Row
from graph.domain.case import Attribution, Case, CustomerFacts, Decision, Handling
from graph.domain.catalogue import chain
from graph.domain.desk import (
    Answer,
    Classify,
    Close,
    DeskStep,
    Dispatch,
    Extend,
    Investigate,
    Pause,
    Propose,
    Reopen,
    RequestReview,
    Review,
    SetLevel,
    Taking,
)
from graph.domain.enums import (
    AmountBand,
    AttributionSource,
    CaseStatus,
    CatalogueKind,
    Chain,
    Channel,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    RuleKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.evidence import Evidence
from graph.domain.moments import Moment
from graph.domain.money import Money
from graph.domain.record import REDACTED, TABLE, Kind, Owner, Property
from graph.domain.spaces import VECTORS, EmbeddingSpace
from graph.queries.history import case_as_of
from tests.support.graph import KEYRING, NOW, case, put, random_vectors, with_vector

pytestmark = pytest.mark.graph

PRODUCTS = chain(CatalogueKind.PRODUCT, "Card", "Credit card")
BRANCHES = chain(CatalogueKind.BRANCH, "Bank", "North")
CAUSES = chain(CatalogueKind.ROOT_CAUSE, "Fees", "Hidden fee")
DESKS = [*chain(CatalogueKind.DEPARTMENT, "Cards"), *chain(CatalogueKind.DEPARTMENT, "Law")]
CATALOGUE = [*PRODUCTS, *BRANCHES, *CAUSES, *DESKS]
ANNA = Taking(NOW, "anna")
#: They say which row it is, or are made of what does.
_IDENTITY = {"id", "sourceSystem", "sourceId"}


def first(number: int) -> Case:
    """A case that says something of everything."""
    return case(
        number,
        subject="fee",
        language="en",
        occurred_at=NOW - timedelta(days=600),
        nature=Nature.COMPLAINT,
        type="FEE_DISPUTE",
        severity=Severity.MINOR,
        urgency=Urgency.LOW,
        risk_types=("COMPLIANCE",),
        timeliness=Timeliness.IMMEDIATE,
        amount=Money(100, "CNY"),
        amount_band=AmountBand.SMALL,
        assignee="ann",
        product=PRODUCTS[0].code,
        branch=BRANCHES[0].code,
        handling=(Handling(DESKS[0].code),),
        causes=(Attribution(CAUSES[0].code, AttributionSource.IMPORTED),),
        customer=_customer(number),
    )


def second(number: int, source: int) -> Case:
    """A case that says something else of everything."""
    received = Moment(NOW - timedelta(days=400), TimePrecision.DAY)
    return case(
        source,
        content_hash="other",
        reference=f"OTHER-{number}",
        channel=Channel.LETTER,
        status=CaseStatus.CLOSED,
        received=received,
        level=Level.YELLOW,
        subject="loan",
        narrative=f"something else about a loan {number}",
        language="zh",
        occurred_at=NOW - timedelta(days=500),
        nature=Nature.ENQUIRY,
        type="SERVICE_PROCESS",
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        risk_types=("FUNDS",),
        timeliness=Timeliness.DELAYED,
        amount=Money(99_900, "USD"),
        amount_band=AmountBand.LARGE,
        vulnerable=True,
        due_at=NOW + timedelta(days=30),
        due_soon_at=NOW + timedelta(days=29),
        first_due_at=NOW + timedelta(days=28),
        assignee="ben",
        product=PRODUCTS[1].code,
        branch=BRANCHES[1].code,
        handling=(Handling(DESKS[1].code),),
        causes=(Attribution(CAUSES[1].code, AttributionSource.IMPORTED),),
        customer=_customer(1000 + source),
        decisions=(
            Decision(1, OutcomeKind.UPHELD, decided_at=NOW - timedelta(days=9)),
            Decision(2, OutcomeKind.NOT_UPHELD, decided_at=NOW - timedelta(days=5)),
        ),
    )


def _customer(number: int) -> CustomerFacts:
    return CustomerFacts((("MOBILE", KEYRING.identifier("MOBILE", f"1381{number:07d}")),))


async def walk(database: Database, identity: str, *steps: DeskStep) -> None:
    for version, step in enumerate(steps, start=1):
        await take_step(database, StepRequest(identity, version, step), ANNA)


async def raised(database: Database, identity: str, level: Level, rule: str = "press") -> None:
    alert = Alert(
        id=f"{identity}.{rule}",
        kind=RuleKind.THREAT,
        rule=rule,
        level=level,
        chain=Chain.SPECIALIST,
        at=NOW,
        evidence=Evidence().to_json(),
        raised_for=identity,
    )

    async def work(transaction: Any) -> None:
        await lock(transaction, Locks.COMPLAINT, [identity])
        await raise_alerts(transaction, [alert], NOW)

    await database.write(work)


async def nodes(database: Database, ids: list[str]) -> list[Row]:
    rows = await database.read("MATCH (c:Complaint) WHERE c.id IN $ids RETURN c {.*} AS c", ids=ids)
    by_id = {row["c"]["id"]: row["c"] for row in rows}
    return [by_id[identity] for identity in ids]


AT_THE_DESK: tuple[DeskStep, ...] = (
    Classify(product=PRODUCTS[0].code, complex_case=True),
    Dispatch(DESKS[0].code, assignee="anna"),
    Investigate(),
    Extend(5, "outside report"),
    Propose(OutcomeKind.UPHELD, RemedyKind.MONETARY, Money(5, "CNY")),
    SetLevel(Level.YELLOW, "the press has called"),
    Pause("police report"),
)
#: Within business hours of a working day.
OWN_DATE = datetime(2026, 6, 15, 3, tzinfo=UTC)
ENDED: tuple[DeskStep, ...] = (
    Classify(),
    Dispatch(DESKS[0].code),
    Investigate(),
    Answer(outcome=OutcomeKind.UPHELD),
    Close(),
    RequestReview(),
    Review(confirmed=True),
)


async def test_a_re_import_changes_what_is_the_source_s_and_nothing_else(
    database: Database, tiny: EmbeddingSpace
) -> None:
    """For every property: what came of it is what a new case would say, or what stood there."""
    vectors = random_vectors(10, seed=1)
    every = [first(number) for number in range(5)]
    _, worked, ended, raised_by_rules, reopened = every
    await put(database, [with_vector(c, vectors[n]) for n, c in enumerate(every)], CATALOGUE)
    ids = [each.id for each in every]
    await walk(database, worked.id, *AT_THE_DESK)
    await walk(database, ended.id, *ENDED)
    await walk(database, reopened.id, *ENDED[:-2], Reopen("came back", OWN_DATE))
    await raised(database, raised_by_rules.id, Level.RED)
    await notice_deadlines(database, NOW)
    await hold(database, [worked.id], Correction("anna", NOW, "a court asks"), held=True)
    before = await nodes(database, ids)
    fresh = [second(n, source) for n, source in enumerate((10, 11, 12, 13, 14))]
    again = [
        replace(second(n, source), reference=f"AGAIN-{n}") for n, source in enumerate(range(5))
    ]
    for some in (fresh, again):
        await put(database, [with_vector(c, vectors[5 + n]) for n, c in enumerate(some)], CATALOGUE)
    new, after = await nodes(database, [c.id for c in fresh]), await nodes(database, ids)
    for each in TABLE:
        if each.owner is Owner.SERVICE or each.name in _IDENTITY | {
            "reference",
            "referenceKey",
            "customerId",
        }:
            continue
        for old, now, other in zip(before, after, new, strict=True):
            assert _same(now.get(each.name), _expected(each, old, other)), (
                each.name,
                old.get("worked"),
            )
    assert [row["reference"] for row in after] == [each.reference for each in again]
    # The test would say nothing of a property that is everywhere the same.
    for each in TABLE:
        if each.owner in {Owner.SOURCE, Owner.DESK, Owner.RULES} and each.name not in _IDENTITY:
            told = {repr(row.get(each.name)) for row in [*before, *new]}
            # Of what was taken out, erased or masked again other tests tell.
            assert len(told) > 1 or each.name in {REDACTED, "erased", "maskVersion"}, each.name
    report = await check(database)
    assert {finding.kind for finding in report.examples} <= {"links"}


def _expected(each: Property, old: Row, other: Row) -> Any:
    if each.name == "level" and not old.get("worked") and old.get("ruleLevel"):
        return old["level"]  # what raised it before still does
    if each.name == "dueNotice" and old.get("dueAt") != other.get("dueAt"):
        return old.get(each.name) if old.get("worked") else None  # it was of another date
    if each.owner is Owner.SOURCE:
        return old.get(each.name) if each.kept and old.get(each.kept) else other.get(each.name)
    if each.owner is Owner.DERIVED:
        return ...
    return old.get(each.name)


def _same(value: Any, expected: Any) -> bool:
    return expected is ... or value == expected


async def test_nothing_stands_on_a_complaint_that_is_not_declared(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [with_vector(first(0), random_vectors(1, seed=2)[0])], CATALOGUE)
    await walk(database, first(0).id, *AT_THE_DESK)
    await raised(database, first(0).id, Level.RED)
    (found,) = await nodes(database, [first(0).id])
    names = {name for name in found if not name.startswith(VECTORS)}
    assert names <= {each.name for each in TABLE}
    flags = {each.name for each in TABLE if each.kind is Kind.FLAG}
    assert all(isinstance(found[name], bool) for name in names & flags)


async def test_the_level_of_the_rules_is_known_of_any_time(database: Database) -> None:
    """Of a case that they raised, and of one whose own level stayed: a person had set it."""
    open_, set_ = first(0), first(1)
    await put(database, [open_, set_], CATALOGUE)
    await walk(database, set_.id, SetLevel(Level.RED, "the press has called"))
    for one in (open_, set_):
        await raised(database, one.id, Level.YELLOW, "amount")
        await raised(database, one.id, Level.RED)
    for one in (open_, set_):
        (node,) = await nodes(database, [one.id])
        assert (node["level"], node["ruleLevel"]) == ("RED", "RED")
        past = await case_as_of(database, one.id, NOW)
        assert past is not None
        assert (past.level, past.course.rule_level) == (Level.RED, Level.RED)
        assert past.course.level_by == node.get("levelBy")
    report = await check(database)
    assert report.examples == []
    await database.run("MATCH (c:Complaint {id: $id}) SET c.ruleLevel = 'YELLOW'", id=open_.id)
    assert [finding.detail for finding in (await check(database)).examples] == ["ruleLevel"]
