"""What a complaint is put down to, and which departments handle it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph.domain import case
from graph.domain.enums import CatalogueKind
from schema.arguments import FirstFound
from schema.catalogue import Department, RootCause
from schema.enums import AttributionSource, DepartmentRole
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved
from similarity.causes import CauseCandidate

if TYPE_CHECKING:
    from schema.complaint import Complaint

_Complaint = Annotated["Complaint", strawberry.lazy("schema.complaint")]


@strawberry.type(description="A root cause that a complaint is put down to.")
class RootCauseAttribution:
    source: AttributionSource = strawberry.field(description="Who says so.")
    confidence: float | None = strawberry.field(description="How sure that is, 0 to 1.")
    share: float | None = strawberry.field(description="Its part among several causes, 0 to 1.")
    by: str | None = strawberry.field(description="The person who said so.")
    at: datetime | None = strawberry.field(description="When that was said.")
    model: strawberry.Private[case.Attribution]

    @resolved(description="The cause.")
    async def root_cause(self, info: Info) -> RootCause | None:
        loader = info.context.loaders.entry(CatalogueKind.ROOT_CAUSE)
        return RootCause.from_optional(await loader.load(self.model.cause))

    @classmethod
    def from_model(cls, model: case.Attribution) -> Self:
        return cls(
            source=model.source,
            confidence=model.confidence,
            share=model.share,
            by=model.by,
            at=model.at,
            model=model,
        )


@strawberry.type(description="A department's part in a case.")
class Handling:
    role: DepartmentRole = strawberry.field(description="What it does in the case.")
    model: strawberry.Private[case.Handling]

    @resolved(description="The department.")
    async def department(self, info: Info) -> Department | None:
        loader = info.context.loaders.entry(CatalogueKind.DEPARTMENT)
        return Department.from_optional(await loader.load(self.model.department))

    @classmethod
    def from_model(cls, model: case.Handling) -> Self:
        return cls(role=model.role, model=model)


@strawberry.type(description="A root cause that alike complaints suggest.")
class RootCauseCandidate:
    confidence: float = strawberry.field(description="Its part of the alike cases' votes, 0 to 1.")
    model: strawberry.Private[CauseCandidate]

    @resolved(description="The cause.")
    async def root_cause(self, info: Info) -> RootCause | None:
        loader = info.context.loaders.entry(CatalogueKind.ROOT_CAUSE)
        return RootCause.from_optional(await loader.load(self.model.cause))

    @resolved(description="The alike complaints with this cause, the most alike first.")
    async def support(self, info: Info, first: FirstFound = 20) -> list[_Complaint]:
        from schema.complaint import Complaint

        size = search_size(first, default=20)
        loader = info.context.loaders.complaints()
        results = await loader.load(self.model.support)
        return [Complaint.from_model(model) for model in results[:size]]

    @classmethod
    def from_model(cls, model: CauseCandidate) -> Self:
        return cls(confidence=model.confidence, model=model)
