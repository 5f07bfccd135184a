"""The steps of a case as mutations."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry

from graph.commands.requests import RequestKey
from graph.domain.suggestions import Dimension as DimensionModel
from schema.changing import ChangePayload, MutationInput, acted, errors_field
from schema.coded import CodedValue
from schema.complaint import Complaint
from schema.desk import inputs
from schema.desk.bulk import TakeStepInBulkInput, TakeStepInBulkPayload, take_in_bulk
from schema.desk.ratings import RatePrecedentInput, RatePrecedentPayload, rate
from schema.desk.refusal import CaseStepError
from schema.enums import Dimension
from schema.ids import NodeKind, key_of
from schema.reach import check_reached
from schema.request import Info
from schema.resolved import resolved
from schema.suggestion import coded

TakenModels = tuple[tuple[DimensionModel, str], ...]


@strawberry.input(
    description="Words that masking missed, to be taken out of all texts of a complaint for good."
)
class RedactComplaintInput(MutationInput):
    complaint: strawberry.ID = strawberry.field(description="Id of the complaint.")
    version: int = strawberry.field(description="The complaint's version as the person saw it.")
    passages: list[str] = strawberry.field(
        description="The words to take out, as they stand in the texts; they are kept nowhere."
    )


@strawberry.input(description="Something to keep with a case that changes nothing of it.")
class CommentComplaintInput(MutationInput):
    complaint: strawberry.ID = strawberry.field(description="Id of the complaint.")
    note: str = strawberry.field(
        description="The comment, masked before it is kept; an event of the case."
    )


@strawberry.type(description="A value that was taken as the service suggested it.")
class TakenSuggestion:
    dimension: Dimension = strawberry.field(description="What it tells.")
    code: strawberry.Private[str]

    @resolved(description="The value.")
    async def value(self, info: Info) -> CodedValue | None:
        return await coded(info, self.dimension, self.code)


@strawberry.type(description="What became of a step.")
class CaseStepPayload(ChangePayload):
    errors: list[CaseStepError] = errors_field()
    complaint: Complaint | None = strawberry.field(
        description="The complaint as it stands now, also when the step was refused."
    )
    taken: list[TakenSuggestion] = strawberry.field(
        description="What was taken as the service suggested it; empty without `confirmSuggestion`."
    )


async def _take(info: Info, data: inputs.StepData) -> CaseStepPayload:
    uses, actor = info.context.uses, info.context.identity.actor

    async def act(identity: str, key: RequestKey | None) -> TakenModels:
        step = await data.to_step(uses.desk)
        taken = await uses.desk.take(identity, data.version, step, actor=actor, key=key)
        return taken.suggested

    return await _answered(info, data, act)


async def _redact(info: Info, data: RedactComplaintInput) -> CaseStepPayload:
    uses, actor = info.context.uses, info.context.identity.actor

    async def act(identity: str, key: RequestKey | None) -> TakenModels:
        await uses.desk.redact(identity, data.version, data.passages, actor=actor, key=key)
        return ()

    return await _answered(info, data, act)


async def _comment(info: Info, data: CommentComplaintInput) -> CaseStepPayload:
    uses, actor = info.context.uses, info.context.identity.actor

    async def act(identity: str, key: RequestKey | None) -> TakenModels:
        await uses.desk.comment(identity, data.note, actor=actor, key=key)
        return ()

    return await _answered(info, data, act)


async def _answered(
    info: Info,
    data: inputs.StepData | RedactComplaintInput | CommentComplaintInput,
    act: Callable[[str, RequestKey | None], Awaitable[TakenModels]],
) -> CaseStepPayload:
    """Act, and tell the complaint as it stands then, or why nothing was done."""
    identity: str | None = None

    async def step(key: RequestKey | None) -> TakenModels:
        nonlocal identity
        identity = key_of(data.complaint, NodeKind.COMPLAINT, path=("complaint",))
        await check_reached(info, [identity], "complaint", key)
        return await act(identity, key)

    done = await acted(info, data, step, CaseStepError)
    complaint = await info.context.loaders.complaint().load(identity)
    return CaseStepPayload(
        complaint=Complaint.from_optional(complaint),
        taken=[TakenSuggestion(dimension=kind, code=code) for kind, code in done.result or ()],
        **done.change_payload(),
    )


def _mutation(kind: type[Any], description: str) -> Any:
    """The mutation of one step: they differ by their inputs alone."""

    async def resolve(self: object, info: Info, input: Any) -> CaseStepPayload:  # noqa: A002
        return await _take(info, input)

    argument = Annotated[kind, strawberry.argument(description="The step.")]  # type: ignore[valid-type]
    resolve.__annotations__["input"] = argument
    made: Callable[..., Awaitable[CaseStepPayload]] = resolve
    return resolved(description=description, searches=50)(made)


@strawberry.type
class DeskMutation:
    """The mutations of the desk; ``Mutation`` inherits them."""

    @resolved(description="Keeps whether a precedent that was shown helped to decide.")
    async def rate_precedent(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            RatePrecedentInput, strawberry.argument(description="The verdict.")
        ],
    ) -> RatePrecedentPayload:
        return await rate(info, input)

    @resolved(
        description="Takes words that masking missed out of all texts of a complaint, for good; "
        "it is encoded and linked again.",
        searches=50,
    )
    async def redact_complaint(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            RedactComplaintInput, strawberry.argument(description="What to take out.")
        ],
    ) -> CaseStepPayload:
        return await _redact(info, input)

    @resolved(
        description="Keeps a comment on a case, whatever its status and version.", searches=10
    )
    async def comment_complaint(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            CommentComplaintInput, strawberry.argument(description="The comment.")
        ],
    ) -> CaseStepPayload:
        return await _comment(info, input)

    @resolved(
        description="Takes one step on many cases; each is taken or refused by itself.",
        searches=5_000,
    )
    async def take_step_in_bulk(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            TakeStepInBulkInput, strawberry.argument(description="The step, and the cases.")
        ],
    ) -> TakeStepInBulkPayload:
        return await take_in_bulk(info, input)

    classify_complaint = _mutation(
        inputs.ClassifyComplaintInput,
        "Confirms the classification, or gives it.",
    )
    correct_classification = _mutation(
        inputs.CorrectClassificationInput,
        "Corrects a classification that was confirmed.",
    )
    dispatch_complaint = _mutation(inputs.DispatchComplaintInput, "Gives the case to departments.")
    transfer_complaint = _mutation(
        inputs.TransferComplaintInput, "Gives the case to other departments."
    )
    assign_complaint = _mutation(inputs.AssignComplaintInput, "Says who works on the case.")
    start_investigation = _mutation(inputs.StartInvestigationInput, "Begins the investigation.")
    propose_remedy = _mutation(inputs.ProposeRemedyInput, "Offers the customer a remedy.")
    record_agreement = _mutation(inputs.RecordAgreementInput, "The customer agrees to the offer.")
    record_refusal = _mutation(inputs.RecordRefusalInput, "The customer refuses the offer.")
    answer_complaint = _mutation(
        inputs.AnswerComplaintInput,
        "Answers the customer and keeps the decision of this round.",
    )
    record_feedback = _mutation(
        inputs.RecordFeedbackInput, "Keeps what the customer says to the answer."
    )
    close_complaint = _mutation(inputs.CloseComplaintInput, "Closes the case.")
    withdraw_complaint = _mutation(
        inputs.WithdrawComplaintInput, "The customer withdraws the complaint."
    )
    reopen_complaint = _mutation(inputs.ReopenComplaintInput, "Begins a new round.")
    request_review = _mutation(
        inputs.RequestReviewInput, "The customer asks for a check of the decision."
    )
    record_review = _mutation(
        inputs.RecordReviewInput, "Keeps what the check of the decision found."
    )
    attribute_root_causes = _mutation(
        inputs.AttributeRootCausesInput,
        "Says what the complaint is put down to.",
    )
    extend_deadline = _mutation(inputs.ExtendDeadlineInput, "Gives more time, with leave.")
    pause_deadline = _mutation(
        inputs.PauseDeadlineInput, "Stops the time for a check outside the bank."
    )
    resume_deadline = _mutation(inputs.ResumeDeadlineInput, "Lets the time go on.")
    set_level = _mutation(
        inputs.SetLevelInput,
        "Raises or lowers the level; the rules' own verdict stays on record.",
    )
