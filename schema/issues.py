"""Ask for systemic issues, propose them, and change what holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import strawberry

from graph.commands.issues import Extent, Grounds, change_issue, propose_issue
from graph.commands.requests import RequestKey
from graph.commands.versioned import Target
from graph.domain.issues import MOST, IssueEdit, Statement, checked
from graph.domain.patch import Unset
from graph.errors import InvalidInputError, UnknownCodeError
from graph.queries import alerts as alert_queries
from graph.queries import drivers as driver_queries
from graph.queries import issues as queries
from graph.statistics.drivers import DriverKind, drivers
from ingest.watching import CAUSE_SHARE, extents_of
from schema.arguments import After, FirstOfPage
from schema.changing import ChangePayload, MutationInput, acted, errors_field
from schema.connections import Connection
from schema.edits import edit, needed, several
from schema.enums import IssueStatus, Level
from schema.ids import NodeKind, key_of
from schema.issue import SystemicIssue
from schema.masked import masked, masked_label
from schema.newest import check_not_empty, newest_first
from schema.refusals import OF_A_CHANGE, UserError, refuses
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import TimeOrDate, in_zone

#: Complaints of a cause that an issue covers when nobody says since when.
_YEAR = timedelta(days=365)


@strawberry.input(description="A systemic issue that a person sees.")
class ProposeSystemicIssueInput(MutationInput):
    title: str = strawberry.field(description="What the problem is, in a few words; masked.")
    title_en: str | None = strawberry.field(
        default=None, description="The same in English; the title if left out."
    )
    level: Level = strawberry.field(default=Level.YELLOW, description="How grave it is.")
    owner: str | None = strawberry.field(default=None, description="Who answers for it.")
    alerts: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Alerts that it rests on; their complaints are covered."
    )
    clusters: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Clusters that it rests on; all of each is covered."
    )
    root_causes: strawberry.Maybe[list[str] | None] = strawberry.field(
        default=None,
        description="Codes of the causes that it goes back to; null: none. Left out: the causes "
        "that drive its clusters.",
    )
    since: TimeOrDate | None = strawberry.field(
        default=None,
        description="Complaints of its causes are covered that were received since then; a year "
        "back if left out.",
    )


@strawberry.input(
    description="What changes of an issue: what is left out stays as it is, null clears it."
)
class ChangeSystemicIssueInput(MutationInput):
    issue: strawberry.ID = strawberry.field(description="Id of the issue.")
    version: int = strawberry.field(description="Its version as the person saw it.")
    status: strawberry.Maybe[IssueStatus | None] = strawberry.field(
        default=None, description="Where it stands from now on."
    )
    title: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="What the problem is, in a few words; masked."
    )
    title_en: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="The same in English; null: the title."
    )
    level: strawberry.Maybe[Level | None] = strawberry.field(
        default=None, description="How grave it is."
    )
    owner: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Who answers for it."
    )
    root_causes: strawberry.Maybe[list[str] | None] = strawberry.field(
        default=None, description="Codes of all causes that it goes back to."
    )


@refuses(*OF_A_CHANGE, UnknownCodeError)
class SystemicIssueError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of it.")
class SystemicIssuePayload(ChangePayload):
    errors: list[SystemicIssueError] = errors_field()
    issue: SystemicIssue | None = strawberry.field(
        description="As it stands now, also when nothing was done."
    )


@strawberry.type
class IssueQuery:
    """Systemic issues; ``Query`` inherits this."""

    @resolved(description="Systemic issues, the newest proposal first.")
    async def systemic_issues(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        statuses: Annotated[
            list[IssueStatus] | None, strawberry.argument(description="Only those of these.")
        ] = None,
    ) -> Connection[SystemicIssue]:
        return await _page(info, first, after, statuses)

    @resolved(description="One systemic issue.")
    async def systemic_issue(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - the API's name
            strawberry.ID, strawberry.argument(description="An `id` that this API gave.")
        ],
    ) -> SystemicIssue | None:
        return await SystemicIssue.fetch(info, key_of(id, NodeKind.SYSTEMIC_ISSUE))


@strawberry.type
class IssueMutation:
    """Systemic issues; ``Mutation`` inherits this."""

    @resolved(
        description="Proposes a systemic issue from alerts, clusters or root causes; the alerts "
        "belong to it from then on.",
        searches=300,
    )
    async def propose_systemic_issue(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            ProposeSystemicIssueInput, strawberry.argument(description="The issue.")
        ],
    ) -> SystemicIssuePayload:
        return await _answered(info, input)

    @resolved(
        description="Confirms, rejects or resolves an issue, or changes what is said of it. A "
        "stale version is refused.",
        searches=50,
    )
    async def change_systemic_issue(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            ChangeSystemicIssueInput, strawberry.argument(description="What holds from now on.")
        ],
    ) -> SystemicIssuePayload:
        return await _answered(info, input)


async def _answered(
    info: Info, data: ProposeSystemicIssueInput | ChangeSystemicIssueInput
) -> SystemicIssuePayload:
    identity: str | None = None

    async def act(key: RequestKey | None) -> None:
        nonlocal identity
        if isinstance(data, ProposeSystemicIssueInput):
            identity = await _propose(info, data, key)
        else:
            identity = key_of(data.issue, NodeKind.SYSTEMIC_ISSUE, path=("issue",))
            await _change(info, Target(identity, data.version, key), data)

    done = await acted(info, data, act, SystemicIssueError)
    result = None if identity is None else await SystemicIssue.fetch(info, identity)
    return SystemicIssuePayload(issue=result, **done.change_payload())


async def _propose(info: Info, data: ProposeSystemicIssueInput, key: RequestKey | None) -> str:
    """The issue's id."""
    uses, now = info.context.uses, datetime.now(UTC)
    for name, ids in (("alerts", data.alerts), ("clusters", data.clusters)):
        if len(ids) > MOST:
            raise InvalidInputError(f"At most {MOST} are taken.", path=[name])
    alerts = _keys(data.alerts, NodeKind.ALERT, "alerts")
    clusters = _keys(data.clusters, NodeKind.CLUSTER, "clusters")
    causes = several(data.root_causes)
    named = () if isinstance(causes, Unset) else causes
    if not (alerts or clusters or named):
        raise InvalidInputError(
            "Say what it rests on: alerts, clusters or root causes.", path=["rootCauses"]
        )
    if isinstance(causes, Unset):
        causes = tuple(await _driving(info, clusters))
    said = checked(Statement(data.title, data.title_en or "", data.level, data.owner, causes))
    statement = replace(
        said,
        title_zh=await masked(info, said.title_zh),
        title_en=await masked(info, said.title_en),
        owner=said.owner and await masked_label(info, said.owner),
    )
    extents = [Extent(cluster=key) for key in clusters]
    for alert in (await alert_queries.by_ids(uses.database, alerts, info.context.scope)).values():
        extents += extents_of(alert, uses.zone)
    if named:
        since = in_zone(data.since, uses.zone, "since") or now - _YEAR
        extents += [Extent(since=since, cause=code) for code in statement.causes]
    grounds = Grounds(alerts, clusters, tuple(extents))
    return await propose_issue(
        uses.database,
        statement,
        grounds,
        actor=info.context.identity.actor,
        now=now,
        key=key,
    )


