"""Everything that can be changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.errors import ComplaintGraphError, ConflictError, InvalidInputError
from schema.alerts import AlertMutation
from schema.complaint import Complaint
from schema.desk.mutations import DeskMutation
from schema.errors import UserError
from schema.issues import IssueMutation
from schema.people import PeopleMutation
from schema.registration import RegisterComplaintInput, to_record
from schema.remediation import RemediationMutation
from schema.request import Info, place
from schema.request_keys import request_key
from schema.resolved import resolved

_IDENTIFIERS = {
    "MOBILE": "mobile",
    "ID_NUMBER": "idNumber",
    "ACCOUNT": "account",
    "SOURCE_ID": "sourceId",
}


@strawberry.type(description="What became of a registration.")
class RegisterComplaintPayload:
    complaint: Complaint | None = strawberry.field(description="The complaint, if it was taken.")
    errors: list[UserError] = strawberry.field(description="What has to be mended; empty if taken.")
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


@strawberry.type(description="Everything that can be changed.")
class Mutation(DeskMutation, RemediationMutation, AlertMutation, IssueMutation, PeopleMutation):
    @resolved(
        description="Registers a complaint: masks it, classifies it, stores it and links it to "
        "alike ones. A known (sourceSystem, sourceId) is updated, or left as it is if nothing "
        "changed.",
        searches=500,
    )
    async def register_complaint(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            RegisterComplaintInput, strawberry.argument(description="The complaint.")
        ],
    ) -> RegisterComplaintPayload:
        info.context.forget()
        try:
            complaint, problems = await _register(info, input)
        except (InvalidInputError, ConflictError) as error:
            complaint, problems = None, [error]
        errors = [_user_error(problem) for problem in problems]
        return RegisterComplaintPayload(
            complaint=complaint, errors=errors, client_mutation_id=input.client_mutation_id
        )


async def _register(
    info: Info, given: RegisterComplaintInput
) -> tuple[Complaint | None, Sequence[ComplaintGraphError]]:
    uses, actor, now = info.context.uses, info.context.identity.actor, datetime.now(UTC)
    record, problems = await to_record(uses, given, now)
    if record is None:
        return None, problems
    request = request_key(info, "registerComplaint", given)
    registered = await uses.pipeline.register(record, actor=actor, request=request)
    loader = info.context.loaders.complaint(place(info))
    return Complaint.from_optional(await loader.load(registered.id)), ()


def _user_error(error: ComplaintGraphError) -> UserError:
    error.path = tuple(_IDENTIFIERS.get(name, name) for name in error.path)
    return UserError.from_model(error, "input")
