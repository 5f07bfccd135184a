"""Everything that can be followed."""

from collections.abc import AsyncGenerator
from typing import Annotated, Self, TypeAlias

import strawberry

from graph.domain.enums import CatalogueKind
from graph.domain.following import DEADLINES, ESCALATIONS, REGISTRATIONS, Followed, StreamedEvent
from graph.errors import NotFoundError, UnknownCodeError
from graph.queries import catalogue
from graph.queries import complaints as complaint_queries
from schema.change_messages import AfterPosition, ChangeSubscription, lasting
from schema.complaint import Complaint
from schema.events import CaseEvent
from schema.ids import NodeKind, global_id, key_of
from schema.request import Info, Uses
from schema.resolved import followed, resolved
from schema.scalars import Position

_Department = Annotated[
    str | None, strawberry.argument(description="Code of a department that handles the case.")
]
_Branch = Annotated[
    str | None,
    strawberry.argument(description="Code of the branch; a wider one covers the narrower."),
]


@strawberry.type(description="An event of a case that is followed.")
class CaseEventMessage:
    position: Position = strawberry.field(
        description="The event's place in the order of all that happens; `after` it everything "
        "later follows."
    )
    complaint_id: strawberry.ID = strawberry.field(description="The case's id.")
    event: CaseEvent = strawberry.field(description="What happened.")
    model: strawberry.Private[StreamedEvent]

    @resolved(description="The case as it is now; null if it is gone.")
    async def complaint(self, info: Info) -> Complaint | None:
        loader = info.context.loaders.complaint()
        return Complaint.from_optional(await loader.load(self.model.event.complaint))

    @classmethod
    def from_model(cls, model: StreamedEvent) -> Self:
        return cls(
            position=Position(model.position),
            complaint_id=global_id(NodeKind.COMPLAINT, model.event.complaint),
            event=CaseEvent.from_model(model.event),
            model=model,
        )


Messages: TypeAlias = AsyncGenerator[CaseEventMessage, None]


@strawberry.type(description="Everything that can be followed, over graphql-transport-ws.")
class Subscription(ChangeSubscription):
    @followed(description="What happens to one case.")
    async def case_events(
        self,
        info: Info,
        complaint: Annotated[strawberry.ID, strawberry.argument(description="The case's `id`.")],
        after: AfterPosition = None,
    ) -> AsyncGenerator[CaseEventMessage, None]:
        key = key_of(complaint, NodeKind.COMPLAINT, path=("complaint",))
        async for message in _messages(info, Followed(lasting(info), complaint=key), after):
            yield message

    @followed(description="New cases.")
    async def new_complaints(
        self,
        info: Info,
        department: _Department = None,
        branch: _Branch = None,
        after: AfterPosition = None,
    ) -> AsyncGenerator[CaseEventMessage, None]:
        followed = Followed(
            lasting(info), kinds=REGISTRATIONS, department=department, branch=branch
        )
        async for message in _messages(info, followed, after):
            yield message

    @followed(description="Cases that are given to one: who asks, if nobody else is named.")
    async def assignments(
        self,
        info: Info,
        assignee: Annotated[
            str | None, strawberry.argument(description="To whom; left out: who asks.")
        ] = None,
        after: AfterPosition = None,
    ) -> AsyncGenerator[CaseEventMessage, None]:
        person = info.context.identity.actor if assignee is None else assignee
        followed = Followed(lasting(info), assigned_to=person)
        async for message in _messages(info, followed, after):
            yield message

    @followed(description="Cases whose level is raised or set.")
    async def escalations(
        self,
        info: Info,
        department: _Department = None,
        branch: _Branch = None,
        after: AfterPosition = None,
    ) -> AsyncGenerator[CaseEventMessage, None]:
        followed = Followed(lasting(info), kinds=ESCALATIONS, department=department, branch=branch)
        async for message in _messages(info, followed, after):
            yield message

    @followed(description="Cases that are nearly or already over their deadline.")
    async def deadlines(
        self,
        info: Info,
        department: _Department = None,
        branch: _Branch = None,
        assignee: Annotated[
            str | None, strawberry.argument(description="Who works on the case.")
        ] = None,
        after: AfterPosition = None,
    ) -> AsyncGenerator[CaseEventMessage, None]:
        followed = Followed(
            lasting(info),
            kinds=DEADLINES,
            department=department,
            branch=branch,
            assignee=assignee,
        )
        async for message in _messages(info, followed, after):
            yield message


async def _messages(info: Info, followed: Followed, after: int | None) -> Messages:
    """What is followed, each message with loaders of its own: nothing of an old one stays."""
    uses = info.context.uses
    await _check(uses, followed)
    async for streamed in uses.follower.events(followed, after):
        info.context.forget()
        yield CaseEventMessage.from_model(streamed)


async def _check(uses: Uses, followed: Followed) -> None:
    if followed.complaint is not None and not await complaint_queries.by_ids(
        uses.database, [followed.complaint], followed.scope
    ):
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    for name, kind, code in (
        ("department", CatalogueKind.DEPARTMENT, followed.department),
        ("branch", CatalogueKind.BRANCH, followed.branch),
    ):
        if code is not None and not await catalogue.by_codes(uses.database, kind, [code]):
            raise UnknownCodeError(f"There is no {name} with this code.", path=[name])
