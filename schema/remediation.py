"""What is done about root causes and systemic issues, and whether it worked."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self
from zoneinfo import ZoneInfo

import strawberry

from graph.commands.remediations import change_remediation, plan_remediation
from graph.commands.requests import RequestKey
from graph.commands.versioned import Target
from graph.domain import remediations as domain
from graph.domain.enums import CatalogueKind
from graph.domain.patch import Edit, Unset
from graph.domain.recorded import Recorded
from graph.errors import InvalidInputError, UnknownCodeError
from graph.queries import remediations as queries
from graph.queries.remediations import EffectFound
from schema.arguments import After, FirstFound, FirstOfPage, LanguageArgument
from schema.catalogue import RootCause
from schema.changing import ChangePayload, MutationInput, acted, errors_field
from schema.connections import Connection
from schema.edits import edit, needed
from schema.effect_summary import summary
from schema.enums import EffectVerdict, RemediationStatus
from schema.history import RecordedChange, history
from schema.ids import NodeKind, global_id, key_of
from schema.masked import masked, masked_label
from schema.newest import newest_first
from schema.node import Node
from schema.refusals import OF_A_CHANGE, UserError, refuses
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import TimeOrDate, in_zone

if TYPE_CHECKING:
    from schema.issue import SystemicIssue

_Issue = Annotated["SystemicIssue", strawberry.lazy("schema.issue")]
_DAYS = (30, 730)
_DELAY = (0, 365)


@strawberry.type(description="A time from a moment on, up to before another one.")
class Span:
    start: datetime = strawberry.field(description="Its first moment.")
    end: datetime = strawberry.field(description="The first moment after it.")


@strawberry.type(
    description="Complaints of the cause before and after, against those of all other causes. "
    "Complaints whose cause is not on record, mostly open ones, stand on neither side; duplicates "
    "are left out."
)
class RemediationEffect:
    verdict: EffectVerdict = strawberry.field(description="What the figures say.")
    before: Span = strawberry.field(description="Compared: until the work began.")
    after: Span = strawberry.field(
        description="Compared: since the fix took hold, up to the newest complaint."
    )
    count_before: int = strawberry.field(description="Complaints of the cause before.")
    count_after: int = strawberry.field(description="Complaints of the cause after.")
    others_before: int = strawberry.field(description="Complaints of other causes before.")
    others_after: int = strawberry.field(description="Complaints of other causes after.")
    expected: float | None = strawberry.field(
        description="Complaints of the cause to be expected after, had nothing changed; null if "
        "nothing tells."
    )
    ratio: float | None = strawberry.field(
        description="How many times the odds of the cause are what they were; 1 is no change."
    )
    low: float | None = strawberry.field(description="The ratio's 95 % interval begins here.")
    high: float | None = strawberry.field(
        description="The interval ends here; null if it has no end."
    )
    trend: bool = strawberry.field(
        description="Whether the cause was already rising or falling before; the ratio is then "
        "what is left beside that."
    )
    model: strawberry.Private[EffectFound]

    @resolved(description="The figures in one sentence.")
    def summary(self, info: Info, language: LanguageArgument = None) -> str:
        return summary(self.model, info.context.language_of(language))

    @classmethod
    def from_model(cls, model: EffectFound) -> Self:
        result, spans = model.effect, model.spans
        return cls(
            verdict=result.verdict,
            before=Span(start=spans.before[0], end=spans.before[1]),
            after=Span(start=spans.after[0], end=spans.after[1]),
            count_before=result.own_before,
            count_after=result.own_after,
            others_before=result.others_before,
            others_after=result.others_after,
            expected=result.expected,
            ratio=result.ratio,
            low=result.low,
            high=result.high,
            trend=result.trend,
            model=model,
        )


@strawberry.type(description="What the bank does about a root cause or a systemic issue.")
class Remediation(Node):
    title: str = strawberry.field(description="What is done, masked.")
    owner: str | None = strawberry.field(description="Who answers for it.")
    started_at: datetime | None = strawberry.field(description="When the work began or begins.")
    completed_at: datetime | None = strawberry.field(description="When it was done.")
    status: RemediationStatus = strawberry.field(description="Where it stands.")
    version: int = strawberry.field(description="1 when planned; grows with every change.")
    created_at: datetime = strawberry.field(description="When it was planned.")
    created_by: str = strawberry.field(description="Who planned it.")
    model: strawberry.Private[domain.Remediation]

    @resolved(description="The systemic issue that it addresses; null if it addresses a cause.")
    async def issue(self, info: Info) -> _Issue | None:
        from schema.issue import SystemicIssue

        loader = info.context.loaders.issue()
        return SystemicIssue.from_optional(await loader.load(self.model.plan.issue))

    @resolved(
        description="The cause that it addresses, with all that is narrower; null if it addresses "
        "an issue."
    )
    async def root_cause(self, info: Info) -> RootCause | None:
        loader = info.context.loaders.entry(CatalogueKind.ROOT_CAUSE)
        return RootCause.from_optional(await loader.load(self.model.plan.cause))

    @resolved(
        description="Whether it worked: what became of the cause, or of the causes of the issue. "
        "Null until it is completed, and for an issue without a cause.",
        searches=200,
    )
    async def effect(
        self,
        info: Info,
        days: Annotated[
            int, strawberry.argument(description="Days compared before and after, 30 to 730.")
        ] = 180,
        delay_days: Annotated[
            int, strawberry.argument(description="Days until it can take hold, 0 to 365.")
        ] = 21,
    ) -> RemediationEffect | None:
        _within(days, "days", _DAYS)
        _within(delay_days, "delayDays", _DELAY)
        loader = info.context.loaders.remediation_effect(days, delay_days)
        result = await loader.load(self.model.id)
        return RemediationEffect.from_model(result) if result else None

    @resolved(description="What people changed of it, newest first.")
    async def history(self, info: Info, first: FirstFound = 10) -> list[RecordedChange]:
        return await history(info, Recorded.REMEDIATION, self.model.id, first)

    @classmethod
    def from_model(cls, model: domain.Remediation) -> Self:
        plan = model.plan
        return cls(
            id=global_id(NodeKind.REMEDIATION, model.id),
            title=plan.title,
            owner=plan.owner,
            started_at=plan.started_at,
            completed_at=plan.completed_at,
            status=model.status(datetime.now(UTC)),
            version=model.version,
            created_at=model.created_at,
            created_by=model.created_by,
            model=model,
        )

    @classmethod
    async def fetch(cls, info: Info, key: str) -> Self | None:
        result = await info.context.loaders.remediation().load(key)
        return cls.from_model(result) if result else None


@strawberry.input(description="What is to be done about a root cause.")
class PlanRemediationInput(MutationInput):
    root_cause: str | None = strawberry.field(
        default=None,
        description="Code of the root cause; the narrower ones are meant too. It or an issue.",
    )
    issue: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the systemic issue, in place of a root cause."
    )
    title: str = strawberry.field(description="What is done, in a few words; masked.")
    owner: str | None = strawberry.field(default=None, description="Who answers for it.")
    started_at: TimeOrDate | None = strawberry.field(
        default=None, description="When the work began or begins; only the date will do."
    )
    completed_at: TimeOrDate | None = strawberry.field(
        default=None, description="When it was done; only the date will do."
    )


@strawberry.input(
    description="What changes of a remediation: what is left out stays as it is, null clears it."
)
class ChangeRemediationInput(MutationInput):
    remediation: strawberry.ID = strawberry.field(description="Id of the remediation.")
    version: int = strawberry.field(description="Its version as the person saw it.")
    root_cause: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Code of the root cause, in place of an issue."
    )
    issue: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="Id of the systemic issue, in place of a root cause."
    )
    title: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="What is done, in a few words; masked."
    )
    owner: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Who answers for it."
    )
    started_at: strawberry.Maybe[TimeOrDate | None] = strawberry.field(
        default=None, description="When the work began or begins."
    )
    completed_at: strawberry.Maybe[TimeOrDate | None] = strawberry.field(
        default=None, description="When it was done."
    )


@refuses(*OF_A_CHANGE, UnknownCodeError)
class RemediationError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of it.")
class RemediationPayload(ChangePayload):
    errors: list[RemediationError] = errors_field()
    remediation: Remediation | None = strawberry.field(
        description="As it stands now, also when nothing was done."
    )


@strawberry.type
class RemediationQuery:
    """Remediations; ``Query`` inherits this."""

    @resolved(description="What is done about root causes, the newest plan first.")
    async def remediations(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        root_cause: Annotated[
            str | None, strawberry.argument(description="Only those of this cause, by its code.")
        ] = None,
    ) -> Connection[Remediation]:
        return await _page(info, first, after, root_cause)

    @resolved(description="One remediation.")
    async def remediation(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - the API's name
            strawberry.ID, strawberry.argument(description="An `id` that this API gave.")
        ],
    ) -> Remediation | None:
        return await Remediation.fetch(info, key_of(id, NodeKind.REMEDIATION))


@strawberry.type
class RemediationMutation:
    """What is done about root causes; ``Mutation`` inherits this."""

    @resolved(description="Records what is to be done about a root cause.", searches=50)
    async def plan_remediation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            PlanRemediationInput, strawberry.argument(description="The plan.")
        ],
    ) -> RemediationPayload:
        return await _answered(info, input)

    @resolved(
        description="Changes it: started, completed, another owner. A stale version is refused.",
        searches=50,
    )
    async def change_remediation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            ChangeRemediationInput, strawberry.argument(description="The plan from now on.")
        ],
    ) -> RemediationPayload:
        return await _answered(info, input)


async def _answered(
    info: Info, data: PlanRemediationInput | ChangeRemediationInput
) -> RemediationPayload:
    identity: str | None = None

    async def act(key: RequestKey | None) -> None:
        nonlocal identity
        if isinstance(data, PlanRemediationInput):
            identity = await _plan(info, data, key)
        else:
            identity = key_of(data.remediation, NodeKind.REMEDIATION, path=("remediation",))
            await _change(info, Target(identity, data.version, key), data)

    done = await acted(info, data, act, RemediationError)
    result = None if identity is None else await Remediation.fetch(info, identity)
    return RemediationPayload(remediation=result, **done.change_payload())


async def _plan(info: Info, data: PlanRemediationInput, key: RequestKey | None) -> str:
    """The remediation's id."""
    uses, now = info.context.uses, datetime.now(UTC)
    plan = domain.checked(
        domain.Plan(
            title=data.title,
            cause=data.root_cause,
            issue=_issue_key(data.issue),
            owner=data.owner,
            started_at=in_zone(data.started_at, uses.zone, "startedAt"),
            completed_at=in_zone(data.completed_at, uses.zone, "completedAt"),
        ),
        now,
    )
    owner = plan.owner and await masked_label(info, plan.owner)
    plan = replace(plan, title=await masked(info, plan.title), owner=owner)
    actor = info.context.identity.actor
    return await plan_remediation(uses.database, plan, actor=actor, now=now, key=key)


