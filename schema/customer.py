"""A customer: a pseudonym, and what he filed."""

from typing import Self

import strawberry

from graph.domain import views
from schema.arguments import FirstFound
from schema.complaint import Complaint
from schema.ids import NodeKind, global_id
from schema.node import Node
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved

_HISTORY = 20


@strawberry.type(description="Someone who files complaints: a pseudonym, never a name.")
class Customer(Node):
    segment: str | None = strawberry.field(description="The bank's customer segment.")
    region: str | None = strawberry.field(description="Where the customer lives.")
    vulnerable: bool | None = strawberry.field(description="Whether known to be vulnerable.")
    model: strawberry.Private[views.Customer]

    @resolved(
        description="The newest complaints, newest first; the query `complaints` with a filter by "
        "this customer pages through all."
    )
    async def complaints(self, info: Info, first: FirstFound = _HISTORY) -> list[Complaint] | None:
        size = search_size(first, default=_HISTORY)
        results, _ = await info.context.loaders.filed(size).load(self.model.id)
        return [Complaint.from_model(model) for model in results[:size]]

    @resolved(description="How many complaints were filed, duplicates left out.")
    async def complaint_count(self, info: Info) -> int:
        _, total = await info.context.loaders.filed(0).load(self.model.id)
        return total

    @classmethod
    def from_model(cls, model: views.Customer) -> Self:
        return cls(
            id=global_id(NodeKind.CUSTOMER, model.id),
            segment=model.segment,
            region=model.region,
            vulnerable=model.vulnerable,
            model=model,
        )

    @classmethod
    def from_optional(cls, model: views.Customer | None) -> Self | None:
        return None if model is None else cls.from_model(model)
