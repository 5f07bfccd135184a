"""Everything that can be asked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.errors import InvalidInputError
from graph.queries.catalogue import Asked
from graph.queries.history import case_as_of
from graph.queries.stream import settled_position
from schema.access_log import AccessLogQuery
from schema.activity import ActivityQuery
from schema.alerts import AlertQuery
from schema.arguments import (
    After,
    Before,
    FirstFound,
    FirstOfPage,
    LastOfPage,
    Matching,
    Text,
    Under,
)
from schema.catalogue import Branch, Department, Product, RootCause
from schema.cluster import Cluster, cluster_of, cluster_page
from schema.cluster_map import ClusterMapQuery
from schema.complaint import Complaint
from schema.connections import Connection
from schema.customer import Customer
from schema.desk.queries import DeskQuery
from schema.drills import DrillQuery
from schema.enums import ClusterOrder, Order, SearchMode
from schema.escalation import Alert
from schema.events import CaseEvent
from schema.filter_labels import FilterLabelQuery
from schema.filters import FilterArgument, exact_time, to_model
from schema.ids import NodeKind, key_of, parse_id
from schema.insight.counts import CountQuery
from schema.insight.queries import InsightQuery
from schema.issue import SystemicIssue
from schema.issues import IssueQuery
from schema.jobs import Job, JobQuery
from schema.lists import catalogue_page, complaint_page
from schema.masked import masked_query
from schema.node import Node
from schema.openings import OpeningQuery
from schema.paging import LARGEST_SEARCH, page_slice, search_size
from schema.people import PeopleQuery
from schema.policy.rules import field_rules
from schema.precedent import Precedent
from schema.registration_preview import RegistrationPreviewQuery
from schema.remediation import Remediation, RemediationQuery
from schema.repeats import RepeatQuery
from schema.request import Info
from schema.resolution import Resolution
from schema.resolved import resolved
from schema.rulebook import RulebookQuery
from schema.scalars import Position
from schema.similar import ScoredComplaint
from schema.viewer import ViewerQuery
from schema.vocabulary import VocabularyQuery
from schema.worklist import ComplaintConnection

_OptionalId = Annotated[
    strawberry.ID | None, strawberry.argument(description="An `id` that this API gave.")
]
_Id = Annotated[strawberry.ID, strawberry.argument(description="An `id` that this API gave.")]
_Ids = Annotated[
    list[strawberry.ID],
    strawberry.argument(description=f"At most {LARGEST_SEARCH} that this API gave."),
]
_Code = Annotated[str, strawberry.argument(description="Its code; another one finds nothing.")]


@strawberry.type(description="Everything that can be asked.")
class Query(
    DeskQuery,
    InsightQuery,
    CountQuery,
    RemediationQuery,
    AlertQuery,
    IssueQuery,
    RepeatQuery,
    PeopleQuery,
    ViewerQuery,
    AccessLogQuery,
    ActivityQuery,
    OpeningQuery,
    VocabularyQuery,
    FilterLabelQuery,
    ClusterMapQuery,
    RulebookQuery,
    RegistrationPreviewQuery,
    DrillQuery,
    JobQuery,
):
    @resolved(
        description="The place of the last event that is wholly written. Ask for it in a request "
        "of its own, then read a list, then follow `after` it: nothing falls between.",
        searches=100,
    )
    async def position(self, info: Info) -> Position:
        return Position(await settled_position(info.context.uses.database))

    @resolved(description="Whatever has this id; null if nothing has it any more.")
    async def node(self, info: Info, id: _Id) -> Node | None:  # noqa: A002 - the API's name
        return await _node(info, id, ("id",))

    @resolved(
        description="Whatever has these ids, in their order; null in the place of what nothing has "
        "any more, or nobody may see who asks."
    )
    async def nodes(self, info: Info, ids: _Ids) -> list[Node | None] | None:
        if len(ids) > LARGEST_SEARCH:
            raise InvalidInputError(f"`ids` takes at most {LARGEST_SEARCH} ids.", path=["ids"])
        asked = (_node(info, id, ("ids", str(place))) for place, id in enumerate(ids))  # noqa: A001
        return await asyncio.gather(*asked)

    @resolved(
        description="One complaint, by its id or by its reference: as it is now, or as the bank "
        "knew it at a time. Of an earlier time, what is found by looking at other cases is null."
    )
    async def complaint(
        self,
        info: Info,
        id: _OptionalId = None,  # noqa: A002 - the API's name
        reference: Annotated[
            str | None, strawberry.argument(description="What people call it by.")
        ] = None,
        at: Annotated[
            datetime | None,
            strawberry.argument(
                description="As it stood then, from what was recorded by then; null if it was not "
                "yet recorded. Left out: as it is now."
            ),
        ] = None,
    ) -> Complaint | None:
        then = exact_time(at, ("at",))
        if (id is None) == (reference is None):
            raise InvalidInputError("Give either `id` or `reference`.", path=["id"])
        if id is not None:
            key = key_of(id, NodeKind.COMPLAINT)
            result = await info.context.loaders.complaint().load(key)
        else:
            loader = info.context.loaders.complaint_by_reference()
            result = await loader.load(reference)
        if result is not None and then is not None:
            result = await case_as_of(info.context.uses.database, result.id, then)
        return Complaint.from_optional(result)

    @resolved(description="Complaints, page by page in either direction.")
    async def complaints(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        order_by: Annotated[
            Order | None, strawberry.argument(description="In which order.")
        ] = Order.RECEIVED_DESC,
        first: FirstOfPage = None,
        after: After = None,
        last: LastOfPage = None,
        before: Before = None,
    ) -> ComplaintConnection:
        part = page_slice(first, after, last, before)
        order = order_by or Order.RECEIVED_DESC
        return await complaint_page(info, to_model(filter), order, part)

    @resolved(
        description="Complaints that are alike a text, best first. NO_TEXT where there are "
        "complaints to search, and none has a text.",
        searches=200,
    )
    async def search_complaints(
        self,
        info: Info,
        text: Text,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        mode: Annotated[
            SearchMode | None, strawberry.argument(description="By meaning, words, or both.")
        ] = SearchMode.HYBRID,
        first: FirstFound = 10,
    ) -> list[ScoredComplaint] | None:
        size, condition = search_size(first), to_model(filter)
        masked = await masked_query(info, text)
        mode = mode or SearchMode.HYBRID
        finder, scope = info.context.loaders.finder, info.context.scope
        named: list[str] = []
        if mode is SearchMode.HYBRID:
            narrowed = await finder.compile(condition, scope)
            named = await info.context.uses.people.references(text, narrowed)
        results = await finder.search(
            masked, filters=condition, scope=scope, mode=mode, first=size, named=named
        )
        return [ScoredComplaint.from_model(alike) for alike in results]

    @resolved(
        description="Decided cases that are alike a text that is not registered, the most useful "
        "first.",
        searches=200,
    )
    async def precedents(
        self,
        info: Info,
        text: Text,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        first: FirstFound = 10,
    ) -> list[Precedent] | None:
        size, asked = search_size(first), info.context.sight.asked(to_model(filter))
        masked = await masked_query(info, text)
        results = await info.context.loaders.ranking.of_text(masked, asked, first=size)
        return [Precedent.from_model(model) for model in results]

    @resolved(description="One customer; an id from before a merger leads to the same.")
    async def customer(self, info: Info, id: _Id) -> Customer | None:  # noqa: A002
        return await _customer(info, key_of(id, NodeKind.CUSTOMER))

    @resolved(
        description="Root-cause clusters that have complaints which the filter leaves. NO_TEXT "
        "where none of these has a text, NOT_YET before the first fit.",
        searches=100,
    )
    async def clusters(
        self,
        info: Info,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        order_by: Annotated[
            ClusterOrder | None, strawberry.argument(description="In which order.")
        ] = ClusterOrder.SIZE_DESC,
        first: FirstOfPage = None,
        after: After = None,
    ) -> Connection[Cluster] | None:
        part, order = page_slice(first, after, None, None), order_by or ClusterOrder.SIZE_DESC
        return await cluster_page(info, to_model(filter), order, part)

    @resolved(description="One cluster, with figures of all its complaints; ended ones too.")
    async def cluster(self, info: Info, id: _Id) -> Cluster | None:  # noqa: A002
        return await cluster_of(info, key_of(id, NodeKind.CLUSTER))

    @resolved(description="Products in order of their codes.")
    async def products(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        under: Under = None,
        matching: Matching = None,
    ) -> Connection[Product]:
        part = page_slice(first, after, None, None)
        asked = Asked(CatalogueKind.PRODUCT, under, matching)
        return await catalogue_page(info.context.uses, asked, part)

    @resolved(description="One product.")
    async def product(self, info: Info, code: _Code) -> Product | None:
        return Product.from_optional(await _entry_of(info, CatalogueKind.PRODUCT, code))

    @resolved(description="One department.")
    async def department(self, info: Info, code: _Code) -> Department | None:
        return Department.from_optional(await _entry_of(info, CatalogueKind.DEPARTMENT, code))

    @resolved(description="One branch.")
    async def branch(self, info: Info, code: _Code) -> Branch | None:
        return Branch.from_optional(await _entry_of(info, CatalogueKind.BRANCH, code))

    @resolved(description="One root cause.")
    async def root_cause(self, info: Info, code: _Code) -> RootCause | None:
        return RootCause.from_optional(await _entry_of(info, CatalogueKind.ROOT_CAUSE, code))

    @resolved(description="Departments in order of their codes.")
    async def departments(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        under: Under = None,
        matching: Matching = None,
    ) -> Connection[Department]:
        part = page_slice(first, after, None, None)
        asked = Asked(CatalogueKind.DEPARTMENT, under, matching)
        return await catalogue_page(info.context.uses, asked, part)

    @resolved(description="Branches in order of their codes.")
    async def branches(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        under: Under = None,
        matching: Matching = None,
    ) -> Connection[Branch]:
        part = page_slice(first, after, None, None)
        asked = Asked(CatalogueKind.BRANCH, under, matching)
        return await catalogue_page(info.context.uses, asked, part)

    @resolved(description="Root causes in order of their codes.")
    async def root_causes(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        under: Under = None,
        matching: Matching = None,
    ) -> Connection[RootCause]:
        part = page_slice(first, after, None, None)
        asked = Asked(CatalogueKind.ROOT_CAUSE, under, matching)
        return await catalogue_page(info.context.uses, asked, part)


async def _node(info: Info, id: strawberry.ID, path: tuple[str, ...]) -> Node | None:  # noqa: A002
    """What has an id. Those of one place are read together.

    Raises:
        InvalidInputError: the id is none, or of what cannot be fetched by it.
    """
    kind, key = parse_id(id, path=path)
    if kind not in _NODES:
        raise InvalidInputError(f"A {kind.value} cannot be fetched by its id.", path=path)
    if field_rules().group(kind.value, "id") not in info.context.permitted:
        return None
    return await _NODES[kind](info, key)


async def _entry_of(info: Info, kind: CatalogueKind, code: str) -> CatalogueEntry | None:
    return await info.context.loaders.entry(kind).load(code)


async def _complaint(info: Info, key: str) -> Complaint | None:
    return Complaint.from_optional(await info.context.loaders.complaint().load(key))


async def _customer(info: Info, key: str) -> Customer | None:
    return Customer.from_optional(await info.context.loaders.customer().load(key))


def _entry(kind: CatalogueKind, made: Any) -> Callable[[Info, str], Awaitable[Node | None]]:
    async def find(info: Info, key: str) -> Node | None:
        entry = await _entry_of(info, kind, key)
        return None if entry is None else made.from_model(entry)

    return find


_NODES: dict[NodeKind, Callable[[Info, str], Awaitable[Node | None]]] = {
    NodeKind.COMPLAINT: _complaint,
    NodeKind.CUSTOMER: _customer,
    NodeKind.CLUSTER: cluster_of,
    NodeKind.ALERT: Alert.fetch,
    NodeKind.RESOLUTION: Resolution.fetch,
    NodeKind.CASE_EVENT: CaseEvent.fetch,
    NodeKind.PRODUCT: _entry(CatalogueKind.PRODUCT, Product),
    NodeKind.BRANCH: _entry(CatalogueKind.BRANCH, Branch),
    NodeKind.DEPARTMENT: _entry(CatalogueKind.DEPARTMENT, Department),
    NodeKind.ROOT_CAUSE: _entry(CatalogueKind.ROOT_CAUSE, RootCause),
    NodeKind.JOB: Job.fetch,
    NodeKind.REMEDIATION: Remediation.fetch,
    NodeKind.SYSTEMIC_ISSUE: SystemicIssue.fetch,
}
