"""Steps that decide a case, end it, or open it again. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from graph.domain.case import Attribution, Decision
from graph.domain.desk.handling import Plain
from graph.domain.desk.standing import Effect, Proposal, Standing, Taking, deadline, running
from graph.domain.enums import AnswerProblemKind, AttributionSource, OutcomeKind, RemedyKind
from graph.domain.lifecycle import Step, StepNotAllowedError, needs_note
from graph.domain.money import Money
from graph.domain.patch import UNSET, Edit, Unset, patched
from graph.errors import InvalidInputError

LEAST_SATISFACTION, MOST_SATISFACTION = 1, 5


@dataclass(frozen=True, slots=True)
class Propose:
    """What the bank offers; of an offer that was refused stays what the new one leaves out."""

    step: ClassVar[Step] = Step.PROPOSE
    outcome: OutcomeKind
    remedy: Edit[RemedyKind | None] = UNSET
    compensation: Edit[Money | None] = UNSET
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        before = case.proposal
        offered = Proposal(
            _decidable(self.outcome),
            patched(self.remedy, before.remedy if before else None),
            patched(self.compensation, before.compensation if before else None),
        )
        return Effect(_proposal(offered), note=self.note)


@dataclass(frozen=True, slots=True)
class Agree(Plain):
    step: ClassVar[Step] = Step.AGREE


@dataclass(frozen=True, slots=True)
class Refuse(Plain):
    step: ClassVar[Step] = Step.REFUSE


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision of this round; what is left out is as proposed.

    ``template``: of the draft that the summary was made from, ``edited`` (0..1) so far;
    ``insisted``: what was wrong with the answer, which is sent all the same.
    """

    step: ClassVar[Step] = Step.ANSWER
    outcome: Edit[OutcomeKind] = UNSET
    remedy: Edit[RemedyKind | None] = UNSET
    compensation: Edit[Money | None] = UNSET
    causes: Edit[tuple[Attribution, ...]] = UNSET
    summary: Edit[str | None] = UNSET
    template: str | None = None
    edited: float | None = None
    insisted: tuple[AnswerProblemKind, ...] = ()
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        proposed, before = case.proposal, case.decision
        outcome = patched(self.outcome, proposed.outcome if proposed else None)
        if outcome is None:
            raise InvalidInputError(
                "outcome: nothing was proposed, so say what was found.", path=["outcome"]
            )
        decision = Decision(
            round=case.round,
            outcome=_decidable(outcome),
            remedy=patched(self.remedy, proposed.remedy if proposed else None),
            compensation=patched(self.compensation, proposed.compensation if proposed else None),
            decided_at=taking.now,
            timely=_in_time(case, taking),
            template=self.template,
            edited=self.edited,
            insisted=self.insisted,
            summary=patched(self.summary, before.summary if before else None),
        )
        ended = {"answeredAt": taking.now, **_proposal(None), **running(case, taking)}
        return Effect(
            ended, decision=decision, causes=_checked(self.causes, taking), note=self.note
        )


@dataclass(frozen=True, slots=True)
class RecordFeedback:
    """What the customer says to the answer: ``satisfaction`` 1 (worst) to 5."""

    step: ClassVar[Step] = Step.RECORD_FEEDBACK
    satisfaction: int
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if not LEAST_SATISFACTION <= self.satisfaction <= MOST_SATISFACTION:
            raise InvalidInputError(
                "satisfaction is a number from 1 (not at all) to 5 (very).", path=["satisfaction"]
            )
        if case.decision is None:
            raise StepNotAllowedError("This round has no decision to give feedback on.")
        return Effect(
            decision=replace(case.decision, satisfaction=self.satisfaction), note=self.note
        )


@dataclass(frozen=True, slots=True)
class Close(Plain):
    """The case is done; one that nobody has classified needs a word why."""

    step: ClassVar[Step] = Step.CLOSE

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if self.note is None and needs_note(Step.CLOSE, case.type is None):
            raise InvalidInputError(
                "The case has no type: classify it first, or say in `note` why it has none.",
                path=["note"],
            )
        return Effect({"closedAt": taking.now}, note=self.note)


@dataclass(frozen=True, slots=True)
class Withdraw:
    step: ClassVar[Step] = Step.WITHDRAW
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        decision = Decision(case.round, OutcomeKind.WITHDRAWN, decided_at=taking.now)
        ended = {"closedAt": taking.now, **_proposal(None), **running(case, taking)}
        return Effect(ended, decision=decision, note=self.note)


