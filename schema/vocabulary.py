"""What forms are drawn with: every value that can be chosen, what it is called, and the steps."""

from typing import Annotated, Self

import strawberry

from graph.domain.lifecycle import TRANSITIONS, needs_note
from graph.domain.vocabulary import Label, label_of
from graph.errors import InvalidInputError
from schema.arguments import LanguageArgument
from schema.coded import CodedValue
from schema.desk.inputs import MUTATIONS
from schema.enums import ENUMS, CaseStatus, CaseStep, labels_of
from schema.request import Info
from schema.resolved import resolved

_Names = Annotated[
    list[str] | None,
    strawberry.argument(
        description="Only those of these names, in this order; an unknown one is an error."
    ),
]


@strawberry.type(description="A value of an enum.")
class ChoiceValue:
    value: str = strawberry.field(description="What arguments and inputs take.")
    description: str = strawberry.field(description="What it means, as the schema says it.")
    known: strawberry.Private[Label]

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return self.known.text(info.context.language_of(language))


@strawberry.type(description="An enum whose values have labels.")
class Choice:
    name: str = strawberry.field(description="Its name in the schema.")
    description: str = strawberry.field(description="What it is about.")
    values: list[ChoiceValue] = strawberry.field(description="In the schema's order.")

    @classmethod
    def of(cls, name: str) -> Self | None:
        """None for an enum without labels."""
        kind = ENUMS[name]
        labels = labels_of(kind)
        if labels is None:
            return None
        definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
        values = [
            ChoiceValue(value=v.name, description=v.description, known=labels[v.name])
            for v in definition.values
        ]
        return cls(name=name, description=definition.description, values=values)


@strawberry.type(description="A step at the desk.")
class DeskStep:
    step: CaseStep = strawberry.field(description="The step.")
    mutation: str = strawberry.field(description="The mutation that takes it.")
    sources: list[CaseStatus] = strawberry.field(description="The statuses in which it is taken.")
    target: CaseStatus | None = strawberry.field(
        description="The status that it leads to; null: it leaves the status as it is."
    )
    note_needed: bool = strawberry.field(
        description="Whether its `note` always has to say why; `AllowedStep` tells it of a case."
    )

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.step).text(info.context.language_of(language))


@strawberry.type(
    description="Whatever forms and lists are drawn with: the values that can be chosen, with "
    "what they are called."
)
class Vocabulary:
    @resolved(
        description="The enums whose values people choose from or read, in order of their names.",
        searches=300,
    )
    def choices(self, names: _Names = None) -> list[Choice]:
        return [_choice(name) for name in names] if names is not None else _choices()

    @resolved(description="The complaint types of the bank.", searches=50)
    def types(self, info: Info) -> list[CodedValue] | None:
        types = info.context.uses.vocabulary.types
        return [CodedValue.of(code, types) for code in types]

    @resolved(description="The risk types of the bank.", searches=50)
    def risk_types(self, info: Info) -> list[CodedValue] | None:
        risks = info.context.uses.vocabulary.risk_types
        return [CodedValue.of(code, risks) for code in risks]

    @resolved(description="The steps at the desk, in the order of the way.", searches=50)
    def steps(self) -> list[DeskStep]:
        return [
            DeskStep(
                step=step,
                mutation=MUTATIONS[step],
                sources=[status for status in CaseStatus if status in way.sources],
                target=way.target,
                note_needed=needs_note(step, untyped=False),
            )
            for step, way in TRANSITIONS.items()
        ]


@strawberry.type
class VocabularyQuery:
    """What forms are drawn with; ``Query`` inherits this."""

    @resolved(
        description="All that a frontend draws forms with: enums, types and risk types with "
        "labels, the steps with their mutations. The same for everybody until the service is "
        "started with other settings."
    )
    def vocabulary(self) -> Vocabulary:
        return Vocabulary()


def _choices() -> list[Choice]:
    made = (Choice.of(name) for name in sorted(ENUMS))
    return [choice for choice in made if choice is not None]


def _choice(name: str) -> Choice:
    choice = Choice.of(name) if name in ENUMS else None
    if choice is None:
        raise InvalidInputError(f"There is no enum {name!r} with labels.", path=["names"])
    return choice
