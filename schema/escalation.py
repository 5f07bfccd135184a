"""How far a case is escalated, who answers for it, and why."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph.domain.alerts import Handled
from graph.domain.enums import CatalogueKind
from graph.domain.escalation import furthest
from graph.domain.recorded import Recorded
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import Label, label_of
from graph.insight.wording import alert_sentence
from graph.queries.escalation import StoredAlert
from graph.queries.trees import CATALOGUES, Facet
from schema.arguments import FirstFound, LanguageArgument
from schema.catalogue import Branch, RootCause
from schema.enums import AlertState, Chain, DismissalReason, Level, RuleKind
from schema.evidence import Evidence, evidence_of
from schema.history import RecordedChange, history
from schema.ids import NodeKind, global_id
from schema.insight.groups import label_for
from schema.node import Node
from schema.request import Info
from schema.resolved import resolved
from schema.staff import NAME, name_of

if TYPE_CHECKING:
    from schema.cluster import Cluster
    from schema.issue import SystemicIssue

_Issue = Annotated["SystemicIssue", strawberry.lazy("schema.issue")]
AlertSubject = Annotated[
    Branch | RootCause | Annotated["Cluster", strawberry.lazy("schema.cluster")],
    strawberry.union("AlertSubject", description="What an alert is about."),
]


@strawberry.type(description="Who answers for an escalated case.")
class ChainLink:
    code: Chain = strawberry.field(description="The place in the chain.")

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.code).text(info.context.language_of(language))


@strawberry.type(description="How people have left an alert.")
class AlertHandling:
    state: AlertState = strawberry.field(description="What became of it.")
    version: int = strawberry.field(description="Grows with everything that people do with it.")
    by: str | None = strawberry.field(description="Who did so last; null while nobody has.")
    at: datetime | None = strawberry.field(description="When.")
    reason: DismissalReason | None = strawberry.field(description="Why it was dismissed.")
    note: str | None = strawberry.field(description="What was noted, masked.")

    @resolved(description=NAME)
    async def by_name(self, info: Info) -> str | None:
        return await name_of(info, self.by)

    @classmethod
    def from_model(cls, model: Handled) -> Self:
        return cls(
            state=model.state,
            version=model.version,
            by=model.by,
            at=model.at,
            reason=model.reason,
            note=model.note,
        )


@strawberry.type(description="A rule that fired, with its evidence.")
class Alert(Node):
    rule: str = strawberry.field(description="The rule's name in the bank's rule file.")
    kind: RuleKind = strawberry.field(description="What the rule looks at.")
    level: Level = strawberry.field(description="How far it raises a case.")
    chain: ChainLink = strawberry.field(description="Who answers from then on.")
    at: datetime = strawberry.field(description="When it came to hold.")
    evidence: Evidence = strawberry.field(description="What it rests on.")
    until: datetime | None = strawberry.field(
        description="Of a surge, a growing cause or a new topic: until when it held, at the last "
        "look."
    )
    handling: AlertHandling | None = strawberry.field(
        description="How people have left it; null for an alert about one case, which is handled "
        "with the case."
    )
    model: strawberry.Private[StoredAlert]
    #: The case that it was raised for.
    about: strawberry.Private[ComplaintRecord | None]

    @resolved(
        description="What an alert about many complaints is about, where that is one thing: of a "
        "surge the branch, of a growing cause the cause, of a new topic the cluster."
    )
    async def subject(self, info: Info) -> AlertSubject | None:
        from schema.cluster import Cluster

        loaders = info.context.loaders
        label, key = self.model.subject or (None, None)
        # All are asked, so that the number of statements does not depend on what is there.
        branch = await loaders.entry(CatalogueKind.BRANCH).load(
            key if label == CatalogueKind.BRANCH.value else None
        )
        cause = await loaders.entry(CatalogueKind.ROOT_CAUSE).load(
            key if label == CatalogueKind.ROOT_CAUSE.value else None
        )
        cluster = (
            await loaders.clusters(None)
            .cluster()
            .load(key if label == NodeKind.CLUSTER.value else None)
        )
        if cluster is not None:
            return Cluster.from_model(cluster)
        return Branch.from_optional(branch) or RootCause.from_optional(cause)

    @resolved(description="The systemic issue that it is evidence of.")
    async def issue(self, info: Info) -> _Issue | None:
        from schema.issue import SystemicIssue

        loader = info.context.loaders.issue()
        return SystemicIssue.from_optional(await loader.load(self.model.issue))

    @resolved(
        description="What became of it, newest first: when it was raised, and what people changed."
    )
    async def history(self, info: Info, first: FirstFound = 10) -> list[RecordedChange] | None:
        return await history(info, Recorded.ALERT, self.model.id, first)

    @resolved(
        description="What it says in one sentence of its figures; null for an alert about one case."
    )
    async def summary(self, info: Info, language: LanguageArgument = None) -> str | None:
        about = await alert_subject(info, self.model)
        result = self.model
        return alert_sentence(
            result.kind, about, result.evidence, info.context.language_of(language)
        )

    @resolved(description="What the rule says.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        # A rule may have left the file since; its alerts stay.
        rule = info.context.uses.pipeline.escalator.rules.by_code.get(self.rule)
        known = label_of(self.kind) if rule is None else rule.label
        return known.text(info.context.language_of(language))

    @classmethod
    async def fetch(cls, info: Info, key: str) -> Self | None:
        """An alert by its key, whether it is about many complaints or about one case."""
        loaders = info.context.loaders
        model = await loaders.alert().load(key)
        if model is not None:
            return cls.from_model(model)
        case = await loaders.alert_case().load(key)
        about = await loaders.complaint().load(case)
        raised = await loaders.alerts().load(case) if about is not None else ()
        return next((cls.from_model(each, about) for each in raised if each.id == key), None)

    @classmethod
    def from_model(cls, model: StoredAlert, about: ComplaintRecord | None = None) -> Self:
        return cls(
            id=global_id(NodeKind.ALERT, model.id),
            rule=model.rule,
            kind=model.kind,
            level=model.level,
            chain=ChainLink(code=model.chain),
            at=model.at,
            evidence=evidence_of(model, about),
            until=model.until,
            handling=AlertHandling.from_model(model.handled) if model.handled else None,
            model=model,
            about=about,
        )


async def alert_subject(info: Info, model: StoredAlert) -> Label | None:
    """What an alert is about, by name; as many statements whatever that is."""
    label, key = model.subject or (None, None)
    facets = {CATALOGUES[facet].value: facet for facet in (Facet.BRANCH, Facet.ROOT_CAUSE)}
    facet = facets.get(label or "", Facet.BRANCH)
    named = await label_for(info, facet, key if label in facets else None)
    cluster_id = key if label == NodeKind.CLUSTER.value else None
    cluster = await info.context.loaders.clusters(None).cluster().load(cluster_id)
    if cluster is not None:
        return Label(cluster.label, cluster.label)
    return named if label in facets else None


@strawberry.type(description="How far a case is escalated, who answers for it, and why.")
class Escalation:
    set_by: str | None = strawberry.field(
        description="The person who set the level; null when nobody did."
    )
    model: strawberry.Private[ComplaintRecord]

    @resolved(description="Who answers for it: the furthest that its level or a rule names.")
    async def chain(self, info: Info) -> ChainLink:
        chains = info.context.uses.pipeline.escalator.rules.chains
        own = chains[self.model.level]
        alerts = await info.context.loaders.alerts().load(self.model.id)
        if self.model.course.level_by is not None:
            # A person has overruled the rules, in their chain too.
            return ChainLink(code=own)
        levels = list(Level)
        counted = (a for a in alerts if levels.index(a.level) <= levels.index(self.model.level))
        return ChainLink(code=furthest((own, *(alert.chain for alert in counted))))

    @resolved(description="The rules that fired, oldest first.")
    async def alerts(self, info: Info) -> list[Alert]:
        results = await info.context.loaders.alerts().load(self.model.id)
        return [Alert.from_model(model, self.model) for model in results]

    @classmethod
    def from_model(cls, model: ComplaintRecord) -> Self:
        return cls(
            set_by=model.course.level_by,
            model=model,
        )
