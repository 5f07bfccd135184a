"""How useful a decided case is as a precedent, beside being alike."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from math import fsum, isfinite

from graph.domain.case import Decision
from graph.domain.enums import OutcomeKind
from graph.errors import ConfigurationError

#: How clearly an outcome says who was right.
CLARITY: Mapping[OutcomeKind, float] = {
    OutcomeKind.UPHELD: 1.0,
    OutcomeKind.PARTLY_UPHELD: 1.0,
    OutcomeKind.NOT_UPHELD: 1.0,
    OutcomeKind.EXPLAINED: 0.5,
    OutcomeKind.WITHDRAWN: 0.0,
}
_WORST, _BEST = 1, 5  # satisfaction


@dataclass(frozen=True, slots=True)
class UsefulnessWeights:
    """What each component counts, and which share of a precedent's score likeness has.

    ``agreement``: what the same type and product are worth beside likeness and usefulness.

    Raises:
        ConfigurationError: a negative weight, only zeros, or a share outside 0..1.
    """

    outcome: float = 0.25
    satisfaction: float = 0.25
    lasting: float = 0.2
    timely: float = 0.1
    recency: float = 0.2
    rating: float = 0.2
    similarity_share: float = 0.7
    half_life_days: float = 365.0
    agreement: float = 0.2

    def __post_init__(self) -> None:
        weights = astuple(self)[:6]
        if not all(isfinite(w) and w >= 0 for w in weights) or not any(weights):
            raise ConfigurationError(
                "A weight of usefulness is negative, or all are 0: give numbers of 0 or more."
            )
        if not 0 <= self.similarity_share <= 1:
            raise ConfigurationError("similarity_share must lie between 0 and 1.")
        if not (isfinite(self.agreement) and self.agreement >= 0):
            raise ConfigurationError("agreement must be 0 or more.")
        if not (isfinite(self.half_life_days) and self.half_life_days > 0):
            raise ConfigurationError("half_life_days must be more than 0.")

    @property
    def version(self) -> str:
        """Eight hex digits that change with any of the weights."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Components in 0..1, None where nothing is known; ``total`` is their weighted mean."""

    total: float
    outcome: float | None
    satisfaction: float | None
    lasting: float | None
    timely: float | None
    recency: float | None
    rating: float | None


def usefulness(
    resolution: Decision,
    *,
    received_at: datetime,
    now: datetime,
    reopened: bool,
    repeated: bool | None,
    weights: UsefulnessWeights,
    ratings: tuple[int, int] | None = None,
) -> Usefulness:
    """The usefulness of a case by its last resolution.

    outcome: 1 for upheld, partly or not upheld, 0.5 for explained, 0 for withdrawn.
    satisfaction: (s - 1) / 4 for s of 1..5.
    lasting: 0 if the case was reopened or the customer came back with the same case, 1 if
    neither, None while the second is not known.
    timely: 1 if decided in time, 0 if late.
    recency: 2 ** -(days since the decision / half-life); without a date of decision since the
    complaint came in; 1 for a date ahead of ``now``.
    rating: (useful + 1) / (ratings + 2), so that one voice moves little (Laplace's rule); None
    without ratings. Its weight bounds what ratings can do.
    total: sum(weight x component) / sum(weight) over the components that are known.
    """
    components = {
        "outcome": CLARITY[resolution.outcome],
        "satisfaction": _satisfaction(resolution.satisfaction),
        "lasting": _lasting(reopened, repeated),
        "timely": None if resolution.timely is None else float(resolution.timely),
        "recency": _recency(resolution.decided_at or received_at, now, weights.half_life_days),
        "rating": _rating(ratings),
    }
    return Usefulness(total=_mean(components, weights), **components)


def precedent_score(
    strength: float,
    usefulness: Usefulness,
    weights: UsefulnessWeights,
    agreement: float | None = None,
) -> float:
    """Likeness, usefulness and agreement (each 0..1) as one number, 0..1.

    (share x strength + (1 - share) x total + weight x agreement) / (1 + weight); without the
    last where nothing is known of type and product.
    """
    share, weight = weights.similarity_share, weights.agreement
    base = share * strength + (1 - share) * usefulness.total
    return base if agreement is None else (base + weight * agreement) / (1 + weight)


def _satisfaction(value: int | None) -> float | None:
    if value is None:
        return None
    return (min(max(value, _WORST), _BEST) - _WORST) / (_BEST - _WORST)


def _rating(ratings: tuple[int, int] | None) -> float | None:
    if ratings is None:
        return None
    useful, total = ratings
    return (useful + 1) / (total + 2)


def _lasting(reopened: bool, repeated: bool | None) -> float | None:
    if reopened or repeated:
        return 0.0
    return None if repeated is None else 1.0


def _recency(since: datetime, now: datetime, half_life_days: float) -> float:
    days = max(0.0, (now - since) / timedelta(days=1))
    return float(2.0 ** -(days / half_life_days))


def _mean(components: Mapping[str, float | None], weights: UsefulnessWeights) -> float:
    known = [(getattr(weights, name), v) for name, v in components.items() if v is not None]
    total = fsum(weight for weight, _ in known)
    # All weight may lie on what is not known.
    return min(1.0, fsum(weight * v for weight, v in known) / total) if total else 0.0
