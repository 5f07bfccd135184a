"""Whether a count has really changed: exact comparisons of two Poisson counts. Pure.

Complaints come in groups, so counts vary more than Poisson says: how much more is estimated from
the changes before (see ``dispersion``), and p-values and intervals allow for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

import scipy

from graph.statistics.dispersion import wide_confidence, widened
from graph.statistics.figures import CONFIDENCE

#: Fewer complaints than this in both periods together tell nothing.
FEWEST = 10
#: How improbable a difference must be, corrected for all that are looked at together.
LEVEL = 0.05


class ChangeVerdict(StrEnum):
    ROSE = "ROSE"
    FELL = "FELL"
    NO_EVIDENCE = "NO_EVIDENCE"
    TOO_LITTLE = "TOO_LITTLE"


@dataclass(frozen=True, slots=True)
class Change:
    """A count against an earlier one.

    ``expected``: what the earlier count would have become by the calendar alone (days, weekdays,
    months). ``ratio``: the count over that, 1 for no change, with its 95 % interval; None where
    nothing can be said. ``probability``: of a difference so large by chance. ``spread``: how many
    times the variance of changes is that of chance alone, which both allow for.
    """

    count: int
    before: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None
    probability: float | None
    verdict: ChangeVerdict = ChangeVerdict.TOO_LITTLE
    spread: float = 1.0


def score(count: int, before: int, calendar: float) -> float | None:
    """How many standard deviations a count lies off what the one before lets expect."""
    total, share = count + before, calendar / (1 + calendar)
    if total < FEWEST:
        return None
    return (count - total * share) / sqrt(total * share * (1 - share))


def change(count: int, before: int, calendar: float, spread: float = 1.0) -> Change:
    """Compare two counts; ``calendar``: how many times the earlier one is expected by itself.
    ``spread``: how many times the variance of such changes is that of chance alone.

    Given their sum, one of two Poisson counts is binomial (Przyborowski & Wilenski 1940); the
    interval is Clopper & Pearson's (1934), turned from a share into a ratio.
    """
    total, expected = count + before, before * calendar
    if total == 0:
        return Change(count, before, expected, None, None, None, None)
    result = scipy.stats.binomtest(count, total, calendar / (1 + calendar))
    ends = result.proportion_ci(wide_confidence(CONFIDENCE, spread), method="exact")
    return Change(
        count=count,
        before=before,
        expected=expected,
        ratio=count / expected if before else None,
        low=_odds(float(ends.low), calendar),
        high=_odds(float(ends.high), calendar),
        probability=widened(float(result.pvalue), spread),
        spread=spread,
    )


def _odds(share: float, calendar: float) -> float | None:
    return None if share >= 1 else share / (1 - share) / calendar


def with_verdicts(changes: Sequence[Change | None]) -> list[Change | None]:
    """Verdicts for changes that are looked at together (Benjamini & Hochberg 1995)."""
    comparable = [c for c in changes if c is not None and c.count + c.before >= FEWEST]
    values = [1.0 if c.probability is None else c.probability for c in comparable]
    corrected = iter(scipy.stats.false_discovery_control(values) if values else ())
    return [
        c if c is None or c.count + c.before < FEWEST else _with_verdict(c, float(next(corrected)))
        for c in changes
    ]


def _with_verdict(result: Change, probability: float) -> Change:
    verdict = ChangeVerdict.NO_EVIDENCE
    if probability < LEVEL:
        verdict = ChangeVerdict.ROSE if result.count > result.expected else ChangeVerdict.FELL
    return replace(result, verdict=verdict)
