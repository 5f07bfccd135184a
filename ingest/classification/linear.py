"""One dimension learnt: a linear model whose scores are probabilities, and when it may speak."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

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
    threshold: float

    def probabilities(self, rows: "csr_matrix") -> Floats:
        """A column for each class."""
        from scipy.special import softmax

        result: Floats = softmax(rows @ self.weights.T + self.bias, axis=1)
        return result

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

    A linear SVM (one against the rest) gives the scores. Fits of it on parts of the rows, each
    asked about the rest, teach a logistic regression to turn scores into probabilities (Platt
    1999, for several classes), and give the threshold. Both are linear: one matrix does for both.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.svm import LinearSVC

    classes, truth = np.unique(labels.values, return_inverse=True)
    importance = {"sample_weight": np.asarray(labels.importance)}
    # Balanced: a rare class is not drowned; the calibration gives the frequent ones their due.
    scorer = LinearSVC(C=_STRENGTH, class_weight="balanced", random_state=_SEED)
    unseen = cross_val_predict(
        scorer,
        rows,
        truth,
        groups=labels.groups,
        cv=StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED),
        method="decision_function",
        params=importance,
    ).reshape(len(truth), -1)
    calibration = LogisticRegression(solver="newton-cholesky").fit(unseen, truth)
    probabilities = calibration.predict_proba(unseen)
    threshold = acceptance(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth, TARGET)
    scorer.fit(rows, truth, **importance)
    weights = calibration.coef_ @ scorer.coef_
    bias = calibration.coef_ @ scorer.intercept_ + calibration.intercept_
    if len(classes) == 2:  # scikit-learn has one score for both: that of the second
        weights, bias = np.vstack([np.zeros_like(weights), weights]), np.append(0.0, bias)
    return LinearModel(
        tuple(classes.tolist()),
        weights.astype(np.float32),
        bias,
        NEVER if threshold is None else min(threshold, TARGET),
    )


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
