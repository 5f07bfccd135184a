"""How often rules are right on sentences by somebody who had not read them (see README there)."""

from pathlib import Path

import pytest

from benchmarks.text_rules import LABELS, read, scores
from graph.domain.enums import Language, Level
from graph.domain.rules import ThreatRule
from ingest.demo import exam
from ingest.escalation.rulebook import default_rules

CORPUS = Path(__file__).parent / "corpus"
#: A rule that raises to RED is right nine times in ten, one to YELLOW nearly so.
LEAST = {Level.RED: 0.9, Level.YELLOW: 0.85}


def test_every_rule_about_texts_has_a_label() -> None:
    assert {r.code for r in default_rules().rules if isinstance(r, ThreatRule)} == LABELS.keys()


@pytest.mark.parametrize("code", LABELS)
def test_precision_and_recall(code: str) -> None:
    rules = default_rules()
    score = scores(rules, read(CORPUS / "sentences.jsonl"))[code]
    assert len(score.right) + len(score.missed) >= 30
    assert score.precision >= LEAST[rules.by_code[code].level], score.false
    assert score.recall >= LEAST[rules.by_code[code].level], score.missed


@pytest.mark.parametrize("code", LABELS)
def test_sentences_that_no_rule_was_mended_by(code: str) -> None:
    """Not a goal but a floor: of what is raised and of what is meant, six in ten are right."""
    score = scores(default_rules(), read(CORPUS / "blind.jsonl"))[code]
    assert score.precision > 0.6
    assert score.recall > 0.6


@pytest.mark.parametrize("code", LABELS)
def test_indirect_sentences_that_no_rule_was_mended_by(code: str) -> None:
    score = scores(default_rules(), read(CORPUS / "blind_natures.jsonl"))[code]
    assert score.precision > 0.7
    assert score.recall > 0.4


@pytest.mark.parametrize("code", LABELS)
def test_near_misses_and_threats_by_one_who_had_read_no_rule(code: str) -> None:
    score = scores(default_rules(), read(CORPUS / "blind_2026_11_30.jsonl"))[code]
    assert score.precision > 0.8
    assert score.recall > 0.65


@pytest.mark.parametrize("language", Language)
def test_threats_of_simulated_cases(language: Language) -> None:
    """One text in four leaves its threat out; the others are read, and few ordinary ones raise."""
    words = [rule.words for rule in default_rules().rules if isinstance(rule, ThreatRule)]
    told = [
        each for seed in range(4) for case in exam(seed, 10, language, 4) for each in case.tellings
    ]
    raised: dict[bool, list[bool]] = {True: [], False: []}
    for each in told:
        text = each.incoming.narrative or ""
        raised[each.threatens].append(any(word.find(text) is not None for word in words))
    assert sum(raised[True]) > 0.65 * len(raised[True])
    assert sum(raised[False]) < 0.03 * len(raised[False])
