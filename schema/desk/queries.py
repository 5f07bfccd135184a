"""What the desk asks."""

from typing import Annotated

import strawberry

from graph.insight.answers import template_uses
from schema.arguments import LanguageArgument
from schema.desk.drafts import (
    AnswerDraft,
    AnsweredComplaint,
    AnswerProblem,
    AnswerText,
    Proposed,
    TemplateUse,
    answer_draft,
    answer_problems,
)
from schema.desk.outcomes import (
    CheckedComplaint,
    OutcomeCheck,
    ProposedOutcomeInput,
    outcome_check,
)
from schema.desk.progress import CustomerProgress, progress_of
from schema.desk.ratings import PrecedentReport, report
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import TimeOrDate, in_zone

Since = Annotated[TimeOrDate | None, strawberry.argument(description="From this moment on.")]
Until = Annotated[TimeOrDate | None, strawberry.argument(description="Before this moment.")]

ProgressToken = Annotated[
    str, strawberry.argument(description="The `progressToken` of the complaint.")
]


@strawberry.type
class DeskQuery:
    """The queries of the desk; ``Query`` inherits them."""

    @resolved(
        description="How alike, decided cases ended, and whether a proposed decision lies outside.",
        searches=100,
    )
    async def outcome_check(
        self,
        info: Info,
        complaint: CheckedComplaint,
        proposed: Annotated[
            ProposedOutcomeInput, strawberry.argument(description="The decision to be given.")
        ],
    ) -> OutcomeCheck | None:
        return await outcome_check(info, complaint, proposed)

    @resolved(
        description="A draft of the answer to the customer, by the bank's templates: every "
        "sentence with what it rests on. It decides nothing; whoever handles the case edits it and "
        "sends it by `answerComplaint`.",
        searches=50,
    )
    async def answer_draft(
        self,
        info: Info,
        complaint: AnsweredComplaint,
        proposed: Proposed = None,
        language: LanguageArgument = None,
    ) -> AnswerDraft | None:
        return await answer_draft(info, complaint, proposed, info.context.language_of(language))

    @resolved(
        description="What is wrong with an answer: amounts, dates and promises that are no facts "
        "of the case, and elements that it lacks. In order of places, what is missing last.",
        searches=50,
    )
    async def answer_problems(
        self,
        info: Info,
        complaint: AnsweredComplaint,
        text: AnswerText,
        proposed: Proposed = None,
    ) -> list[AnswerProblem] | None:
        return await answer_problems(info, complaint, text, proposed)

    @resolved(
        description="How much of the drafts of answers was edited before they were sent, by "
        "template, the most used first; of decisions given in a time.",
        searches=500,
        reads=0.01,
    )
    async def template_uses(
        self, info: Info, since: Since = None, until: Until = None
    ) -> list[TemplateUse] | None:
        zone, uses = info.context.uses.zone, info.context.uses
        results = await template_uses(
            uses.database,
            info.context.scope,
            in_zone(since, zone, "since"),
            in_zone(until, zone, "until"),
        )
        return [TemplateUse.from_model(each) for each in results]

    @resolved(description="How far a complaint has come, for its customer.")
    async def progress(self, info: Info, token: ProgressToken) -> CustomerProgress | None:
        return await progress_of(info, token)

    @resolved(description="What handlers say of the precedents that they were shown.", searches=500)
    async def precedent_quality(
        self, info: Info, since: Since = None, until: Until = None
    ) -> PrecedentReport | None:
        zone = info.context.uses.zone
        return await report(info, in_zone(since, zone, "since"), in_zone(until, zone, "until"))
