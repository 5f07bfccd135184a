"""What each step of a case takes, and how it becomes a step of the domain."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import strawberry

from graph.domain import desk
from graph.domain.case import Attribution
from graph.domain.enums import AttributionSource
from graph.domain.lifecycle import Step
from graph.domain.money import Money, money
from graph.domain.patch import UNSET, Edit, Unset
from graph.domain.texts import short_text
from graph.errors import InvalidInputError
from ingest.desk import Desk
from ingest.drafting.edits import edited_share
from ingest.drafting.templates import TEMPLATE
from schema.changing import MutationInput
from schema.edits import edit, needed, several
from schema.enums import (
    AnswerProblemKind,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Urgency,
)
from schema.filters import exact_time
from schema.money import MoneyInput

_NOTE = "A note on it, masked before it is kept."


class StepData(Protocol):
    """An input of a step."""

    complaint: strawberry.ID
    version: int
    idempotency_key: str | None
    client_mutation_id: str | None

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        """The domain's step, with masked texts."""
        ...


@strawberry.input(description="A step that says nothing beside that it is taken.")
class StepInput(MutationInput):
    complaint: strawberry.ID = strawberry.field(description="Id of the complaint.")
    version: int = strawberry.field(
        description="The complaint's version as the person saw it; a step on a stale one is "
        "refused, and the answer tells what has changed."
    )
    note: str | None = strawberry.field(default=None, description=_NOTE)

    async def masked_note(self, uses: Desk) -> str | None:
        return await uses.mask(self.note, "note")

    async def needed_note(self, uses: Desk, why: str) -> str:
        note = await self.masked_note(uses)
        if note is None:
            raise InvalidInputError(f"note: say why {why}.", path=["note"])
        return note


@strawberry.input(
    description="The classification as a person confirms it; what is left out stays as it is, null "
    "clears it."
)
class ClassifyComplaintInput(StepInput):
    type: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Code of the type."
    )
    product: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Code of the product."
    )
    branch: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Code of the branch."
    )
    nature: strawberry.Maybe[Nature | None] = strawberry.field(
        default=None, description="What the filing is."
    )
    severity: strawberry.Maybe[Severity | None] = strawberry.field(
        default=None, description="How severe it is."
    )
    urgency: strawberry.Maybe[Urgency | None] = strawberry.field(
        default=None, description="How urgent it is."
    )
    risk_types: strawberry.Maybe[list[str] | None] = strawberry.field(
        default=None, description="Codes of all risks that it bears."
    )
    amount: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        default=None, description="The amount in dispute."
    )
    complex: strawberry.Maybe[bool | None] = strawberry.field(
        default=None, description="Whether it is a complex case, which has more time."
    )

    confirm_suggestion: bool = strawberry.field(
        default=False,
        description="Whether to take the values that the service suggests where neither this input "
        "nor anybody before has set one; the answer's `taken` tells which those were.",
    )

    async def fields(self, uses: Desk) -> dict[str, Any]:
        type_, risks, amount = edit(self.type), several(self.risk_types), _money(self.amount)
        uses.check_codes(
            None if isinstance(type_, Unset) else type_, () if isinstance(risks, Unset) else risks
        )
        return {
            "type": type_,
            "product": edit(self.product),
            "branch": edit(self.branch),
            "nature": edit(self.nature),
            "severity": edit(self.severity),
            "urgency": edit(self.urgency),
            "risk_types": risks,
            "amount": amount,
            "amount_band": None if isinstance(amount, Unset) else uses.band(amount),
            "complex_case": needed(self.complex, "complex"),
            "confirm": self.confirm_suggestion,
            "note": await self.masked_note(uses),
        }

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Classify(**await self.fields(uses))


