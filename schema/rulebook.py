"""The bank's own texts as lists: rules of escalation and standard procedures."""

from typing import Self

import strawberry

from graph.domain.rules import Rule
from graph.domain.vocabulary import Label
from schema.arguments import LanguageArgument
from schema.desk.guidance import Procedure
from schema.enums import Level, RuleKind
from schema.escalation import ChainLink
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="A rule of escalation, as the service runs it.")
class EscalationRule:
    code: str = strawberry.field(
        description="Its name in the bank's rule file; `Alert.rule` names it."
    )
    kind: RuleKind = strawberry.field(description="What it looks at.")
    level: Level = strawberry.field(description="How far it raises a case.")
    chain: ChainLink = strawberry.field(description="Who answers from then on.")
    known: strawberry.Private[Label]

    @resolved(description="What it says.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return self.known.text(info.context.language_of(language))

    @classmethod
    def from_model(cls, model: Rule) -> Self:
        return cls(
            code=model.code,
            kind=model.kind,
            level=model.level,
            chain=ChainLink(code=model.chain),
            known=model.label,
        )


@strawberry.type
class RulebookQuery:
    """Rules and procedures; ``Query`` inherits this."""

    @resolved(description="The rules of escalation, in the order of the rule file.", searches=50)
    def rules(self, info: Info) -> list[EscalationRule] | None:
        rules = info.context.uses.pipeline.escalator.rules.rules
        return [EscalationRule.from_model(rule) for rule in rules]

    @resolved(
        description="The standard procedures, in the order of their file; `context` of a case has "
        "those that fit it.",
        searches=50,
    )
    def procedures(self, info: Info) -> list[Procedure] | None:
        return [Procedure.from_model(each) for each in info.context.uses.procedures.procedure]
