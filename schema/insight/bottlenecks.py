"""Where cases wait."""

from typing import Self

import strawberry

from graph.insight import bottlenecks as models
from graph.queries.trees import Facet
from graph.statistics.survival import Survival
from schema.enums import CaseStatus
from schema.insight.figures import Figure, Narrowing
from schema.insight.groups import GroupKey


@strawberry.type(description="How many still wait after so many days, with a 95 % interval.")
class StillWaiting:
    day: int = strawberry.field(description="Whole days since the step began.")
    share: float = strawberry.field(description="The share that takes longer than this day.")
    low: float | None = strawberry.field(
        description="The interval begins here; null where nobody waits any more."
    )
    high: float | None = strawberry.field(
        description="The interval ends here; null where nobody waits any more."
    )

    @classmethod
    def from_model(cls, model: Survival) -> Self:
        return cls(day=model.day, share=model.share, low=model.low, high=model.high)


@strawberry.type(
    description="How long a step takes, in days. Cases that are still in it are counted in "
    "(Kaplan-Meier), so that long waits are not left out because they are not over."
)
class StepTime:
    status: CaseStatus | None = strawberry.field(
        description="The status that they wait in; null: the whole way, from receipt to the first "
        "answer. Steps are known of cases that were worked on here; of imported ones the whole way."
    )
    ended: int = strawberry.field(description="Cases that left the step.")
    waiting: int = strawberry.field(description="Cases that are in it now.")
    median_days: Figure | None = strawberry.field(
        description="Half of them took at most so long; null while too many wait to tell."
    )
    p90_days: Figure | None = strawberry.field(
        description="Nine of ten took at most so long; null while too many wait to tell."
    )
    overdue: Figure | None = strawberry.field(
        description="Of the whole way: share answered late or open after the deadline. Of a step: "
        "share of those waiting in it that are after theirs."
    )
    curve: list[StillWaiting] = strawberry.field(
        description="The share that still waits, day by day (Kaplan-Meier, Greenwood's interval on "
        "the log-log scale); only days in which something ended."
    )

    @classmethod
    def from_model(cls, model: models.StepTime) -> Self:
        return cls(
            status=model.status,
            ended=model.ended,
            waiting=model.waiting,
            median_days=Figure.from_optional(model.median),
            p90_days=Figure.from_optional(model.p90),
            overdue=Figure.from_optional(model.overdue),
            curve=[StillWaiting.from_model(each) for each in model.curve],
        )


@strawberry.type(description="The steps of a group's cases.")
class Bottleneck:
    key: GroupKey = strawberry.field(description="The group.")
    steps: list[StepTime] = strawberry.field(description="The whole way, then each known step.")
    narrowing: Narrowing | None = strawberry.field(description="Opens its complaints.")

    @classmethod
    def from_model(cls, model: models.Bottleneck, facet: Facet) -> Self:
        return cls(
            key=GroupKey(facet=facet, code=model.code),
            steps=[StepTime.from_model(step) for step in model.steps],
            narrowing=Narrowing.from_optional(model.narrowing),
        )
