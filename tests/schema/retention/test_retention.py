"""Closed cases lose what they say of people when their time is over; figures stay as they were."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from api.background import retain
from graph.commands.corrections import Correction
from graph.commands.person import HeldError, erase
from graph.consistency import check
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.enums import CaseStatus
from graph.domain.retention import RetentionTerms
from graph.errors import ConfigurationError, ConflictError
from graph.queries import retention
from ingest.record import IncomingComplaint
from ingest.retention import NOTE, end_retention
from tests.support.bank import LOAN, START, Bank, bank_records

pytestmark = pytest.mark.graph

#: Closed so long ago that some of the bank's cases are due and some are not.
DAYS = (datetime.now(UTC) - START).days - 70
TERMS = RetentionTerms(days=DAYS, of_products={LOAN.code: DAYS + 50, "CARD": DAYS - 20})
_CASES = """
CYPHER 25
MATCH (c:Complaint)
RETURN c.sourceId AS number, c.id AS id, c.narrative AS text, coalesce(c.erased, false) AS erased,
  EXISTS { (c)-[:FILED_WITH]->() } AS known,
  COLLECT { MATCH (c)-[:HAS_EVENT]->(e {kind: 'ERASED'})-[:HAS_TEXT]->(t)
            RETURN [e.actor, t.note] } AS why
"""
_FIGURES = """
CYPHER 25
MATCH (c:Complaint) OPTIONAL MATCH (c)-[:RESOLVED_BY]->(r:Resolution)
RETURN c.status AS status, c.productCode AS product, c.level AS level, r.outcome AS outcome,
  count(*) AS cases, sum(c.amount) AS amount, min(c.receivedAt) AS first, max(r.decidedAt) AS last
ORDER BY status, product, level, outcome
"""


def time_is_over(record: IncomingComplaint, now: datetime, held: frozenset[str]) -> bool:
    """The definition, in plain Python."""
    if record.status is not CaseStatus.CLOSED or record.customer is None:
        return False
    if record.customer.identifiers[0][1] in held:
        return False
    own = [TERMS.of_products[e.code] for e in record.product if e.code in TERMS.of_products]
    days = max(own, default=DAYS)
    return record.decisions[0].at < now - timedelta(days=days)


async def test_cases_whose_time_is_over_are_due_and_erased_once(bank: Bank) -> None:
    database, people = bank.services.database, bank.services.people
    now = datetime.now(UTC)
    records = {str(record.source_id): record for record in bank_records()}
    first = next(number for number, each in records.items() if time_is_over(each, now, frozenset()))
    customer = records[first].customer
    assert customer is not None
    held = frozenset({customer.identifiers[0][1]})
    (one,) = [row["id"] for row in await database.read(_CASES) if row["number"] == first]
    await people.hold([one], Correction("judge", now, "a court asks"), held=True)
    cases = {row["id"]: row for row in await database.read(_CASES)}
    expected = {number for number, each in records.items() if time_is_over(each, now, held)}
    assert 5 < len(expected) < len(records) - 5
    assert first not in expected
    due = await retention.due(database, TERMS, now, most=1_000)
    assert {cases[identity]["number"] for identity in due} == expected
    assert await retention.due(database, TERMS, now, most=3) == due[:3]
    counted = await retention.counts(database, TERMS, now)
    assert sum(counted.values()) == len(expected)

    figures = await database.read(_FIGURES)
    known = (await check(database)).counts
    assert await end_retention(database, people, TERMS) == len(expected)
    assert await database.read(_FIGURES) == figures
    # The neighbours of what is gone are linked anew, as after any change.
    await bank.services.pipeline.backlog.drain()
    assert (await check(database)).counts == known
    for row in await database.read(_CASES):
        before = cases[row["id"]]
        if row["number"] in expected:
            assert row["erased"]
            assert (row["text"], row["known"]) == (None, False)
            assert row["why"] == [[SYSTEM_ACTOR, NOTE]]
        else:
            assert row == before
    assert await end_retention(database, people, TERMS) == 0

    # What was held is due when the hold is lifted; the service does it by itself.
    await people.hold([one], Correction("judge", now, "it is over"), held=False)
    privacy = bank.services.settings.privacy.model_copy(
        update={"retention_days": TERMS.days, "retention_by_product": dict(TERMS.of_products)}
    )
    settings = bank.services.settings.model_copy(update={"privacy": privacy})
    running = asyncio.create_task(retain(replace(bank.services, settings=settings)))
    while await retention.due(database, TERMS, now, most=1):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    (own,) = [row for row in await database.read(_CASES) if row["number"] == first]
    assert own["erased"]


async def test_a_case_that_was_opened_again_is_kept(bank: Bank) -> None:
    database, keyring = bank.services.database, bank.services.keyring
    (row,) = await database.read(
        "MATCH (c:Complaint {status: 'INVESTIGATING'}) RETURN c.id AS id ORDER BY id LIMIT 1"
    )
    correction = Correction(SYSTEM_ACTOR, datetime.now(UTC), NOTE)
    with pytest.raises(ConflictError, match="opened again") as raised:
        await erase(database, [row["id"]], correction, keyring, closed=True)
    assert not isinstance(raised.value, HeldError)


async def test_a_product_that_is_none_keeps_everything(bank: Bank) -> None:
    """A slip in its code would let shorter days count."""
    terms = RetentionTerms(days=30, of_products={"LAON": 10_000})
    database, people = bank.services.database, bank.services.people
    left = "MATCH (c:Complaint) WHERE c.erased IS NULL RETURN count(*) AS n"
    before = await database.read(left)
    assert before[0]["n"] > 0
    with pytest.raises(ConfigurationError, match="names LAON"):
        await end_retention(database, people, terms)
    # The service says so, and goes on.
    privacy = bank.services.settings.privacy.model_copy(
        update={"retention_days": 30, "retention_by_product": dict(terms.of_products)}
    )
    settings = bank.services.settings.model_copy(update={"privacy": privacy})
    with capture_logs() as lines:
        running = asyncio.create_task(retain(replace(bank.services, settings=settings)))
        while not lines:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert "LAON" in lines[0]["reason"]
    assert await database.read(left) == before


async def test_without_terms_everything_is_kept(bank: Bank) -> None:
    database, now = bank.services.database, datetime.now(UTC)
    never = RetentionTerms()
    assert (never.used, await retention.due(database, never, now, most=9)) == (False, [])
    assert await retention.counts(database, never, now) == {}
    assert await end_retention(database, bank.services.people, never) == 0
