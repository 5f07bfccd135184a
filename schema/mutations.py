"""Everything that can be changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.commands.requests import RequestKey
from graph.commands.store import Stored
from graph.errors import ComplaintGraphError
from schema.alerts import AlertMutation
from schema.changing import MutationPayload, acted, errors_field
from schema.complaint import Complaint
from schema.desk.mutations import DeskMutation
from schema.drills import DrillMutation
from schema.enums import RegistrationFate
from schema.issues import IssueMutation
from schema.jobs import JobMutation
from schema.openings import OpeningMutation
from schema.people import PeopleMutation
from schema.registration import (
    RegisterComplaintError,
    RegisterComplaintInput,
    named_as_sent,
    to_record,
)
from schema.remediation import RemediationMutation
from schema.request import Info
from schema.resolved import resolved
from schema.saved_views import SavedViewMutation

_FATES = {
    Stored.LOADED: RegistrationFate.CREATED,
    Stored.UPDATED: RegistrationFate.UPDATED,
    Stored.UNCHANGED: RegistrationFate.UNCHANGED,
}


@strawberry.type(description="What became of a registration.")
class RegisterComplaintPayload(MutationPayload):
    errors: list[RegisterComplaintError] = errors_field()
    complaint: Complaint | None = strawberry.field(description="The complaint, if it was taken.")
    fate: RegistrationFate | None = strawberry.field(
        description="What became of it, the same under one `idempotencyKey`; null if it was not "
        "taken."
    )


@strawberry.type(description="Everything that can be changed.")
class Mutation(
    DeskMutation,
    RemediationMutation,
    AlertMutation,
    IssueMutation,
    PeopleMutation,
    OpeningMutation,
    SavedViewMutation,
    DrillMutation,
    JobMutation,
):
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
        kind = RegisterComplaintError
        done = await acted(info, input, lambda key: _register(info, input, key), kind)
        complaint, fate, problems = done.result or (None, None, [])
        payload = done.payload()
        payload["errors"] += [kind.from_model(problem, "input") for problem in problems]
        return RegisterComplaintPayload(complaint=complaint, fate=fate, **payload)


async def _register(
    info: Info, data: RegisterComplaintInput, key: RequestKey | None
) -> tuple[Complaint | None, RegistrationFate | None, Sequence[ComplaintGraphError]]:
    uses, actor, now = info.context.uses, info.context.identity.actor, datetime.now(UTC)
    record, problems = await to_record(uses, data, now)
    if record is None:
        return None, None, problems
    with named_as_sent():
        registered = await uses.pipeline.register(record, actor=actor, request=key)
    loader = info.context.loaders.complaint()
    complaint = Complaint.from_optional(await loader.load(registered.id))
    return complaint, _FATES[registered.fate], ()
