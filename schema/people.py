"""Find people's cases, correct who is who and which cases are one, export, erase and hold."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graph.domain.case import LONGEST_TEXT
from graph.errors import ConflictError, InvalidInputError, NotFoundError
from ingest.person import Found, one_of
from schema.arguments import FirstFound, Text
from schema.complaint import Complaint
from schema.enums import CaseRelation, FoundBy
from schema.errors import UserError
from schema.ids import NodeKind, key_of
from schema.paging import search_size
from schema.request import Info, place
from schema.request_keys import request_key
from schema.resolved import resolved

_KEY = "A UUID that makes a retry safe for seven days."
_ECHO = "Comes back as it is."
_NOTE = "Why; masked, and kept with the event."
_IDS = "Ids of the complaints."


@strawberry.type(description="Cases that a text names.")
class FoundCases:
    by: FoundBy = strawberry.field(description="What the text turned out to be.")
    model: strawberry.Private[Found]

    @resolved(description="The cases: those named in their order, else the newest or best first.")
    async def complaints(self, info: Info) -> list[Complaint]:
        loader = info.context.loaders.complaints(place(info))
        return [Complaint.from_model(each) for each in await loader.load(self.model.complaints)]


@strawberry.input(description="Customers who are one person.")
class JoinCustomersInput:
    customers: list[strawberry.ID] = strawberry.field(description="Ids of two or more customers.")
    note: str = strawberry.field(description=_NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)
    client_mutation_id: str | None = strawberry.field(default=None, description=_ECHO)


@strawberry.input(description="Complaints of a customer that somebody else filed.")
class SeparateCustomersInput:
    complaints: list[strawberry.ID] = strawberry.field(
        description="Ids of those of one customer's complaints that are another person's."
    )
    note: str = strawberry.field(description=_NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)
    client_mutation_id: str | None = strawberry.field(default=None, description=_ECHO)


@strawberry.input(description="Complaints that are one case, or are not, whatever they look like.")
class RelateCasesInput:
    complaints: list[strawberry.ID] = strawberry.field(description="Ids of two to 20 complaints.")
    relation: CaseRelation = strawberry.field(description="What holds between each two of them.")
    note: str = strawberry.field(description=_NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)
    client_mutation_id: str | None = strawberry.field(default=None, description=_ECHO)


@strawberry.input(description="Complaints that are no part of a group event, or are one.")
class CorrectGroupEventInput:
    alert: strawberry.ID = strawberry.field(description="Id of the group event's alert.")
    complaints: list[strawberry.ID] = strawberry.field(description=_IDS)
    covered: bool = strawberry.field(description="Whether they are part of it.")
    note: str = strawberry.field(description=_NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)
    client_mutation_id: str | None = strawberry.field(default=None, description=_ECHO)


@strawberry.input(description="Whose data: a customer's, or that of some complaints.")
class PersonInput:
    customer: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the customer; instead of `complaints`."
    )
    complaints: list[strawberry.ID] = strawberry.field(default_factory=list, description=_IDS)
    note: str = strawberry.field(description=_NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)
    client_mutation_id: str | None = strawberry.field(default=None, description=_ECHO)


@strawberry.type(description="What became of a correction.")
class CorrectionPayload:
    complaints: list[Complaint] = strawberry.field(
        description="The complaints that were named, as they stand now."
    )
    errors: list[UserError] = strawberry.field(description="Why nothing was done; empty if it was.")
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


@strawberry.type(description="What became of it.")
class PersonPayload:
    complaints: int = strawberry.field(description="How many complaints it was done for.")
    errors: list[UserError] = strawberry.field(description="Why nothing was done; empty if it was.")
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


@strawberry.type
class PeopleQuery:
    """``Query`` inherits this."""

    @resolved(
        description="What a person types into one box: references or a part of one, a customer's "
        "number as people write it, or words. Numbers are compared as keyed hashes.",
        searches=200,
    )
    async def find_cases(self, info: Info, text: Text, first: FirstFound = 20) -> FoundCases | None:
        size = search_size(first, default=20)
        if len(text) > LONGEST_TEXT:
            raise InvalidInputError(
                f"The text has {len(text):,} characters; at most {LONGEST_TEXT:,} are taken.",
                path=["text"],
            )
        masked = await asyncio.to_thread(info.context.uses.pipeline.mask_query, text)
        found = await info.context.uses.people.find(text, masked, first=size)
        return FoundCases(by=found.by, model=found)

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
        async def act() -> Sequence[str]:
            uses = info.context.uses
            keys = [key_of(i, NodeKind.CUSTOMER, path=("customers",)) for i in input.customers]
            correction = await uses.corrections.correction(
                info.context.identity.actor, input.note, request_key(info, "joinCustomers", input)
            )
            await uses.corrections.join(keys, correction)
            return ()

        return await _corrected(info, input.client_mutation_id, act)

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
        async def act() -> Sequence[str]:
            uses, keys = info.context.uses, _complaints(input.complaints)
            correction = await uses.corrections.correction(
                info.context.identity.actor,
                input.note,
                request_key(info, "separateCustomers", input),
            )
            await uses.corrections.separate(keys, correction)
            return keys

        return await _corrected(info, input.client_mutation_id, act)

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
        async def act() -> Sequence[str]:
            uses, keys = info.context.uses, _complaints(input.complaints)
            correction = await uses.corrections.correction(
                info.context.identity.actor, input.note, request_key(info, "relateCases", input)
            )
            await uses.corrections.relate(keys, input.relation, correction)
            return keys

        return await _corrected(info, input.client_mutation_id, act)

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
        async def act() -> Sequence[str]:
            uses, keys = info.context.uses, _complaints(input.complaints)
            alert = key_of(input.alert, NodeKind.ALERT, path=("alert",))
            correction = await uses.corrections.correction(
                info.context.identity.actor,
                input.note,
                request_key(info, "correctGroupEvent", input),
            )
            await uses.corrections.correct_group(alert, keys, correction, covered=input.covered)
            return keys

        return await _corrected(info, input.client_mutation_id, act)

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
        return await _person(info, "erasePerson", input)

    @resolved(description="Sets a legal hold: nothing of the person can be erased.", searches=500)
    async def set_legal_hold(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            PersonInput, strawberry.argument(description="Whose data, and why.")
        ],
    ) -> PersonPayload:
        return await _person(info, "setLegalHold", input)

    @resolved(description="Lifts a legal hold.", searches=500)
    async def lift_legal_hold(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            PersonInput, strawberry.argument(description="Whose data, and why.")
        ],
    ) -> PersonPayload:
        return await _person(info, "liftLegalHold", input)


def _complaints(ids: Sequence[str]) -> list[str]:
    return [key_of(each, NodeKind.COMPLAINT, path=("complaints",)) for each in ids]


async def _corrected(
    info: Info, echo: str | None, act: Callable[[], Awaitable[Sequence[str]]]
) -> CorrectionPayload:
    info.context.forget()
    try:
        keys, errors = await act(), []
    except (InvalidInputError, ConflictError, NotFoundError) as error:
        keys, errors = (), [UserError.from_model(error, "input")]
    found = await info.context.loaders.complaints(place(info)).load(tuple(keys))
    return CorrectionPayload(
        complaints=[Complaint.from_model(each) for each in found],
        errors=errors,
        client_mutation_id=echo,
    )


async def _person(info: Info, name: str, given: PersonInput) -> PersonPayload:
    info.context.forget()
    uses, done = info.context.uses, 0
    errors: list[UserError] = []
    try:
        one_of(given.customer, given.complaints)
        keys = _complaints(given.complaints)
        if given.customer is not None:
            customer = key_of(given.customer, NodeKind.CUSTOMER, path=("customer",))
            keys = await uses.people.of_customer(customer)
        correction = await uses.corrections.correction(
            info.context.identity.actor, given.note, request_key(info, name, given)
        )
        if name == "erasePerson":
            done = await uses.people.erase(keys, correction)
        else:
            done = await uses.people.hold(keys, correction, held=name == "setLegalHold")
    except (InvalidInputError, ConflictError, NotFoundError) as error:
        errors = [UserError.from_model(error, "input")]
    return PersonPayload(
        complaints=done, errors=errors, client_mutation_id=given.client_mutation_id
    )
