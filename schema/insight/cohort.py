"""What an analysis is narrowed to."""

from typing import Annotated

import strawberry

from graph.insight.cohort import Cohort
from schema.filters import ComplaintFilterInput, to_model
from schema.request import Info
from schema.scalars import TimeOrDate, in_zone

From = Annotated[
    TimeOrDate | None,
    strawberry.argument(name="from", description="Received at this time or later."),
]
To = Annotated[
    TimeOrDate | None, strawberry.argument(name="to", description="Received before this time.")
]


async def cohort_of(
    info: Info,
    filters: ComplaintFilterInput | None,
    since: TimeOrDate | None,
    until: TimeOrDate | None,
) -> Cohort:
    """What is analysed: a filter, and a period in the business zone."""
    zone = info.context.uses.zone
    narrowed = await info.context.uses.finder.compile(to_model(filters), info.context.scope)
    return Cohort(narrowed, in_zone(since, zone, "from"), in_zone(until, zone, "to"))
