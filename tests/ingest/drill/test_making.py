"""Drills: the same everywhere, with what is right by the matter and by the rules, and masked."""

import re
from collections import Counter

import pytest

from graph.domain.drills import FEWEST, MOST, OPTIONS, DrillDimension, DrillKey
from graph.domain.enums import Language, Level, OutcomeKind
from graph.domain.rules import SelfHarmRule, ThreatRule
from graph.errors import InvalidInputError
from ingest.classification.rules import rulebook
from ingest.drill.making import Drill, Maker
from ingest.drill.wording import why
from ingest.escalation.escalator import Escalator
from ingest.escalation.rulebook import load_rules
from ingest.masking import Masker
from ingest.prepare import IntakeRules, Preparer
from tests.support.graph import KEYRING

RULES = load_rules(None)
MAKER = Maker(
    Preparer(Masker(), KEYRING, IntakeRules()),
    # Evaluating a case by itself asks no graph.
    Escalator(None, None, RULES),  # type: ignore[arg-type]
    rulebook(RULES),
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module", params=list(Language))
def drill(request: pytest.FixtureRequest) -> Drill:
    return MAKER.make(DrillKey(2026, MOST, request.param))


def test_a_code_names_the_same_cases_wherever_it_is_entered(drill: Drill) -> None:
    again = MAKER.make(DrillKey.of(drill.key.code))
    assert again.edition == drill.edition
    assert [case.case.narrative for case in again.cases] == [
        case.case.narrative for case in drill.cases
    ]
    other = MAKER.make(DrillKey(2027, MOST, drill.key.language))
    assert other.edition != drill.edition


def test_the_texts_are_of_the_language_asked_for(drill: Drill) -> None:
    texts = [case.case.narrative or "" for case in drill.cases]
    texts += [option.case.narrative or "" for case in drill.cases for option in case.options]
    chinese = [bool(_CHINESE.search(re.sub(r"\[.*?\]", "", text))) for text in texts]
    assert all(chinese) if drill.key.language is Language.ZH else not any(chinese)
    assert all(texts)


def test_nothing_personal_stands_in_a_drill(drill: Drill) -> None:
    """The texts hold invented names and numbers; none of them is shown."""
    for case in drill.cases:
        for each in (case, *case.options):
            shown = f"{each.case.subject} {each.case.narrative} {each.decision.summary}"
            customer = each.filing.incoming.customer
            assert customer is not None
            for secret in (*customer.names, *(value for _, value in customer.identifiers)):
                assert secret not in shown


def test_one_precedent_is_of_the_same_matter(drill: Drill) -> None:
    for case in drill.cases:
        assert [option.number for option in case.options] == list(range(1, OPTIONS + 1))
        alike = [
            option.number
            for option in case.options
            if (option.filing.theme.name, option.filing.case.name)
            == (case.filing.theme.name, case.filing.case.name)
        ]
        assert alike == [case.truth.precedent]
        alike_option = case.options[case.truth.precedent - 1]
        assert alike_option.decision.outcome is case.truth.outcome
        assert alike_option.case.narrative != case.case.narrative
    places = Counter(case.truth.precedent for case in drill.cases)
    assert len(places) == OPTIONS, "where it stands tells nothing"


def test_what_is_right_is_how_most_of_the_kind_end(drill: Drill) -> None:
    for case in drill.cases:
        outcomes = case.filing.outcomes
        assert outcomes[case.truth.outcome] == max(outcomes.values()) >= 0.5
        assert (case.truth.compensation == "NONE") == (case.decision.compensation is None)
        if case.truth.outcome in (OutcomeKind.NOT_UPHELD, OutcomeKind.EXPLAINED):
            assert case.truth.compensation == "NONE"
        assert case.truth.type == case.filing.theme.type
        assert set(case.filing.theme.risks) <= set(case.truth.risk_types)
    assert len({(c.filing.theme.name, c.filing.case.name) for c in drill.cases}) == MOST


def test_the_level_rests_on_rules_that_read_what_was_put_into_the_text(drill: Drill) -> None:
    levels = Counter(case.truth.level for case in drill.cases)
    assert levels[Level.GREEN] >= 3
    assert levels[Level.YELLOW] >= 3
    for case in drill.cases:
        read = {type(fired.rule) for fired in case.verdict.fired}
        assert SelfHarmRule not in read
        assert (ThreatRule in read) == case.filing.threatens
        assert (case.truth.level is Level.GREEN) == (not case.verdict.fired)


def test_every_answer_has_a_reason_in_both_languages(drill: Drill) -> None:
    for case in drill.cases:
        for dimension in DrillDimension:
            assert why(case, dimension, Language.ZH)
            assert why(case, dimension, Language.EN)
        fired = [each for each in case.verdict.fired if each.evidence.span]
        for each in fired:
            assert each.rule.label.en in why(case, DrillDimension.LEVEL, Language.EN)
        assert f"{case.filing.outcomes[case.truth.outcome]:.0%}" in why(
            case, DrillDimension.OUTCOME, Language.EN
        )


@pytest.mark.parametrize("code", ["", "ZH-10", "FR-10-1", "ZH-2-1", "ZH-21-1", "ZH-10-1000000"])
def test_what_is_no_code_is_refused_by_name(code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        DrillKey.of(code)
    assert refused.value.path == ("drill",)


def test_a_code_is_read_as_people_write_it() -> None:
    assert DrillKey.of(" zh-10-2026 ") == DrillKey(2026, 10, Language.ZH)
    assert DrillKey(7, FEWEST, Language.EN).code == f"EN-{FEWEST}-7"
    assert DrillKey.of("EN-05-007").code == "EN-5-7"
