"""Who changed what, for auditors."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self

import strawberry

from graph.domain.recorded import Recorded
from graph.queries import activity as queries
from schema.arguments import After, ByPerson, FirstOfPage, FromMoment, ToMoment
from schema.complaint import Complaint
from schema.connections import Connection
from schema.escalation import Alert
from schema.events import CaseEvent
from schema.history import RecordedChange
from schema.issue import SystemicIssue
from schema.newest import newest_first
from schema.remediation import Remediation
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import Position, in_zone
from schema.staff import NAME, name_of


@strawberry.type(
    description="What somebody, or the service by itself, changed: `event` of a `complaint`, or "
    "`change` of an `alert`, an `issue` or a `remediation`."
)
class Activity:
    position: Position = strawberry.field(
        description="Its place in the order of all that happens; 0: it is older than that order."
    )
    at: datetime = strawberry.field(description="When it was recorded.")
    person: str = strawberry.field(description="Who did it, as in events.")
    event: CaseEvent | None = strawberry.field(description="What happened to a case.")
    change: RecordedChange | None = strawberry.field(description="What changed of anything else.")
    model: strawberry.Private[queries.Activity]

    @resolved(description=NAME)
    async def person_name(self, info: Info) -> str | None:
        return await name_of(info, self.person)

    @resolved(description="The case of an event, as it is now.")
    async def complaint(self, info: Info) -> Complaint | None:
        if self.event is None:
            return None
        loader = info.context.loaders.complaint()
        return Complaint.from_optional(await loader.load(self.model.id))

    @resolved(description="The alert that changed, as it is now.")
    async def alert(self, info: Info) -> Alert | None:
        if self.model.of is not Recorded.ALERT:
            return None
        model = await info.context.loaders.alert().load(self.model.id)
        return None if model is None else Alert.from_model(model)

    @resolved(description="The systemic issue that changed, as it is now.")
    async def issue(self, info: Info) -> SystemicIssue | None:
        if self.model.of is not Recorded.ISSUE:
            return None
        return await SystemicIssue.fetch(info, self.model.id)

    @resolved(description="The remediation that changed, as it is now.")
    async def remediation(self, info: Info) -> Remediation | None:
        if self.model.of is not Recorded.REMEDIATION:
            return None
        return await Remediation.fetch(info, self.model.id)

    @classmethod
    def from_model(cls, model: queries.Activity) -> Self:
        return cls(
            position=Position(max(model.position, 0)),
            at=model.at,
            person=model.actor,
            event=None if model.event is None else CaseEvent.from_model(model.event),
            change=None if model.change is None else RecordedChange.from_model(model.change),
            model=model,
        )


@strawberry.type
class ActivityQuery:
    """``Query`` inherits this."""

    @resolved(
        description="Who changed what in the whole bank, newest first; for auditors. What the "
        "service does by itself is `system`'s.",
        searches=100,
    )
    async def activity(
        self,
        info: Info,
        person: ByPerson = None,
        since: FromMoment = None,
        until: ToMoment = None,
        people: Annotated[
            bool,
            strawberry.argument(description="Without what the service does by itself."),
        ] = False,
        first: FirstOfPage = None,
        after: After = None,
    ) -> Connection[Activity]:
        zone, database = info.context.uses.zone, info.context.uses.database
        asked = queries.Asked(
            person, in_zone(since, zone, "from"), in_zone(until, zone, "to"), people
        )
        return await newest_first(
            "activity",
            (first, after),
            repr(asked),
            partial(queries.page, database, asked),
            partial(queries.count, database, asked),
            Activity.from_model,
        )
