"""A classifier: every learnt dimension over the same features, under one version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from graph.domain.suggestions import Dimension, Likely
from ingest.classification.features import BLOCKS, Example, Features
from ingest.classification.linear import LinearModel

#: Candidates that a prediction tells.
CANDIDATES = 4
#: Terms that are shown as the reason.
TERMS = 6


@dataclass(frozen=True, slots=True)
class Prediction:
    """``likely``: the candidates, the best first; ``accepted``: sure enough to be told as one."""

    likely: tuple[Likely, ...]
    accepted: bool

    @property
    def best(self) -> Likely:
        return self.likely[0]


@dataclass(frozen=True)
class Classifier:
    """``space``: the embedding space whose vectors it takes; ``report``: how good it was found."""

    version: str
    space: str
    trained_at: datetime
    features: Features
    models: Mapping[Dimension, LinearModel]
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def predict(self, examples: Sequence[Example]) -> dict[Dimension, list[Prediction]]:
        """For each learnt dimension a prediction for each example."""
        if not examples:
            return {dimension: [] for dimension in self.models}
        rows = self.features.matrix(examples)
        found = {}
        for dimension, model in self.models.items():
            probabilities = model.probabilities(rows)
            found[dimension] = [_prediction(model, row) for row in probabilities]
        return found

    def terms(self, example: Example, dimension: Dimension, value: str) -> tuple[str, ...]:
        """The words of the text that speak most for the value, against the next likely one."""
        model = self.models.get(dimension)
        if model is None or value not in model.classes:
            return ()
        row = self.features.matrix([example])
        chosen = model.classes.index(value)
        order = np.argsort(-model.probabilities(row)[0], kind="stable")
        against = int(next(number for number in order if number != chosen))
        words = self.features.vocabularies[BLOCKS[0].name].terms
        worth = row.toarray()[0][: len(words)] * model.pull(chosen, against)[: len(words)]
        telling = [int(n) for n in np.argsort(-worth, kind="stable")[: 3 * TERMS] if worth[n] > 0]
        return _distinct([words[number] for number in telling])


def _prediction(model: LinearModel, probabilities: Sequence[float]) -> Prediction:
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:CANDIDATES]
    likely = tuple(Likely(model.classes[n], float(probabilities[n])) for n in order)
    return Prediction(likely, likely[0].confidence >= model.threshold)


def _distinct(terms: Sequence[str]) -> tuple[str, ...]:
    """Without words that a longer term among them already has."""
    padded = [f" {term} " for term in terms]
    whole = [
        term
        for term, own in zip(terms, padded, strict=True)
        if not any(own in other and own != other for other in padded)
    ]
    return tuple(whole[:TERMS])
