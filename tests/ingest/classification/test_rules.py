"""What must not be guessed, in Chinese and English."""

from datetime import timedelta

import pytest

from graph.domain.enums import AmountBand, Channel, Severity, Timeliness, Urgency
from graph.domain.suggestions import Dimension, MissingFact, Suggested
from graph.domain.vocabulary import RISK_TYPES, TYPES
from ingest.classification.rules import Facts, rulebook
from ingest.escalation.rulebook import default_rules
from tests.support.classification import NOW

RULES = rulebook(default_rules())


def facts(text: str = "年费", **known: object) -> Facts:
    return Facts(text, known.pop("channel", Channel.PHONE), NOW, **known)  # type: ignore[arg-type]


def told(given: Facts, dimension: Dimension) -> list[Suggested]:
    found = RULES.suggest(given, RULES.fired(given))
    return [each for each in found if each.dimension is dimension]


def test_the_shipped_rules_name_codes_that_exist_and_have_both_labels() -> None:
    for rule in RULES.rules:
        assert rule.type is None or rule.type in TYPES
        assert set(rule.risks) <= set(RISK_TYPES)
        assert rule.label.zh
        assert rule.label.en
    assert set(RULES.missing) <= {"ALL", *TYPES}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("你们再不解决我就起诉到法院", "lawsuit"),
        ("If this is not solved I will take you to court", "lawsuit"),
        ("我要找媒体曝光你们", "media"),
        ("I am going to the press with this", "media"),
        ("我活不下去了", "self-harm"),
        ("sometimes I want to end my life", "self-harm"),
        ("我会向银保监反映", "regulator-threat"),
        ("信用卡被盗刷三千元", "fraud"),
    ],
)
def test_threats_and_dangers_are_found(text: str, rule: str) -> None:
    assert rule in RULES.fired(facts(text))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("我不会去起诉你们", "lawsuit"),
        ("银行被起诉的新闻我看到了", "lawsuit"),
        ("I am not going to go to the press", "media"),
        ("the curfew was lifted", "fee"),
    ],
)
def test_what_is_denied_or_only_looks_alike_does_not_count(text: str, rule: str) -> None:
    assert rule not in RULES.fired(facts(text))


def test_the_most_urgent_rule_counts_and_is_named() -> None:
    (found,) = told(facts("再不退款我就起诉，我活不下去了"), Dimension.URGENCY)
    assert (found.value, found.rules) == (Urgency.IMMEDIATE, ("self-harm",))
    (found,) = told(facts("年费扣款"), Dimension.URGENCY)
    assert found.value == Urgency.NORMAL


def test_a_referral_is_told_by_its_channel_alone() -> None:
    given = facts("年费", channel=Channel.REGULATOR)
    assert told(given, Dimension.URGENCY)[0].value == Urgency.HIGH
    assert [each.value for each in told(given, Dimension.RISK_TYPES)] == ["COMPLIANCE"]


def test_severity_is_the_worst_that_a_rule_calls_for() -> None:
    given = facts("被盗刷了，再不处理我就起诉", amount_band=AmountBand.LARGE)
    found = RULES.severity(RULES.fired(given))
    assert found is not None
    assert (found.value, found.rules) == (Severity.SEVERE, ("lawsuit",))
    assert RULES.severity({}) is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, Timeliness.IMMEDIATE), (7, Timeliness.IMMEDIATE), (8, Timeliness.DELAYED),
     (90, Timeliness.DELAYED), (91, Timeliness.LONG_STANDING)],
)  # fmt: skip
def test_timeliness_follows_from_the_dates(days: int, expected: Timeliness) -> None:
    given = facts(occurred_at=NOW - timedelta(days=days))
    assert told(given, Dimension.TIMELINESS)[0].value == expected


def test_without_a_date_or_an_amount_it_abstains() -> None:
    assert told(facts(), Dimension.TIMELINESS)[0].value is None
    assert told(facts(), Dimension.AMOUNT_BAND)[0].value is None


def test_missing_facts_depend_on_the_type() -> None:
    bare = facts("扣了年费")
    assert MissingFact.AMOUNT in RULES.absent(bare, "FEE_DISPUTE")
    assert MissingFact.AMOUNT not in RULES.absent(bare, "STAFF_ATTITUDE")
    full = facts(
        "[银行卡号]扣了年费", amount_band=AmountBand.SMALL, occurred_at=NOW, product="P", branch="B"
    )
    assert RULES.absent(full, "FEE_DISPUTE") == ()


def test_words_are_shown_as_they_stand_in_the_text() -> None:
    text = "Rude staff, and I WILL SUE"
    assert RULES.words(["lawsuit"], text) == (text,)
    assert RULES.words(["attitude"], text) == ("Rude",)


def test_types_share_the_hits() -> None:
    likely = RULES.type_(RULES.fired(facts("态度恶劣，不耐烦，还多收手续费")))
    assert {each.value for each in likely} == {"STAFF_ATTITUDE", "FEE_DISPUTE"}
    assert 0.5 <= sum(each.confidence for each in likely) < 1
