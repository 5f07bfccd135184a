"""Making a classifier from labelled complaints, and finding out how good it is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.domain.suggestions import Dimension
from graph.progress import Progress, silent
from ingest.classification.features import Example, Features
from ingest.classification.linear import Labels, learn
from ingest.classification.model import Classifier
from ingest.classification.scoring import Evaluation, score

TASK = "Learning"
#: The newest part of the complaints, on which a model of the older ones is tried.
_NEWEST = 0.2
#: What a person confirmed or corrected counts as much as so many labels that came with a source.
CONFIRMED = 2.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """An example with the values that are known of it.

    ``confirmed``: a person of this bank looked at them.
    """

    example: Example
    values: Mapping[Dimension, str] = field(default_factory=dict)
    confirmed: bool = False


def train(
    rows: Sequence[Labelled],
    *,
    space: str,
    now: datetime,
    report: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> Classifier:
    """Learn every dimension that has two classes with enough texts; others are left out.

    The version tells the time and a digest of what was learnt.
    """
    features = Features.learn([row.example for row in rows])
    matrix = features.matrix([row.example for row in rows])
    models = {}
    for number, dimension in enumerate(Dimension):
        progress(TASK, number, len(Dimension))
        known = labels_of(rows, dimension)
        kept = set(known.learnable())
        if len(kept) < 2:
            continue
        having = [n for n, row in enumerate(rows) if row.values.get(dimension) in kept]
        models[dimension] = learn(matrix[having], labels_of([rows[n] for n in having], dimension))
    progress(TASK, len(Dimension), len(Dimension))
    digest = hashlib.sha256()
    for model in models.values():
        digest.update(model.weights.tobytes())
    version = f"{now:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"
    return Classifier(version, space, now, features, models, report or {})


def labels_of(rows: Sequence[Labelled], dimension: Dimension) -> Labels:
    """The labels of those rows that have this dimension."""
    having = [row for row in rows if dimension in row.values]
    return Labels(
        tuple(row.values[dimension] for row in having),
        tuple(_digest(row.example.text) for row in having),
        tuple(CONFIRMED if row.confirmed else 1.0 for row in having),
    )


def by_time(rows: Sequence[Labelled]) -> tuple[Sequence[Labelled], Sequence[Labelled]]:
    """The older rows to learn from and the newest to try on; ``rows`` are in order of receipt.

    A text that stands on both sides tells nothing about new ones: it is only learnt from.
    """
    older = max(1, round(len(rows) * (1 - _NEWEST)))
    seen = {_digest(row.example.text) for row in rows[:older]}
    return rows[:older], [r for r in rows[older:] if _digest(r.example.text) not in seen]


def evaluate(classifier: Classifier, rows: Sequence[Labelled]) -> dict[Dimension, Evaluation]:
    """Every learnt dimension of which the rows know something."""
    results = {}
    for dimension, model in classifier.models.items():
        having = [row for row in rows if dimension in row.values]
        if not having:
            continue
        predictions = classifier.predict([row.example for row in having])[dimension]
        results[dimension] = score(
            [row.values[dimension] for row in having],
            [p.best.value for p in predictions],
            [p.best.confidence for p in predictions],
            model.threshold,
        )
    return results


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
