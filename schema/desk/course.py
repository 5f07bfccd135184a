"""Where a case stands at the desk."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain import desk
from graph.domain.lifecycle import allowed
from graph.domain.views import ComplaintRecord
from schema.enums import CaseStep, Level, OutcomeKind, RemedyKind
from schema.money import Money


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


@strawberry.type(description="Where a case stands at the desk, and what can be done next.")
class CaseCourse:
    allowed_steps: list[CaseStep] = strawberry.field(
        description="The steps that the case takes now."
    )
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

    @classmethod
    def from_model(cls, model: ComplaintRecord) -> Self:
        course = model.course
        return cls(
            allowed_steps=list(allowed(model.status)),
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
        )
