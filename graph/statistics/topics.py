"""New topics: clusters nearly all of whose complaints came lately. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import scipy

#: Looks of a year that tell something else than the one before (one for each window, roughly).
_LOOKS = 4


@dataclass(frozen=True, slots=True)
class Age:
    """How many of a cluster's complaints came lately; ``customers``: who filed these."""

    cluster: str
    recent: int
    size: int
    customers: int


@dataclass(frozen=True, slots=True)
class NewTopic:
    """``expected``: complaints of the cluster to be expected lately, if it were as old as all."""

    age: Age
    expected: float
    probability: float


def new_topics(
    ages: Sequence[Age], recent: int, total: int, *, share: float, fewest: int, probability: float
) -> list[NewTopic]:
    """Clusters that are new, the least probable first.

    ``recent`` of ``total`` complaints with a text came lately. A cluster is new when at least the
    ``share`` of its complaints did, of ``fewest`` customers, and so many by chance (binomial tail,
    corrected for all clusters and a year's looks) are less probable than ``probability``. Where
    half of everything is recent, nothing is new: the graph itself is.
    """
    if not total or recent * 2 > total:
        return []
    bound = probability / max(1, len(ages)) / _LOOKS
    results = [
        NewTopic(
            age,
            age.size * recent / total,
            float(scipy.stats.binom.sf(age.recent - 1, age.size, recent / total)),
        )
        for age in ages
        if age.customers >= fewest and age.recent >= share * age.size
    ]
    return sorted(
        (each for each in results if each.probability < bound),
        key=lambda each: (each.probability, each.age.cluster),
    )
