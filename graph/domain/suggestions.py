"""What the service suggests about a complaint that nobody has classified yet; plain data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Dimension(StrEnum):
    """What is told of a complaint; one value each, but for the risks."""

    TYPE = "TYPE"
    PRODUCT = "PRODUCT"
    DEPARTMENT = "DEPARTMENT"
    SEVERITY = "SEVERITY"
    URGENCY = "URGENCY"
    RISK_TYPES = "RISK_TYPES"
    TIMELINESS = "TIMELINESS"
    AMOUNT_BAND = "AMOUNT_BAND"


#: Learnt from confirmed complaints; the others follow from rules.
LEARNT = (Dimension.TYPE, Dimension.PRODUCT, Dimension.DEPARTMENT, Dimension.SEVERITY)


class SuggestionSource(StrEnum):
    """Where a suggested value comes from."""

    MODEL = "MODEL"
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
