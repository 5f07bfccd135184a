"""Combinations above expectation."""

import asyncio
from typing import Self

import strawberry

from graph.domain.vocabulary import Label
from graph.insight import hotspots as models
from graph.insight.wording import hotspot_sentence
from graph.queries.trees import Facet
from schema.arguments import LanguageArgument
from schema.enums import HotspotDimension
from schema.insight.figures import Narrowing
from schema.insight.groups import label_for
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="One side of a hotspot.")
class HotspotKey:
    dimension: HotspotDimension = strawberry.field(description="Which side.")
    code: str = strawberry.field(description="The code; of a month its first day.")

    @resolved(description="What the code means.")
    async def label(self, info: Info, language: LanguageArgument = None) -> str:
        return (await _label(info, self.dimension, self.code)).text(
            info.context.language_of(language)
        )


@strawberry.type(description="A combination with more complaints than its parts explain.")
class Hotspot:
    key: list[HotspotKey] = strawberry.field(description="What its complaints have in common.")
    count: int = strawberry.field(description="Complaints, duplicates left out.")
    expected: float = strawberry.field(
        description="The most that is expected if one side had nothing to do with the others."
    )
    excess: float = strawberry.field(description="Complaints beyond that; the order of the list.")
    ratio: float = strawberry.field(
        description="How many times the expected, drawn towards 1 as far as the number is small."
    )
    low: float = strawberry.field(description="The ratio's 95 % credible interval begins here.")
    high: float = strawberry.field(description="The ratio's 95 % credible interval ends here.")
    probability: float = strawberry.field(description="Of so many by chance.")
    corrected: float = strawberry.field(
        description="The same corrected for all combinations looked at: below 0.05 at most one in "
        "twenty such findings is false."
    )
    narrowing: Narrowing = strawberry.field(description="Opens its complaints.")
    model: strawberry.Private[models.Hotspot]

    @resolved(description="Why it stands out, in one sentence.")
    async def reason(self, info: Info, language: LanguageArgument = None) -> str:
        codes = self.model.codes.items()
        labels = await asyncio.gather(*(_label(info, side, code) for side, code in codes))
        return hotspot_sentence(labels, self.model.excess, info.context.language_of(language))

    @classmethod
    def from_model(cls, model: models.Hotspot) -> Self:
        result = model.excess
        return cls(
            key=[HotspotKey(dimension=side, code=code) for side, code in model.codes.items()],
            count=result.count,
            expected=result.expected,
            excess=result.excess,
            ratio=result.shrunk,
            low=result.low,
            high=result.high,
            probability=result.probability,
            corrected=result.corrected,
            narrowing=Narrowing.from_model(model.narrowing),
            model=model,
        )


async def _label(info: Info, side: HotspotDimension, code: str) -> Label:
    if side is HotspotDimension.MONTH:
        return Label(f"{code[:4]}年{int(code[5:7])}月", code[:7])
    return await label_for(info, Facet(side), code)
