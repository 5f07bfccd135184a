"""One dimension learnt: a linear model whose scores are probabilities, and when it may speak."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.classification.calibration import Calibration, acceptance, calibrate

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats: TypeAlias = NDArray[np.float64]

#: Distinct texts that a class needs before it is learnt.
FEWEST = 8
#: The share of accepted predictions that shall be right.
TARGET = 0.9
_FOLDS = 5
_SEED = 1
_STRENGTH = 0.5
_MISSING = -10.0
#: The confidence that nothing reaches: the model always abstains.
NEVER = 1.01


@dataclass(frozen=True)
class LinearModel:
    """``weights`` has a row for each class; below ``threshold`` it abstains.

    ``threshold`` comes from rows the model had not seen: of what lies above it, the share
    ``TARGET`` was right. It is never above ``TARGET``, where calibrated confidence means that.
    """

    classes: tuple[str, ...]
    weights: NDArray[np.float32] = field(repr=False)
    bias: Floats = field(repr=False)
    calibration: Calibration
    threshold: float

    def probabilities(self, rows: "csr_matrix") -> Floats:
        """A column for each class."""
        scores = np.asarray(rows @ self.weights.T, dtype=float) + self.bias
        return self.calibration.probabilities(scores)

    def pull(self, chosen: int, against: int) -> NDArray[np.float32]:
        """How much each feature speaks for one class and not for the other."""
        difference: NDArray[np.float32] = self.weights[chosen] - self.weights[against]
        return difference


@dataclass(frozen=True, slots=True)
class Labels:
    """One dimension's labels of some examples, in their order.

    ``groups``: equal for equal texts, which must not stand on both sides of a test.
    ``importance``: how much each counts.
    """

    values: tuple[str, ...]
    groups: tuple[str, ...]
    importance: tuple[float, ...]

    def learnable(self) -> tuple[str, ...]:
        """The classes that enough different texts have."""
        texts = Counter(value for value, _ in set(zip(self.values, self.groups, strict=True)))
        return tuple(sorted(value for value, count in texts.items() if count >= FEWEST))


def learn(rows: "csr_matrix", labels: Labels) -> LinearModel:
    """Fit one dimension; all its classes must be learnable, and at least two.

    A linear SVM (scikit-learn's LinearSVC, one against the rest) gives the scores; its fits on
    parts of the rows, each asked about the rest, give the calibration and the threshold.
    """
    classes = tuple(sorted(set(labels.values)))
    truth = np.array([classes.index(value) for value in labels.values])
    importance = np.asarray(labels.importance)
    unseen = np.empty((len(truth), len(classes)))
    parts = folds(labels.groups, truth, _FOLDS)
    for part in range(_FOLDS):
        rest, asked = parts != part, parts == part
        if asked.any():
            unseen[asked] = _scores(rows, truth, importance, rest, asked, len(classes))
    calibration = calibrate(unseen, truth.tolist())
    probabilities = calibration.probabilities(unseen)
    right = probabilities.argmax(axis=1) == truth
    threshold = acceptance(probabilities.max(axis=1), right, TARGET)
    weights, bias = _fit(rows, truth, importance, len(classes))
    return LinearModel(
        classes,
        weights.astype(np.float32),
        bias,
        calibration,
        NEVER if threshold is None else min(threshold, TARGET),
    )


def folds(groups: Sequence[str], classes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A part for each row: equal groups in one part, every class spread over all parts."""
    first: dict[str, int] = {}
    for number, group in enumerate(groups):
        first.setdefault(group, number)
    order = np.random.default_rng(_SEED).permutation(sorted(first.values()))
    dealt: Counter[int] = Counter()
    part_of: dict[str, int] = {}
    for number in order:
        kind = int(classes[number])
        part_of[groups[number]] = (dealt[kind] + kind) % count
        dealt[kind] += 1
    return np.array([part_of[group] for group in groups])


def _scores(
    rows: "csr_matrix",
    truth: NDArray[np.int64],
    importance: Floats,
    rest: NDArray[np.bool_],
    asked: NDArray[np.bool_],
    classes: int,
) -> Floats:
    weights, bias = _fit(rows[rest], truth[rest], importance[rest], classes)
    return np.asarray(rows[asked] @ weights.T) + bias


def _fit(
    rows: "csr_matrix", truth: NDArray[np.int64], importance: Floats, classes: int
) -> tuple[Floats, Floats]:
    """Weights and bias with a row for each class; a class that these rows lack scores low."""
    from sklearn.svm import LinearSVC

    weights, bias = np.zeros((classes, rows.shape[1])), np.full(classes, _MISSING)
    present = np.unique(truth)
    if len(present) == 1:
        bias[present] = 1.0
        return weights, bias
    # Balanced: a rare class is not drowned; the calibration gives the frequent ones their due.
    fitted = LinearSVC(C=_STRENGTH, class_weight="balanced", random_state=_SEED).fit(
        rows, truth, sample_weight=importance
    )
    if len(present) == 2:  # one score for two classes
        weights[present] = np.vstack([-fitted.coef_, fitted.coef_])
        bias[present] = np.concatenate([-fitted.intercept_, fitted.intercept_])
    else:
        weights[present], bias[present] = fitted.coef_, fitted.intercept_
    return weights, bias
