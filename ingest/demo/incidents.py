"""What happened to a customer: one theme, told in one or several filings."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ingest.demo.bank import Outlet
from ingest.demo.people import Person
from ingest.demo.phrases import Phrase, parse
from ingest.demo.themes import Case, Theme

_AT_BRANCH_SHARE = 0.08
_ANONYMOUS_SHARE = 0.03
_LAG_SPREAD = 0.9
_LONGEST_LAG = 700


@dataclass(frozen=True, slots=True)
class Incident:
    """``amount`` and ``sum`` in fen; ``picks`` are the theme's slots as they are in this one.
    ``at_branch``: the outlet is not known, only its branch.
    """

    theme: Theme
    case: Case
    person: Person
    outlet: Outlet
    occurred: date
    amount: int | None
    sum: int | None
    picks: Mapping[str, Phrase]
    clerk: float
    anonymous: bool
    at_branch: bool

    @property
    def place(self) -> str:
        """The code of the outlet or, where it is not known, of the branch."""
        return self.outlet.branch if self.at_branch else self.outlet.code

    @property
    def disputed(self) -> int | None:
        """The amount in dispute, in fen."""
        match self.theme.disputed:
            case "amount":
                return self.amount
            case "sum":
                return self.sum
            case _:
                return None


def incident(
    random: Random,
    pair: tuple[Theme, Case],
    person: Person,
    outlet: Outlet,
    received: date,
    *,
    occurred: date | None = None,
    slots: Mapping[str, str] | None = None,
    certain: bool = False,
) -> Incident:
    """An incident that is complained about on the day ``received``.

    ``slots`` fixes some of the theme's slots; ``certain``: customer and outlet are known.
    """
    theme, case = pair
    lag = min(_LONGEST_LAG, round(random.lognormvariate(math.log(theme.lag), _LAG_SPREAD)))
    picks = {name: random.choice(values) for name, values in theme.slots.items()}
    picks.update({name: parse(value) for name, value in (slots or {}).items()})
    return Incident(
        theme,
        case,
        person,
        outlet,
        occurred or received - timedelta(days=lag),
        _amount(random, theme),
        _round_sum(random, theme.sum),
        picks,
        random.random(),
        random.random() < _ANONYMOUS_SHARE and not certain,
        random.random() < _AT_BRANCH_SHARE and not certain,
    )


def _log_uniform(random: Random, bounds: tuple[int, int]) -> float:
    low, high = bounds
    return math.exp(random.uniform(math.log(low), math.log(high)))


def _amount(random: Random, theme: Theme) -> int | None:
    """An odd amount in fen, as fees and losses are: often whole yuan, sometimes tens."""
    if theme.amounts:
        return random.choice(theme.amounts) * 100
    if theme.amount is None:
        return None
    value = _log_uniform(random, theme.amount)
    shape = random.random()
    if shape < 0.45:
        return round(value * 100)
    if shape < 0.75 or value < 100:
        return round(value) * 100
    return round(value / 10) * 1000


def _round_sum(random: Random, bounds: tuple[int, int] | None) -> int | None:
    """A principal in fen: two leading digits at most."""
    if bounds is None:
        return None
    value = _log_uniform(random, bounds)
    digits = 2 if random.random() < 0.5 else 1
    step = int(10 ** max(0, int(math.log10(value)) - digits + 1))
    return max(step, round(value / step) * step) * 100
