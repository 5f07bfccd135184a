"""What analysts ask."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.domain.filters import DEFAULT_CURRENCY
from graph.insight import measures as measuring
from graph.insight.bottlenecks import bottlenecks
from graph.insight.branches import branch_comparison
from graph.insight.causes import root_cause_tree
from graph.insight.facets import check_depth
from graph.insight.hotspots import USUAL, hotspots
from graph.insight.trend import TrendRequest
from schema.arguments import FirstFound
from schema.enums import Facet, HotspotDimension, Interval
from schema.filters import FilterArgument
from schema.insight.bottlenecks import Bottleneck
from schema.insight.branches import BranchComparison
from schema.insight.causes import RootCauseTree
from schema.insight.cohort import From, To, cohort_of
from schema.insight.hotspots import Hotspot
from schema.insight.measures import Measures
from schema.insight.trend import Depth, Trend, trend
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved

#: What an analysis costs of itself, and for each complaint that the bank has: to count one is less
#: than to show it. Combinations are looked at again and again.
_ANALYSIS, _COUNTED, _COMBINED = 500, 0.01, 0.02
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
        reads=_COUNTED,
    )
    async def measures(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
    ) -> Measures | None:
        cohort = await cohort_of(info, filter, since, until)
        now = datetime.now(UTC)
        return Measures.from_model(
            await measuring.measures(info.context.uses.database, cohort, now)
        )

    @resolved(
        description="Complaints over time, by any facet, the largest groups first: every bucket "
        "with rates, and the last complete one against the one before and a year before. "
        "A period is widened to whole buckets; it ends at most with the newest complaint. Left "
        "out, it is the last 90 days, 53 weeks, 24 months, 12 quarters or 5 years. Null where "
        "there are no complaints.",
        searches=_ANALYSIS,
        reads=_COUNTED,
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
    ) -> Trend | None:
        chosen = interval or Interval.MONTH
        request = TrendRequest(chosen, group_by, depth, search_size(first))
        return await trend(info, filter, (since, until), request)

    @resolved(
        description="Combinations of product, cause, branch, month and so on with more complaints "
        "than their parts explain, those with most beyond the expected first.",
        searches=_ANALYSIS,
        reads=_COMBINED,
    )
    async def hotspots(
        self,
        info: Info,
        dimensions: Annotated[
            list[HotspotDimension] | None,
            strawberry.argument(
                description="Two to four; product, root cause, branch and month if left out."
            ),
        ] = None,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
        first: FirstFound = 20,
    ) -> list[Hotspot] | None:
        cohort, uses = await cohort_of(info, filter, since, until), info.context.uses
        sides = USUAL if dimensions is None else dimensions
        results = await hotspots(uses.database, cohort, sides, uses.zone, search_size(first))
        return [Hotspot.from_model(each) for each in results]

    @resolved(
        description="Branches compared on alike cases, the largest first: handling time, "
        "escalation, repeats, compensation, with funnel limits that forgive small branches. "
        "Money is of the filter's currency, CNY if left out.",
        searches=_ANALYSIS,
        reads=_COUNTED,
    )
    async def branch_comparison(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
        depth: Annotated[
            int | None,
            strawberry.argument(
                description="0 compares the widest units, 1 those under them, and so on. Left "
                "out: branches, as far as nine of ten complaints tell them."
            ),
        ] = None,
        first: FirstFound = 50,
    ) -> list[BranchComparison] | None:
        check_depth(depth)
        cohort, size = await cohort_of(info, filter, since, until), search_size(first)
        currency = (filter.currency if filter else None) or DEFAULT_CURRENCY
        results = await branch_comparison(info.context.uses.database, cohort, depth, currency, size)
        return [BranchComparison.from_model(each) for each in results]

    @resolved(
        description="Where cases wait: the time in each step, open cases counted in, by "
        "department, branch, product or any other facet, the largest groups first.",
        searches=_ANALYSIS,
        reads=_COUNTED,
    )
    async def bottlenecks(
        self,
        info: Info,
        group_by: Annotated[
            Facet | None, strawberry.argument(description="By what; departments if left out.")
        ] = Facet.DEPARTMENT,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
        depth: Depth = None,
        first: FirstFound = 20,
    ) -> list[Bottleneck] | None:
        check_depth(depth)
        cohort, size = await cohort_of(info, filter, since, until), search_size(first)
        facet, now = group_by or Facet.DEPARTMENT, datetime.now(UTC)
        database = info.context.uses.database
        results = await bottlenecks(database, cohort, facet, depth, size, now)
        return [Bottleneck.from_model(each, facet) for each in results]

    @resolved(
        description="The root causes of complaints as a tree, with the complaints of exactly each "
        "cause and of it with all narrower ones.",
        searches=_ANALYSIS,
        reads=_COUNTED,
    )
    async def root_cause_tree(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        since: From = None,
        until: To = None,
        depth: Annotated[
            int | None, strawberry.argument(description="So deep at most; 0 is the top alone.")
        ] = None,
        empty: Annotated[
            bool | None, strawberry.argument(description="Also causes without any complaint.")
        ] = False,
    ) -> RootCauseTree | None:
        check_depth(depth)
        cohort, database = await cohort_of(info, filter, since, until), info.context.uses.database
        result = await root_cause_tree(database, cohort, depth=depth, empty=bool(empty))
        return RootCauseTree.from_model(result)
