"""Ask for systemic issues, propose them, and change what holds."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import strawberry

from graph.commands.issues import Extent, Grounds, change_issue, propose_issue
from graph.domain.issues import MOST, Statement, checked
from graph.errors import ConflictError, InvalidInputError, NotFoundError
from graph.queries import alerts as alert_queries
from graph.queries import drivers as driver_queries
from graph.queries import issues as queries
from graph.queries.conditions import CompiledFilter
from graph.statistics.drivers import DriverKind, drivers
from ingest.watching import CAUSE_SHARE, extents_of
from schema.arguments import After, FirstOfPage
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.enums import IssueStatus, Level
from schema.errors import UserError
from schema.ids import NodeKind, key_of
from schema.issue import SystemicIssue
from schema.paging import page_slice
from schema.request import Info
from schema.request_keys import request_key
from schema.resolved import resolved
from schema.scalars import TimeOrDate, in_zone

#: Complaints of a cause that an issue covers when nobody says since when.
_YEAR = timedelta(days=365)


@strawberry.input(description="A systemic issue that a person sees.")
class ProposeSystemicIssueInput:
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
    root_causes: list[str] | None = strawberry.field(
        default=None,
        description="Codes of the causes that it goes back to. Left out: the causes that drive "
        "its clusters.",
    )
    since: TimeOrDate | None = strawberry.field(
        default=None,
        description="Complaints of its causes are covered that were received since then; a year "
        "back if left out.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="A UUID that makes a retry safe for seven days."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is."
    )


@strawberry.input(description="All that holds from now on; what is left out is no longer there.")
class ChangeSystemicIssueInput:
    issue: strawberry.ID = strawberry.field(description="Id of the issue.")
    version: int = strawberry.field(description="Its version as the person saw it.")
    status: IssueStatus = strawberry.field(description="Where it stands from now on.")
    title: str = strawberry.field(description="What the problem is, in a few words; masked.")
    title_en: str | None = strawberry.field(default=None, description="The same in English.")
    level: Level = strawberry.field(description="How grave it is.")
    owner: str | None = strawberry.field(default=None, description="Who answers for it.")
    root_causes: list[str] = strawberry.field(
        default_factory=list, description="Codes of the causes that it goes back to."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is."
    )


@strawberry.type(description="What became of it.")
class SystemicIssuePayload:
    issue: SystemicIssue | None = strawberry.field(description="As it stands now.")
    errors: list[UserError] = strawberry.field(description="What has to be mended.")
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


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
    info: Info, given: ProposeSystemicIssueInput | ChangeSystemicIssueInput
) -> SystemicIssuePayload:
    info.context.forget()
    found, errors = None, []
    try:
        if isinstance(given, ProposeSystemicIssueInput):
            identity = await _propose(info, given)
        else:
            identity = await _change(info, given)
        found = await SystemicIssue.fetch(info, identity)
    except (InvalidInputError, ConflictError, NotFoundError) as error:
        errors = [UserError.from_model(error, "input")]
    return SystemicIssuePayload(
        issue=found, errors=errors, client_mutation_id=given.client_mutation_id
    )


async def _propose(info: Info, given: ProposeSystemicIssueInput) -> str:
    """The issue's id."""
    uses, now = info.context.uses, datetime.now(UTC)
    for name, some in (("alerts", given.alerts), ("clusters", given.clusters)):
        if len(some) > MOST:
            raise InvalidInputError(f"At most {MOST} are taken.", path=[name])
    alerts = _keys(given.alerts, NodeKind.ALERT, "alerts")
    clusters = _keys(given.clusters, NodeKind.CLUSTER, "clusters")
    if not (alerts or clusters or given.root_causes):
        raise InvalidInputError(
            "Say what it rests on: alerts, clusters or root causes.", path=["rootCauses"]
        )
    causes = given.root_causes
    if causes is None:
        causes = await _driving(info, clusters)
    statement = await _statement(info, given, tuple(causes))
    extents = [Extent(cluster=key) for key in clusters]
    for alert in (await alert_queries.by_ids(uses.database, alerts)).values():
        extents += extents_of(alert, uses.zone)
    if given.root_causes:
        since = in_zone(given.since, uses.zone, "since") or now - _YEAR
        extents += [Extent(since=since, cause=code) for code in statement.causes]
    grounds = Grounds(alerts, clusters, tuple(extents))
    return await propose_issue(
        uses.database,
        statement,
        grounds,
        actor=info.context.identity.actor,
        now=now,
        key=request_key(info, "proposeSystemicIssue", given),
    )


async def _driving(info: Info, clusters: tuple[str, ...]) -> list[str]:
    """The causes that at least half of a cluster's complaints have, more often than all others."""
    if not clusters:
        return []
    uses = info.context.uses
    counts = await driver_queries.counts(uses.database, clusters, CompiledFilter(), uses.zone.key)
    found = [driver for some in counts.values() for driver in drivers(some)]
    return sorted(
        {d.value for d in found if d.kind is DriverKind.ROOT_CAUSE and d.share >= CAUSE_SHARE}
    )


async def _change(info: Info, given: ChangeSystemicIssueInput) -> str:
    """The issue's id."""
    identity = key_of(given.issue, NodeKind.SYSTEMIC_ISSUE, path=("issue",))
    await change_issue(
        info.context.uses.database,
        identity,
        given.version,
        await _statement(info, given, tuple(given.root_causes)),
        given.status,
        actor=info.context.identity.actor,
        now=datetime.now(UTC),
    )
    return identity


async def _statement(
    info: Info,
    given: ProposeSystemicIssueInput | ChangeSystemicIssueInput,
    causes: tuple[str, ...],
) -> Statement:
    said = checked(Statement(given.title, given.title_en or "", given.level, given.owner, causes))
    mask = info.context.uses.pipeline.mask_query
    zh, en = await asyncio.to_thread(lambda: (mask(said.title_zh), mask(said.title_en)))
    return Statement(zh, en, said.level, said.owner, said.causes)


def _keys(ids: list[strawberry.ID], kind: NodeKind, name: str) -> tuple[str, ...]:
    keys = (key_of(each, kind, path=(name, str(number))) for number, each in enumerate(ids))
    return tuple(dict.fromkeys(keys))


async def _page(
    info: Info, first: int | None, after: str | None, statuses: list[IssueStatus] | None
) -> Connection[SystemicIssue]:
    database, part = info.context.uses.database, page_slice(first, after, None, None)
    if statuses is not None and not statuses:
        raise InvalidInputError("An empty list finds nothing: leave it out.", path=["statuses"])
    cursors = scope("systemicIssues", sorted(statuses or ()))
    before = cursors.decode(part.after, "after")
    found = await queries.page(database, statuses, before, part.size + 1)
    rows = found[: part.size]
    places = [cursors.encode(model.key) for model in rows]
    nodes = [SystemicIssue.from_model(model) for model in rows]
    return Connection(
        edges=edges_of(nodes, places),
        nodes=nodes,
        page_info=page_info(places, following=len(found) > part.size, preceding=before is not None),
        count=partial(queries.count, database, statuses),
    )
