"""Complaints found by their likeness, each with why it was found."""

from collections.abc import Sequence
from typing import Self

import strawberry

from graph.domain.families import FamilyKind
from graph.domain.views import ComplaintRecord
from graph.errors import NoTextError
from schema.arguments import FirstFound
from schema.complaint import Complaint, related
from schema.explanation import SimilarityExplanation
from schema.filters import ComplaintFilterInput, to_model
from schema.ids import NodeKind, global_id
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved
from similarity.finder import Alike


@strawberry.type(description="A complaint that a search found.")
class ScoredComplaint:
    complaint: Complaint = strawberry.field(description="The complaint.")
    score: float = strawberry.field(description="Its rank's worth; compares within one answer.")
    explanation: SimilarityExplanation = strawberry.field(description="Why it was found.")

    @classmethod
    def from_model(cls, model: Alike) -> Self:
        return cls(
            complaint=Complaint.from_model(model.complaint),
            score=model.score,
            explanation=SimilarityExplanation.from_model(model.explanation),
        )


@strawberry.type(description="A complaint that is alike another one.")
class SimilarComplaint:
    complaint: Complaint = strawberry.field(description="The complaint.")
    score: float = strawberry.field(description="How alike; compares within one answer.")
    explanation: SimilarityExplanation = strawberry.field(description="Why it was found.")
    model: strawberry.Private[ComplaintRecord]

    @resolved(description="The same filing received again; they stand under this one.")
    async def duplicates(self, info: Info, first: FirstFound = 10) -> list[Complaint]:
        return await related(self.model, info, FamilyKind.DUPLICATE_OF, first)

    @classmethod
    def from_model(cls, model: Alike) -> Self:
        return cls(
            complaint=Complaint.from_model(model.complaint),
            score=model.score,
            explanation=SimilarityExplanation.from_model(model.explanation),
            model=model.complaint,
        )


@strawberry.type(description="A complaint that a stored link joins to another one.")
class LinkedComplaint:
    complaint: Complaint = strawberry.field(description="The complaint.")
    score: float = strawberry.field(description="Cosine of the vectors of the two texts.")
    linked_with: list[strawberry.ID] = strawberry.field(
        description="Ids of those in the same list that a link joins to this one, too."
    )


async def linked_to(model: ComplaintRecord, info: Info, first: int | None) -> list[LinkedComplaint]:
    size = search_size(first)
    links = await info.context.loaders.linked(size).load(model.id) if size else ()
    return [
        LinkedComplaint(
            complaint=Complaint.from_model(other),
            score=link.score,
            linked_with=[global_id(NodeKind.COMPLAINT, key) for key in link.among],
        )
        for other, link in links
    ]


async def similar_to(
    model: ComplaintRecord,
    info: Info,
    first: int | None,
    filters: ComplaintFilterInput | None,
    min_score: float | None,
) -> list[SimilarComplaint]:
    size = search_size(first)
    loader = info.context.loaders.similar(to_model(filters), size, min_score)
    results: Sequence[Alike] = await loader.load(model.id) if size else ()
    if size and not results:
        if min_score is not None and not model.text:
            raise NoTextError(
                "This complaint has no text, so its likeness to others is not known: ask without "
                "`minScore` for those that share facts with it."
            )
        if model.text:
            await info.context.loaders.others_with_text(to_model(filters)).load("")
    return [SimilarComplaint.from_model(alike) for alike in results]
