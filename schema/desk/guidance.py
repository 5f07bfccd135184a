"""Standard procedures beside a case."""

from typing import Self

import strawberry

from graph.domain.enums import Language as Languages
from graph.domain.lifecycle import refusal
from graph.domain.views import ComplaintRecord
from ingest import guidance
from schema.arguments import LanguageArgument
from schema.desk.course import situation
from schema.enums import CaseStep
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="What to do at one step.")
class Advice:
    step: CaseStep = strawberry.field(description="The step.")
    model: strawberry.Private[guidance.Advice]
    case: strawberry.Private[ComplaintRecord]

    @resolved(description="Whether the case can take this step now.")
    async def current(self, info: Info) -> bool:
        return refusal(await situation(self.case, info), self.step) is None

    @resolved(description="The advice.")
    def text(self, language: LanguageArgument = Languages.ZH) -> str:
        return self.model.text(language or Languages.ZH)


@strawberry.type(description="A standard procedure for a kind of complaint.")
class Procedure:
    code: str = strawberry.field(description="Its code in the file of procedures.")
    advice: list[Advice] = strawberry.field(description="Step by step.")
    model: strawberry.Private[guidance.Procedure]

    @resolved(description="What it is for.")
    def title(self, language: LanguageArgument = Languages.ZH) -> str:
        return self.model.title.text(language or Languages.ZH)

    @classmethod
    def from_model(cls, model: guidance.Procedure, case: ComplaintRecord) -> Self:
        advice = [Advice(step=a.step, model=a, case=case) for a in model.advice]
        return cls(code=model.code, advice=advice, model=model)


def procedures_for(info: Info, case: ComplaintRecord) -> list[Procedure]:
    results = info.context.uses.procedures.for_case(case.type, case.products)
    return [Procedure.from_model(model, case) for model in results]
