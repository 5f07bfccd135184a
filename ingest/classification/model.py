"""A classifier: every learnt dimension over the same features, under one version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from graph.domain.suggestions import SUREST_LEARNED, Dimension, Likely
from ingest.classification.features import Example, Features, words
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
    """``space``: the encoder whose vectors it takes; ``report``: how good it was found."""

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
        results = {}
        for dimension, model in self.models.items():
            probabilities = model.probabilities(rows)
            results[dimension] = [_prediction(model, row) for row in probabilities]
        return results

    def terms(self, text: str, dimension: Dimension, value: str, against: str) -> tuple[str, ...]:
        """The words of the text that speak most for one value, and not for the other."""
        model = self.models.get(dimension)
        vocabulary = self.features.vocabularies.get("words")
        if model is None or vocabulary is None or not {value, against} <= set(model.classes):
            return ()
        example = Example(text, ())
        row = vocabulary.weighted([example])  # its columns are the first of all
        pull = model.pull(model.classes.index(value), model.classes.index(against))
        worth = row.data * pull[row.indices]
        named = {vocabulary.counter.vocabulary_.get(term): term for term in words(example)}
        telling = [n for n in np.argsort(-worth, kind="stable")[: 3 * TERMS] if worth[n] > 0]
        return _distinct([named[row.indices[n]] for n in telling])


def _prediction(model: LinearModel, probabilities: Sequence[float]) -> Prediction:
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:CANDIDATES]
    likely = tuple(
        Likely(model.classes[n], min(SUREST_LEARNED, float(probabilities[n]))) for n in order
    )
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