async def _driving(info: Info, clusters: tuple[str, ...]) -> list[str]:
    """The causes that at least half of a cluster's complaints have, more often than all others."""
    if not clusters:
        return []
    uses = info.context.uses
    narrowed = await uses.finder.compile(None, info.context.scope)
    counts = await driver_queries.counts(uses.database, clusters, narrowed, uses.zone.key)
    results = [driver for counted in counts.values() for driver in drivers(counted)]
    return sorted(
        {d.value for d in results if d.kind is DriverKind.ROOT_CAUSE and d.share >= CAUSE_SHARE}
    )


async def _change(info: Info, target: Target, data: ChangeSystemicIssueInput) -> None:
    title, title_en = needed(data.title, "title"), edit(data.title_en)
    owner = edit(data.owner)
    change = IssueEdit(
        status=needed(data.status, "status"),
        title_zh=await masked(info, title) if isinstance(title, str) else title,
        title_en=await masked(info, title_en) if isinstance(title_en, str) else title_en,
        level=needed(data.level, "level"),
        owner=await masked_label(info, owner) if isinstance(owner, str) else owner,
        causes=several(data.root_causes),
    )
    await change_issue(
        info.context.uses.database,
        target,
        change,
        actor=info.context.identity.actor,
        now=datetime.now(UTC),
    )


def _keys(ids: list[strawberry.ID], kind: NodeKind, name: str) -> tuple[str, ...]:
    keys = (key_of(each, kind, path=(name, str(number))) for number, each in enumerate(ids))
    return tuple(dict.fromkeys(keys))


async def _page(
    info: Info, first: int | None, after: str | None, statuses: list[IssueStatus] | None
) -> Connection[SystemicIssue]:
    database = info.context.uses.database
    check_not_empty(statuses=statuses)
    return await newest_first(
        "systemicIssues",
        (first, after),
        sorted(statuses or ()),
        partial(queries.page, database, statuses),
        partial(queries.count, database, statuses),
        SystemicIssue.from_model,
    )
