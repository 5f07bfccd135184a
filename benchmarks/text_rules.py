"""How often rules about texts are right on labelled sentences: `python -m benchmarks rules`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from graph.domain.rules import RuleSet, ThreatRule
from ingest.escalation.rulebook import load_rules
from scripts.console import out, result

#: The label that each shipped rule is to find.
LABELS = {
    "lawsuit": "LAWSUIT",
    "media": "MEDIA",
    "regulator-threat": "REGULATOR",
    "self-harm": "SELF_HARM",
    "strong-emotion": "STRONG_EMOTION",
}
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Sentence:
    id: str
    text: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """A rule's sentences by what it made of them."""

    right: tuple[Sentence, ...]
    false: tuple[Sentence, ...]
    missed: tuple[Sentence, ...]

    @property
    def precision(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.false))

    @property
    def recall(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.missed))

    def to_record(self) -> dict[str, Any]:
        return {
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "right": len(self.right),
            "false": [each.id for each in self.false],
            "missed": [each.id for each in self.missed],
        }


def read(path: Path) -> list[Sentence]:
    """Lines of JSON with ``id``, ``text`` and ``labels``."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [Sentence(row["id"], row["text"], frozenset(row["labels"])) for row in rows]


def scores(rules: RuleSet, sentences: list[Sentence]) -> dict[str, Score]:
    """Of each rule about texts that has a label, by its name."""
    results = {}
    for rule in rules.rules:
        label = LABELS.get(rule.code)
        if label is None or not isinstance(rule, ThreatRule):
            continue
        fired = {each for each in sentences if rule.words.find(each.text) is not None}
        meant = {each for each in sentences if label in each.labels}
        parts = (fired & meant, fired - meant, meant - fired)
        results[rule.code] = Score(*(tuple(sorted(p, key=lambda s: s.id)) for p in parts))
    return results


def main(
    files: Annotated[list[Path], typer.Argument(help="Labelled sentences, lines of JSON.")],
    rules: Annotated[
        Path | None, typer.Option(help="A rule file; default: the shipped one.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Precision and recall of each rule about texts, and where it is wrong."""
    measured = scores(load_rules(rules), [each for file in files for each in read(file)])
    if json:
        result({code: score.to_record() for code, score in measured.items()}, as_json=True)
        return
    for code, score in measured.items():
        out.print(f"{code}: precision {score.precision:.2f}, recall {score.recall:.2f}")
        for mark, wrong in (("raised for nothing", score.false), ("missed", score.missed)):
            for each in wrong:
                out.print(f"    {mark}  {each.id}  {each.text[:_SHOWN]}")
