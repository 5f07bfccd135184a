"""A filter asks the indexes for nothing but what the complaint's table gives them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from graph.domain.copies import Related, copies
from graph.domain.enums import CaseStatus, Channel, Level, Nature, OutcomeKind, Severity, Urgency
from graph.domain.filters import ComplaintFilter
from graph.domain.record import NARROWING, TABLE
from graph.domain.scope import WHOLE_BANK
from graph.queries.conditions import DECIDED, HAS_TEXT, Condition, Covered, compile_filter

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NODE = {
    "id": "x",
    "reference": "CORE-1",
    "receivedAt": NOW,
    "dueAt": NOW,
    "sourceSystem": "core",
    "sourceId": "1",
    "amountMinor": 100,
    "level": "RED",
    "type": "FEE",
    "channel": "WEB",
    "status": "REGISTERED",
    "nature": "COMPLAINT",
    "severity": "MINOR",
    "urgency": "HIGH",
    "riskTypes": ["FUNDS"],
    "assignee": "ann",
    "vulnerable": True,
    "narrative": "a text",
}
RELATED = Related(
    products=["CARD"],
    branches=["BJ"],
    departments=["DESK"],
    root_causes=["SLOW"],
    clusters=["k1"],
    customer="u1",
    decided=True,
    outcome="UPHELD",
    duplicate=True,
)
EVERYTHING = ComplaintFilter(
    source_systems=("core",),
    products=("CARD",),
    branches=("BJ",),
    departments=("DESK",),
    types=("FEE",),
    risk_types=("FUNDS",),
    root_causes=("SLOW",),
    clusters=("k1",),
    group_events=("a1",),
    issues=("i1",),
    channels=(Channel.WEB,),
    statuses=(CaseStatus.REGISTERED,),
    natures=(Nature.COMPLAINT,),
    severities=(Severity.MINOR,),
    levels=(Level.RED,),
    urgencies=(Urgency.HIGH,),
    outcomes=(OutcomeKind.UPHELD,),
    segments=("VIP",),
    received_from=NOW,
    received_to=NOW,
    due_from=NOW,
    due_to=NOW,
    decided_from=NOW,
    decided_to=NOW,
    recorded_from=NOW,
    recorded_to=NOW,
    amount_from=Decimal(1),
    amount_to=Decimal(1),
    currency="CNY",
    customer="u1",
    assignee="ann",
    unassigned=False,
    vulnerable=True,
    overdue=True,
    duplicate=True,
)


def _conditions() -> tuple[Condition, ...]:
    covered = Covered(products={"CARD": ["CARD"]}, branches={"BJ": ["BJ"]})
    compiled = compile_filter(EVERYTHING, covered, WHOLE_BANK, now=NOW)
    return compiled.and_also(DECIDED, HAS_TEXT).conditions


def test_every_word_of_a_filter_stands_on_the_complaints_that_it_takes() -> None:
    tokens = set(copies(NODE, RELATED)["filterTokens"].split())
    asked = [c.lucene for c in _conditions() if c.lucene]
    # That somebody is assigned is asked for by a prefix, which finds the assignee's word.
    (anybody,) = [clause for clause in asked if clause.endswith("*")]
    assert any(word.startswith(anybody[-2]) for word in tokens)
    asked.remove(anybody)
    words = [set(re.findall(r"\b[a-z][0-9a-f]{16}\b", clause)) for clause in asked]
    assert len(words) == sum(each.word is not None for each in TABLE)
    assert all(each and each <= tokens for each in words)


def test_vector_indexes_are_asked_for_nothing_but_their_columns() -> None:
    asked = [c.index for c in _conditions() if c.index]
    columns = {name for clause in asked for name in re.findall(r"c\.(\w+)", clause)}
    assert columns <= set(NARROWING)
    # Links ask for the key beside the filter.
    assert set(NARROWING) - columns == {"receivedKey"}


def test_filters_name_only_declared_properties() -> None:
    named = {name for c in _conditions() for name in re.findall(r"c\.(\w+)", c.cypher)}
    assert named <= {each.name for each in TABLE}