async def _change(info: Info, target: Target, data: ChangeRemediationInput) -> None:
    uses, title, issue = info.context.uses, needed(data.title, "title"), edit(data.issue)
    owner = edit(data.owner)
    change = domain.PlanEdit(
        title=await masked(info, title) if isinstance(title, str) else title,
        cause=edit(data.root_cause),
        issue=_issue_key(issue) if isinstance(issue, str) else issue,
        owner=await masked_label(info, owner) if isinstance(owner, str) else owner,
        started_at=_time(data.started_at, uses.zone, "startedAt"),
        completed_at=_time(data.completed_at, uses.zone, "completedAt"),
    )
    actor = info.context.identity.actor
    await change_remediation(uses.database, target, change, actor=actor, now=datetime.now(UTC))


def _time(
    data: strawberry.Maybe[TimeOrDate | None], zone: ZoneInfo, name: str
) -> Edit[datetime | None]:
    at = edit(data)
    return at if isinstance(at, Unset) else in_zone(at, zone, name)


def _issue_key(data: str | None) -> str | None:
    return None if data is None else key_of(data, NodeKind.SYSTEMIC_ISSUE, path=("issue",))


async def _page(
    info: Info, first: int | None, after: str | None, cause: str | None
) -> Connection[Remediation]:
    database = info.context.uses.database
    return await newest_first(
        "remediations",
        (first, after),
        cause,
        partial(queries.page, database, cause),
        partial(queries.count, database, cause),
        Remediation.from_model,
    )


def _within(value: int, name: str, bounds: tuple[int, int]) -> None:
    low, high = bounds
    if not low <= value <= high:
        raise InvalidInputError(f"`{name}` is a number from {low} to {high}.", path=[name])
