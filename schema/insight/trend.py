"""Counts over time."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

import strawberry

from graph.domain.periods import midnight
from graph.insight import trend as models
from graph.insight.facets import check_depth
from graph.statistics import changes
from schema.enums import ChangeVerdict, Facet
from schema.filters import ComplaintFilterInput, to_model
from schema.insight.cohort import cohort_of
from schema.insight.figures import Narrowing
from schema.insight.groups import GroupKey
from schema.request import Info
from schema.scalars import TimeOrDate

Depth = Annotated[
    int | None,
    strawberry.argument(
        description="Of products, branches and root causes: 0 groups by the widest entries, 1 by "
        "those under them, and so on. Left out: the widest depth with more than one entry."
    ),
]


@strawberry.type(description="One bucket of a trend.")
class TrendPoint:
    start: datetime = strawberry.field(description="Its first moment.")
    end: datetime = strawberry.field(description="The first moment after it.")
    day: date = strawberry.field(description="Its first day in the business zone.")
    count: int = strawberry.field(description="Complaints received, duplicates left out.")
    complete: bool = strawberry.field(
        description="Whether it is over, and complaints of its last day or later are known."
    )
    per_thousand_outlets: float | None = strawberry.field(
        description="Complaints per 1,000 outlets; null where the bank does not say how many."
    )
    per_ten_million_customers: float | None = strawberry.field(
        description="Complaints per ten million customers; null where that is not known."
    )
    narrowing: Narrowing | None = strawberry.field(
        description="Opens its complaints; null where a filter cannot say it."
    )

    @classmethod
    def from_model(cls, model: models.Point, info: Info) -> Self:
        zone = info.context.uses.zone
        return cls(
            start=midnight(model.bucket.start, zone),
            end=midnight(model.bucket.end, zone),
            day=model.bucket.start,
            count=model.count,
            complete=model.complete,
            per_thousand_outlets=model.per_outlets,
            per_ten_million_customers=model.per_customers,
            narrowing=Narrowing.from_optional(model.narrowing),
        )


@strawberry.type(description="A count against an earlier one.")
class Change:
    count: int = strawberry.field(description="The count.")
    before: int = strawberry.field(description="The earlier count.")
    expected: float = strawberry.field(
        description="What the earlier count would have become by days, weekdays and months alone."
    )
    ratio: float | None = strawberry.field(
        description="The count over the expected one: 1 is no change; null after none at all."
    )
    low: float | None = strawberry.field(description="The ratio's 95 % interval begins here.")
    high: float | None = strawberry.field(
        description="The ratio's 95 % interval ends here; null where nothing bounds it."
    )
    probability: float | None = strawberry.field(
        description="Of a difference so large by chance (exact, of this series alone)."
    )
    verdict: ChangeVerdict = strawberry.field(
        description="What can be said, corrected for the series that are looked at together."
    )
    dispersion: float = strawberry.field(
        description="How many times the variance of such changes was that of chance alone before; "
        "the interval and the probability allow for it. 1: no more than by chance."
    )

    @classmethod
    def from_optional(cls, model: changes.Change | None) -> Self | None:
        if model is None:
            return None
        return cls(
            count=model.count,
            before=model.before,
            expected=model.expected,
            ratio=model.ratio,
            low=model.low,
            high=model.high,
            probability=model.probability,
            verdict=model.verdict,
            dispersion=model.spread,
        )


@strawberry.type(description="Counts over time of one group, or of all.")
class TrendSeries:
    key: GroupKey | None = strawberry.field(description="The group; null for all complaints.")
    total: int = strawberry.field(description="The sum of all buckets.")
    points: list[TrendPoint] = strawberry.field(description="Every bucket, also those of none.")
    compared: date | None = strawberry.field(
        description="The first day of the bucket that is compared, the last complete one."
    )
    against_before: Change | None = strawberry.field(
        description="Against the bucket before it; null before there were complaints."
    )
    against_year_before: Change | None = strawberry.field(
        description="Against the same bucket a year before (of days and weeks: 52 weeks)."
    )

    @classmethod
    def from_model(cls, model: models.Series, facet: Facet | None, info: Info) -> Self:
        return cls(
            key=None if facet is None else GroupKey(facet=facet, code=model.code),
            total=model.total,
            points=[TrendPoint.from_model(point, info) for point in model.points],
            compared=model.last.start if model.last else None,
            against_before=Change.from_optional(model.against_before),
            against_year_before=Change.from_optional(model.against_year_before),
        )


@strawberry.type(description="Counts over time, and the period that they are of.")
class Trend:
    since: date = strawberry.field(
        name="from", description="The first day shown, in the business zone."
    )
    until: date = strawberry.field(name="to", description="The first day that is not shown.")
    older: bool = strawberry.field(
        description="Whether the graph holds complaints received before that: `from` shows them."
    )
    series: list[TrendSeries] = strawberry.field(
        description="One for each group, the largest first; one of all without groups."
    )

    @classmethod
    def from_model(cls, model: models.Trend, facet: Facet | None, info: Info) -> Self:
        return cls(
            since=model.since,
            until=model.until,
            older=model.older,
            series=[TrendSeries.from_model(series, facet, info) for series in model.series],
        )


async def trend(
    info: Info,
    filters: ComplaintFilterInput | None,
    period: tuple[TimeOrDate | None, TimeOrDate | None],
    request: models.TrendRequest,
) -> Trend | None:
    check_depth(request.depth)
    uses = info.context.uses
    cohort = await cohort_of(info, filters, *period)
    now = datetime.now(UTC)
    result = await models.trend(uses.database, cohort, to_model(filters), request, uses.zone, now)
    return None if result is None else Trend.from_model(result, request.facet, info)
