"""From a linear model's scores to probabilities that mean what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

#: Pull of the classes' shifts towards none, so that a class with few rows is not made up.
_PULL = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities are softmax(scale * scores + shifts).

    Temperature scaling (Guo et al. 2017) with a shift for each class, learnt on rows that the
    model had not seen.
    """

    scale: float
    shifts: tuple[float, ...]

    def probabilities(self, scores: Floats) -> Floats:
        """Rows of probabilities that sum up to 1, for rows of scores, a column for each class."""
        return _softmax(self.scale * scores + np.asarray(self.shifts))


def calibrate(scores: Floats, classes: Sequence[int]) -> Calibration:
    """The calibration under which the ``classes`` (columns of ``scores``) are the likeliest.

    As if each class had been met once more everywhere (Platt 1999): few rows, even if all are
    told apart, make nobody certain.
    """
    from scipy.optimize import minimize

    rows, columns = scores.shape
    is_class = np.full((rows, columns), 1 / (rows + columns))
    is_class[np.arange(rows), list(classes)] += rows / (rows + columns)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        scale, shifts = np.exp(parameters[0]), parameters[1:]
        logits = scale * scores + shifts
        probabilities = _softmax(logits)
        surprise = (is_class * np.log(np.maximum(probabilities, 1e-12))).sum()
        value = _PULL * float(shifts @ shifts) - surprise
        error = probabilities - is_class
        slope = np.concatenate(
            [[float((error * scores).sum()) * scale], error.sum(axis=0) + 2 * _PULL * shifts]
        )
        return float(value), slope

    result = minimize(loss, np.zeros(columns + 1), jac=True, method="L-BFGS-B")
    return Calibration(float(np.exp(result.x[0])), tuple(float(value) for value in result.x[1:]))


def acceptance(
    confidence: Floats, right: NDArray[np.bool_], target: float, fewest: int = 20
) -> float | None:
    """The least confidence from which at least the share ``target`` is right; None: there is none.

    Fewer than ``fewest`` rows prove nothing.
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= target)
    enough = enough[enough >= fewest - 1]
    return float(confidence[order[enough[-1]]]) if len(enough) else None


def _softmax(logits: Floats) -> Floats:
    risen = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = risen / risen.sum(axis=1, keepdims=True)
    return probabilities
