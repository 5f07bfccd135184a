"""What was looked at, for auditors."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self

import strawberry

from graph.consistency.access_log import Break, Verified
from graph.domain.access import Role
from graph.queries import access_log as queries
from schema.arguments import After, ByPerson, FirstOfPage, FromMoment, LanguageArgument, ToMoment
from schema.connections import Connection
from schema.enums import AccessOutcome, IdentityMethod
from schema.ids import NodeKind, global_id, key_of
from schema.newest import newest_first
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import TimeOrDate, in_zone
from schema.staff import NAME, name_of


@strawberry.type(
    description="One operation that showed cases, read what is for auditors, or was refused."
)
class AccessRecord:
    at: datetime = strawberry.field(description="When the answer was ready.")
    person: str = strawberry.field(description="Who asked, as in events.")
    roles: list[Role] = strawberry.field(description="What the person was at the time.")
    method: IdentityMethod = strawberry.field(description="How it was shown who asked.")
    operation: str = strawberry.field(
        description="The operation's name, or `sha256:` and the hash of a document without one."
    )
    complaint_ids: list[strawberry.ID] = strawberry.field(
        description="Ids of the cases in the answer, at most 1,000."
    )
    shown: int = strawberry.field(description="How many cases there were in the answer.")
    opened_ids: list[strawberry.ID] = strawberry.field(
        description="Those of `complaintIds` that lie beyond the person's reach, and were open to "
        "the person for then."
    )
    read: list[str] = strawberry.field(
        description="The fields for auditors that it read, such as `accessLog`: who watches is "
        "watched."
    )
    purpose: str | None = strawberry.field(
        description="Why, as it was sent in `X-Purpose-Of-Use`; masked."
    )
    outcome: AccessOutcome = strawberry.field(description="What became of the operation.")
    segment: int = strawberry.field(description="Which chain of the log it stands in.")
    number: int = strawberry.field(description="Its number there.")
    hash: str = strawberry.field(description="Over all of it and the record before it.")

    @resolved(description=NAME)
    async def person_name(self, info: Info) -> str | None:
        return await name_of(info, self.person)

    @classmethod
    def from_model(cls, model: queries.AccessRecord) -> Self:
        access = model.access
        return cls(
            at=access.at,
            person=access.actor,
            roles=[Role(role) for role in access.roles],
            method=IdentityMethod(access.method),
            operation=access.operation,
            complaint_ids=[global_id(NodeKind.COMPLAINT, key) for key in access.cases],
            shown=access.shown,
            opened_ids=[global_id(NodeKind.COMPLAINT, key) for key in access.opened],
            read=list(access.read),
            purpose=access.purpose,
            outcome=access.outcome,
            segment=model.segment,
            number=model.number,
            hash=model.hash,
        )


@strawberry.type(description="Where the access log does not hold.")
class AccessLogBreak:
    segment: int | None = strawberry.field(description="Its chain; null: the register of chains.")
    number: int | None = strawberry.field(description="The record; null: the chain as a whole.")
    known: strawberry.Private[Break]

    @resolved(description="What does not hold.")
    def description(self, info: Info, language: LanguageArgument = None) -> str:
        return self.known.what.text(info.context.language_of(language))

    @classmethod
    def from_model(cls, model: Break) -> Self:
        return cls(segment=model.segment, number=model.number, known=model)


@strawberry.type(description="Whether the access log holds.")
class AccessLogVerification:
    holds: bool = strawberry.field(
        description="No record was changed, removed, moved or put in, as far as it was read."
    )
    records: int = strawberry.field(description="How many records were read.")
    segments: int = strawberry.field(description="How many chains hold of those that were read.")
    breaks: list[AccessLogBreak] = strawberry.field(description="The first one of each chain.")

    @classmethod
    def from_model(cls, model: Verified) -> Self:
        return cls(
            holds=model.holds,
            records=model.records,
            segments=len(model.heads),
            breaks=[AccessLogBreak.from_model(each) for each in model.breaks],
        )


@strawberry.type
class AccessLogQuery:
    """``Query`` inherits this."""

    @resolved(
        description="Who looked at which cases, and who looked into this log, newest first; for "
        "auditors.",
        searches=100,
    )
    async def access_log(
        self,
        info: Info,
        complaint: Annotated[
            strawberry.ID | None, strawberry.argument(description="The case's `id`.")
        ] = None,
        person: ByPerson = None,
        since: FromMoment = None,
        until: ToMoment = None,
        first: FirstOfPage = None,
        after: After = None,
    ) -> Connection[AccessRecord]:
        zone = info.context.uses.zone
        asked = queries.Asked(
            case=complaint and key_of(complaint, NodeKind.COMPLAINT, path=("complaint",)),
            actor=person,
            since=in_zone(since, zone, "from"),
            until=in_zone(until, zone, "to"),
        )
        database = info.context.uses.database
        return await newest_first(
            "accessLog",
            (first, after),
            repr(asked),
            partial(queries.page, database, asked),
            partial(queries.count, database, asked),
            AccessRecord.from_model,
        )

    @resolved(
        description="Whether the access log holds: every chain that took a record in the period is "
        "read whole, of all others the seal. For up to 100,000 records; `complaint-graph audit "
        "verify` reads all of them.",
        searches=10_000,
    )
    async def access_log_verification(
        self,
        info: Info,
        since: Annotated[
            TimeOrDate,
            strawberry.argument(name="from", description="The period begins with this moment."),
        ],
    ) -> AccessLogVerification:
        begin = in_zone(since, info.context.uses.zone, "from")
        assert begin is not None
        return AccessLogVerification.from_model(await info.context.uses.recorder.verify(begin))
