"""How long something takes when some of it is not over yet: Kaplan & Meier (1958). Pure.

Times are counts by whole days: of each day, how many ended in it and how many were last seen in
it, still waiting. Who was last seen in a day was there for all endings of that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

from graph.statistics.figures import CONFIDENCE, Figure

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class DayCount:
    ended: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Survival:
    """The share still waiting after ``day``, with its 95 % interval; None at a share of 0."""

    day: int
    share: float
    low: float | None
    high: float | None


def survival(days: Mapping[int, DayCount]) -> list[Survival]:
    """The share that waits longer, day by day; only days in which something ended.

    The curve of ``scipy.stats.ecdf`` (a test holds it), which wants every case by itself; from
    counts a hundred thousand cost as much as a hundred.

    The interval is Greenwood's (1926) on the log-log scale (Kalbfleisch & Prentice 1980).
    """
    at_risk = sum(each.ended + each.waiting for each in days.values())
    share, spread, results = 1.0, 0.0, []
    for day in sorted(days):
        ended = days[day].ended
        if ended:
            share *= 1 - ended / at_risk
            if share > 0:
                spread += ended / (at_risk * (at_risk - ended))
            results.append(Survival(day, share, *_interval(share, spread)))
        at_risk -= ended + days[day].waiting
    return results


def _interval(share: float, spread: float) -> tuple[float | None, float | None]:
    if not 0 < share < 1:
        return None, None
    reach = _Z * sqrt(spread) / abs(log(share))
    return share ** exp(reach), share ** exp(-reach)


def waiting_time(days: Mapping[int, DayCount], quantile: float) -> Figure | None:
    """The days within which ``quantile`` of all end, with its 95 % interval.

    Linear within a day. None when fewer have ended, or too many still wait to tell. An end of the
    interval is None where nothing bounds it (Brookmeyer & Crowley 1982).
    """
    left, before, curve = 1 - quantile, 1.0, survival(days)
    count = sum(each.ended + each.waiting for each in days.values())
    low = next((float(s.day) for s in curve if s.low is not None and s.low <= left), None)
    high = next((float(s.day + 1) for s in curve if s.high is not None and s.high <= left), None)
    for each in curve:
        if each.share <= left:
            value = each.day + (before - left) / (before - each.share)
            return Figure(value, low, high, count)
        before = each.share
    return None
