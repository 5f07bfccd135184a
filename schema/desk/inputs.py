"""What each step of a case takes, and how it becomes a step of the domain."""

from datetime import datetime
from typing import Any, Protocol

import strawberry

from graph.domain import desk
from graph.domain.case import Attribution
from graph.domain.enums import AttributionSource
from graph.domain.money import Money, money
from graph.errors import InvalidInputError
from ingest.desk import Desk
from schema.enums import Level, OutcomeKind, RemedyKind, Severity, Urgency
from schema.filters import exact_time
from schema.money import MoneyInput

_NOTE = "A note on it, masked before it is kept."


class GivenStep(Protocol):
    """An input of a step."""

    complaint: strawberry.ID
    version: int
    idempotency_key: str | None
    client_mutation_id: str | None

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        """The domain's step, with masked texts."""
        ...


@strawberry.input(description="A step that says nothing beside that it is taken.")
class StepInput:
    complaint: strawberry.ID = strawberry.field(description="Id of the complaint.")
    version: int = strawberry.field(
        description="The complaint's version as the person saw it; a step on a stale one is "
        "refused, and the answer tells what has changed."
    )
    note: str | None = strawberry.field(default=None, description=_NOTE)
    idempotency_key: str | None = strawberry.field(
        default=None, description="A UUID that makes a retry safe for seven days."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is."
    )

    async def masked_note(self, uses: Desk) -> str | None:
        return await uses.mask(self.note, "note")

    async def needed_note(self, uses: Desk, why: str) -> str:
        note = await self.masked_note(uses)
        if note is None:
            raise InvalidInputError(f"note: say why {why}.", path=["note"])
        return note


@strawberry.input(
    description="The classification as a person confirms it; what is left out stays as it is."
)
class ClassifyComplaintInput(StepInput):
    type: str | None = strawberry.field(default=None, description="Code of the type.")
    product: str | None = strawberry.field(default=None, description="Code of the product.")
    branch: str | None = strawberry.field(default=None, description="Code of the branch.")
    severity: Severity | None = strawberry.field(default=None, description="How severe it is.")
    urgency: Urgency | None = strawberry.field(default=None, description="How urgent it is.")
    risk_types: list[str] | None = strawberry.field(
        default=None, description="Codes of all risks that it bears."
    )
    amount: MoneyInput | None = strawberry.field(default=None, description="The amount in dispute.")
    complex: bool | None = strawberry.field(
        default=None, description="Whether it is a complex case, which has more time."
    )

    confirm_suggestion: bool = strawberry.field(
        default=False,
        description="Whether to take what the service suggests for what is left out, where it is "
        "sure enough to suggest a value.",
    )

    async def fields(self, uses: Desk) -> dict[str, Any]:
        risks = None if self.risk_types is None else tuple(self.risk_types)
        uses.check_codes(self.type, risks)
        amount = _money(self.amount)
        return {
            "type": self.type,
            "product": self.product,
            "branch": self.branch,
            "severity": self.severity,
            "urgency": self.urgency,
            "risk_types": risks,
            "amount": amount,
            "amount_band": uses.band(amount),
            "complex_case": self.complex,
            "confirm": self.confirm_suggestion,
            "note": await self.masked_note(uses),
        }

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Classify(**await self.fields(uses))