@dataclass(frozen=True, slots=True)
class Reopen:
    """A new round, with its own time limit and decision.

    ``due_at``: a date of its own instead of that of the rules; the note then says why.
    """

    step: ClassVar[Step] = Step.REOPEN
    note: str | None = None
    due_at: datetime | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if self.due_at is not None:
            if self.note is None:
                raise InvalidInputError("note: say why it has a date of its own.", path=["note"])
            taking.limits.check_own(taking.now, self.due_at)
        properties = {
            "round": case.round + 1,
            "answeredAt": None,
            "closedAt": None,
            **_new_limit(case, taking, round_started_at=taking.now, round_due_at=self.due_at),
        }
        return Effect(properties, note=self.note)


@dataclass(frozen=True, slots=True)
class RequestReview:
    """The review has a time limit of its own, from the day on which it is asked for."""

    step: ClassVar[Step] = Step.REQUEST_REVIEW
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        return Effect(_new_limit(case, taking, review_started_at=taking.now), note=self.note)


@dataclass(frozen=True, slots=True)
class Review:
    """Whether the decision stood up when it was checked; if not, the case can be reopened."""

    step: ClassVar[Step] = Step.REVIEW
    confirmed: bool
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        reason = "DECISION_CONFIRMED" if self.confirmed else "DECISION_WRONG"
        ended = {"reviewConfirmed": self.confirmed, **running(case, taking)}
        return Effect(ended, note=self.note, reason=reason)


@dataclass(frozen=True, slots=True)
class AttributeCauses:
    """What the complaint is put down to, instead of what stood there before."""

    step: ClassVar[Step] = Step.ATTRIBUTE_CAUSES
    causes: tuple[Attribution, ...]
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        return Effect(causes=_checked(self.causes, taking), note=self.note)


def _decidable(outcome: OutcomeKind) -> OutcomeKind:
    if outcome is OutcomeKind.WITHDRAWN:
        raise InvalidInputError(
            "outcome: a complaint is withdrawn by its own step.", path=["outcome"]
        )
    return outcome


def _checked(
    causes: Edit[tuple[Attribution, ...]], taking: Taking
) -> Edit[tuple[Attribution, ...]]:
    """The causes as confirmed by whoever takes the step; shares must fit into a whole."""
    if isinstance(causes, Unset):
        return UNSET
    codes = [cause.cause for cause in causes]
    if len(set(codes)) < len(codes):
        raise InvalidInputError("rootCauses: a root cause is named twice.", path=["rootCauses"])
    shares = [cause.share for cause in causes if cause.share is not None]
    if any(not 0 < share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
        raise InvalidInputError(
            "rootCauses: shares are more than 0 and at most 1 together.", path=["rootCauses"]
        )
    return tuple(
        replace(
            cause,
            source=AttributionSource.CONFIRMED,
            confidence=1.0,
            by=taking.actor,
            at=taking.now,
        )
        for cause in causes
    )


def _proposal(proposal: Proposal | None) -> dict[str, Any]:
    compensation = proposal.compensation if proposal else None
    return {
        "proposedOutcome": proposal.outcome if proposal else None,
        "proposedRemedy": proposal.remedy if proposal else None,
        "proposedMinor": compensation.minor if compensation else None,
        "proposedCurrency": compensation.currency if compensation else None,
    }


def _new_limit(case: Standing, taking: Taking, **start: datetime | None) -> dict[str, Any]:
    """The limit of a new round or of a review: nothing is left of the one before.

    What the first round had to keep is kept: by it the first answer counts as late.
    """
    fresh: dict[str, Any] = {
        "review_started_at": None,
        "extended_days": 0,
        "paused_at": None,
        "suspensions": (),
        **start,
    }
    properties = deadline(case, taking.limits, **fresh)
    # It is another deadline, also where it falls on the same moment.
    return {**properties, "dueNotice": None, "firstDueAt": case.first_due_at or case.due_at}


def _in_time(case: Standing, taking: Taking) -> bool | None:
    """Whether the answer keeps the time limit; None for a case that has none."""
    due_at = running(case, taking).get("dueAt", case.due_at)
    return None if due_at is None else taking.now <= due_at
