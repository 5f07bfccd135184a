"""Why two complaints are alike, in parts that can be shown and in one sentence."""

from collections.abc import Mapping, Sequence
from typing import Self

import strawberry

from graph.domain.enums import AmountBand, CatalogueKind, Channel
from graph.domain.vocabulary import Label, Vocabulary, label_of
from graph.queries.names import Coded
from schema.arguments import LanguageArgument
from schema.enums import CalibrationSource, FactKind, Language
from schema.ids import NodeKind, global_id
from schema.policy import Group
from schema.request import Info
from schema.resolved import resolved
from similarity import explanation as similarity
from similarity.spaces import Likeness

_TREES = {
    FactKind.PRODUCT: CatalogueKind.PRODUCT,
    FactKind.BRANCH: CatalogueKind.BRANCH,
    FactKind.DEPARTMENT: CatalogueKind.DEPARTMENT,
    FactKind.ROOT_CAUSE: CatalogueKind.ROOT_CAUSE,
}


@strawberry.type(description="Something that two complaints have in common.")
class SharedFact:
    kind: FactKind = strawberry.field(description="What it is that they share.")
    exact: bool = strawberry.field(
        description="Whether both have this very code; otherwise it is the nearest wider one."
    )
    fact: strawberry.Private[similarity.SharedFact]

    @resolved(
        description="Its code; for a customer the id, empty for whoever may not see customers."
    )
    def code(self, info: Info) -> str:
        if self.kind is not FactKind.CUSTOMER:
            return self.fact.code
        known = Group.CUSTOMERS in info.context.permitted
        return global_id(NodeKind.CUSTOMER, self.fact.code) if known else ""

    @resolved(description="The name of what they share.")
    async def label(self, info: Info, language: LanguageArgument = None) -> str:
        names = await _names(info, (self.fact,))
        return name_of(
            self.fact, names, info.context.uses.vocabulary, info.context.language_of(language)
        )

    @classmethod
    def from_model(cls, model: similarity.SharedFact) -> Self:
        return cls(kind=model.kind, exact=model.exact, fact=model)


@strawberry.type(description="Which random pairs of complaints `semantic` is a share of.")
class SemanticBasis:
    source: CalibrationSource = strawberry.field(description="Whose texts they are of.")
    language: str | None = strawberry.field(
        description="Of the bank's own: the language of both texts."
    )
    texts: int | None = strawberry.field(
        description="Of the bank's own: texts in that language when pairs of a sample of them were "
        "compared."
    )

    @classmethod
    def from_model(cls, model: Likeness) -> Self:
        return cls(source=model.source, language=model.language, texts=model.texts)


@strawberry.type(description="Why a complaint was found.")
class SimilarityExplanation:
    semantic: float | None = strawberry.field(
        description="The share of random pairs of complaints that are less alike in meaning, "
        "0 to 1; null if one of the two has no text."
    )
    semantic_basis: SemanticBasis | None = strawberry.field(
        description="Which pairs these are; null with `semantic`."
    )
    lexical: float | None = strawberry.field(
        description="How alike the texts are in words, 0 to 1; null if one has no text."
    )
    shared_terms: list[str] = strawberry.field(
        description="Telling words that both texts have, the most telling first."
    )
    shared_facts: list[SharedFact] = strawberry.field(description="Codes that both have.")
    model: strawberry.Private[similarity.Explanation]

    @resolved(description="All of this in one sentence.")
    async def summary(self, info: Info, language: LanguageArgument = None) -> str:
        names = await _names(info, self.model.shared_facts)
        vocabulary = info.context.uses.vocabulary
        return self.model.summary(
            info.context.language_of(language),
            lambda fact, in_: name_of(fact, names, vocabulary, in_),
        )

    @classmethod
    def from_model(cls, model: similarity.Explanation) -> Self:
        return cls(
            semantic=model.semantic,
            semantic_basis=SemanticBasis.from_model(model.likeness) if model.likeness else None,
            lexical=model.lexical,
            shared_terms=list(model.shared_terms),
            shared_facts=[SharedFact.from_model(fact) for fact in model.shared_facts],
            model=model,
        )


async def _names(info: Info, facts: Sequence[similarity.SharedFact]) -> Mapping[Coded, Label]:
    coded = tuple((_TREES[fact.kind], fact.code) for fact in facts if fact.kind in _TREES)
    return await info.context.loaders.names().load(coded)


def name_of(
    fact: similarity.SharedFact,
    names: Mapping[Coded, Label],
    vocabulary: Vocabulary,
    language: Language,
) -> str:
    """What a shared code is called; the code itself if nothing is known of it."""
    known: Label | None = None
    if fact.kind in _TREES:
        known = names.get((_TREES[fact.kind], fact.code))
    elif fact.kind is FactKind.TYPE:
        known = vocabulary.types.get(fact.code)
    elif fact.kind is FactKind.AMOUNT_BAND:
        known = label_of(AmountBand(fact.code))
    elif fact.kind is FactKind.CHANNEL:
        known = label_of(Channel(fact.code))
    elif fact.kind is FactKind.CUSTOMER:
        # A customer has no name here.
        known = label_of(FactKind.CUSTOMER)
    return fact.code if known is None else known.text(language)
