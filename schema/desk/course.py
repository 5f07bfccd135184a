"""Where a case stands at the desk."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain import desk
from graph.domain.lifecycle import Situation, allowed, needs_note
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import label_of
from schema import kept
from schema.arguments import LanguageArgument
from schema.desk.inputs import MUTATIONS
from schema.enums import CaseStep, Level, OutcomeKind, RemedyKind
from schema.money import Money
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="What the bank has offered and nobody has answered with yet.")
class ProposedRemedy:
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: RemedyKind | None = strawberry.field(description="What is offered.")
    compensation: Money | None = strawberry.field(description="How much.")

    @classmethod
    def from_optional(cls, model: desk.Proposal | None) -> Self | None:
        if model is None:
            return None
        return cls(
            outcome=model.outcome,
            remedy=model.remedy,
            compensation=Money.from_optional(model.compensation),
        )


@strawberry.type(description="A step that a case takes now.")
class AllowedStep:
    step: CaseStep = strawberry.field(description="The step.")
    mutation: str = strawberry.field(description="The mutation that takes it.")
    note_needed: bool = strawberry.field(description="Whether its `note` has to say why.")

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.step).text(info.context.language_of(language))


@strawberry.type(description="Where a case stands at the desk, and what can be done next.")
class CaseCourse:
    round: int = strawberry.field(description="1, and one more with every reopening.")
    complex: bool = strawberry.field(description="Whether it has the time of a complex case.")
    extended_days: int = strawberry.field(description="How many days more it was given.")
    paused_at: datetime | None = strawberry.field(description="Since when its time stands still.")
    due_soon_at: datetime | None = strawberry.field(description="When it counts as due soon.")
    answered_at: datetime | None = strawberry.field(description="When this round was answered.")
    closed_at: datetime | None = strawberry.field(description="When it was closed.")
    proposal: ProposedRemedy | None = strawberry.field(description="What has been offered.")
    review_confirmed: bool | None = strawberry.field(
        description="Whether the decision was right when it was checked; null if it was not."
    )
    classified_by: str | None = strawberry.field(description="Who confirmed its classification.")
    rule_level: Level | None = strawberry.field(description="The level that the rules give it.")
    level_by: str | None = strawberry.field(description="Who set another level, if a person did.")
    model: strawberry.Private[ComplaintRecord]

    @resolved(description="The steps that the case takes now, in the order of the way.")
    async def allowed_steps(self, info: Info) -> list[AllowedStep]:
        steps = allowed(await situation(self.model, info))
        untyped = self.model.type is None
        return [
            AllowedStep(step=step, mutation=MUTATIONS[step], note_needed=needs_note(step, untyped))
            for step in steps
        ]

    @classmethod
    def from_model(cls, model: ComplaintRecord) -> Self:
        course = model.course
        return cls(
            round=course.round,
            complex=course.complex_case,
            extended_days=course.extended_days,
            paused_at=course.paused_at,
            due_soon_at=course.due_soon_at,
            answered_at=course.answered_at,
            closed_at=course.closed_at,
            proposal=ProposedRemedy.from_optional(course.proposal),
            review_confirmed=course.review_confirmed,
            classified_by=course.classified_by,
            rule_level=course.rule_level,
            level_by=course.level_by,
            model=model,
        )


async def situation(model: ComplaintRecord, info: Info) -> Situation:
    """What decides which steps the case takes."""
    course = model.course
    rounds = await kept.rounds(model, info)
    return Situation(
        status=model.status,
        paused=course.paused_at is not None,
        extension=info.context.uses.limits.extension_days - course.extended_days,
        decided=any(made.round == course.round for made in rounds),
    )
