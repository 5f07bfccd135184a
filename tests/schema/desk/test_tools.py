"""What helps to decide: ratings, the check of outcomes, procedures, progress; and redaction."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from graph.consistency import check
from graph.domain.access import Identity, Reach, Role
from graph.domain.enums import CaseStatus, Channel
from ingest.record import IncomingComplaint
from tests.schema.desk.test_steps import registered, taken
from tests.support.bank import Bank, load
from tests.support.graph import snapshot
from tests.support.graphql import ask, execute, refused

pytestmark = pytest.mark.graph

LIST = """
query ($t: String!) { precedents(text: $t, first: 5) {
  token complaint { id } usefulness { total rating }
} }
"""
RATE = """
mutation ($token: String!, $useful: Boolean!) {
  ratePrecedent(input: {token: $token, useful: $useful, clientMutationId: "r"}) {
    complaint { id } errors { code path } clientMutationId
  }
}
"""
QUALITY = """
{ precedentQuality { coverage { value count } months {
  mrr { value low high count } useful { value count }
  byProduct { product { code } useful { count } }
} } }
"""
REDACT = """
mutation ($i: RedactComplaintInput!) { redactComplaint(input: $i) {
  errors { code path message }
  complaint { version subject narrative events { nodes { kind note changes { field } } } }
} }
"""
PAST = "query ($c: ID!, $at: DateTime!) { complaint(id: $c, at: $at) { version narrative } }"
TEXT = "信用卡年费没有提前告知就直接扣款"
_numbers = count(1)


async def test_reading_writes_nothing_and_a_rating_moves_a_little(bank: Bank) -> None:
    database = bank.services.database
    before = await snapshot(database)
    first = (await ask(bank.services, LIST, t=TEXT))["precedents"]
    assert await snapshot(database) == before
    assert first[0]["usefulness"]["rating"] is None
    rated = await ask(bank.services, RATE, token=first[1]["token"], useful=True)
    assert rated["ratePrecedent"] == {
        "complaint": {"id": first[1]["complaint"]["id"]},
        "errors": [],
        "clientMutationId": "r",
    }
    await ask(bank.services, RATE, token=first[0]["token"], useful=False)
    again = (await ask(bank.services, LIST, t=TEXT))["precedents"]
    ids = [precedent["complaint"]["id"] for precedent in again]
    assert set(ids) == {precedent["complaint"]["id"] for precedent in first}  # none is hidden
    ratings = {p["complaint"]["id"]: p["usefulness"]["rating"] for p in again}
    assert ratings[first[1]["complaint"]["id"]] == pytest.approx(2 / 3)
    assert ratings[first[0]["complaint"]["id"]] == pytest.approx(1 / 3)
    report = (await ask(bank.services, QUALITY))["precedentQuality"]
    (month,) = report["months"]
    assert (month["mrr"]["value"], month["mrr"]["count"]) == (0.5, 1)
    assert (month["useful"]["value"], month["useful"]["count"]) == (0.5, 2)
    assert report["coverage"]["value"] == 0.0  # shown for a text, not for a complaint


async def test_a_changed_mind_counts_once(bank: Bank) -> None:
    complaint = await registered(bank)
    document = "query ($c: ID!) { complaint(id: $c) { precedents(first: 1) { token } } }"
    data = await ask(bank.services, document, c=complaint)
    found = (
        data["complaint"]["precedents"] or (await ask(bank.services, LIST, t=TEXT))["precedents"]
    )
    token = found[0]["token"]
    before = (await ask(bank.services, QUALITY))["precedentQuality"]["months"]
    for useful in (True, False, True):
        await ask(bank.services, RATE, token=token, useful=useful)
    after = (await ask(bank.services, QUALITY))["precedentQuality"]["months"]
    counted = [sum(month["useful"]["count"] for month in months) for months in (before, after)]
    assert counted[1] - counted[0] == 1


async def test_a_forged_token_is_refused(bank: Bank) -> None:
    before = await snapshot(bank.services.database)
    payload = (await ask(bank.services, RATE, token="x.y", useful=True))["ratePrecedent"]
    assert payload["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "token"]}]
    assert await snapshot(bank.services.database) == before


CHECK = """
query ($c: ID!, $p: ProposedOutcomeInput!) { outcomeCheck(complaint: $c, proposed: $p) {
  verdicts count outcomes { outcome count share } days { median count }
  compensation { amountBand quartiles { median count } } cases(first: 3) { reference }
} }
"""


async def test_a_decided_case_is_compared_without_saying_how_it_was_decided(bank: Bank) -> None:
    fields = """verdicts count outcomes { outcome count share } days { median count }
      compensation { amountBand quartiles { median count } } cases(first: 3) { reference }"""
    own = f"""{{ complaints(orderBy: RECEIVED_ASC, first: 100) {{ nodes {{ id
      resolutions {{ outcome remedy compensation {{ value currency }} }}
      course {{ proposal {{ outcome }} }}
      outcomeCheck {{ {fields} }} }} }} }}"""
    nodes = (await ask(bank.services, own))["complaints"]["nodes"]
    undecided = [n for n in nodes if not (n["resolutions"] or n["course"]["proposal"])]
    assert undecided
    assert all(node["outcomeCheck"] is None for node in undecided)
    decided = [n for n in nodes if n["resolutions"] and not n["course"]["proposal"]][:6]
    assert decided
    for node in decided:
        asked = await ask(bank.services, CHECK, c=node["id"], p=node["resolutions"][-1])
        assert node["outcomeCheck"] == asked["outcomeCheck"]


async def test_an_outcome_is_held_against_alike_cases(bank: Bank) -> None:
    data = await ask(
        bank.services,
        "{ complaints(orderBy: RECEIVED_ASC, first: 1) { nodes { id } } }",
    )
    complaint = data["complaints"]["nodes"][0]["id"]
    found = (await ask(bank.services, CHECK, c=complaint, p={"outcome": "UPHELD"}))["outcomeCheck"]
    assert found["count"] > 0
    assert sum(o["count"] for o in found["outcomes"]) == found["count"]
    assert sum(o["share"] for o in found["outcomes"]) == pytest.approx(1)
    withdrawn = await ask(bank.services, CHECK, c=complaint, p={"outcome": "WITHDRAWN"})
    verdicts = withdrawn["outcomeCheck"]["verdicts"]
    assert verdicts == (["OUTCOME_UNUSUAL"] if found["count"] >= 8 else ["INCONCLUSIVE"])
    error = await refused(
        bank.services,
        CHECK,
        c=complaint,
        p={"outcome": "UPHELD", "compensation": {"value": "-3"}},
    )
    assert error["extensions"]["code"] == "INVALID_INPUT"


GUIDANCE = """
query ($c: ID!) { complaint(id: $c) { guidance {
  code title(language: EN) advice { step current text }
} } }
"""


async def test_procedures_know_the_step(bank: Bank) -> None:
    complaint = await registered(bank)
    await taken(bank, "classifyComplaint", complaint=complaint, version=1, type="FEE_DISPUTE")
    await taken(bank, "dispatchComplaint", complaint=complaint, version=2, lead="CARDS")
    data = await ask(bank.services, GUIDANCE, c=complaint)
    special, general = data["complaint"]["guidance"]
    assert (special["code"], special["title"], general["code"]) == ("FEE", "Fee dispute", "GENERAL")
    assert {a["step"]: a["current"] for a in special["advice"]} == {
        "INVESTIGATE": True,
        "PROPOSE": False,
        "ANSWER": False,
    }


PROGRESS = """
query ($t: String!) { progress(token: $t) {
  reference receivedAt nextDate stages { stage label }
} }
"""


async def test_a_customer_sees_stages_and_nothing_else(bank: Bank) -> None:
    complaint = await registered(bank)
    for version, (mutation, given) in enumerate(
        (
            ("classifyComplaint", {"note": "inside"}),
            ("dispatchComplaint", {"lead": "CARDS"}),
            ("setLevel", {"level": "RED", "note": "inside"}),
            ("startInvestigation", {}),
            ("answerComplaint", {"outcome": "NOT_UPHELD"}),
        ),
        start=1,
    ):
        await taken(bank, mutation, complaint=complaint, version=version, **given)
        if mutation == "dispatchComplaint":
            document = "query ($c: ID!) { complaint(id: $c) { progressToken dueAt } }"
            shown = (await ask(bank.services, document, c=complaint))["complaint"]
            early = (await ask(bank.services, PROGRESS, t=shown["progressToken"]))["progress"]
            assert early["nextDate"] == shown["dueAt"]
    found = (await ask(bank.services, PROGRESS, t=shown["progressToken"]))["progress"]
    assert [(s["stage"], s["label"]) for s in found["stages"]] == [
        ("RECEIVED", "已受理"),
        ("IN_PROGRESS", "办理中"),
        ("ANSWERED", "已答复"),
    ]
    assert found["nextDate"] is None
    # Whoever holds the token sees it, and customers see no case otherwise.
    customer = Identity("customer", "", frozenset({Role.CUSTOMER}), Reach())
    token = shown["progressToken"]
    theirs = await execute(bank.services, PROGRESS, identity=customer, t=token)
    assert theirs.data == {"progress": found}
    error = await refused(bank.services, PROGRESS, t=shown["progressToken"] + "x")
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def secretive(bank: Bank) -> tuple[str, str]:
    """Id of a complaint with a name that masking cannot know, and the name."""
    name = f"绰号铁柱{next(_numbers)}号"
    document = """
    mutation ($n: String!) { registerComplaint(input: {narrative: $n, subject: "柜台"}) {
      errors { message } complaint { id narrative } } }
    """
    text = f"柜员{name}态度恶劣，{name}还当众嘲笑我，要求{name}道歉"
    payload = (await ask(bank.services, document, n=text))["registerComplaint"]
    assert name in payload["complaint"]["narrative"]
    return str(payload["complaint"]["id"]), name


async def redact(bank: Bank, **given: Any) -> dict[str, Any]:
    return dict((await ask(bank.services, REDACT, i=given))["redactComplaint"])


async def test_a_redaction_reaches_every_version(bank: Bank) -> None:
    complaint, name = await secretive(bank)
    await taken(bank, "classifyComplaint", complaint=complaint, version=1, note=f"{name}今天休假")
    given = {
        "complaint": complaint,
        "version": 2,
        "passages": [name],
        "idempotencyKey": str(uuid4()),
    }
    earlier = datetime.now(UTC).isoformat()
    payload = await redact(bank, **given)
    assert payload["errors"] == []
    assert payload["complaint"]["version"] == 3
    assert payload["complaint"]["narrative"].count("[已脱敏]") == 3
    assert payload["complaint"]["events"]["nodes"][-1] == {
        "kind": "REDACTED",
        "note": None,
        "changes": [],
    }
    assert payload["complaint"]["events"]["nodes"][1]["note"] == "[已脱敏]今天休假"
    database = bank.services.database
    left = "\n".join(await snapshot(database))
    assert name not in left
    assert "[已脱敏]今天休假" in left
    assert (await redact(bank, **given))["complaint"]["version"] == 3  # a retry
    past = await ask(bank.services, PAST, c=complaint, at=earlier)
    assert past["complaint"]["version"] == 2
    assert past["complaint"]["narrative"] == payload["complaint"]["narrative"]
    report = await check(database)
    assert report.examples == []


async def test_a_redacted_text_stays_redacted_whatever_its_source_sends(bank: Bank) -> None:
    """And the new status of the row is taken: a redaction does not make the case the desk's."""
    name = f"绰号铁柱{next(_numbers)}号"
    row = IncomingComplaint(
        source_system="branches",
        source_id=name[-3:],
        received_at=datetime(2026, 3, 1, 2, 0, tzinfo=UTC),
        channel=Channel.BRANCH,
        status=CaseStatus.INVESTIGATING,
        narrative=f"柜员{name}态度恶劣，要求道歉",
    )
    await load(bank.services, [row])
    document = """query ($r: String!) { complaint(reference: $r) { id version status narrative
      events { nodes { kind reason } } } }"""
    reference = f"BRANCHES-{name[-3:]}"
    found = (await ask(bank.services, document, r=reference))["complaint"]
    spelt = name[:3] + " " + name[3:]
    payload = await redact(bank, complaint=found["id"], version=found["version"], passages=[spelt])
    assert payload["errors"] == []
    for sent in (
        row,
        replace(row, status=CaseStatus.ANSWERED),
        replace(row, status=CaseStatus.CLOSED, narrative=f"柜员{name[:4]}\n{name[4:]}骂人"),
    ):
        await load(bank.services, [sent])
        found = (await ask(bank.services, document, r=reference))["complaint"]
        assert found["status"] == sent.status
        assert found["narrative"] == "柜员[已脱敏]态度恶劣，要求道歉"
        assert name not in re.sub(r"\\n|\s", "", "".join(await snapshot(bank.services.database)))
    assert [(event["kind"], event["reason"]) for event in found["events"]["nodes"]] == [
        ("REGISTERED", None),
        ("REDACTED", None),
        ("UPDATED", "TEXT_REDACTED"),
        ("UPDATED", "TEXT_REDACTED"),
    ]
    assert (await check(bank.services.database)).examples == []


