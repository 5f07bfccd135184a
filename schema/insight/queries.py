"""What analysts ask."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.insight import measures as measuring
from graph.insight.trend import TrendRequest
from schema.arguments import FirstFound
from schema.enums import Facet, Interval
from schema.filters import FilterArgument
from schema.insight.measures import Measures
from schema.insight.scope import From, To, scope_of
from schema.insight.trend import Depth, TrendSeries, trend
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved

#: What an analysis counts as, however many complaints it reads: one pass of the database.
_ANALYSIS = 500
GroupBy = Annotated[
    Facet | None, strawberry.argument(description="One series for each; left out: one of all.")
]


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

    @resolved(
        description="Complaints over time, by any facet, the largest groups first: every bucket "
        "with rates, and the last complete one against the one before and a year before. "
        "A period is widened to whole buckets; it ends at most with the newest complaint.",
        searches=_ANALYSIS,
    )
    async def trend(
        self,
        info: Info,
        group_by: GroupBy = None,
        interval: Annotated[
            Interval | None, strawberry.argument(description="The length of a bucket.")
        ] = Interval.MONTH,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
        depth: Depth = None,
        first: FirstFound = 10,
    ) -> list[TrendSeries] | None:
        chosen = interval or Interval.MONTH
        request = TrendRequest(chosen, group_by, depth, search_size(first))
        return await trend(info, filter, (since, until), request)
