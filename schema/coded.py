"""Business codes with labels: a bank can add its own."""

from collections.abc import Mapping

import strawberry

from graph.domain.vocabulary import Label
from schema.arguments import LanguageArgument
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="A code of the bank's vocabulary, with its label.")
class CodedValue:
    code: str = strawberry.field(description="The code itself; filters take it.")
    known: strawberry.Private[Label | None]

    @resolved(description="What the code means; the code itself if that is not known.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return (
            self.code if self.known is None else self.known.text(info.context.language_of(language))
        )

    @classmethod
    def of(cls, code: str, vocabulary: Mapping[str, Label]) -> "CodedValue":
        return cls(code=code, known=vocabulary.get(code))
