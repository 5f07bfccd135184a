"""Precedents: alike complaints that were decided, and why they are worth reading."""

from collections.abc import Sequence
from typing import Self

import strawberry

from graph.domain.case import Decision
from graph.domain.enums import CatalogueKind
from graph.domain.scope import CaseReach
from graph.domain.views import ComplaintRecord
from schema.arguments import FirstFound
from schema.catalogue import Product
from schema.coded import CodedValue
from schema.complaint import Complaint
from schema.enums import AmountBand, OutcomeKind, RemedyKind
from schema.explanation import SimilarityExplanation
from schema.filters import ComplaintFilterInput, to_model
from schema.paging import search_size
from schema.request import Info
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
    def from_model(cls, model: similarity.Usefulness, *, exact: bool) -> Self:
        """``exact``: elsewhere it is rounded, or it would tell when it was decided."""

        def shown(part: float | None) -> float | None:
            return part if exact or part is None else round(part, 1)

        return cls(
            total=shown(model.total) or 0.0,
            outcome=model.outcome,
            satisfaction=shown(model.satisfaction),
            lasting=model.lasting,
            timely=model.timely,
            recency=shown(model.recency),
            rating=shown(model.rating),
        )


@strawberry.type(description="What a decided case teaches, wherever it was decided.")
class PrecedentCase:
    subject: str | None = strawberry.field(description="Its subject, masked.")
    narrative: str | None = strawberry.field(description="What the customer wrote, masked.")
    language: str | None = strawberry.field(description="Main language of the narrative.")
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: RemedyKind | None = strawberry.field(description="What was done for the customer.")
    model: strawberry.Private[ComplaintRecord]
    decision: strawberry.Private[Decision]

    @resolved(description="How much the customer was paid; null for nothing.")
    def compensation_band(self, info: Info) -> AmountBand | None:
        return info.context.uses.desk.band(self.decision.compensation)

    @resolved(description="What kind of complaint it was.")
    def type(self, info: Info) -> CodedValue | None:
        code = self.model.type
        return None if code is None else CodedValue.of(code, info.context.uses.vocabulary.types)

    @resolved(description="The product that it was about.")
    async def product(self, info: Info) -> Product | None:
        loader = info.context.loaders.entry(CatalogueKind.PRODUCT)
        return Product.from_optional(await loader.load(self.model.product))

    @classmethod
    def from_model(cls, model: ComplaintRecord, decision: Decision) -> Self:
        return cls(
            subject=model.subject,
            narrative=model.narrative,
            language=model.language,
            outcome=decision.outcome,
            remedy=decision.remedy,
            model=model,
            decision=decision,
        )


@strawberry.type(description="A decided case that shows how to decide an alike one.")
class Precedent:
    reach: CaseReach = strawberry.field(description="How much of it you see.")
    case: PrecedentCase = strawberry.field(
        description="What there is to learn from it, wherever it was decided."
    )
    complaint: Complaint | None = strawberry.field(
        description="The decided complaint; null beyond your reach."
    )
    score: float = strawberry.field(
        description="Likeness and usefulness together; compares within one answer."
    )
    resolution: Resolution | None = strawberry.field(
        description="How it was decided; null beyond your reach."
    )
    explanation: SimilarityExplanation = strawberry.field(description="Why it is alike.")
    usefulness: Usefulness = strawberry.field(description="Why it is worth following.")
    alike_count: int = strawberry.field(
        description="How many more cases of the same kind were decided the same way."
    )
    token: str = strawberry.field(
        description="Names this showing of this precedent, for a later rating of it."
    )
    others: strawberry.Private[tuple[str, ...]]

    @resolved(description="Those further cases, as far as they are within your reach.")
    async def alike(self, info: Info, first: FirstFound = 5) -> list[Complaint]:
        size = search_size(first, default=5)
        results = await info.context.loaders.complaints().load(self.others)
        return [Complaint.from_model(model) for model in results[:size]]

    @classmethod
    def from_model(cls, model: RankedPrecedent) -> Self:
        record, decision = model.candidate.complaint, model.resolution
        return cls(
            reach=CaseReach.FULL if model.full else CaseReach.PRECEDENT,
            case=PrecedentCase.from_model(record, decision),
            complaint=Complaint.from_model(record) if model.full else None,
            score=model.score,
            resolution=Resolution.from_model(record.id, decision) if model.full else None,
            explanation=SimilarityExplanation.from_model(model.explanation),
            usefulness=Usefulness.from_model(model.usefulness, exact=model.full),
            alike_count=len(model.alike),
            token=model.token,
            others=model.alike,
        )


async def precedents_of(
    model: ComplaintRecord, info: Info, first: int | None, filters: ComplaintFilterInput | None
) -> list[Precedent]:
    size = search_size(first)
    loader = info.context.loaders.precedents(to_model(filters), size)
    results: Sequence[RankedPrecedent] = await loader.load(model.id) if size else ()
    return [Precedent.from_model(precedent) for precedent in results]
