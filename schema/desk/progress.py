"""What a customer may know of his own complaint, under a token that only he was given."""

from datetime import UTC, datetime
from typing import Self

import strawberry

from graph.domain.events import Event
from graph.domain.progress import REACHED_BY, next_date, stages
from graph.domain.scope import WHOLE_BANK
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import label_of
from graph.queries import complaints as complaint_queries
from schema.arguments import LanguageArgument
from schema.enums import ProgressStage
from schema.request import Info
from schema.resolved import resolved

#: Events of one case that are looked at; a case has some dozen.
_MOST = 500


@strawberry.type(description="A stage that a complaint has reached.")
class ReachedStage:
    stage: ProgressStage = strawberry.field(description="The stage.")
    at: datetime = strawberry.field(description="When it was reached.")

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.stage).text(info.context.language_of(language))


@strawberry.type(description="How far a customer's complaint has come; nothing internal is in it.")
class CustomerProgress:
    reference: str = strawberry.field(description="What the complaint is called by.")
    received_at: datetime = strawberry.field(description="When it was received.")
    stages: list[ReachedStage] = strawberry.field(description="Stages reached, oldest first.")
    next_date: datetime | None = strawberry.field(
        description="By when the answer or the review is due, in the future; null once it was "
        "given, while the time stands still, and when that date has passed."
    )

    @classmethod
    def from_models(cls, case: ComplaintRecord, events: list[Event]) -> Self:
        reached = stages([(event.kind, event.at) for event in events if event.kind in REACHED_BY])
        return cls(
            reference=case.reference,
            received_at=case.received_at,
            stages=[ReachedStage(stage=stage, at=at) for stage, at in reached],
            next_date=next_date(case.status, case.due_at, datetime.now(UTC)),
        )


async def progress_of(info: Info, token: str) -> CustomerProgress | None:
    """Null when the complaint is gone.

    Raises:
        InvalidInputError: the token is not ours.
    """
    uses = info.context.uses
    identity = uses.progress_tokens.read(token)
    # The token is what opens it, whatever else the person may see: customers see nothing else.
    cases = await complaint_queries.by_ids(uses.database, [identity], WHOLE_BANK)
    if identity not in cases:
        return None
    events = await info.context.loaders.events(0, _MOST).load(identity)
    return CustomerProgress.from_models(cases[identity], list(events))