async def test_a_redaction_that_fits_nothing_changes_nothing(bank: Bank) -> None:
    complaint, name = await secretive(bank)
    before = await snapshot(bank.services.database)
    for version, passages, code, path in (
        (1, ["no such words"], "INVALID_INPUT", ["input", "passages", "0"]),
        (1, [name, " "], "INVALID_INPUT", ["input", "passages", "1"]),
        (1, [], "INVALID_INPUT", ["input", "passages"]),
        (7, [name], "STALE_VERSION", ["input", "version"]),
    ):
        payload = await redact(bank, complaint=complaint, version=version, passages=passages)
        assert [(e["code"], e["path"]) for e in payload["errors"]] == [(code, path)]
        assert "no such words" not in payload["errors"][0]["message"]
    assert await snapshot(bank.services.database) == before


async def test_a_suggestion_is_confirmed_with_one_step(bank: Bank) -> None:
    """Neighbours suggest; what the person gives himself wins over it."""
    document = """
    query ($c: ID!) { complaint(id: $c) { type { code } severity urgency
      suggestion { dimensions { dimension value { code } } } } }
    """
    complaint = await registered(bank)
    told = (await ask(bank.services, document, c=complaint))["complaint"]["suggestion"]
    sure = {d["dimension"]: d["value"]["code"] for d in told["dimensions"] if d["value"]}
    assert "URGENCY" in sure  # by rule, whatever was learnt
    await taken(
        bank,
        "classifyComplaint",
        complaint=complaint,
        version=1,
        confirmSuggestion=True,
        severity="SEVERE",
    )
    found = (await ask(bank.services, document, c=complaint))["complaint"]
    assert (found["urgency"], found["severity"]) == (sure["URGENCY"], "SEVERE")
    assert (found["type"] or {}).get("code") == sure.get("TYPE")
