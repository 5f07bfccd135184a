"""Precedents: alike complaints that were decided, and why they are worth reading."""

from collections.abc import Sequence
from typing import Self

import strawberry

from graph.domain.views import ComplaintRecord
from schema.arguments import FirstFound
from schema.complaint import Complaint
from schema.explanation import SimilarityExplanation
from schema.filters import ComplaintFilterInput, to_model
from schema.paging import search_size
from schema.request import Info, place
from schema.resolution import Resolution
from schema.resolved import resolved
from similarity import usefulness as similarity
from similarity.precedents import RankedPrecedent


@strawberry.type(
    description="What makes a decided case worth following; each part is 0 to 1, null if not known."
)
class Usefulness:
    total: float = strawberry.field(description="The parts by their weights.")
    outcome: float | None = strawberry.field(description="Whether it had a clear outcome.")
    satisfaction: float | None = strawberry.field(description="Whether the customer was satisfied.")
    lasting: float | None = strawberry.field(
        description="Whether it was neither reopened nor repeated."
    )
    timely: float | None = strawberry.field(description="Whether it was decided in time.")
    recency: float | None = strawberry.field(description="How recent it is.")
    rating: float | None = strawberry.field(description="How handlers rated it.")

    @classmethod
    def from_model(cls, model: similarity.Usefulness) -> Self:
        return cls(
            total=model.total,
            outcome=model.outcome,
            satisfaction=model.satisfaction,
            lasting=model.lasting,
            timely=model.timely,
            recency=model.recency,
            rating=model.rating,
        )


@strawberry.type(description="A decided case that shows how to decide an alike one.")
class Precedent:
    complaint: Complaint = strawberry.field(description="The decided complaint.")
    score: float = strawberry.field(
        description="Likeness and usefulness together; compares within one answer."
    )
    resolution: Resolution = strawberry.field(description="How it was decided.")
    explanation: SimilarityExplanation = strawberry.field(description="Why it is alike.")
    usefulness: Usefulness = strawberry.field(description="Why it is worth following.")
    alike_count: int = strawberry.field(
        description="How many more cases of the same kind were decided the same way."
    )
    token: str = strawberry.field(
        description="Names this showing of this precedent, for a later rating of it."
    )
    others: strawberry.Private[tuple[str, ...]]

    @resolved(description="Those further cases.")
    async def alike(self, info: Info, first: FirstFound = 5) -> list[Complaint]:
        size = search_size(first, default=5)
        results = await info.context.loaders.complaints(place(info)).load(self.others[:size])
        return [Complaint.from_model(model) for model in results]

    @classmethod
    def from_model(cls, model: RankedPrecedent) -> Self:
        return cls(
            complaint=Complaint.from_model(model.candidate.complaint),
            score=model.score,
            resolution=Resolution.from_model(model.candidate.complaint.id, model.resolution),
            explanation=SimilarityExplanation.from_model(model.explanation),
            usefulness=Usefulness.from_model(model.usefulness),
            alike_count=len(model.alike),
            token=model.token,
            others=model.alike,
        )


async def precedents_of(
    model: ComplaintRecord, info: Info, first: int | None, filters: ComplaintFilterInput | None
) -> list[Precedent]:
    size = search_size(first)
    loader = info.context.loaders.precedents(place(info), to_model(filters), size)
    results: Sequence[RankedPrecedent] = await loader.load(model.id) if size else ()
    return [Precedent.from_model(precedent) for precedent in results]
