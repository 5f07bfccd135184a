"""What analysts ask."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.insight import measures as measuring
from graph.insight.scope import Scope
from schema.filters import ComplaintFilterInput, FilterArgument, to_model
from schema.insight.measures import Measures
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import TimeOrDate, in_zone

#: What an analysis counts as, however many complaints it reads: one pass of the database.
_ANALYSIS = 500

From = Annotated[
    TimeOrDate | None,
    strawberry.argument(name="from", description="Received at this time or later."),
]
To = Annotated[
    TimeOrDate | None, strawberry.argument(name="to", description="Received before this time.")
]


async def scope_of(
    info: Info,
    wanted: ComplaintFilterInput | None,
    since: TimeOrDate | None,
    until: TimeOrDate | None,
) -> Scope:
    """What is analysed: a filter, and a period in the business zone."""
    zone = info.context.uses.zone
    narrowed = await info.context.uses.finder.compile(to_model(wanted))
    return Scope(narrowed, in_zone(since, zone, "from"), in_zone(until, zone, "to"))


@strawberry.type
class InsightQuery:
    """The queries of analysts; ``Query`` inherits them."""

    @resolved(
        description="The three measures that banks report: handling time, repeat rate and "
        "first-time-right rate, of the complaints received in a period.",
        searches=_ANALYSIS,
    )
    async def measures(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
    ) -> Measures | None:
        scope = await scope_of(info, filter, since, until)
        now = datetime.now(UTC)
        return Measures.from_model(await measuring.measures(info.context.uses.database, scope, now))
