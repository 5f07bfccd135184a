"""How often rules are right on sentences by somebody who had not read them (see README there)."""

import json
from pathlib import Path

import pytest

from graph.domain.enums import Level
from graph.domain.rules import ThreatRule
from ingest.escalation.rulebook import default_rules

CORPUS = Path(__file__).parent / "corpus" / "sentences.jsonl"
SENTENCES = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
LABELS = {
    "lawsuit": "LAWSUIT",
    "media": "MEDIA",
    "regulator-threat": "REGULATOR",
    "self-harm": "SELF_HARM",
    "strong-emotion": "STRONG_EMOTION",
}
#: A rule that raises to RED is right nine times in ten, one to YELLOW nearly so.
LEAST = {Level.RED: 0.9, Level.YELLOW: 0.85}


def test_every_threat_has_a_label() -> None:
    assert {r.code for r in default_rules().rules if isinstance(r, ThreatRule)} == LABELS.keys()


@pytest.mark.parametrize("code", LABELS)
def test_precision_and_recall(code: str) -> None:
    rule = default_rules().by_code[code]
    assert isinstance(rule, ThreatRule)
    fired = {s["id"] for s in SENTENCES if rule.words.find(s["text"]) is not None}
    meant = {s["id"] for s in SENTENCES if LABELS[code] in s["labels"]}
    right = len(fired & meant)
    assert len(meant) >= 30
    assert right / len(fired) >= LEAST[rule.level], sorted(fired - meant)
    assert right / len(meant) >= LEAST[rule.level], sorted(meant - fired)
