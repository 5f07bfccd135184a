"""How far a case is escalated, who answers for it, and why."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph.domain.enums import CatalogueKind
from graph.domain.escalation import furthest
from graph.domain.evidence import GroupEvidence, TextField
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import Label, label_of
from graph.insight.wording import alert_sentence
from graph.queries import escalation as queries
from graph.queries.escalation import StoredAlert
from graph.queries.record import Recorded
from graph.queries.trees import CATALOGUES, Facet
from schema.alert_facts import AlertHandling, RiseFacts, TopicFacts, opened
from schema.arguments import FirstFound, LanguageArgument
from schema.catalogue import Branch, RootCause
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.enums import Chain, Channel, Level, RuleKind, Severity
from schema.history import RecordedChange, history
from schema.ids import NodeKind, global_id
from schema.insight.figures import Narrowing
from schema.insight.groups import label_for
from schema.money import Money
from schema.node import Node
from schema.paging import Slice, search_size
from schema.request import Info, place
from schema.resolved import resolved

if TYPE_CHECKING:
    from schema.cluster import Cluster
    from schema.complaint import Complaint
    from schema.issue import SystemicIssue

_Complaint = Annotated["Complaint", strawberry.lazy("schema.complaint")]
_Cluster = Annotated["Cluster", strawberry.lazy("schema.cluster")]
_Issue = Annotated["SystemicIssue", strawberry.lazy("schema.issue")]


@strawberry.type(description="Who answers for an escalated case.")
class ChainLink:
    code: Chain = strawberry.field(description="The place in the chain.")

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.code).text(info.context.language_of(language))


@strawberry.type(description="Why several customers with one subject are no ordinary stream.")
class GroupFacts:
    customers: int = strawberry.field(description="Known customers when it was raised.")
    unknown_customers: int = strawberry.field(
        description="Complaints when it was raised of which nobody knows who filed them."
    )
    days: int = strawberry.field(description="The window that they filed in.")
    branches: int = strawberry.field(description="Branches that they filed about.")
    past: int = strawberry.field(description="Filings about the subject in the time before.")
    expected: float = strawberry.field(description="Customers to be expected by that past.")
    probability: float = strawberry.field(description="Of so many by chance (Poisson).")
    size: int = strawberry.field(description="Complaints that it covers by now.")

    @classmethod
    def from_model(cls, model: GroupEvidence, size: int) -> Self:
        return cls(
            customers=model.known,
            unknown_customers=model.unknown,
            days=model.days,
            branches=model.branches,
            past=model.past,
            expected=model.expected,
            probability=model.probability,
            size=size,
        )


@strawberry.type(description="What a rule rests on; only what its kind knows is set.")
class Evidence:
    amount: Money | None = strawberry.field(description="The amount in dispute.")
    channel: Channel | None = strawberry.field(description="The channel that it came by.")
    severity: Severity | None = strawberry.field(description="How severe it is.")
    due_at: datetime | None = strawberry.field(description="The deadline that has passed.")
    group: GroupFacts | None = strawberry.field(description="Of a group event: its numbers.")
    rise: RiseFacts | None = strawberry.field(
        description="Of a surge or a growing cause: the share that has risen."
    )
    topic: TopicFacts | None = strawberry.field(description="Of a new topic: how new it is.")
    model: strawberry.Private[StoredAlert]
    about: strawberry.Private[ComplaintRecord | None]

    @resolved(description="The sentence, masked; null when the text has changed since.")
    def sentence(self) -> str | None:
        result, about = self.model.evidence, self.about
        if result.span is None or about is None:
            return None
        return result.span.cut(
            about.subject if result.text is TextField.SUBJECT else about.narrative
        )

    @resolved(description="Linked complaints: a group's, or those that this one repeats.")
    async def complaints(self, info: Info, first: FirstFound = 20) -> list[_Complaint]:
        from schema.complaint import Complaint

        ids = self.model.covers or self.model.evidence.complaints
        results = await info.context.loaders.complaints(place(info)).load(ids)
        return [Complaint.from_model(model) for model in results[: search_size(first)]]


@strawberry.type(description="A rule that fired, with its evidence.")
class Alert(Node):
    rule: str = strawberry.field(description="The rule's name in the bank's rule file.")
    kind: RuleKind = strawberry.field(description="What the rule looks at.")
    level: Level = strawberry.field(description="How far it raises a case.")
    chain: ChainLink = strawberry.field(description="Who answers from then on.")
    at: datetime = strawberry.field(description="When it came to hold.")
    template: bool = strawberry.field(
        description="Of a group event: its texts are nearly word for word the same."
    )
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

    @resolved(description="Of a surge: the branch.")
    async def branch(self, info: Info) -> Branch | None:
        key = self._key_of(CatalogueKind.BRANCH.value)
        loader = info.context.loaders.entry(place(info), CatalogueKind.BRANCH)
        return Branch.from_optional(await loader.load(key))

    @resolved(description="Of a growing cause: the cause.")
    async def root_cause(self, info: Info) -> RootCause | None:
        key = self._key_of(CatalogueKind.ROOT_CAUSE.value)
        loader = info.context.loaders.entry(place(info), CatalogueKind.ROOT_CAUSE)
        return RootCause.from_optional(await loader.load(key))

    @resolved(description="Of a new topic: the cluster.")
    async def cluster(self, info: Info) -> _Cluster | None:
        from schema.cluster import Cluster

        clusters = info.context.loaders.clusters(place(info), None)
        result = await clusters.cluster().load(self._key_of(NodeKind.CLUSTER.value))
        return None if result is None else Cluster.from_model(result)

    @resolved(description="Of a surge or a growing cause: opens the complaints it stands on.")
    def narrowing(self, info: Info) -> Narrowing | None:
        return Narrowing.from_optional(opened(self.model, info.context.uses.zone))

    @resolved(description="The systemic issue that it is evidence of.")
    async def issue(self, info: Info) -> _Issue | None:
        from schema.issue import SystemicIssue

        loader = info.context.loaders.issue(place(info))
        return SystemicIssue.from_optional(await loader.load(self.model.issue))

    @resolved(description="What people changed of it, newest first.")
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

    def _key_of(self, label: str) -> str | None:
        subject = self.model.subject
        return subject[1] if subject is not None and subject[0] == label else None

    @resolved(description="What the rule says.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        # A rule may have left the file since; its alerts stay.
        rule = info.context.uses.pipeline.escalator.rules.by_code.get(self.rule)
        known = label_of(self.kind) if rule is None else rule.label
        return known.text(info.context.language_of(language))

    @classmethod
    async def fetch(cls, info: Info, key: str) -> Self | None:
        """An alert by its key, whether it is about many complaints or about one case."""
        loaders, at = info.context.loaders, place(info)
        model = await loaders.alert(at).load(key)
        if model is not None:
            return cls.from_model(model)
        case = await loaders.alert_case(at).load(key)
        about = await loaders.complaint(at).load(case)
        raised = await loaders.alerts(at).load(case) if about is not None else ()
        return next((cls.from_model(each, about) for each in raised if each.id == key), None)

    @classmethod
    def from_model(cls, model: StoredAlert, about: ComplaintRecord | None = None) -> Self:
        result = model.evidence
        return cls(
            id=global_id(NodeKind.ALERT, model.id),
            rule=model.rule,
            kind=model.kind,
            level=model.level,
            chain=ChainLink(code=model.chain),
            at=model.at,
            template=model.template,
            evidence=Evidence(
                amount=Money.from_optional(result.amount),
                channel=result.channel,
                severity=result.severity,
                due_at=result.due_at,
                group=GroupFacts.from_model(result.group, model.size) if result.group else None,
                rise=RiseFacts.from_model(result.rise) if result.rise else None,
                topic=TopicFacts.from_model(result.topic) if result.topic else None,
                model=model,
                about=about,
            ),
            until=model.until,
            handling=AlertHandling.from_model(model.handled) if model.handled else None,
            model=model,
        )


async def alert_subject(info: Info, model: StoredAlert) -> Label | None:
    """What an alert is about, by name; as many statements whatever that is."""
    label, key = model.subject or (None, None)
    at = place(info)
    facets = {CATALOGUES[facet].value: facet for facet in (Facet.BRANCH, Facet.ROOT_CAUSE)}
    facet = facets.get(label or "", Facet.BRANCH)
    named = await label_for(info, facet, key if label in facets else None)
    cluster_id = key if label == NodeKind.CLUSTER.value else None
    cluster = await info.context.loaders.clusters(at, None).cluster().load(cluster_id)
    if cluster is not None:
        return Label(cluster.label, cluster.label)
    return named if label in facets else None


@strawberry.type(description="How far a case is escalated, who answers for it, and why.")
class Escalation:
    level: Level = strawberry.field(description="The level that counts.")
    rule_level: Level = strawberry.field(description="What the rules say.")
    set_by: str | None = strawberry.field(
        description="The person who set the level; null when nobody did."
    )
    model: strawberry.Private[ComplaintRecord]

    @resolved(description="Who answers for it: the furthest that its level or a rule names.")
    async def chain(self, info: Info) -> ChainLink:
        chains = info.context.uses.pipeline.escalator.rules.chains
        own = chains[self.model.level]
        alerts = await info.context.loaders.alerts(place(info)).load(self.model.id)
        if self.model.course.level_by is not None:
            # A person has overruled the rules, in their chain too.
            return ChainLink(code=own)
        levels = list(Level)
        counted = (a for a in alerts if levels.index(a.level) <= levels.index(self.model.level))
        return ChainLink(code=furthest((own, *(alert.chain for alert in counted))))

    @resolved(description="The rules that fired, oldest first.")
    async def alerts(self, info: Info) -> list[Alert]:
        results = await info.context.loaders.alerts(place(info)).load(self.model.id)
        return [Alert.from_model(model, self.model) for model in results]

    @classmethod
    def from_model(cls, model: ComplaintRecord) -> Self:
        return cls(
            level=model.level,
            rule_level=model.course.rule_level or Level.GREEN,
            set_by=model.course.level_by,
            model=model,
        )


async def group_event_page(info: Info, part: Slice) -> Connection[Alert]:
    """Group events, newest first."""
    cursors = scope("groupEvents", None)
    after = cursors.decode(part.after, "after")
    database = info.context.uses.database
    results = await queries.group_events(database, after, part.size + 1, info.context.scope)
    rows = results[: part.size]
    places = [cursors.encode(alert.key) for alert in rows]
    return Connection(
        edges=edges_of([Alert.from_model(alert) for alert in rows], places),
        nodes=[Alert.from_model(alert) for alert in rows],
        page_info=page_info(
            places, following=len(results) > part.size, preceding=after is not None
        ),
        count=partial(queries.group_event_count, database),
    )
