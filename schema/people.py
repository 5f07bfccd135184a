"""Find people's cases, correct who is who and which cases are one, export, erase and hold."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graph.commands.corrections import Correction
from graph.commands.person import HeldError
from graph.commands.requests import RequestKey
from graph.errors import InvalidInputError, NotFoundError
from ingest.person import Matches
from schema.arguments import FirstFound, Text
from schema.changing import MutationInput, MutationPayload, acted, errors_field
from schema.complaint import Complaint
from schema.enums import CaseRelation, MatchedBy
from schema.ids import NodeKind, key_of
from schema.masked import masked_query
from schema.paging import search_size
from schema.reach import check_reached
from schema.refusals import ANY, UserError, refuses
from schema.request import Info
from schema.resolved import resolved

_NOTE = "Why; masked, and kept with the event."
_IDS = "Ids of the complaints."


@strawberry.type(description="Cases that a text names.")
class CaseMatches:
    matched_by: MatchedBy = strawberry.field(description="What the text turned out to be.")
    model: strawberry.Private[Matches]

    @resolved(description="The cases: those named in their order, else the newest or best first.")
    async def complaints(self, info: Info) -> list[Complaint]:
        loader = info.context.loaders.complaints()
        return [Complaint.from_model(each) for each in await loader.load(self.model.complaints)]


@strawberry.input(description="Customers who are one person.")
class JoinCustomersInput(MutationInput):
    customers: list[strawberry.ID] = strawberry.field(description="Ids of two or more customers.")
    note: str = strawberry.field(description=_NOTE)


@strawberry.input(description="Complaints of a customer that somebody else filed.")
class SeparateCustomersInput(MutationInput):
    complaints: list[strawberry.ID] = strawberry.field(
        description="Ids of those of one customer's complaints that are another person's."
    )
    note: str = strawberry.field(description=_NOTE)


@strawberry.input(description="Complaints that are one case, or are not, whatever they look like.")
class RelateCasesInput(MutationInput):
    complaints: list[strawberry.ID] = strawberry.field(description="Ids of two to 20 complaints.")
    relation: CaseRelation = strawberry.field(description="What holds between each two of them.")
    note: str = strawberry.field(description=_NOTE)


@strawberry.input(description="Complaints that are no part of a group event, or are one.")
class CorrectGroupEventInput(MutationInput):
    alert: strawberry.ID = strawberry.field(description="Id of the group event's alert.")
    complaints: list[strawberry.ID] = strawberry.field(description=_IDS)
    covered: bool = strawberry.field(description="Whether they are part of it.")
    note: str = strawberry.field(description=_NOTE)


@strawberry.input(description="Whose data: a customer's, or that of some complaints.")
class PersonInput(MutationInput):
    customer: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the customer; instead of `complaints`."
    )
    complaints: list[strawberry.ID] = strawberry.field(default_factory=list, description=_IDS)
    note: str = strawberry.field(description=_NOTE)


@refuses(*ANY, NotFoundError)
class CorrectionError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of a correction.")
class CorrectionPayload(MutationPayload):
    errors: list[CorrectionError] = errors_field()
    complaints: list[Complaint] = strawberry.field(
        description="The complaints that were named, as they stand now."
    )


@refuses(*ANY, NotFoundError, HeldError)
class PersonError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of it.")
class PersonPayload(MutationPayload):
    errors: list[PersonError] = errors_field()
    complaints: int = strawberry.field(description="How many complaints it was done for.")


@strawberry.type
class PeopleQuery:
    """``Query`` inherits this."""

    @resolved(
        description="What a person types into one box: references or a part of one, a customer's "
        "number as people write it, or words. Numbers are compared as keyed hashes.",
        searches=200,
    )
    async def find_cases(self, info: Info, text: Text, first: FirstFound = 20) -> CaseMatches:
        size = search_size(first, default=20)
        masked = await masked_query(info, text)
        matches = await info.context.uses.people.find(
            text, masked, scope=info.context.scope, first=size
        )
        return CaseMatches(matched_by=matches.by, model=matches)

    @resolved(
        description="Everything that is held of one person, for that person to read.", searches=500
    )
    async def person_data(
        self,
        info: Info,
        customer: Annotated[strawberry.ID, strawberry.argument(description="Id of the customer.")],
    ) -> JSON | None:
        people = info.context.uses.people
        ids = await people.of_customer(key_of(customer, NodeKind.CUSTOMER, path=("customer",)))
        return JSON(await people.export(ids))


@strawberry.type
class PeopleMutation:
    """``Mutation`` inherits this."""

    @resolved(
        description="Records that customers are one person, for good; new complaints follow.",
        searches=100,
    )
    async def join_customers(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            JoinCustomersInput, strawberry.argument(description="Who is one person.")
        ],
    ) -> CorrectionPayload:
        async def act(correction: Correction) -> Sequence[str]:
            keys = [key_of(i, NodeKind.CUSTOMER, path=("customers",)) for i in input.customers]
            return await info.context.uses.corrections.join(keys, correction)

        return await _corrected(info, input, act)

    @resolved(
        description="Records that some complaints of a customer are another person's, for good: a "
        "number that both use no longer says who files.",
        searches=100,
    )
    async def separate_customers(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            SeparateCustomersInput, strawberry.argument(description="Which are another's.")
        ],
    ) -> CorrectionPayload:
        async def act(correction: Correction) -> Sequence[str]:
            keys = _complaints(input.complaints)
            await info.context.uses.corrections.separate(keys, correction)
            return keys

        return await _corrected(info, input, act)

    @resolved(
        description="Records that complaints are one case, or are not, or takes that back; "
        "duplicates, repeats, counts and alerts follow.",
        searches=100,
    )
    async def relate_cases(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            RelateCasesInput, strawberry.argument(description="What holds between them.")
        ],
    ) -> CorrectionPayload:
        async def act(correction: Correction) -> Sequence[str]:
            keys = _complaints(input.complaints)
            await check_reached(info, keys, "complaints", correction.key)
            await info.context.uses.corrections.relate(keys, input.relation, correction)
            return keys

        return await _corrected(info, input, act)

    @resolved(
        description="Records that complaints are no part of a group event, or are one; what it "
        "raised on their account is taken back.",
        searches=100,
    )
    async def correct_group_event(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            CorrectGroupEventInput, strawberry.argument(description="What belongs to it.")
        ],
    ) -> CorrectionPayload:
        async def act(correction: Correction) -> Sequence[str]:
            keys, corrections = _complaints(input.complaints), info.context.uses.corrections
            alert = key_of(input.alert, NodeKind.ALERT, path=("alert",))
            await corrections.correct_group(alert, keys, correction, covered=input.covered)
            return keys

        return await _corrected(info, input, act)

    @resolved(
        description="Erases one person for good: texts, notes, vectors and hashes. Cases, figures "
        "and the chain of events stay. A legal hold prevents it.",
        searches=500,
    )
    async def erase_person(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            PersonInput, strawberry.argument(description="Whose data, and why.")
        ],
    ) -> PersonPayload:
        return await _of_person(info, input, info.context.uses.people.erase)

    @resolved(description="Sets a legal hold: nothing of the person can be erased.", searches=500)
    async def set_legal_hold(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            PersonInput, strawberry.argument(description="Whose data, and why.")
        ],
    ) -> PersonPayload:
        return await _of_person(info, input, partial(info.context.uses.people.hold, held=True))

    @resolved(description="Lifts a legal hold.", searches=500)
    async def lift_legal_hold(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            PersonInput, strawberry.argument(description="Whose data, and why.")
        ],
    ) -> PersonPayload:
        return await _of_person(info, input, partial(info.context.uses.people.hold, held=False))


_Correcting = (
    JoinCustomersInput | SeparateCustomersInput | RelateCasesInput | CorrectGroupEventInput
)


def _complaints(ids: Sequence[str]) -> list[str]:
    return [key_of(each, NodeKind.COMPLAINT, path=("complaints",)) for each in ids]


async def _correction(info: Info, note: str, key: RequestKey | None) -> Correction:
    return await info.context.uses.corrections.correction(info.context.identity.actor, note, key)


async def _corrected(
    info: Info, data: _Correcting, act: Callable[[Correction], Awaitable[Sequence[str]]]
) -> CorrectionPayload:
    async def once(key: RequestKey | None) -> Sequence[str]:
        return await act(await _correction(info, data.note, key))

    done = await acted(info, data, once, CorrectionError)
    loader = info.context.loaders.complaints()
    named = await loader.load(tuple(done.result or ()))
    return CorrectionPayload(
        complaints=[Complaint.from_model(each) for each in named], **done.payload()
    )


async def _of_person(
    info: Info, data: PersonInput, act: Callable[[Sequence[str], Correction], Awaitable[int]]
) -> PersonPayload:
    async def once(key: RequestKey | None) -> int:
        keys = _complaints(data.complaints)
        if (data.customer is None) == (not keys):
            raise InvalidInputError("Name either `customer` or `complaints`.", path=["customer"])
        if data.customer is not None:
            customer = key_of(data.customer, NodeKind.CUSTOMER, path=("customer",))
            keys = await info.context.uses.people.of_customer(customer)
        return await act(keys, await _correction(info, data.note, key))

    done = await acted(info, data, once, PersonError)
    return PersonPayload(complaints=done.result or 0, **done.payload())