@strawberry.input(
    description="What was confirmed and is wrong; what is left out stays as it is, null clears it."
)
class CorrectClassificationInput(ClassifyComplaintInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.CorrectClassification(**await self.fields(uses))


@strawberry.input(description="Who handles the case; what is left out stays as it is.")
class DispatchComplaintInput(StepInput):
    lead: str = strawberry.field(description="Code of the department that answers for it.")
    assisting: strawberry.Maybe[list[str] | None] = strawberry.field(
        default=None, description="Codes of departments that help."
    )
    assignee: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Who works on it."
    )

    async def fields(self, uses: Desk) -> dict[str, Any]:
        return {
            "lead": self.lead,
            "assisting": several(self.assisting),
            "assignee": await _assignee(uses, self.assignee),
            "note": await self.masked_note(uses),
        }

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Dispatch(**await self.fields(uses))


@strawberry.input(
    description="Who takes the case over. Where the leading department stays, so does the status; "
    "what is left out stays as it is."
)
class TransferComplaintInput(DispatchComplaintInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Transfer(**await self.fields(uses))


@strawberry.input(description="Who works on the case from now on.")
class AssignComplaintInput(StepInput):
    assignee: strawberry.Maybe[str | None] = strawberry.field(description="Who; null for nobody.")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Assign(await _assignee(uses, self.assignee), await self.masked_note(uses))


@strawberry.input(description="Start to investigate a dispatched case.")
class StartInvestigationInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Investigate(await self.masked_note(uses))


@strawberry.input(
    description="What the bank offers the customer; of an offer that was refused stays what is "
    "left out."
)
class ProposeRemedyInput(StepInput):
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: strawberry.Maybe[RemedyKind | None] = strawberry.field(
        default=None, description="What is offered."
    )
    compensation: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        default=None, description="How much."
    )

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Propose(
            outcome=self.outcome,
            remedy=edit(self.remedy),
            compensation=_money(self.compensation, "compensation"),
            note=await self.masked_note(uses),
        )


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
    description="The draft that an answer was made from; it is compared, and not kept."
)
class UsedDraftInput:
    template: str = strawberry.field(description="The draft's `template`.")
    text: str = strawberry.field(description="The draft's `text`, as it was given.")

    async def edited(self, uses: Desk, summary: str) -> tuple[str, float]:
        """The template, and how much of its text is another in the answer."""
        if not TEMPLATE.fullmatch(self.template):
            raise InvalidInputError(
                "template: give the `template` that came with the draft.",
                path=["draft", "template"],
            )
        given = await uses.mask(self.text, "text") or ""
        return self.template, await asyncio.to_thread(edited_share, given, summary)


@strawberry.input(
    description="The answer to the customer: the decision of this round. What is left out is as "
    "it was proposed, null is nothing."
)
class AnswerComplaintInput(StepInput):
    outcome: strawberry.Maybe[OutcomeKind | None] = strawberry.field(
        default=None, description="What was found."
    )
    remedy: strawberry.Maybe[RemedyKind | None] = strawberry.field(
        default=None, description="What is done."
    )
    compensation: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        default=None, description="How much."
    )
    root_causes: strawberry.Maybe[list[RootCauseInput] | None] = strawberry.field(
        default=None, description="What the complaint is put down to."
    )
    summary: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="The answer, masked before it is kept."
    )
    draft: UsedDraftInput | None = strawberry.field(
        default=None,
        description="The draft that the summary was made from: its template, and how much of it "
        "was edited, are kept with the decision.",
    )
    insisted: list[AnswerProblemKind] | None = strawberry.field(
        default=None,
        description="What `answerProblems` told of the answer, which is sent all the same; kept "
        "with the decision.",
    )

    async def masked_summary(self, uses: Desk) -> Edit[str | None]:
        summary = edit(self.summary)
        return UNSET if isinstance(summary, Unset) else await uses.mask(summary, "summary")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        summary = await self.masked_summary(uses)
        template, edited = None, None
        if self.draft is not None and isinstance(summary, str):
            template, edited = await self.draft.edited(uses, summary)
        return desk.Answer(
            template=template,
            edited=edited,
            insisted=tuple(sorted(set(self.insisted or ()))),
            outcome=needed(self.outcome, "outcome"),
            remedy=edit(self.remedy),
            compensation=_money(self.compensation, "compensation"),
            causes=_causes(several(self.root_causes)),
            summary=summary,
            note=await self.masked_note(uses),
        )


