"""Customers who came back with the same case after an answer."""

from datetime import datetime
from functools import partial
from typing import Self

import strawberry

from graph.domain.filters import ComplaintFilter
from graph.queries import repeats as queries
from schema.arguments import After, FirstFound, FirstOfPage
from schema.complaint import Complaint
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.customer import Customer
from schema.filters import FilterArgument, to_model
from schema.paging import Slice, page_slice, search_size
from schema.request import Info
from schema.resolved import resolved

#: Complaints of a customer that can be asked for with the list.
_MOST_SHOWN = 100


@strawberry.type(
    description="A customer who came back: who filed the same case again after it was answered."
)
class RepeatComplainer:
    times: int = strawberry.field(description="How often, within what the filter leaves.")
    cases: int = strawberry.field(description="How many cases that was about.")
    first_at: datetime = strawberry.field(description="When for the first time.")
    last_at: datetime = strawberry.field(description="When for the last time.")
    model: strawberry.Private[queries.RepeatComplainer]

    @resolved(description="Who.")
    async def customer(self, info: Info) -> Customer | None:
        loader = info.context.loaders.customer()
        return Customer.from_optional(await loader.load(self.model.customer))

    @resolved(description="The complaints with which the customer came back, newest first.")
    async def complaints(self, info: Info, first: FirstFound = 10) -> list[Complaint]:
        ids = tuple(self.model.complaints[: search_size(first)])
        results = await info.context.loaders.complaints().load(ids)
        return [Complaint.from_model(model) for model in results]

    @classmethod
    def from_model(cls, model: queries.RepeatComplainer) -> Self:
        return cls(
            times=model.times,
            cases=model.cases,
            first_at=model.first_at,
            last_at=model.last_at,
            model=model,
        )


@strawberry.type
class RepeatQuery:
    """Who came back; ``Query`` inherits this."""

    @resolved(
        description="Customers who came back with the same case after an answer, the most "
        "frequent first. The filter narrows the complaints with which they did: to a period, a "
        "branch, a product.",
        searches=100,
    )
    async def repeat_complainers(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        first: FirstOfPage = None,
        after: After = None,
    ) -> Connection[RepeatComplainer]:
        part = page_slice(first, after, None, None)
        return await _page(info, to_model(filter), part)


async def _page(
    info: Info, filters: ComplaintFilter | None, part: Slice
) -> Connection[RepeatComplainer]:
    cursors = scope("repeatComplainers", filters)
    before = cursors.decode(part.after, "after")
    uses = info.context.uses
    narrowed = await uses.finder.compile(filters, info.context.scope)
    results = await queries.page(uses.database, narrowed, before, part.size + 1, _MOST_SHOWN)
    nodes = [RepeatComplainer.from_model(model) for model in results[: part.size]]
    places = [cursors.encode(node.model.key) for node in nodes]
    return Connection(
        edges=edges_of(nodes, places),
        nodes=nodes,
        page_info=page_info(
            places, following=len(results) > part.size, preceding=before is not None
        ),
        count=partial(queries.count, uses.database, narrowed),
    )
