"""What alerts rest on: of each kind of evidence what there is to say, and nothing that is null."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Self, TypeAlias
from zoneinfo import ZoneInfo

import strawberry

from graph.domain import evidence as domain
from graph.domain.enums import Level, RuleKind
from graph.domain.evidence import TextField
from graph.domain.periods import midnight
from graph.domain.views import ComplaintRecord
from graph.domain.wording import Span
from graph.insight import cohort
from graph.insight.cohort import until_inclusive
from graph.queries.escalation import StoredAlert
from schema.arguments import FirstFound
from schema.enums import Channel, Severity
from schema.insight.figures import Narrowing
from schema.money import Money
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved

if TYPE_CHECKING:
    from schema.complaint import Complaint

_Complaint = Annotated["Complaint", strawberry.lazy("schema.complaint")]


@strawberry.type(description="The amount in dispute is large.")
class AmountEvidence:
    amount: Money = strawberry.field(description="The amount.")


@strawberry.type(description="It came by a channel that counts.")
class ChannelEvidence:
    channel: Channel = strawberry.field(description="The channel.")


@strawberry.type(description="A sentence of the complaint says so.")
class SentenceEvidence:
    span: strawberry.Private[Span | None]
    text: strawberry.Private[TextField | None]
    about: strawberry.Private[ComplaintRecord | None]

    @resolved(description="The sentence, masked; null when the text has changed since.")
    def sentence(self) -> str | None:
        about = self.about
        if about is None or self.span is None:
            return None
        return self.span.cut(about.subject if self.text is TextField.SUBJECT else about.narrative)


@strawberry.type(description="It is severe.")
class SeverityEvidence:
    severity: Severity = strawberry.field(description="How severe.")


@strawberry.type(description="The customer is vulnerable.")
class VulnerabilityEvidence:
    vulnerable: bool = strawberry.field(description="Always true.")


@strawberry.type(description="It is open after its deadline.")
class DeadlineEvidence:
    due_at: datetime = strawberry.field(description="The deadline that has passed.")
    days_late: int = strawberry.field(description="So many days after it the rule fired.")


@strawberry.type(description="The customer has filed the same case before.")
class RepeatEvidence:
    ids: strawberry.Private[tuple[str, ...]]

    @resolved(description="The earlier filings, the latest first.")
    async def complaints(self, info: Info, first: FirstFound = 20) -> list[_Complaint]:
        return await _complaints(info, self.ids, first)


@strawberry.type(description="Why several customers with one subject are no ordinary stream.")
class GroupFigures:
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
    def from_model(cls, model: domain.GroupEvidence, size: int) -> Self:
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


@strawberry.type(
    description="A share that has risen against its own past: of a branch's complaints those that "
    "are escalated, or of all complaints with a known cause those of one."
)
class RiseFigures:
    count: int = strawberry.field(description="Complaints that make up the share.")
    total: int = strawberry.field(description="Complaints that they are a share of.")
    past_count: int = strawberry.field(description="The same in the time before, up to a year.")
    past_total: int = strawberry.field(description="Complaints in the time before.")
    expected: float = strawberry.field(description="So many were to be expected by the past.")
    probability: float = strawberry.field(description="Of so many by chance.")
    since: date = strawberry.field(description="The first day counted.")
    until: date = strawberry.field(description="The last day counted.")

    @classmethod
    def from_model(cls, model: domain.RiseEvidence) -> Self:
        return cls(
            count=model.own,
            total=model.total,
            past_count=model.past_own,
            past_total=model.past_total,
            expected=model.expected,
            probability=model.probability,
            since=date.fromisoformat(model.since),
            until=date.fromisoformat(model.until),
        )


@strawberry.type(description="How much of a cluster came lately.")
class TopicFigures:
    recent: int = strawberry.field(description="Complaints that came lately.")
    size: int = strawberry.field(description="All complaints of the cluster.")
    expected: float = strawberry.field(
        description="So many were to be expected lately if they came as all others do."
    )
    probability: float = strawberry.field(description="Of so many by chance.")
    since: date = strawberry.field(description="Lately is on this day or later.")

    @classmethod
    def from_model(cls, model: domain.TopicEvidence) -> Self:
        return cls(
            recent=model.recent,
            size=model.size,
            expected=model.expected,
            probability=model.probability,
            since=date.fromisoformat(model.since),
        )


# Figures stand by themselves: they tell of the whole bank, and may be null for who sees the cases.
@strawberry.type(description="Several customers filed one subject in a short time.")
class GroupEvidence:
    template: bool = strawberry.field(description="The texts are nearly word for word the same.")
    figures: GroupFigures | None = strawberry.field(description="How many, and how improbable.")
    ids: strawberry.Private[tuple[str, ...]]

    @resolved(description="The complaints that it covers, as far as they are within your reach.")
    async def complaints(self, info: Info, first: FirstFound = 20) -> list[_Complaint]:
        return await _complaints(info, self.ids, first)


@strawberry.type(description="A share of the complaints has risen.")
class RiseEvidence:
    figures: RiseFigures | None = strawberry.field(description="From what to what.")
    alert: strawberry.Private[StoredAlert]

    @resolved(description="Opens the complaints that make up the share.")
    def narrowing(self, info: Info) -> Narrowing | None:
        return Narrowing.from_optional(opened(self.alert, info.context.uses.zone))


@strawberry.type(description="A cluster nearly all of whose complaints came lately.")
class TopicEvidence:
    figures: TopicFigures | None = strawberry.field(description="How new it is.")


Evidence: TypeAlias = Annotated[
    AmountEvidence
    | ChannelEvidence
    | SentenceEvidence
    | SeverityEvidence
    | VulnerabilityEvidence
    | DeadlineEvidence
    | RepeatEvidence
    | GroupEvidence
    | RiseEvidence
    | TopicEvidence,
    strawberry.union("Evidence", description="What an alert rests on."),
]


def evidence_of(alert: StoredAlert, about: ComplaintRecord | None) -> Evidence:
    """What an alert rests on; ``about``: the case that it was raised for."""
    own = alert.evidence
    match alert.kind:
        case RuleKind.GROUP_EVENT if own.group is not None:
            figures = GroupFigures.from_model(own.group, alert.size)
            return GroupEvidence(template=alert.template, figures=figures, ids=alert.covers)
        case RuleKind.SURGE | RuleKind.GROWING_CAUSE if own.rise is not None:
            return RiseEvidence(figures=RiseFigures.from_model(own.rise), alert=alert)
        case RuleKind.NEW_TOPIC if own.topic is not None:
            return TopicEvidence(figures=TopicFigures.from_model(own.topic))
        case RuleKind.AMOUNT if own.amount is not None:
            return AmountEvidence(amount=Money.from_model(own.amount))
        case RuleKind.SEVERITY if own.severity is not None:
            return SeverityEvidence(severity=own.severity)
        case RuleKind.OVERDUE if own.due_at is not None and own.days_late is not None:
            return DeadlineEvidence(due_at=own.due_at, days_late=own.days_late)
        case RuleKind.VULNERABLE:
            return VulnerabilityEvidence(vulnerable=True)
        case RuleKind.REPEAT:
            return RepeatEvidence(ids=own.complaints)
    if own.channel is not None:
        return ChannelEvidence(channel=own.channel)
    return SentenceEvidence(span=own.span, text=own.text, about=about)


def opened(model: StoredAlert, zone: ZoneInfo) -> cohort.Narrowing | None:
    """What opens the complaints that a risen share stands on; None for other alerts."""
    rise = model.evidence.rise
    if rise is None or model.subject is None:
        return None
    since = midnight(date.fromisoformat(rise.since), zone)
    until = midnight(date.fromisoformat(rise.until) + timedelta(days=1), zone)
    key, last = model.subject[1], until_inclusive(until)
    if model.kind is RuleKind.SURGE:
        levels = (Level.YELLOW.value, Level.RED.value)
        return cohort.Narrowing(
            branches=(key,), levels=levels, received_from=since, received_to=last
        )
    return cohort.Narrowing(root_causes=(key,), received_from=since, received_to=last)


async def _complaints(info: Info, ids: tuple[str, ...], first: int | None) -> list[_Complaint]:
    from schema.complaint import Complaint

    results = await info.context.loaders.complaints().load(ids)
    return [Complaint.from_model(model) for model in results[: search_size(first)]]
