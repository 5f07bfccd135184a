"""Everything that is told of a model's predictions on rows it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.classification.metrics import (
    ClassScore,
    Interval,
    accuracy,
    accuracy_at_coverage,
    by_class,
    expected_calibration_error,
    interval,
)

_SEED = 1
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``coverage``: the share on which the model does not abstain, with its accuracy there."""

    rows: int
    accuracy: Interval
    accuracy_at_coverage: Interval
    calibration_error: Interval
    coverage: float
    accepted_accuracy: float | None
    classes: tuple[ClassScore, ...]

    def figures(self) -> dict[str, Any]:
        """The three measures, as JSON has them."""
        return {
            "accuracy": rounded(self.accuracy.value),
            "accuracyAt80Coverage": rounded(self.accuracy_at_coverage.value),
            "expectedCalibrationError": rounded(self.calibration_error.value),
        }

    def as_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return {
            "rows": self.rows,
            **self.figures(),
            "intervals": {
                "accuracy": _bounds(self.accuracy),
                "accuracyAt80Coverage": _bounds(self.accuracy_at_coverage),
                "expectedCalibrationError": _bounds(self.calibration_error),
            },
            "abstention": {
                "coverage": rounded(self.coverage),
                "acceptedAccuracy": rounded(self.accepted_accuracy),
            },
            "classes": {each.name: _class(each) for each in self.classes},
        }


def score(
    truth: Sequence[str], predicted: Sequence[str], confidence: Sequence[float], threshold: float
) -> Evaluation:
    """Compare predictions with what is true; below ``threshold`` the model abstains."""
    right = np.array([a == b for a, b in zip(truth, predicted, strict=True)])
    sure = np.asarray(confidence, dtype=float)
    accepted = sure >= threshold
    return Evaluation(
        rows=len(right),
        accuracy=interval(accuracy, right, sure, _SEED),
        accuracy_at_coverage=interval(accuracy_at_coverage, right, sure, _SEED),
        calibration_error=interval(expected_calibration_error, right, sure, _SEED),
        coverage=float(accepted.mean()),
        accepted_accuracy=float(right[accepted].mean()) if accepted.any() else None,
        classes=tuple(by_class(truth, predicted, sure, threshold)),
    )


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _bounds(measured: Interval) -> list[float | None]:
    return [rounded(measured.low), rounded(measured.high)]


def _class(each: ClassScore) -> Mapping[str, Any]:
    return {
        "rows": each.rows,
        "predicted": each.predicted,
        "precision": rounded(each.precision),
        "recall": rounded(each.recall),
        "coverage": rounded(each.coverage),
        "acceptedAccuracy": rounded(each.accepted_accuracy),
        "calibrationGap": rounded(each.gap),
    }
