"""Whether a decision about to be given lies outside of what alike cases got."""

from typing import Annotated, Self

import strawberry

from graph.domain.desk import Proposal
from graph.domain.money import money
from graph.domain.views import ComplaintRecord
from graph.errors import NotFoundError
from schema.arguments import FirstFound
from schema.complaint import Complaint
from schema.enums import AmountBand, OutcomeKind, OutcomeVerdict, RemedyKind
from schema.ids import NodeKind, key_of
from schema.money import MoneyInput
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved
from similarity import outcomes as models

#: Alike cases that are looked at.
_MOST = 100
#: Quartiles of fewer cases would tell what a single one was paid.
FEWEST_SHOWN = 5

CheckedComplaint = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the complaint to be decided.")
]


@strawberry.input(description="The decision that is about to be given.")
class ProposedOutcomeInput:
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: RemedyKind | None = strawberry.field(default=None, description="What is done.")
    compensation: MoneyInput | None = strawberry.field(default=None, description="How much.")

    def to_domain(self) -> Proposal:
        paid = self.compensation
        amount = None if paid is None else money(paid.value, paid.currency, what="compensation")
        return Proposal(self.outcome, self.remedy, amount)


@strawberry.type(description="How many alike cases had an outcome.")
class OutcomeCount:
    outcome: OutcomeKind = strawberry.field(description="The outcome.")
    count: int = strawberry.field(description="How many cases.")
    share: float = strawberry.field(description="Their part of all, 0 to 1.")


@strawberry.type(description="The quartiles of a figure over alike cases.")
class Quartiles:
    low: float = strawberry.field(description="A quarter of the cases lies below.")
    median: float = strawberry.field(description="Half of the cases lies below.")
    high: float = strawberry.field(description="Three quarters of the cases lie below.")
    count: int = strawberry.field(description="Of how many cases.")

    @classmethod
    def from_optional(cls, model: models.Quartiles | None) -> Self | None:
        if model is None:
            return None
        return cls(low=model.low, median=model.median, high=model.high, count=model.count)


@strawberry.type(description="What alike cases of one amount band were paid, in minor units.")
class BandCompensation:
    amount_band: AmountBand | None = strawberry.field(description="Null: no amount is known.")
    quartiles: Quartiles | None = strawberry.field(description="Over those that were paid.")


@strawberry.type(description="How alike, decided cases ended, against a proposed decision.")
class OutcomeCheck:
    verdicts: list[OutcomeVerdict] = strawberry.field(
        description="What stands out; INCONCLUSIVE with too few alike cases."
    )
    count: int = strawberry.field(description="Alike, decided cases that were compared.")
    outcomes: list[OutcomeCount] = strawberry.field(description="Their outcomes, most first.")
    compensation: list[BandCompensation] = strawberry.field(description="What they were paid.")
    days: Quartiles | None = strawberry.field(description="Days that they took.")
    speaking: strawberry.Private[tuple[str, ...]]

    @resolved(description="The cases that say so, the most alike first.")
    async def cases(self, info: Info, first: FirstFound = 5) -> list[Complaint]:
        size = search_size(first, default=5)
        results = await info.context.loaders.complaints().load(self.speaking)
        return [Complaint.from_model(model) for model in results[:size]]

    @classmethod
    def from_model(cls, model: models.OutcomeCheck) -> Self:
        ranked = sorted(model.outcomes.items(), key=lambda pair: (-pair[1], pair[0]))
        return cls(
            verdicts=list(model.verdicts),
            count=model.count,
            outcomes=[
                OutcomeCount(outcome=kind, count=n, share=n / model.count) for kind, n in ranked
            ],
            compensation=[
                BandCompensation(amount_band=band, quartiles=Quartiles.from_optional(quartiles))
                for band, quartiles in sorted(
                    model.compensation.items(), key=lambda pair: str(pair[0] or "")
                )
            ],
            days=Quartiles.from_optional(model.days),
            speaking=model.against,
        )


async def outcome_check(info: Info, complaint: str, proposed: ProposedOutcomeInput) -> OutcomeCheck:
    """The check of a proposed decision.

    Raises:
        NotFoundError: there is no such complaint.
    """
    identity = key_of(complaint, NodeKind.COMPLAINT, path=("complaint",))
    proposal = proposed.to_domain()
    model = await info.context.loaders.complaint().load(identity)
    if model is None:
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    return await _check(info, model, proposal)


async def own_check(info: Info, model: ComplaintRecord) -> OutcomeCheck | None:
    """The check of what a case was offered, else of its last decision; None without either."""
    proposal = model.course.proposal
    if proposal is None:
        rounds = await info.context.loaders.resolutions().load(model.id)
        if not rounds:
            return None
        last = rounds[-1]
        proposal = Proposal(last.outcome, last.remedy, last.compensation)
    return await _check(info, model, proposal)


async def _check(info: Info, model: ComplaintRecord, proposal: Proposal) -> OutcomeCheck:
    asked = info.context.sight.asked(None)
    alike = await info.context.loaders.ranking.decided_alike(model.id, asked, _MOST)
    # Of cases elsewhere nobody learns an amount or a time: figures of a few would tell it.
    least = 1 if asked.scope.everything else FEWEST_SHOWN
    check = models.check_outcome(alike, proposal, model.amount_band)
    return OutcomeCheck.from_model(check.of_at_least(least))
