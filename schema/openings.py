"""Open a case from beyond one's reach, and see which are open."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import strawberry

from graph.commands.openings import TooManyOpeningsError
from graph.commands.requests import RequestKey
from graph.domain.openings import Opening as OpeningModel
from graph.errors import InvalidInputError, NotFoundError
from graph.queries import openings as queries
from schema.arguments import After, FirstOfPage
from schema.changing import MutationInput, MutationPayload, acted, errors_field
from schema.complaint import Complaint
from schema.connections import Connection
from schema.ids import NodeKind, global_id, key_of
from schema.newest import newest_first
from schema.policy import Group
from schema.refusals import ANY, UserError, refuses
from schema.request import Info
from schema.resolved import resolved
from schema.staff import NAME, name_of


@strawberry.type(description="A case that somebody opened from beyond the person's reach.")
class Opening:
    id: strawberry.ID = strawberry.field(description="Its id.")
    person: str = strawberry.field(description="Who opened it.")
    at: datetime = strawberry.field(description="When.")
    ends_at: datetime = strawberry.field(description="When it ends, or ended.")
    ended_by: str | None = strawberry.field(
        description="Who ended it before its time; null: nobody."
    )
    reason: str | None = strawberry.field(description="Why, masked; null once the text was erased.")
    case: strawberry.Private[str]

    @resolved(description=NAME)
    async def person_name(self, info: Info) -> str | None:
        return await name_of(info, self.person)

    @resolved(description="The case; null if it is not within the reach of who asks.")
    async def complaint(self, info: Info) -> Complaint | None:
        loader = info.context.loaders.complaint()
        return Complaint.from_optional(await loader.load(self.case))

    @classmethod
    def from_model(cls, model: OpeningModel) -> "Opening":
        return cls(
            id=global_id(NodeKind.OPENING, model.id),
            person=model.person,
            at=model.at,
            ends_at=model.ends_at,
            ended_by=model.ended_by,
            reason=model.reason,
            case=model.complaint,
        )


@strawberry.input(description="A case beyond reach, and why it is needed.")
class OpenCaseInput(MutationInput):
    reference: str | None = strawberry.field(
        default=None, description="Its reference, as the customer or a letter says it."
    )
    precedent: str | None = strawberry.field(
        default=None, description="Or the `token` that it came with as a precedent."
    )
    reason: str = strawberry.field(
        description="Why; masked, and kept on the case, where its own people read it."
    )


@strawberry.input(description="An opening that is no longer needed.")
class EndOpeningInput(MutationInput):
    opening: strawberry.ID = strawberry.field(description="Its id.")


@refuses(*ANY, NotFoundError, TooManyOpeningsError)
class OpeningError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of an opening.")
class OpeningPayload(MutationPayload):
    errors: list[OpeningError] = errors_field()
    opening: Opening | None = strawberry.field(description="The opening, if there is one.")
    complaint: Complaint | None = strawberry.field(
        description="The case, as far as it is open to who asks."
    )


@strawberry.type
class OpeningQuery:
    """``Query`` inherits this."""

    @resolved(
        description="Who opened cases within one's reach from beyond theirs, newest first.",
        searches=20,
    )
    async def openings(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        active: Annotated[
            bool, strawberry.argument(description="Only those that have not ended.")
        ] = False,
    ) -> Connection[Opening]:
        database, scope = info.context.uses.database, info.context.scope.lasting
        since = datetime.now(UTC) if active else None
        return await newest_first(
            "openings",
            (first, after),
            active,
            partial(queries.page, database, since, scope),
            partial(queries.count, database, since, scope),
            Opening.from_model,
        )


@strawberry.type
class OpeningMutation:
    """``Mutation`` inherits this."""

    @resolved(
        description="Opens a case beyond one's reach, for a while and on record: it can be read as "
        "one's own, but not changed or followed. Its own people see who opened it, and why.",
        searches=20,
    )
    async def open_case(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            OpenCaseInput, strawberry.argument(description="Which case, and why.")
        ],
    ) -> OpeningPayload:
        return await _answered(info, input, partial(_open, info, input))

    @resolved(
        description="Ends an opening before its time: one's own, or as a supervisor that of a case "
        "within reach.",
        searches=20,
    )
    async def end_opening(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            EndOpeningInput, strawberry.argument(description="Which one.")
        ],
    ) -> OpeningPayload:
        return await _answered(info, input, partial(_end, info, input))


async def _open(info: Info, data: OpenCaseInput, key: RequestKey | None) -> OpeningModel:
    context, use = info.context, info.context.uses.openings
    if (data.reference is None) == (data.precedent is None):
        raise InvalidInputError("Name either `reference` or `precedent`.", path=["reference"])
    if data.precedent is not None:
        complaint = use.by_precedent(data.precedent)
    else:
        complaint = await use.by_reference(data.reference or "")
    return await use.open(
        complaint,
        data.reason,
        context.identity.actor,
        context.scope,
        key,
        named_by="reference" if data.precedent is None else "precedent",
    )


async def _end(info: Info, data: EndOpeningInput, key: RequestKey | None) -> OpeningModel:
    uses, identity = info.context.uses, info.context.identity
    opening = key_of(data.opening, NodeKind.OPENING, path=("opening",))
    own = await queries.of_person(uses.database, identity.actor, opening)
    overseen = uses.policy.scope(identity, Group.OVERSIGHT)
    if not own and not await queries.by_ids(uses.database, [opening], overseen):
        raise NotFoundError("There is no opening with this id.", path=["opening"])
    return await uses.openings.end(opening, identity.actor, key)


async def _answered(
    info: Info,
    data: OpenCaseInput | EndOpeningInput,
    act: Callable[[RequestKey | None], Awaitable[OpeningModel]],
) -> OpeningPayload:
    done = await acted(info, data, act, OpeningError)
    model, context = done.result, info.context
    if model is None:
        return OpeningPayload(opening=None, complaint=None, **done.payload())
    now = datetime.now(UTC)
    context.identity = replace(
        context.identity,
        opened=await queries.opened_by(context.uses.database, context.identity.actor, now),
    )
    context.forget()
    complaint = await context.loaders.complaint().load(model.complaint)
    return OpeningPayload(
        opening=Opening.from_model(model),
        complaint=Complaint.from_optional(complaint),
        **done.payload(),
    )
