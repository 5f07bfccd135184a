"""Counts of the whole bank for those who may not open its cases."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

import strawberry

from graph.insight import counts as models
from graph.statistics.suppression import THRESHOLD
from schema.enums import Facet
from schema.insight.groups import GroupKey
from schema.request import Info
from schema.resolved import resolved

_Since = Annotated[
    date | None,
    strawberry.argument(
        name="from", description="A day of the first month; left out: 24 months are shown."
    ),
]
_Until = Annotated[
    date | None,
    strawberry.argument(
        name="to", description="A day of the last month; left out: the last one that is over."
    ),
]
_GroupBy = Annotated[
    Facet | None,
    strawberry.argument(
        description="One series for each; of trees at the widest depth with more than one entry. "
        "Left out: one of all."
    ),
]


@strawberry.type(description="The complaints of a group in a month, if they may be told.")
class MonthlyCount:
    month: str = strawberry.field(description='The month, such as "2026-01".')
    count: int | None = strawberry.field(
        description="Complaints received, duplicates left out; null: hidden."
    )
    hidden: bool = strawberry.field(
        description="Whether it is hidden: it is of a few people, or would tell of them."
    )


@strawberry.type(description="The months of one group, or of all.")
class MonthlySeries:
    key: GroupKey | None = strawberry.field(description="The group; null for all complaints.")
    months: list[MonthlyCount] = strawberry.field(description="Every month, also those of none.")

    @classmethod
    def from_model(
        cls, model: models.MonthlySeries, months: tuple[date, ...], facet: Facet | None
    ) -> Self:
        return cls(
            key=None if facet is None else GroupKey(facet=facet, code=model.code),
            months=[
                MonthlyCount(month=f"{month:%Y-%m}", count=count, hidden=count is None)
                for month, count in zip(months, model.counts, strict=True)
            ],
        )


@strawberry.type(
    description="Counts of the whole bank, for those who may not open its cases. A cell of fewer "
    "than `threshold` different customers is hidden, and others with it, so that it cannot be had "
    "from the rest and the month's total; an unknown customer counts as one."
)
class MonthlyCounts:
    threshold: int = strawberry.field(description="From so many customers on a cell is shown.")
    series: list[MonthlySeries] = strawberry.field(
        description="One for each group, those with most complaints shown first; one of all "
        "without groups."
    )

    @classmethod
    def from_model(cls, model: models.MonthlyCounts, facet: Facet | None) -> Self:
        return cls(
            threshold=THRESHOLD,
            series=[MonthlySeries.from_model(each, model.months, facet) for each in model.series],
        )


@strawberry.type
class CountQuery:
    """``Query`` inherits this."""

    @resolved(
        description="Complaints by month in the whole bank, by one facet at a time, for those who "
        "may not open its cases: months that are over, nothing to filter by, small cells hidden. "
        "Within one's own reach `trend` and the others tell more.",
        searches=500,
        reads=0.01,
    )
    async def monthly_counts(
        self, info: Info, group_by: _GroupBy = None, since: _Since = None, until: _Until = None
    ) -> MonthlyCounts:
        uses = info.context.uses
        result = await models.monthly_counts(
            uses.database,
            group_by,
            models.Months(since, until),
            uses.keyring.secret("suppression"),
            uses.zone,
            datetime.now(UTC),
        )
        return MonthlyCounts.from_model(result, group_by)
