"""Rules judge a case, and levels only rise unless a person says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import CaseStatus, Chain, Channel, Level, Severity
from graph.domain.escalation import Levels, evaluate, highest, kept_level, levels_after
from graph.domain.evidence import CaseFacts, Evidence, GroupEvidence, TextField
from graph.domain.money import Money
from graph.domain.wording import Span
from ingest.escalation.rulebook import default_rules

RULES = default_rules()
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEVELS = st.sampled_from(Level)
CALM = CaseFacts("c", "k", NOW, CaseStatus.REGISTERED, Channel.PHONE, narrative="请核实年费。")


def fired(**changes: Any) -> set[str]:
    return {one.rule.code for one in evaluate(RULES, replace(CALM, **changes)).fired}


def test_an_ordinary_case_is_green() -> None:
    verdict = evaluate(RULES, CALM)
    assert (verdict.level, verdict.chain, verdict.fired) == (Level.GREEN, Chain.SPECIALIST, ())


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"amount": Money(5_000_000, "CNY")}, {"amount-large"}),
        ({"amount": Money(4_999_999, "CNY")}, set()),
        ({"amount": Money(5_000_000, "USD")}, set()),
        ({"amount": Money(50_000_000, "CNY")}, {"amount-large", "amount-very-large"}),
        ({"channel": Channel.REGULATOR}, {"regulator"}),
        ({"vulnerable": True}, {"vulnerable"}),
        ({"severity": Severity.SEVERE}, {"severe"}),
        ({"severity": Severity.MODERATE}, set()),
        ({"subject": "我要起诉"}, {"lawsuit"}),
        ({"repeats": ("a",)}, {"repeat"}),
        ({"repeats": ("c", "b", "a")}, {"repeat", "repeated"}),
        ({"due_at": NOW, "now": NOW + timedelta(hours=1)}, {"overdue"}),
        ({"due_at": NOW, "now": NOW + timedelta(days=15)}, {"overdue", "long-overdue"}),
        ({"due_at": NOW, "now": NOW}, set()),
        ({"due_at": NOW}, set()),
        ({"due_at": NOW, "now": NOW + timedelta(days=9), "status": CaseStatus.CLOSED}, set()),
    ],
)
def test_each_rule_fires_on_its_own_fact(changes: dict[str, Any], codes: set[str]) -> None:
    assert fired(**changes) == codes


def test_the_highest_level_and_the_furthest_person_count() -> None:
    verdict = evaluate(RULES, replace(CALM, channel=Channel.REGULATOR, narrative="我不想活了"))
    assert (verdict.level, verdict.chain) == (Level.RED, Chain.BRANCH)


@given(LEVELS, LEVELS, st.booleans(), LEVELS, st.booleans())
def test_rules_never_lower_a_level(
    level: Level, rule_level: Level, person: bool, verdict: Level, raises: bool
) -> None:
    before = Levels(level, rule_level, "handler" if person else None)
    after = levels_after(before, verdict, raises=raises)
    assert highest((after.level, before.level)) is after.level
    assert after.rule_level is highest((rule_level, verdict))
    assert levels_after(after, verdict, raises=raises).level is after.level


def test_a_persons_level_stays_until_the_rules_say_more() -> None:
    lowered = Levels(Level.GREEN, Level.YELLOW, "handler")
    assert levels_after(lowered, Level.YELLOW) == lowered
    assert levels_after(lowered, Level.RED) == Levels(Level.RED, Level.RED, None)
    higher = Levels(Level.RED, Level.GREEN, "handler")
    assert levels_after(higher, Level.YELLOW) == Levels(Level.RED, Level.YELLOW, "handler")


def test_a_source_does_not_take_back_what_the_rules_raised() -> None:
    assert kept_level(Levels(Level.RED, Level.RED), Level.GREEN) is Level.RED
    assert kept_level(Levels(Level.RED, Level.GREEN), Level.GREEN) is Level.GREEN
    assert kept_level(Levels(Level.GREEN, Level.RED), Level.YELLOW) is Level.YELLOW
    assert kept_level(Levels(Level.GREEN, Level.RED, "handler"), Level.RED) is Level.GREEN


def test_evidence_survives_its_record() -> None:
    evidence = Evidence(
        text=TextField.NARRATIVE,
        span=Span(3, 9, "ab" * 8),
        amount=Money(100, "CNY"),
        complaints=("b", "a"),
        channel=Channel.REGULATOR,
        severity=Severity.SEVERE,
        due_at=NOW,
        days_late=15,
        group=GroupEvidence(5, 30, 0.2, 1e-7, 1, 4),
    )
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert Evidence.from_json(Evidence().to_json()) == Evidence()
