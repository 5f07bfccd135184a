"""How a round of a case ended."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain.case import Decision
from schema.enums import OutcomeKind, RemedyKind
from schema.ids import NodeKind, global_id
from schema.money import Money
from schema.node import Node
from schema.request import Info


@strawberry.type(description="How one round of a case ended.")
class Resolution(Node):
    round: int = strawberry.field(description="1 for the first decision, 2 after a reopening, ….")
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: RemedyKind | None = strawberry.field(description="What was done for the customer.")
    compensation: Money | None = strawberry.field(description="What the customer was paid.")
    decided_at: datetime | None = strawberry.field(description="When; null if not known.")
    satisfaction: int | None = strawberry.field(
        description="How satisfied the customer was: 1 (not at all) to 5 (very)."
    )
    timely: bool | None = strawberry.field(description="Whether it was decided within the limit.")
    summary: str | None = strawberry.field(description="The answer, masked.")
    #: The case's key.
    case: strawberry.Private[str]

    @classmethod
    async def fetch(cls, info: Info, key: str) -> Self | None:
        """A decision by its key, if its case is within reach."""
        case, _, _ = key.rpartition(".")
        model = await info.context.loaders.resolution().load(key)
        return None if model is None else cls.from_model(case, model)

    @classmethod
    def from_model(cls, complaint: str, model: Decision) -> Self:
        return cls(
            id=global_id(NodeKind.RESOLUTION, model.id_of(complaint)),
            round=model.round,
            outcome=model.outcome,
            remedy=model.remedy,
            compensation=Money.from_optional(model.compensation),
            decided_at=model.decided_at,
            satisfaction=model.satisfaction,
            timely=model.timely,
            summary=model.summary,
            case=complaint,
        )
