"""Standard procedures beside a case."""

from typing import Self

import strawberry

from graph.domain.enums import CatalogueKind
from graph.domain.lifecycle import refusal
from graph.domain.views import ComplaintRecord
from ingest import guidance
from schema.arguments import LanguageArgument
from schema.catalogue import Product
from schema.coded import CodedValue
from schema.desk.course import situation
from schema.enums import CaseStep
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="What to do at one step.")
class Advice:
    step: CaseStep = strawberry.field(description="The step.")
    model: strawberry.Private[guidance.Advice]
    case: strawberry.Private[ComplaintRecord | None]

    @resolved(
        description="Whether the case can take this step now; null where it stands beside no case."
    )
    async def current(self, info: Info) -> bool | None:
        if self.case is None:
            return None
        return refusal(await situation(self.case, info), self.step) is None

    @resolved(description="The advice.")
    def text(self, info: Info, language: LanguageArgument = None) -> str:
        return self.model.text(info.context.language_of(language))


@strawberry.type(description="A standard procedure for a kind of complaint.")
class Procedure:
    code: str = strawberry.field(description="Its code in the file of procedures.")
    advice: list[Advice] = strawberry.field(description="Step by step.")
    model: strawberry.Private[guidance.Procedure]

    @resolved(description="What it is for.")
    def title(self, info: Info, language: LanguageArgument = None) -> str:
        return self.model.title.text(info.context.language_of(language))

    @resolved(description="The types of complaint that it is for; none: all of them.")
    def types(self, info: Info) -> list[CodedValue]:
        known = info.context.uses.vocabulary.types
        return [CodedValue.of(code, known) for code in self.model.types]

    @resolved(
        description="The products that it is for, narrower ones included; none: all of them. "
        "Codes of its file that no product has are left out."
    )
    async def products(self, info: Info) -> list[Product] | None:
        loader = info.context.loaders.entry(CatalogueKind.PRODUCT)
        entries = await loader.load_many(self.model.products)
        return [Product.from_model(entry) for entry in entries if entry is not None]

    @classmethod
    def from_model(cls, model: guidance.Procedure, case: ComplaintRecord | None = None) -> Self:
        advice = [Advice(step=a.step, model=a, case=case) for a in model.advice]
        return cls(code=model.code, advice=advice, model=model)


def procedures_for(info: Info, case: ComplaintRecord) -> list[Procedure]:
    results = info.context.uses.procedures.for_case(case.type, case.products)
    return [Procedure.from_model(model, case) for model in results]
