"""Branches compared on alike cases."""

from collections.abc import Callable
from typing import Any, Self

import strawberry

from graph.domain.money import Money as MoneyModel
from graph.insight import branches as models
from graph.queries.trees import Facet
from graph.statistics import funnel
from schema.enums import FunnelVerdict
from schema.insight.figures import Narrowing
from schema.insight.groups import GroupKey
from schema.money import Money


@strawberry.type(
    description="A branch's figure, what alike cases let expect, and the limits within which "
    "chance alone leaves a branch of its size; limits are null where there are too few cases."
)
class FunnelPlace:
    count: int = strawberry.field(description="Of how many cases.")
    value: float | None = strawberry.field(description="The branch's figure.")
    expected: float | None = strawberry.field(
        description="What cases of the same products and types had over all branches."
    )
    inner_low: float | None = strawberry.field(description="The 95 % limits begin here.")
    inner_high: float | None = strawberry.field(description="The 95 % limits end here.")
    outer_low: float | None = strawberry.field(description="The 99.8 % limits begin here.")
    outer_high: float | None = strawberry.field(description="The 99.8 % limits end here.")
    verdict: FunnelVerdict = strawberry.field(description="Where the figure lies.")
    dispersion: float = strawberry.field(
        description="How many times the variance of all branches is that of chance alone; the "
        "limits allow for it. 1: no more than by chance."
    )

    @classmethod
    def from_model(cls, model: funnel.Place) -> Self:
        return cls(**_limits(model, lambda value: value))


@strawberry.type(description="The same of an amount of money, all in one currency.")
class MoneyFunnelPlace:
    count: int = strawberry.field(description="Of how many cases.")
    value: Money | None = strawberry.field(description="The branch's figure.")
    expected: Money | None = strawberry.field(
        description="What cases of the same products and types had over all branches."
    )
    inner_low: Money | None = strawberry.field(description="The 95 % limits begin here.")
    inner_high: Money | None = strawberry.field(description="The 95 % limits end here.")
    outer_low: Money | None = strawberry.field(description="The 99.8 % limits begin here.")
    outer_high: Money | None = strawberry.field(description="The 99.8 % limits end here.")
    verdict: FunnelVerdict = strawberry.field(description="Where the figure lies.")
    dispersion: float = strawberry.field(
        description="How many times the variance of all branches is that of chance alone; the "
        "limits allow for it. 1: no more than by chance."
    )

    @classmethod
    def from_model(cls, model: funnel.Place, currency: str) -> Self:
        def money(minor: float | None) -> Money | None:
            return None if minor is None else Money.from_model(MoneyModel(round(minor), currency))

        return cls(**_limits(model, money))


def _limits(model: funnel.Place, shown: Callable[[float | None], Any]) -> dict[str, Any]:
    """The fields of a place; ``shown``: a figure as the API has it."""
    figures = ("value", "expected", "inner_low", "inner_high", "outer_low", "outer_high")
    return {
        "count": model.count,
        **{name: shown(getattr(model, name)) for name in figures},
        "verdict": model.verdict,
        "dispersion": model.spread,
    }


@strawberry.type(description="A branch against alike cases of all branches.")
class BranchComparison:
    key: GroupKey = strawberry.field(description="The branch.")
    total: int = strawberry.field(description="Complaints, duplicates left out.")
    handling_days: FunnelPlace = strawberry.field(
        description="Days to the first answer, geometric mean."
    )
    escalation: FunnelPlace = strawberry.field(description="Share that is not green.")
    repeats: FunnelPlace = strawberry.field(
        description="Share that files a case again after its answer, of known customers."
    )
    compensated: FunnelPlace = strawberry.field(description="Share of the answered that is paid.")
    compensation: MoneyFunnelPlace = strawberry.field(
        description="What the paid ones got over all rounds, geometric mean."
    )
    narrowing: Narrowing | None = strawberry.field(description="Opens its complaints.")

    @classmethod
    def from_model(cls, model: models.BranchPlace) -> Self:
        return cls(
            key=GroupKey(facet=Facet.BRANCH, code=model.code),
            total=model.total,
            handling_days=FunnelPlace.from_model(model.days),
            escalation=FunnelPlace.from_model(model.escalation),
            repeats=FunnelPlace.from_model(model.repeats),
            compensated=FunnelPlace.from_model(model.compensated),
            compensation=MoneyFunnelPlace.from_model(model.amount, model.currency),
            narrowing=Narrowing.from_optional(model.narrowing),
        )
