"""The three measures that banks report."""

from typing import Self

import strawberry

from graph.insight import measures as models
from schema.insight.figures import Figure, Narrowing


@strawberry.type(description="Days from receipt to the first answer, of those answered.")
class HandlingDays:
    median: Figure = strawberry.field(description="Half of them took at most so long.")
    mean: Figure = strawberry.field(description="The arithmetic mean.")
    p90: Figure = strawberry.field(description="Nine of ten took at most so long.")

    @classmethod
    def from_optional(cls, model: models.HandlingDays | None) -> Self | None:
        if model is None:
            return None
        return cls(
            median=Figure.from_model(model.median),
            mean=Figure.from_model(model.mean),
            p90=Figure.from_model(model.p90),
        )


@strawberry.type(
    description="The three measures that banks report, of the complaints received in the period; "
    "a figure is null where there is nothing to tell."
)
class Measures:
    total: int = strawberry.field(description="Complaints received, duplicates left out.")
    waiting: int = strawberry.field(
        description="Open and not answered yet: while there are some, the days look too short."
    )
    unsettled: int = strawberry.field(
        description="Answered in the last 30 days: they may still come back."
    )
    handling_days: HandlingDays | None = strawberry.field(
        description="Days to the first answer; withdrawn ones are left out."
    )
    repeat_rate: Figure | None = strawberry.field(
        description="Share that files a case again after its answer, of known customers."
    )
    first_time_right: Figure | None = strawberry.field(
        description="Share of the answered that was answered in the first round and neither "
        "reopened, found wrong by a review, nor filed again; of known customers."
    )
    narrowing: Narrowing = strawberry.field(description="Opens the complaints.")

    @classmethod
    def from_model(cls, model: models.Measures) -> Self:
        return cls(
            total=model.total,
            waiting=model.waiting,
            unsettled=model.unsettled,
            handling_days=HandlingDays.from_optional(model.handling),
            repeat_rate=Figure.from_optional(model.repeat_rate),
            first_time_right=Figure.from_optional(model.first_time_right),
            narrowing=Narrowing.from_model(model.narrowing),
        )
