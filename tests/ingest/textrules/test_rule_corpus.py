"""How often rules are right on sentences by somebody who had not read them (see README there)."""

from pathlib import Path

import pytest

from benchmarks.text_rules import LABELS, read, scores
from graph.domain.enums import Language, Level
from graph.domain.rules import ThreatRule
from ingest.demo import exam
from ingest.escalation.rulebook import default_rules

CORPUS = Path(__file__).parent / "corpus"
#: By these the rules were mended; they are to reach the goal.
OPENED = ("sentences", "blind_2026_11_30", "blind_2026_11_30b")
#: A rule that raises to RED is right nine times in ten, one to YELLOW nearly so.
LEAST = {Level.RED: 0.9, Level.YELLOW: 0.85}
#: By these no rule may be mended: not goals but floors, below what was measured of both.
FLOORS = {
    ("blind", "lawsuit"): (0.85, 0.78),
    ("blind", "media"): (0.75, 0.78),
    ("blind", "regulator-threat"): (0.83, 0.9),
    ("blind", "self-harm"): (0.8, 0.72),
    ("blind", "strong-emotion"): (0.65, 0.62),
    ("blind_natures", "lawsuit"): (0.8, 0.38),
    ("blind_natures", "media"): (0.87, 0.4),
    ("blind_natures", "regulator-threat"): (0.88, 0.48),
    ("blind_natures", "self-harm"): (0.88, 0.55),
    ("blind_natures", "strong-emotion"): (0.7, 0.52),
}


def test_every_rule_about_texts_has_a_label() -> None:
    assert {r.code for r in default_rules().rules if isinstance(r, ThreatRule)} == LABELS.keys()


@pytest.mark.parametrize("code", LABELS)
def test_precision_and_recall(code: str) -> None:
    rules = default_rules()
    sentences = [each for name in OPENED for each in read(CORPUS / f"{name}.jsonl")]
    assert len(sentences) >= 600
    score = scores(rules, sentences)[code]
    assert len(score.right) + len(score.missed) >= 100
    assert score.precision >= LEAST[rules.by_code[code].level], score.false
    assert score.recall >= LEAST[rules.by_code[code].level], score.missed


@pytest.mark.parametrize(("name", "code"), FLOORS)
def test_sentences_that_no_rule_was_mended_by(name: str, code: str) -> None:
    score = scores(default_rules(), read(CORPUS / f"{name}.jsonl"))[code]
    precision, recall = FLOORS[name, code]
    assert score.precision > precision
    assert score.recall > recall


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
