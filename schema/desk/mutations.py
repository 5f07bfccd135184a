"""The steps of a case as mutations."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import strawberry

from graph.commands.desk import Change, StaleVersionError
from graph.commands.requests import RequestKey
from graph.errors import ConflictError, InvalidInputError, NotFoundError
from schema.complaint import Complaint
from schema.desk import inputs
from schema.desk.ratings import RatePrecedentInput, RatePrecedentPayload, rate
from schema.enums import EventKind
from schema.errors import UserError
from schema.ids import NodeKind, key_of
from schema.request import Info, place
from schema.request_keys import request_key
from schema.resolved import resolved


@strawberry.type(description="A change that the person had not seen.")
class UnseenChange:
    seq: int = strawberry.field(description="Number of the case's event.")
    kind: EventKind = strawberry.field(description="What happened.")
    actor: str = strawberry.field(description="Who did it.")

    @classmethod
    def from_model(cls, model: Change) -> "UnseenChange":
        return cls(seq=model.seq, kind=model.kind, actor=model.actor)


@strawberry.input(
    description="Words that masking missed, to be taken out of all texts of a complaint for good."
)
class RedactComplaintInput:
    complaint: strawberry.ID = strawberry.field(description="Id of the complaint.")
    version: int = strawberry.field(description="The complaint's version as the person saw it.")
    passages: list[str] = strawberry.field(
        description="The words to take out, as they stand in the texts; they are kept nowhere."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="A UUID that makes a retry safe for seven days."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is."
    )


@strawberry.type(description="What became of a step.")
class CaseStepPayload:
    complaint: Complaint | None = strawberry.field(
        description="The complaint as it stands now, also when the step was refused."
    )
    errors: list[UserError] = strawberry.field(
        description="Why the step was not taken; empty if it was."
    )
    changed_since: list[UnseenChange] = strawberry.field(
        description="What others did since the version that the person saw, if that was stale."
    )
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


async def _take(info: Info, name: str, given: inputs.GivenStep) -> CaseStepPayload:
    uses, actor = info.context.uses, info.context.identity.actor

    async def act(identity: str, key: RequestKey | None) -> None:
        step = await given.to_step(uses.desk)
        await uses.desk.take(identity, given.version, step, actor=actor, key=key)

    return await _answered(info, name, given, act)


async def _redact(info: Info, given: RedactComplaintInput) -> CaseStepPayload:
    uses, actor = info.context.uses, info.context.identity.actor

    async def act(identity: str, key: RequestKey | None) -> None:
        await uses.desk.redact(identity, given.version, given.passages, actor=actor, key=key)

    return await _answered(info, "redactComplaint", given, act)


async def _answered(
    info: Info,
    name: str,
    given: inputs.GivenStep | RedactComplaintInput,
    act: Callable[[str, RequestKey | None], Awaitable[None]],
) -> CaseStepPayload:
    """Act, and tell the complaint as it stands then, or why nothing was done."""
    info.context.forget()
    error: InvalidInputError | ConflictError | NotFoundError | None = None
    identity: str | None = None
    try:
        identity = key_of(given.complaint, NodeKind.COMPLAINT, path=("complaint",))
        await act(identity, request_key(info, name, given))
    except (InvalidInputError, ConflictError, NotFoundError) as refusal:
        error = refusal
    found = None
    if identity is not None:
        found = await info.context.loaders.complaint(place(info)).load(identity)
    changes: Sequence[Change] = error.changes if isinstance(error, StaleVersionError) else ()
    return CaseStepPayload(
        complaint=Complaint.from_optional(found),
        errors=[] if error is None else [UserError.from_model(error, "input")],
        changed_since=[UnseenChange.from_model(change) for change in changes],
        client_mutation_id=given.client_mutation_id,
    )


T = TypeVar("T")


def _mutation(name: str, kind: type[Any], description: str) -> Any:
    """The mutation of one step: they differ by their inputs alone."""

    async def resolve(self: object, info: Info, input: Any) -> CaseStepPayload:  # noqa: A002
        return await _take(info, name, input)

    given = Annotated[kind, strawberry.argument(description="The step.")]  # type: ignore[valid-type]
    resolve.__annotations__["input"] = given
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

    classify_complaint = _mutation(
        "classifyComplaint",
        inputs.ClassifyComplaintInput,
        "Confirms the classification, or gives it.",
    )
    correct_classification = _mutation(
        "correctClassification",
        inputs.CorrectClassificationInput,
        "Corrects a classification that was confirmed.",
    )
    dispatch_complaint = _mutation(
        "dispatchComplaint", inputs.DispatchComplaintInput, "Gives the case to departments."
    )
    transfer_complaint = _mutation(
        "transferComplaint", inputs.TransferComplaintInput, "Gives the case to other departments."
    )
    assign_complaint = _mutation(
        "assignComplaint", inputs.AssignComplaintInput, "Says who works on the case."
    )
    start_investigation = _mutation(
        "startInvestigation", inputs.StartInvestigationInput, "Begins the investigation."
    )
    propose_remedy = _mutation(
        "proposeRemedy", inputs.ProposeRemedyInput, "Offers the customer a remedy."
    )
    record_agreement = _mutation(
        "recordAgreement", inputs.RecordAgreementInput, "The customer agrees to the offer."
    )
    record_refusal = _mutation(
        "recordRefusal", inputs.RecordRefusalInput, "The customer refuses the offer."
    )
    answer_complaint = _mutation(
        "answerComplaint",
        inputs.AnswerComplaintInput,
        "Answers the customer and keeps the decision of this round.",
    )
    record_feedback = _mutation(
        "recordFeedback", inputs.RecordFeedbackInput, "Keeps what the customer says to the answer."
    )
    close_complaint = _mutation("closeComplaint", inputs.CloseComplaintInput, "Closes the case.")
    withdraw_complaint = _mutation(
        "withdrawComplaint", inputs.WithdrawComplaintInput, "The customer withdraws the complaint."
    )
    reopen_complaint = _mutation(
        "reopenComplaint", inputs.ReopenComplaintInput, "Begins a new round."
    )
    request_review = _mutation(
        "requestReview", inputs.RequestReviewInput, "The customer asks for a check of the decision."
    )
    record_review = _mutation(
        "recordReview", inputs.RecordReviewInput, "Keeps what the check of the decision found."
    )
    attribute_root_causes = _mutation(
        "attributeRootCauses",
        inputs.AttributeRootCausesInput,
        "Says what the complaint is put down to.",
    )
    extend_deadline = _mutation(
        "extendDeadline", inputs.ExtendDeadlineInput, "Gives more time, with leave."
    )
    pause_deadline = _mutation(
        "pauseDeadline", inputs.PauseDeadlineInput, "Stops the time for a check outside the bank."
    )
    resume_deadline = _mutation(
        "resumeDeadline", inputs.ResumeDeadlineInput, "Lets the time go on."
    )
    set_level = _mutation(
        "setLevel",
        inputs.SetLevelInput,
        "Raises or lowers the level; the rules' own verdict stays on record.",
    )