@strawberry.input(description="What the customer says to the answer.")
class RecordFeedbackInput(StepInput):
    satisfaction: int = strawberry.field(description="1 (not at all) to 5 (very satisfied).")

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.RecordFeedback(self.satisfaction, await self.masked_note(uses))


@strawberry.input(
    description="The case is done; of one without a type the note says why it has none."
)
class CloseComplaintInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Close(await self.masked_note(uses))


@strawberry.input(description="The customer withdraws the complaint.")
class WithdrawComplaintInput(StepInput):
    async def to_step(self, uses: Desk) -> desk.DeskStep:
        return desk.Withdraw(await self.masked_note(uses))


@strawberry.input(description="The case begins a new round, with its own time limit and decision.")
class ReopenComplaintInput(StepInput):
    due_at: strawberry.Maybe[datetime | None] = strawberry.field(
        description="A deadline of its own for the round, in business hours, instead of that of "
        "the rules; the note then says why.",
    )

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        own = needed(self.due_at, "dueAt")
        due_at = None if isinstance(own, Unset) else exact_time(own, ("dueAt",))
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
    root_causes: list[RootCauseInput] = strawberry.field(
        description="All of its root causes, each with all that is said of it; none clears them."
    )

    async def to_step(self, uses: Desk) -> desk.DeskStep:
        causes = tuple(cause.to_domain() for cause in self.root_causes)
        return desk.AttributeCauses(causes, await self.masked_note(uses))


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


def _money(data: strawberry.Maybe[MoneyInput | None], what: str = "amount") -> Edit[Money | None]:
    amount = edit(data)
    if amount is None or isinstance(amount, Unset):
        return amount
    return money(amount.value, amount.currency, what=what)


async def _assignee(uses: Desk, data: strawberry.Maybe[str | None]) -> Edit[str | None]:
    name = edit(data)
    return await uses.mask_label(short_text(name, "assignee")) if isinstance(name, str) else name


def _causes(data: Edit[tuple[RootCauseInput, ...]]) -> Edit[tuple[Attribution, ...]]:
    return data if isinstance(data, Unset) else tuple(cause.to_domain() for cause in data)


#: Each step's input.
KINDS: Mapping[Step, type[Any]] = {
    Step.CLASSIFY: ClassifyComplaintInput,
    Step.CORRECT_CLASSIFICATION: CorrectClassificationInput,
    Step.DISPATCH: DispatchComplaintInput,
    Step.TRANSFER: TransferComplaintInput,
    Step.ASSIGN: AssignComplaintInput,
    Step.INVESTIGATE: StartInvestigationInput,
    Step.PROPOSE: ProposeRemedyInput,
    Step.AGREE: RecordAgreementInput,
    Step.REFUSE: RecordRefusalInput,
    Step.ANSWER: AnswerComplaintInput,
    Step.RECORD_FEEDBACK: RecordFeedbackInput,
    Step.CLOSE: CloseComplaintInput,
    Step.WITHDRAW: WithdrawComplaintInput,
    Step.REOPEN: ReopenComplaintInput,
    Step.REQUEST_REVIEW: RequestReviewInput,
    Step.REVIEW: RecordReviewInput,
    Step.ATTRIBUTE_CAUSES: AttributeRootCausesInput,
    Step.EXTEND: ExtendDeadlineInput,
    Step.PAUSE: PauseDeadlineInput,
    Step.RESUME: ResumeDeadlineInput,
    Step.SET_LEVEL: SetLevelInput,
}

#: Each step's mutation: it is called as its input.
MUTATIONS: Mapping[Step, str] = {
    step: f"{kind.__name__[0].lower()}{kind.__name__.removesuffix('Input')[1:]}"
    for step, kind in KINDS.items()
}
