"""What alerts about many complaints rest on, and how people have left them."""

from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import strawberry

from graph.domain import alerts as domain
from graph.domain.enums import Level, RuleKind
from graph.domain.evidence import RiseEvidence, TopicEvidence
from graph.domain.periods import midnight
from graph.insight.cohort import Narrowing, until_inclusive
from graph.queries.escalation import StoredAlert
from schema.enums import AlertState, DismissalReason


@strawberry.type(
    description="A share that has risen against its own past: of a branch's complaints those that "
    "are escalated, or of all complaints with a known cause those of one."
)
class RiseFacts:
    count: int = strawberry.field(description="Complaints that make up the share.")
    total: int = strawberry.field(description="Complaints that they are a share of.")
    past_count: int = strawberry.field(description="The same in the time before, up to a year.")
    past_total: int = strawberry.field(description="Complaints in the time before.")
    expected: float = strawberry.field(description="So many were to be expected by the past.")
    probability: float = strawberry.field(description="Of so many by chance.")
    since: date = strawberry.field(description="The first day counted.")
    until: date = strawberry.field(description="The last day counted.")

    @classmethod
    def from_model(cls, model: RiseEvidence) -> Self:
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


@strawberry.type(description="A cluster nearly all of whose complaints came lately.")
class TopicFacts:
    recent: int = strawberry.field(description="Complaints that came lately.")
    size: int = strawberry.field(description="All complaints of the cluster.")
    expected: float = strawberry.field(
        description="So many were to be expected lately if they came as all others do."
    )
    probability: float = strawberry.field(description="Of so many by chance.")
    since: date = strawberry.field(description="Lately is on this day or later.")

    @classmethod
    def from_model(cls, model: TopicEvidence) -> Self:
        return cls(
            recent=model.recent,
            size=model.size,
            expected=model.expected,
            probability=model.probability,
            since=date.fromisoformat(model.since),
        )


@strawberry.type(description="How people have left an alert.")
class AlertHandling:
    state: AlertState = strawberry.field(description="What became of it.")
    version: int = strawberry.field(description="Grows with everything that people do with it.")
    by: str | None = strawberry.field(description="Who did so last; null while nobody has.")
    at: datetime | None = strawberry.field(description="When.")
    reason: DismissalReason | None = strawberry.field(description="Why it was dismissed.")
    note: str | None = strawberry.field(description="What was noted, masked.")

    @classmethod
    def from_model(cls, model: domain.Handled) -> Self:
        return cls(
            state=model.state,
            version=model.version,
            by=model.by,
            at=model.at,
            reason=model.reason,
            note=model.note,
        )


def opened(model: StoredAlert, zone: ZoneInfo) -> Narrowing | None:
    """What opens the complaints that a risen share stands on; None for other alerts."""
    rise = model.evidence.rise
    if rise is None or model.subject is None:
        return None
    since = midnight(date.fromisoformat(rise.since), zone)
    until = midnight(date.fromisoformat(rise.until) + timedelta(days=1), zone)
    key, last = model.subject[1], until_inclusive(until)
    if model.kind is RuleKind.SURGE:
        levels = (Level.YELLOW.value, Level.RED.value)
        return Narrowing(branches=(key,), levels=levels, received_from=since, received_to=last)
    return Narrowing(root_causes=(key,), received_from=since, received_to=last)
