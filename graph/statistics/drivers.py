"""What complaints of a group have in common, compared with the rest.

Pure: tables of counts in, drivers out. The graph counts (``graph.queries.drivers``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, sqrt

import scipy

#: A value of fewer complaints in the group tells nothing about it.
FEWEST = 5
#: Drivers are those whose corrected p-value is at most this.
ALPHA = 0.01
_Z95 = 1.959963984540054


class DriverKind(StrEnum):
    PRODUCT = "PRODUCT"
    BRANCH = "BRANCH"
    CHANNEL = "CHANNEL"
    TYPE = "TYPE"
    MONTH = "MONTH"
    DAY_OF_MONTH = "DAY_OF_MONTH"
    AMOUNT_BAND = "AMOUNT_BAND"
    SEGMENT = "SEGMENT"
    ROOT_CAUSE = "ROOT_CAUSE"


@dataclass(frozen=True, slots=True)
class Count:
    """Complaints with one value: ``inside`` of ``inside_known`` in the group, the rest outside.

    Known are those that have any value of this kind.
    """

    kind: DriverKind
    value: str
    inside: int
    inside_known: int
    outside: int
    outside_known: int


@dataclass(frozen=True, slots=True)
class Driver:
    """A value that the group has more often than the rest.

    ``share`` and ``rest_share``: of the complaints whose value is known; ``lift``: share over the
    rest's share, with its 95 % interval; ``p``: one-sided, corrected for all values looked at.
    """

    kind: DriverKind
    value: str
    count: int
    share: float
    rest_share: float
    lift: float
    low: float
    high: float
    p: float


def drivers(counts: Sequence[Count], *, alpha: float = ALPHA) -> list[Driver]:
    """The values that mark the group, those that set it apart the most first.

    The p-value is Fisher's (one-sided, the hypergeometric tail), corrected by Benjamini and
    Hochberg (1995) over every value with at least five complaints in the group. The lift is the
    ratio of two shares, its interval that of its logarithm (Katz et al., Biometrics 34, 1978), both
    with one half added to each cell (Haldane) where the rest never has the value.
    """
    examined = [c for c in counts if c.inside >= FEWEST and c.outside_known > 0]
    if not examined:
        return []
    tails = [
        float(
            scipy.stats.hypergeom.sf(
                c.inside - 1,
                c.inside_known + c.outside_known,
                c.inside + c.outside,
                c.inside_known,
            )
        )
        for c in examined
    ]
    corrected = scipy.stats.false_discovery_control(tails)
    results = [
        _driver(count, float(p)) for count, p in zip(examined, corrected, strict=True) if p <= alpha
    ]
    risen = [driver for driver in results if driver.low > 1]
    return sorted(risen, key=lambda d: (-(d.share - d.rest_share), d.p, d.kind, d.value))


def _driver(count: Count, p: float) -> Driver:
    lift, low, high = ratio(count.inside, count.inside_known, count.outside, count.outside_known)
    return Driver(
        kind=count.kind,
        value=count.value,
        count=count.inside,
        share=count.inside / count.inside_known,
        rest_share=count.outside / count.outside_known,
        lift=lift,
        low=low,
        high=high,
        p=p,
    )


def ratio(
    inside: int, inside_known: int, outside: int, outside_known: int
) -> tuple[float, float, float]:
    """The ratio of two shares and its 95 % interval."""
    half = 0.5 if not outside else 0.0
    a, n = inside + half, inside_known + half
    b, m = outside + half, outside_known + half
    middle = (a / n) / (b / m)
    spread = _Z95 * sqrt(max(0.0, 1 / a - 1 / n + 1 / b - 1 / m))
    return middle, exp(log(middle) - spread), exp(log(middle) + spread)
