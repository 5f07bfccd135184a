"""Systemic issues: what many complaints have in common, who mends it, and on what it rests."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from graph.domain import issues as domain
from graph.domain.enums import CatalogueKind
from graph.domain.recorded import Recorded
from graph.queries.issues import IssueEvidence, IssueFacts
from graph.queries.trees import Facet
from schema.arguments import FirstFound, LanguageArgument
from schema.catalogue import RootCause
from schema.cluster import Cluster
from schema.complaint import Complaint
from schema.enums import IssueStatus, Language, Level
from schema.escalation import Alert
from schema.history import RecordedChange, history
from schema.ids import NodeKind, global_id
from schema.insight.groups import GroupKey
from schema.issue_page import issue_page_text
from schema.money import Money
from schema.node import Node
from schema.paging import search_size
from schema.remediation import Remediation
from schema.request import Info
from schema.resolved import resolved

_Kind = Annotated[
    Facet,
    strawberry.argument(description="BRANCH, PRODUCT, TYPE, ROOT_CAUSE or OUTCOME."),
]


@strawberry.type(description="How many of an issue's complaints have something in common.")
class IssueShare:
    key: GroupKey = strawberry.field(description="What they have in common.")
    count: int = strawberry.field(description="Complaints.")
    share: float = strawberry.field(description="Of all complaints of the issue, 0 to 1.")


@strawberry.type(description="Figures of the complaints that an issue covers.")
class IssueFigures:
    complaints: int = strawberry.field(description="Complaints, duplicates left out.")
    customers: int = strawberry.field(description="Known customers who filed them.")
    unknown_customers: int = strawberry.field(
        description="Complaints of which nobody knows who filed them."
    )
    first_received_at: datetime | None = strawberry.field(description="The oldest.")
    last_received_at: datetime | None = strawberry.field(description="The newest.")
    escalated: int = strawberry.field(description="Of a level above green.")
    undecided: int = strawberry.field(description="Without a decision.")
    median_days: float | None = strawberry.field(description="From receipt to the decision.")
    compensation: list[Money] = strawberry.field(
        description="Paid in all, over all rounds; one sum for each currency."
    )
    satisfaction: float | None = strawberry.field(description="Mean of the answers, 1 to 5.")
    model: strawberry.Private[IssueFacts]

    @resolved(description="What they have in common, most frequent first.")
    def shares(self, by: _Kind = Facet.BRANCH, first: FirstFound = 10) -> list[IssueShare]:
        rows = self.model.of(by.value)[: search_size(first)]
        return [
            IssueShare(key=GroupKey(facet=by, code=code), count=n, share=n / self.model.complaints)
            for code, n in rows
        ]

    @classmethod
    def from_model(cls, model: IssueFacts) -> Self:
        return cls(
            complaints=model.complaints,
            customers=model.customers,
            unknown_customers=model.unknown,
            first_received_at=model.first,
            last_received_at=model.last,
            escalated=model.escalated,
            undecided=model.undecided,
            median_days=model.days,
            compensation=[Money.from_model(each) for each in model.compensation],
            satisfaction=model.satisfaction,
            model=model,
        )


@strawberry.type(
    description="What many complaints at several branches have in common: proposed by the data or "
    "by a person, confirmed by a person."
)
class SystemicIssue(Node):
    status: IssueStatus = strawberry.field(description="Where it stands.")
    level: Level = strawberry.field(description="How grave it is.")
    owner: str | None = strawberry.field(description="Who answers for it.")
    version: int = strawberry.field(description="1 when proposed; grows with every change.")
    created_at: datetime = strawberry.field(description="When it was proposed.")
    created_by: str = strawberry.field(
        description="Who proposed it; `system` if the data did by themselves."
    )
    complaint_count: int = strawberry.field(description="Complaints that it covers.")
    model: strawberry.Private[domain.SystemicIssue]

    @resolved(description="What it is called.")
    def title(self, info: Info, language: LanguageArgument = None) -> str:
        said = self.model.statement
        chosen = info.context.language_of(language)
        return said.title_en if chosen is Language.EN else said.title_zh

    @resolved(description="The newest complaints that it covers.", searches=20)
    async def complaints(self, info: Info, first: FirstFound = 10) -> list[Complaint] | None:
        loader = info.context.loaders.issue_complaints(search_size(first))
        return [Complaint.from_model(model) for model in await loader.load(self.model.id)]

    @resolved(description="The root causes that it goes back to.")
    async def root_causes(self, info: Info) -> list[RootCause]:
        loader = info.context.loaders.entry(CatalogueKind.ROOT_CAUSE)
        results = await loader.load_many(list(self.model.statement.causes) or [None])
        return [RootCause.from_model(entry) for entry in results if entry is not None]

    @resolved(description="The alerts that it rests on, newest first.", searches=20)
    async def alerts(self, info: Info) -> list[Alert]:
        ids = (await self._evidence(info)).alerts
        results = await info.context.loaders.alert().load_many(list(ids) or [None])
        return [Alert.from_model(model) for model in results if model is not None]

    @resolved(description="The clusters that it rests on.", searches=20)
    async def clusters(self, info: Info) -> list[Cluster]:
        ids = (await self._evidence(info)).clusters
        loader = info.context.loaders.clusters(None).cluster()
        results = await loader.load_many(list(ids) or [None])
        return [Cluster.from_model(model) for model in results if model is not None]

    @resolved(description="What is done about it or about one of its causes.", searches=20)
    async def remediations(self, info: Info) -> list[Remediation]:
        ids = (await self._evidence(info)).remediations
        results = await info.context.loaders.remediation().load_many(list(ids) or [None])
        return [Remediation.from_model(model) for model in results if model is not None]

    @resolved(description="Figures of the complaints that it covers.", searches=100)
    async def figures(self, info: Info) -> IssueFigures | None:
        loader = info.context.loaders.issue_facts()
        return IssueFigures.from_model(await loader.load(self.model.id))

    @resolved(
        description="One page for those who decide, as Markdown: figures, names and sentences of "
        "figures, nothing else.",
        searches=300,
    )
    async def summary(self, info: Info, language: LanguageArgument = None) -> str | None:
        return await issue_page_text(info, self.model, info.context.language_of(language))

    @resolved(description="What people changed of it, newest first.")
    async def history(self, info: Info, first: FirstFound = 10) -> list[RecordedChange]:
        return await history(info, Recorded.ISSUE, self.model.id, first)

    async def _evidence(self, info: Info) -> IssueEvidence:
        return await info.context.loaders.issue_evidence().load(self.model.id)

    @classmethod
    def from_model(cls, model: domain.SystemicIssue) -> Self:
        return cls(
            id=global_id(NodeKind.SYSTEMIC_ISSUE, model.id),
            status=model.status,
            level=model.statement.level,
            owner=model.statement.owner,
            version=model.version,
            created_at=model.created_at,
            created_by=model.created_by,
            complaint_count=model.covers,
            model=model,
        )

    @classmethod
    def from_optional(cls, model: domain.SystemicIssue | None) -> Self | None:
        return None if model is None else cls.from_model(model)

    @classmethod
    async def fetch(cls, info: Info, key: str) -> Self | None:
        return cls.from_optional(await info.context.loaders.issue().load(key))
