"""The context of a case: all that a case desk shows, in one request."""

from typing import Self

import strawberry

from graph.domain.enums import CatalogueKind
from graph.domain.families import FamilyKind
from graph.domain.views import ComplaintRecord
from schema.arguments import FirstFound, MinScore
from schema.catalogue import RootCause
from schema.complaint import Complaint, related
from schema.desk.guidance import Procedure, procedures_for
from schema.escalation import Escalation
from schema.filters import FilterArgument
from schema.paging import search_size
from schema.precedent import Precedent, precedents_of
from schema.request import Info, place
from schema.resolved import resolved
from schema.similar import SimilarComplaint, similar_to
from schema.suggestion import Suggestion, suggestion_of
from similarity.causes import CauseCandidate

_HISTORY = 20
_CANDIDATES = 5


@strawberry.type(description="A root cause that alike complaints suggest.")
class RootCauseCandidate:
    confidence: float = strawberry.field(description="Its part of the alike cases' votes, 0 to 1.")
    model: strawberry.Private[CauseCandidate]

    @resolved(description="The cause.")
    async def root_cause(self, info: Info) -> RootCause | None:
        loader = info.context.loaders.entry(place(info), CatalogueKind.ROOT_CAUSE)
        return RootCause.from_optional(await loader.load(self.model.cause))

    @resolved(description="The alike complaints with this cause, the most alike first.")
    async def support(self, info: Info, first: FirstFound = _HISTORY) -> list[Complaint]:
        size = search_size(first, default=_HISTORY)
        loader = info.context.loaders.complaints(place(info))
        results = await loader.load(self.model.support)
        return [Complaint.from_model(model) for model in results[:size]]

    @classmethod
    def from_model(cls, model: CauseCandidate) -> Self:
        return cls(confidence=model.confidence, model=model)


@strawberry.type(description="What a handler wants to see beside a complaint.")
class CaseContext:
    complaint: Complaint = strawberry.field(description="The complaint itself.")
    model: strawberry.Private[ComplaintRecord]

    @resolved(description="Other complaints of the same customer, newest first.")
    async def customer_history(
        self, info: Info, first: FirstFound = _HISTORY
    ) -> list[Complaint] | None:
        size = search_size(first, default=_HISTORY)
        loader = info.context.loaders.filed(place(info), size + 1)
        results, _ = await loader.load(self.model.customer)
        others = [model for model in results if model.id != self.model.id]
        return [Complaint.from_model(model) for model in others[:size]]

    @resolved(description="How far it is escalated, who answers for it, and why.")
    def escalation(self) -> Escalation | None:
        return Escalation.from_model(self.model)

    @resolved(description="Filings of the same case received before an answer.")
    async def duplicates(self, info: Info, first: FirstFound = 10) -> list[Complaint] | None:
        return await related(self.model, info, FamilyKind.DUPLICATE_OF, first)

    @resolved(description="Filings of the same case after an answer.")
    async def repeats(self, info: Info, first: FirstFound = 10) -> list[Complaint] | None:
        return await related(self.model, info, FamilyKind.REPEATS, first)

    @resolved(description="The most alike other complaints.", searches=20)
    async def similar(
        self,
        info: Info,
        first: FirstFound = 10,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        min_score: MinScore = None,
    ) -> list[SimilarComplaint] | None:
        return await similar_to(self.model, info, first, filter, min_score)

    @resolved(
        description="Alike complaints that were decided, the most useful first.",
        searches=50,
    )
    async def precedents(
        self,
        info: Info,
        first: FirstFound = 10,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
    ) -> list[Precedent] | None:
        return await precedents_of(self.model, info, first, filter)

    @resolved(
        description="Root causes that alike complaints suggest, the likeliest first.",
        searches=40,
    )
    async def root_cause_candidates(
        self, info: Info, first: FirstFound = _CANDIDATES
    ) -> list[RootCauseCandidate] | None:
        size = search_size(first, default=_CANDIDATES)
        results = await info.context.loaders.causes(place(info), size).load(self.model.id)
        return [RootCauseCandidate.from_model(model) for model in results]

    @resolved(
        description="Alike complaints of the same branch around the same time.",
        searches=20,
    )
    async def branch_recent(self, info: Info, first: FirstFound = 10) -> list[Complaint] | None:
        size = search_size(first)
        results = await info.context.loaders.branch_recent(place(info), size).load(self.model.id)
        return [Complaint.from_model(model) for model in results[:size]]

    @resolved(description="Standard procedures for this kind of complaint, the special ones first.")
    def guidance(self, info: Info) -> list[Procedure]:
        return procedures_for(info, self.model)

    @resolved(
        description="How the service would classify it: as it was registered, or now for one that "
        "nobody has read; null for others and without a text.",
        searches=20,
    )
    async def suggestion(self, info: Info) -> Suggestion | None:
        return await suggestion_of(self.model, info)

    @classmethod
    def from_model(cls, model: ComplaintRecord) -> Self:
        return cls(complaint=Complaint.from_model(model), model=model)
