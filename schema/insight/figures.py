"""Figures with their uncertainty, and what opens them."""

from datetime import datetime
from typing import Self

import strawberry

from graph.insight import cohort
from graph.statistics import figures
from schema.enums import Channel, Level


@strawberry.type(description="A figure with its 95 % interval.")
class Figure:
    value: float = strawberry.field(description="The figure.")
    low: float | None = strawberry.field(
        description="The interval begins here; null where so few say nothing about it."
    )
    high: float | None = strawberry.field(
        description="The interval ends here; null where so few say nothing about it."
    )
    count: int = strawberry.field(description="Of how many.")

    @classmethod
    def from_model(cls, model: figures.Figure) -> Self:
        return cls(value=model.value, low=model.low, high=model.high, count=model.count)

    @classmethod
    def from_optional(cls, model: figures.Figure | None) -> Self | None:
        return None if model is None else cls.from_model(model)


@strawberry.type(
    description="Fields of `ComplaintFilter`. Set in the query's own filter, all that are not "
    "null, they find exactly the complaints that the figure stands on."
)
class Narrowing:
    products: list[str] | None = strawberry.field(description="Codes of products.")
    branches: list[str] | None = strawberry.field(description="Codes of branches.")
    departments: list[str] | None = strawberry.field(description="Codes of departments.")
    types: list[str] | None = strawberry.field(description="Codes of types.")
    root_causes: list[str] | None = strawberry.field(description="Codes of root causes.")
    channels: list[Channel] | None = strawberry.field(description="How they came in.")
    levels: list[Level] | None = strawberry.field(description="How far they are escalated.")
    received_from: datetime | None = strawberry.field(description="Received then or later.")
    received_to: datetime | None = strawberry.field(description="Received then or earlier.")
    duplicate: bool = strawberry.field(description="Duplicates are left out of every count.")

    @classmethod
    def from_model(cls, model: cohort.Narrowing) -> Self:
        return cls(
            products=_list(model.products),
            branches=_list(model.branches),
            departments=_list(model.departments),
            types=_list(model.types),
            root_causes=_list(model.root_causes),
            channels=None if model.channels is None else [Channel(c) for c in model.channels],
            levels=None if model.levels is None else [Level(c) for c in model.levels],
            received_from=model.received_from,
            received_to=model.received_to,
            duplicate=model.duplicate,
        )

    @classmethod
    def from_optional(cls, model: cohort.Narrowing | None) -> Self | None:
        return None if model is None else cls.from_model(model)


def _list(codes: tuple[str, ...] | None) -> list[str] | None:
    return None if codes is None else list(codes)
