"""Money with its currency."""

from decimal import Decimal
from typing import Self

import strawberry

from graph.domain import money as domain


@strawberry.type(description="An amount of money.")
class Money:
    value: Decimal = strawberry.field(description="In the currency's major unit, exact.")
    currency: str = strawberry.field(description="ISO 4217, such as CNY.")

    @classmethod
    def from_model(cls, model: domain.Money) -> Self:
        return cls(value=model.value, currency=model.currency)

    @classmethod
    def from_optional(cls, model: domain.Money | None) -> Self | None:
        return None if model is None else cls.from_model(model)


@strawberry.input(description="An amount of money.")
class MoneyInput:
    value: Decimal = strawberry.field(description="In the currency's major unit.")
    currency: str = strawberry.field(default="CNY", description="ISO 4217.")
