"""What the service suggests about a complaint that nobody has classified yet; plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Dimension(StrEnum):
    """What is told of a complaint; one value each, but for the risks."""

    NATURE = "NATURE"
    TYPE = "TYPE"
    PRODUCT = "PRODUCT"
    DEPARTMENT = "DEPARTMENT"
    SEVERITY = "SEVERITY"
    URGENCY = "URGENCY"
    RISK_TYPES = "RISK_TYPES"
    TIMELINESS = "TIMELINESS"
    AMOUNT_BAND = "AMOUNT_BAND"


#: Learnt from confirmed complaints; the others follow from rules.
LEARNT = (
    Dimension.NATURE,
    Dimension.TYPE,
    Dimension.PRODUCT,
    Dimension.DEPARTMENT,
    Dimension.SEVERITY,
)


class SuggestionSource(StrEnum):
    """Where a suggested value comes from."""

    MODEL = "MODEL"
    GENERAL_MODEL = "GENERAL_MODEL"
    RULE = "RULE"
    NEIGHBOURS = "NEIGHBOURS"


class MissingFact(StrEnum):
    """What a handler has to ask for."""

    AMOUNT = "AMOUNT"
    OCCURRED_AT = "OCCURRED_AT"
    ACCOUNT = "ACCOUNT"
    PRODUCT = "PRODUCT"
    BRANCH = "BRANCH"
    CUSTOMER = "CUSTOMER"


@dataclass(frozen=True, slots=True)
class Likely:
    """A value and how sure it is, 0..1."""

    value: str
    confidence: float


#: What was learned may be wrong, however sure it looks.
SUREST_LEARNED = 0.999


def voted(weights: Mapping[str, float], voices: int) -> tuple[Likely, ...]:
    """Values by their share of the voices, the largest first; never 1.

    One voice of average weight is added for a value that nobody has named (Laplace's rule of
    succession), so that three who agree are surer than one.
    """
    total = sum(weights.values()) * (1 + 1 / voices) if voices else 0
    ordered = sorted(weights, key=lambda value: (-weights[value], value))
    return tuple(Likely(value, weights[value] / total) for value in ordered)


def is_majority(likely: Sequence[Likely], share: float) -> bool:
    """Whether the first has so large a share of all that were named."""
    return bool(likely) and likely[0].confidence >= share * sum(each.confidence for each in likely)


@dataclass(frozen=True, slots=True)
class Suggested:
    """One dimension. ``value`` None: it abstains; ``likely`` has the candidates, the best first.

    ``rules``: names of the rules that fired; ``cases``: ids of the nearest labelled complaints
    that have the best candidate's value.
    """

    dimension: Dimension
    source: SuggestionSource
    value: str | None
    likely: tuple[Likely, ...] = ()
    rules: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """All dimensions of one complaint. ``model`` None: nothing learnt was used.

    ``untaught``: the dimensions for which too little has been learnt.
    """

    complaint: str
    at: datetime
    model: str | None
    dimensions: tuple[Suggested, ...]
    missing: tuple[MissingFact, ...] = ()
    untaught: tuple[Dimension, ...] = ()

    @property
    def id(self) -> str:
        """One for each complaint and model: made again, it replaces itself."""
        return f"{self.complaint}.{self.model or 'rules'}"
