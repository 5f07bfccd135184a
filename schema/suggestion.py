"""How the service would classify a complaint, how sure it is, and on what that rests."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from graph.domain import suggestions
from graph.domain.enums import (
    AmountBand,
    CatalogueKind,
    Nature,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import Label, label_of
from schema.arguments import LanguageArgument
from schema.coded import CodedValue
from schema.complaint import Complaint
from schema.enums import Dimension, Language, MissingFact, SuggestionSource
from schema.request import Info
from schema.resolved import resolved

_TREES = {
    Dimension.PRODUCT: CatalogueKind.PRODUCT,
    Dimension.DEPARTMENT: CatalogueKind.DEPARTMENT,
}
_ENUMS: dict[Dimension, type[StrEnum]] = {
    Dimension.NATURE: Nature,
    Dimension.SEVERITY: Severity,
    Dimension.URGENCY: Urgency,
    Dimension.TIMELINESS: Timeliness,
    Dimension.AMOUNT_BAND: AmountBand,
}


async def coded(info: Info, dimension: Dimension, code: str | None) -> CodedValue | None:
    """A code with its label; the trees are always asked, so that statements do not vary."""
    tree = _TREES.get(dimension)
    entries = ((tree, code),) if tree is not None and code is not None else ()
    names = await info.context.loaders.names().load(entries)
    if code is None:
        return None
    label: Label | None = None
    vocabulary = info.context.uses.vocabulary
    if entries:
        label = names.get(entries[0])
    elif dimension in _ENUMS:
        label = label_of(_ENUMS[dimension](code))
    elif dimension is Dimension.TYPE:
        label = vocabulary.types.get(code)
    elif dimension is Dimension.RISK_TYPES:
        label = vocabulary.risk_types.get(code)
    return CodedValue(code=code, known=label)


@strawberry.type(description="A value that a dimension may have.")
class Candidate:
    confidence: float = strawberry.field(
        description="How likely it is, 0 to 1: of a hundred with 0.9 about ninety are right."
    )
    code: strawberry.Private[str]
    dimension: strawberry.Private[Dimension]

    @resolved(description="The value.")
    async def value(self, info: Info) -> CodedValue | None:
        return await coded(info, self.dimension, self.code)


@strawberry.type(description="On what a suggested value rests.")
class SuggestionEvidence:
    model: strawberry.Private[suggestions.Suggested]
    whole: strawberry.Private[suggestions.Suggestion]
    text: strawberry.Private[str]

    @resolved(description="Words of its text that speak most for the value.")
    def terms(self, info: Info) -> list[str]:
        suggester = info.context.uses.suggester
        return list(suggester.terms(self.whole, self.model, self.text))

    @resolved(description="Rules that speak for the value.")
    def rules(self, info: Info) -> list[CodedValue]:
        known = info.context.uses.suggester.rules
        return [CodedValue(code=name, known=known.label(name)) for name in self.model.rules]

    @resolved(description="The nearest complaints that have the value.")
    async def cases(self, info: Info) -> list[Complaint]:
        loader = info.context.loaders.complaints()
        return [Complaint.from_model(model) for model in await loader.load(self.model.cases)]


@strawberry.type(description="What is suggested in one dimension; risks have an entry each.")
class SuggestedValue:
    dimension: Dimension = strawberry.field(description="What is told.")
    accepted: bool = strawberry.field(
        description="Whether it is sure enough; otherwise it abstains, and `value` is null."
    )
    confidence: float | None = strawberry.field(
        description="How likely the best candidate is, 0 to 1; only a rule gives 1."
    )
    source: SuggestionSource = strawberry.field(description="Where it comes from.")
    model_version: str | None = strawberry.field(description="The model, if one was asked.")
    alternatives: list[Candidate] = strawberry.field(
        description="Other candidates, the likeliest first; all of them where it abstains."
    )
    evidence: SuggestionEvidence = strawberry.field(description="On what it rests.")
    model: strawberry.Private[suggestions.Suggested]

    @resolved(description="The suggested value; null where it abstains.")
    async def value(self, info: Info) -> CodedValue | None:
        return await coded(info, self.dimension, self.model.value)

    @classmethod
    def from_model(
        cls, model: suggestions.Suggested, whole: suggestions.Suggestion, text: str
    ) -> Self:
        others = model.likely if model.value is None else model.likely[1:]
        return cls(
            dimension=model.dimension,
            accepted=model.value is not None,
            confidence=model.likely[0].confidence if model.likely else None,
            source=model.source,
            model_version=whole.model if model.source is SuggestionSource.MODEL else None,
            alternatives=[
                Candidate(confidence=c.confidence, code=c.value, dimension=model.dimension)
                for c in others
            ],
            evidence=SuggestionEvidence(model=model, whole=whole, text=text),
            model=model,
        )


@strawberry.type(description="Something that is not known and is needed.")
class MissingInformation:
    code: MissingFact = strawberry.field(description="What it is.")

    @resolved(description="What to ask for.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.code).text(info.context.language_of(language))


@strawberry.type(description="How the service would classify a complaint; a person confirms it.")
class Suggestion:
    at: datetime = strawberry.field(description="When it was made.")
    model_version: str | None = strawberry.field(
        description="The model that was in use; null if none was."
    )
    dimensions: list[SuggestedValue] = strawberry.field(description="Every dimension.")
    missing_facts: list[MissingInformation] = strawberry.field(
        description="What a handler has to ask for."
    )
    untaught: list[Dimension] = strawberry.field(
        description="Dimensions of which too little has been learnt: rules and neighbours tell."
    )

    @resolved(description="What to know about it, such as that too little has been learnt.")
    def note(self, info: Info, language: LanguageArgument = None) -> str | None:
        if not self.untaught:
            return None
        chosen = info.context.language_of(language)
        names = [label_of(dimension).text(chosen) for dimension in self.untaught]
        if chosen is Language.ZH:
            return f"已确认的投诉太少，尚未习得：{'、'.join(names)}；暂由规则和相似投诉给出。"
        return (
            f"Too few confirmed complaints to have learnt {', '.join(names)}; "
            "rules and alike complaints tell instead."
        )

    @classmethod
    def from_model(cls, model: suggestions.Suggestion, text: str) -> Self:
        """``text``: of the complaint, masked."""
        return cls(
            at=model.at,
            model_version=model.model,
            dimensions=[SuggestedValue.from_model(d, model, text) for d in model.dimensions],
            missing_facts=[MissingInformation(code=fact) for fact in model.missing],
            untaught=list(model.untaught),
        )


async def suggestion_of(model: ComplaintRecord, info: Info) -> Suggestion | None:
    result = await info.context.loaders.suggestion().load(model.id)
    return None if result is None else Suggestion.from_model(result, model.text or "")
