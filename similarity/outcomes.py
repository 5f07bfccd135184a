"""How alike, decided cases ended, and whether a decision about to be given lies outside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import numpy as np

from graph.domain.desk import Proposal
from graph.domain.enums import AmountBand, OutcomeKind
from graph.domain.money import Money
from graph.queries.cases import DecidedCase

#: With fewer alike cases nothing can be told.
FEWEST = 8
#: An outcome that fewer than this part of the alike cases had is unusual.
UNUSUAL = 0.1
#: Tukey's fences: compensation further from the quartiles than this many ranges lies outside.
FENCE = 1.5


class OutcomeVerdict(StrEnum):
    INCONCLUSIVE = "INCONCLUSIVE"
    AS_USUAL = "AS_USUAL"
    OUTCOME_UNUSUAL = "OUTCOME_UNUSUAL"
    COMPENSATION_LOW = "COMPENSATION_LOW"
    COMPENSATION_HIGH = "COMPENSATION_HIGH"


@dataclass(frozen=True, slots=True)
class Quartiles:
    """In minor units of the currency asked for, over cases that were paid something."""

    low: float
    median: float
    high: float
    count: int

    @property
    def fences(self) -> tuple[float, float]:
        reach = FENCE * (self.high - self.low)
        return self.low - reach, self.high + reach


@dataclass(frozen=True, slots=True)
class OutcomeCheck:
    """``against``: ids of the cases that speak against the proposal, or for it if it is usual."""

    verdicts: tuple[OutcomeVerdict, ...]
    count: int
    outcomes: Mapping[OutcomeKind, int]
    compensation: Mapping[AmountBand | None, Quartiles]
    days: Quartiles | None
    against: tuple[str, ...]

    def of_at_least(self, count: int) -> "OutcomeCheck":
        """The same without quartiles of fewer cases."""
        kept = {band: each for band, each in self.compensation.items() if each.count >= count}
        days = self.days if self.days is not None and self.days.count >= count else None
        return replace(self, compensation=kept, days=days)


def check_outcome(
    alike: Sequence[DecidedCase], proposal: Proposal, band: AmountBand | None
) -> OutcomeCheck:
    """``alike``: the most alike first; ``band``: of the amount in dispute."""
    outcomes = Counter(case.resolution.outcome for case in alike)
    currency = proposal.compensation.currency if proposal.compensation else "CNY"
    compensation = _by_band(alike, currency)
    verdicts: list[OutcomeVerdict] = []
    speaking: list[DecidedCase] = []
    if len(alike) < FEWEST:
        verdicts = [OutcomeVerdict.INCONCLUSIVE]
    else:
        if outcomes[proposal.outcome] < UNUSUAL * len(alike):
            verdicts.append(OutcomeVerdict.OUTCOME_UNUSUAL)
            speaking += [c for c in alike if c.resolution.outcome is not proposal.outcome]
        result = _compensation(proposal.compensation, compensation.get(band))
        if proposal.compensation is None and _usually_paid(alike, proposal.outcome, currency):
            result = OutcomeVerdict.COMPENSATION_LOW
        if result is not None:
            verdicts.append(result)
            speaking += [c for c in _paid(alike, currency) if c.amount_band == band]
        if not verdicts:
            verdicts = [OutcomeVerdict.AS_USUAL]
            speaking += [c for c in alike if c.resolution.outcome is proposal.outcome]
    return OutcomeCheck(
        verdicts=tuple(verdicts),
        count=len(alike),
        outcomes=dict(outcomes),
        compensation=compensation,
        days=_days(alike),
        against=tuple(dict.fromkeys(case.id for case in speaking)),
    )


def _compensation(offered: Money | None, usual: Quartiles | None) -> OutcomeVerdict | None:
    """Judged only where enough alike cases of the same band were paid something."""
    if offered is None or usual is None or usual.count < FEWEST:
        return None
    low, high = usual.fences
    if offered.minor < low:
        return OutcomeVerdict.COMPENSATION_LOW
    return OutcomeVerdict.COMPENSATION_HIGH if offered.minor > high else None


def _usually_paid(alike: Sequence[DecidedCase], outcome: OutcomeKind, currency: str) -> bool:
    """Whether more than half of the cases with this outcome, and enough of them, were paid."""
    same = [case for case in alike if case.resolution.outcome is outcome]
    return len(same) >= FEWEST and 2 * len(_paid(same, currency)) > len(same)


def _paid(alike: Sequence[DecidedCase], currency: str) -> list[DecidedCase]:
    return [
        case
        for case in alike
        if case.resolution.compensation is not None
        and case.resolution.compensation.currency == currency
        and case.resolution.compensation.minor > 0
    ]


def _by_band(alike: Sequence[DecidedCase], currency: str) -> dict[AmountBand | None, Quartiles]:
    bands: dict[AmountBand | None, list[int]] = {}
    for case in _paid(alike, currency):
        assert case.resolution.compensation is not None
        bands.setdefault(case.amount_band, []).append(case.resolution.compensation.minor)
    return {band: _quartiles(values) for band, values in bands.items()}


def _days(alike: Sequence[DecidedCase]) -> Quartiles | None:
    days = [
        (case.resolution.decided_at - case.received_at) / timedelta(days=1)
        for case in alike
        if case.resolution.decided_at is not None
    ]
    return _quartiles(days) if days else None


def _quartiles(values: Sequence[float]) -> Quartiles:
    low, median, high = (float(v) for v in np.percentile(values, [25, 50, 75]))
    return Quartiles(low, median, high, len(values))
