"""What the precedents earn: how high the first useful one stands, and how many are useful."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import scipy

from graph.queries.ratings import RatedShowing
from graph.statistics.resampling import bootstrap_interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; ``count``: of how many."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Quality:
    """``month``: its first moment in the business zone; ``useful``: by product, largest first."""

    month: datetime
    mrr: Estimate
    useful: Estimate
    by_product: tuple[tuple[str | None, Estimate], ...]


def quality_by_month(shown: Sequence[RatedShowing], zone: ZoneInfo) -> list[Quality]:
    """The months with ratings, oldest first."""
    months: defaultdict[datetime, list[RatedShowing]] = defaultdict(list)
    for one in shown:
        local = one.shown_at.astimezone(zone)
        month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        months[month].append(one)
    return [_quality(month, months[month]) for month in sorted(months)]


def _quality(month: datetime, shown: Sequence[RatedShowing]) -> Quality:
    products: defaultdict[str | None, list[bool]] = defaultdict(list)
    for one in shown:
        products[one.product].append(one.useful)
    by_product = [(product, share(votes)) for product, votes in products.items()]
    by_product.sort(key=lambda pair: (-pair[1].count, pair[0] or ""))
    return Quality(
        month=month,
        mrr=mean_reciprocal_rank(shown),
        useful=share([one.useful for one in shown]),
        by_product=tuple(by_product),
    )


def mean_reciprocal_rank(shown: Sequence[RatedShowing]) -> Estimate:
    """Mean of 1 / rank of the first useful one, 0 for none, over the lists with any rating.

    Percentile bootstrap over lists (Efron 1979).
    """
    firsts: dict[str, float] = {}
    for one in shown:
        best = 1 / one.rank if one.useful else 0.0
        firsts[one.list] = max(firsts.get(one.list, 0.0), best)
    values = np.array([firsts[name] for name in sorted(firsts)])
    return Estimate(float(values.mean()), *bootstrap_interval(np.mean, values, seed=1), len(values))


def share(votes: Sequence[bool]) -> Estimate:
    """A share with Wilson's score interval (Wilson 1927)."""
    result = scipy.stats.binomtest(sum(votes), len(votes))
    interval = result.proportion_ci(method="wilson")
    value = float(result.statistic)
    # Rounding may leave an end a hair inside of a share of 0 or 1.
    low, high = min(value, float(interval.low)), max(value, float(interval.high))
    return Estimate(value, low, high, len(votes))
