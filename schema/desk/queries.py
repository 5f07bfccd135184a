"""What the desk asks."""

from typing import Annotated

import strawberry

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

    @resolved(description="How far a complaint has come, for its customer.")
    async def progress(self, info: Info, token: ProgressToken) -> CustomerProgress | None:
        return await progress_of(info, token)

    @resolved(description="What handlers say of the precedents that they were shown.", searches=500)
    async def precedent_quality(
        self, info: Info, since: Since = None, until: Until = None
    ) -> PrecedentReport | None:
        zone = info.context.uses.zone
        return await report(info, in_zone(since, zone, "since"), in_zone(until, zone, "until"))
