"""How good predictions are: accuracy, coverage, calibration, each with its uncertainty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.statistics.resampling import bootstrap_interval

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

BINS = 10
COVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: ``precision`` of what was called so, ``recall`` of what is so.

    ``coverage``: the share of its rows on which the model does not abstain, and how many of those
    are right. ``gap``: mean confidence less the share that is right, where it was predicted.
    """

    name: str
    rows: int
    predicted: int
    precision: float | None
    recall: float | None
    coverage: float | None
    accepted_accuracy: float | None
    gap: float | None


def accuracy_at_coverage(right: Flags, confidence: Floats, share: float = COVERAGE) -> float:
    """Accuracy on the ``share`` of rows that the model is surest of (rounded up to whole rows)."""
    most = int(np.ceil(share * len(right)))
    surest = np.argsort(-confidence, kind="stable")[:most]
    return float(right[surest].mean())


def expected_calibration_error(right: Flags, confidence: Floats, bins: int = BINS) -> float:
    """The mean distance of confidence and accuracy over bins of equal mass.

    Naeini et al. 2015 for the top label, with the bins of Nguyen and O'Connor 2015.
    """
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(right[p].mean()) - float(confidence[p].mean())) * len(p) for p in parts]
    return sum(gaps) / len(right)


def interval(
    measure: Callable[[Flags, Floats], float], right: Flags, confidence: Floats, seed: int
) -> Interval:
    """A measure with its percentile bootstrap interval over the rows (Efron 1979)."""
    low, high = bootstrap_interval(measure, right, confidence, seed=seed)
    return Interval(measure(right, confidence), low, high)


def accuracy(right: Flags, confidence: Floats) -> float:
    """The share that is right; takes the confidence as the other measures do."""
    return float(right.mean())


@dataclass(frozen=True, slots=True)
class McNemar:
    """Rows that only one of two classifiers gets right, and the chance of such a difference."""

    only_ours: int
    only_theirs: int
    p: float


def mcnemar(ours: Flags, theirs: Flags) -> McNemar:
    """The exact, two-sided test of McNemar (1947): a binomial one on the rows that differ."""
    from scipy.stats import binomtest

    better, worse = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    p = 1.0 if better + worse == 0 else float(binomtest(better, better + worse).pvalue)
    return McNemar(better, worse, p)


def by_class(
    truth: Sequence[str], predicted: Sequence[str], confidence: Floats, threshold: float
) -> list[ClassScore]:
    """Every class that occurs in either, the most frequent first."""
    true, labels = np.asarray(truth, dtype=object), np.asarray(predicted, dtype=object)
    names = sorted({*truth, *predicted}, key=lambda name: (-int((true == name).sum()), name))
    accepted = confidence >= threshold
    return [_class(name, true == name, labels == name, confidence, accepted) for name in names]


def _class(
    name: str, is_so: Flags, called_so: Flags, confidence: Floats, accepted: Flags
) -> ClassScore:
    both = is_so & called_so
    certain = is_so & accepted
    precision = _share(both, called_so)
    mean = float(confidence[called_so].mean()) if called_so.any() else None
    return ClassScore(
        name=name,
        rows=int(is_so.sum()),
        predicted=int(called_so.sum()),
        precision=precision,
        recall=_share(both, is_so),
        coverage=_share(certain, is_so),
        accepted_accuracy=_share(certain & called_so, certain),
        gap=None if mean is None or precision is None else mean - precision,
    )


def _share(part: Flags, whole: Flags) -> float | None:
    return float((part & whole).sum() / whole.sum()) if whole.any() else None
