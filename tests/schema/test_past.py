"""`complaint(at:)`: the case as the bank knew it then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.domain.enums import CaseStatus, EventKind
from ingest.record import IncomingComplaint
from schema.ids import NodeKind, global_id
from tests.schema.desk.test_steps import registered, taken
from tests.support.bank import Bank, bank_records, load
from tests.support.events import happen
from tests.support.graphql import ask, refused

pytestmark = pytest.mark.graph

FIELDS = """
  id reference status level version narrative subject channel decided decidedAt recordedAt overdue
  receivedAt dueAt assignee amount { value currency } type { code } riskTypes { code }
  product { code } branch { code } department { code } handledBy { role department { code } }
  customer { id } resolution { outcome summary } resolutions { round outcome }
  rootCauses { source rootCause { code } } events { nodes { kind seq } }
  sourceSystem sourceId language ruleLevel nature severity urgency timeliness receivedPrecision
  occurredAt
  amountBand vulnerable
  course { round allowedSteps { step mutation noteNeeded } dueSoonAt answeredAt closedAt complex
    extendedDays pausedAt
    reviewConfirmed classifiedBy ruleLevel levelBy
    proposal { outcome remedy compensation { value } } }
"""
NOW = f"query ($reference: String!) {{ complaint(reference: $reference) {{ {FIELDS} }} }}"
THEN = f"""query ($reference: String!, $at: DateTime!) {{
  complaint(reference: $reference, at: $at) {{ {FIELDS} }} }}"""
NOT_KEPT = """query ($reference: String!, $at: DateTime) {
  complaint(reference: $reference, at: $at) {
    similar { score } precedents { score } duplicates { id } repeats { id }
    customerHistory { id } branchRecent { id } rootCauseCandidates { confidence }
    guidance { code } } }"""


def now() -> str:
    return datetime.now(UTC).isoformat()


def record(source_id: str, **changes: Any) -> IncomingComplaint:
    """A decided complaint with everything, under an id of its own."""
    return replace(bank_records()[4], source_id=source_id, **changes)


async def found(bank: Bank, query: str, reference: str, **variables: Any) -> dict[str, Any]:
    data = await ask(bank.services, query, reference=reference, **variables)
    complaint: dict[str, Any] = data["complaint"]
    return complaint


async def test_today_s_case_is_rebuilt_from_its_events(bank: Bank) -> None:
    """Whatever events keep is as the graph has it, whoever the complaint is like."""
    for number in range(0, bank.size, 7):
        present = await found(bank, NOW, f"BANK-{number}")
        assert await found(bank, THEN, f"BANK-{number}", at=now()) == present


async def test_a_case_before_and_after_it_was_updated(bank: Bank) -> None:
    before_all = now()
    await load(bank.services, [record("past", decisions=(), narrative="年费多收了一百元")])
    first = await found(bank, NOW, "BANK-past")
    between = now()
    changed = record(
        "past", narrative="年费多收了两百元", status=CaseStatus.CLOSED, assignee="somebody"
    )
    await load(bank.services, [changed])
    second = await found(bank, NOW, "BANK-past")
    after = now()
    key = await bank.services.database.read(
        "MATCH (c:Complaint {reference: 'BANK-past'}) RETURN c.id AS id"
    )
    await happen(bank.services.database, key[0]["id"], 1, EventKind.DUE_SOON)

    assert first["narrative"] != second["narrative"]
    assert first["resolution"] is None
    assert second["resolution"] is not None
    assert await found(bank, THEN, "BANK-past", at=before_all) is None
    assert await found(bank, THEN, "BANK-past", at=between) == first
    past = await found(bank, THEN, "BANK-past", at=after)
    # An update's event keeps the decision's codes, not the answer's text.
    second["resolution"]["summary"] = None
    assert past == second
    assert [e["kind"] for e in past["events"]["nodes"]] == ["REGISTERED", "UPDATED"]
    by_id = "query ($id: ID!, $at: DateTime) { complaint(id: $id, at: $at) { narrative } }"
    identity = global_id(NodeKind.COMPLAINT, key[0]["id"])
    data = await ask(bank.services, by_id, id=identity, at=between)
    assert data["complaint"]["narrative"] == first["narrative"]


async def test_every_step_of_a_case_can_be_looked_at_afterwards(bank: Bank) -> None:
    case = {"complaint": await registered(bank)}
    by_id = f"query ($id: ID!, $at: DateTime) {{ complaint(id: $id, at: $at) {{ {FIELDS} }} }}"
    moments = []
    for version, (mutation, given) in enumerate(
        (
            ("classifyComplaint", {"type": "FEE_DISPUTE", "amount": {"value": "99.50"}}),
            ("dispatchComplaint", {"lead": "CARDS", "assignee": "anna"}),
            ("startInvestigation", {}),
            ("proposeRemedy", {"outcome": "UPHELD"}),
            ("recordAgreement", {}),
            ("answerComplaint", {"rootCauses": [{"rootCause": "UNTOLD"}], "summary": "已退还"}),
            ("recordFeedback", {"satisfaction": 5}),
            ("closeComplaint", {}),
        ),
        start=1,
    ):
        await taken(bank, mutation, **case, version=version, **given)
        moment = now()
        found = await ask(bank.services, by_id, id=case["complaint"])
        moments.append((moment, found["complaint"]))
    assert len({str(found) for _, found in moments}) == len(moments)
    for moment, found in moments:
        past = await ask(bank.services, by_id, id=case["complaint"], at=moment)
        assert past["complaint"] == found


async def test_what_was_not_kept_is_null(bank: Bank) -> None:
    present = await found(bank, NOT_KEPT, "BANK-0")
    assert all(value is not None for value in present.values())
    assert set((await found(bank, NOT_KEPT, "BANK-0", at=now())).values()) == {None}


async def test_whether_it_was_overdue_is_told_for_that_time(bank: Bank) -> None:
    await load(bank.services, [record("due", decisions=(), status=CaseStatus.INVESTIGATING)])
    # As if it had been recorded on the day it was received.
    await bank.services.database.run(
        "MATCH (:Complaint {reference: 'BANK-due'})-[:HAS_EVENT]->(e) SET e.recordedAt = e.at"
    )
    present = await found(bank, NOW, "BANK-due")
    assert present["overdue"]
    then = datetime.fromisoformat(present["receivedAt"]) + timedelta(days=1)
    assert not (await found(bank, THEN, "BANK-due", at=then.isoformat()))["overdue"]
    assert (await found(bank, THEN, "BANK-due", at=now()))["overdue"]


async def test_a_time_must_be_one_point(bank: Bank) -> None:
    for at in ("2026-01-31", "2026-01-31T09:30:00"):
        error = await refused(bank.services, THEN, reference="BANK-1", at=at)
        assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["at"]}


async def test_of_no_case_there_is_no_past(bank: Bank) -> None:
    assert await found(bank, THEN, "BANK-none", at=now()) is None