@strawberry.input(description="What was confirmed and is wrong; what is left out stays as it is.")
class CorrectClassificationInput(ClassifyComplaintInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.CorrectClassification(**await self.fields(uses))


@strawberry.input(description="Who handles the case.")
class DispatchComplaintInput(StepInput):
    lead: str = strawberry.field(description="Code of the department that answers for it.")
    assisting: list[str] | None = strawberry.field(
        default=None, description="Codes of departments that help."
    )
    assignee: str | None = strawberry.field(default=None, description="Who works on it.")

    async def fields(self, uses: Desk) -> dict[str, Any]:
        return {
            "lead": self.lead,
            "assisting": tuple(sorted(set(self.assisting or ()))),
            "assignee": self.assignee,
            "note": await self.masked_note(uses),
        }

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Dispatch(**await self.fields(uses))


@strawberry.input(description="Who takes the case over.")
class TransferComplaintInput(DispatchComplaintInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Transfer(**await self.fields(uses))


@strawberry.input(description="Who works on the case from now on.")
class AssignComplaintInput(StepInput):
    assignee: str | None = strawberry.field(description="Who; null for nobody.")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Assign(self.assignee, await self.masked_note(uses))


@strawberry.input(description="Start to investigate a dispatched case.")
class StartInvestigationInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Investigate(await self.masked_note(uses))


@strawberry.input(description="What the bank offers the customer.")
class ProposeRemedyInput(StepInput):
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: RemedyKind | None = strawberry.field(default=None, description="What is offered.")
    compensation: MoneyInput | None = strawberry.field(default=None, description="How much.")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        compensation = _money(self.compensation, "compensation")
        proposal = desk.Proposal(self.outcome, self.remedy, compensation)
        return desk.Propose(proposal, await self.masked_note(uses))


@strawberry.input(description="The customer agrees to what was offered.")
class RecordAgreementInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Agree(await self.masked_note(uses))


@strawberry.input(description="The customer does not agree to what was offered.")
class RecordRefusalInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Refuse(await self.masked_note(uses))


@strawberry.input(description="A root cause, and its part in the complaint.")
class RootCauseInput:
    root_cause: str = strawberry.field(description="Code of the root cause.")
    share: float | None = strawberry.field(
        default=None, description="More than 0, at most 1; all together at most 1."
    )

    def to_domain(self) -> Attribution:
        return Attribution(self.root_cause, AttributionSource.CONFIRMED, share=self.share)


@strawberry.input(
    description="The answer to the customer: the decision of this round. What is left out is as "
    "it was proposed."
)
class AnswerComplaintInput(StepInput):
    outcome: OutcomeKind | None = strawberry.field(default=None, description="What was found.")
    remedy: RemedyKind | None = strawberry.field(default=None, description="What is done.")
    compensation: MoneyInput | None = strawberry.field(default=None, description="How much.")
    root_causes: list[RootCauseInput] | None = strawberry.field(
        default=None, description="What the complaint is put down to."
    )
    summary: str | None = strawberry.field(
        default=None, description="The answer, masked before it is kept."
    )

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Answer(
            outcome=self.outcome,
            remedy=self.remedy,
            compensation=_money(self.compensation, "compensation"),
            causes=_causes(self.root_causes),
            summary=await uses.mask(self.summary, "summary"),
            note=await self.masked_note(uses),
        )


@strawberry.input(description="What the customer says to the answer.")
class RecordFeedbackInput(StepInput):
    satisfaction: int = strawberry.field(description="1 (not at all) to 5 (very satisfied).")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.RecordFeedback(self.satisfaction, await self.masked_note(uses))


@strawberry.input(description="The case is done.")
class CloseComplaintInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Close(await self.masked_note(uses))


@strawberry.input(description="The customer withdraws the complaint.")
class WithdrawComplaintInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Withdraw(await self.masked_note(uses))


@strawberry.input(description="The case begins a new round, with its own time limit and decision.")
class ReopenComplaintInput(StepInput):
    due_at: datetime | None = strawberry.field(
        default=None,
        description="A deadline of its own for the round, in business hours, instead of that of "
        "the rules; the note then says why.",
    )

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        due_at = exact_time(self.due_at, ("dueAt",))
        return desk.Reopen(await self.masked_note(uses), due_at)


@strawberry.input(
    description="The customer asks for the decision to be checked; the review has a time limit of "
    "its own from now on."
)
class RequestReviewInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.RequestReview(await self.masked_note(uses))


@strawberry.input(description="What the check of the decision found.")
class RecordReviewInput(StepInput):
    confirmed: bool = strawberry.field(
        description="Whether the decision was right; if not, reopen the case."
    )

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Review(self.confirmed, await self.masked_note(uses))


@strawberry.input(description="What the complaint is put down to, instead of what stood there.")
class AttributeRootCausesInput(StepInput):
    root_causes: list[RootCauseInput] = strawberry.field(description="All of its root causes.")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.AttributeCauses(_causes(self.root_causes) or (), await self.masked_note(uses))


@strawberry.input(description="More time to decide, given with leave; the note says why.")
class ExtendDeadlineInput(StepInput):
    days: int = strawberry.field(description="How many days more.")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Extend(self.days, await self.needed_note(uses, "more time is needed"))


@strawberry.input(description="The time stops, for a check outside the bank; the note says which.")
class PauseDeadlineInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Pause(await self.needed_note(uses, "the case has to wait"))


@strawberry.input(description="The time goes on.")
class ResumeDeadlineInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Resume(await self.masked_note(uses))


@strawberry.input(
    description="A person's own level, higher or lower than the rules say; the note says why."
)
class SetLevelInput(StepInput):
    level: Level = strawberry.field(description="How far the case is escalated.")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.SetLevel(self.level, await self.needed_note(uses, "the level is another"))


def _money(given: MoneyInput | None, what: str = "amount") -> Money | None:
    return None if given is None else money(given.value, given.currency, what=what)


def _causes(given: list[RootCauseInput] | None) -> tuple[Attribution, ...] | None:
    return None if given is None else tuple(cause.to_domain() for cause in given)
