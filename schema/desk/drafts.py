"""Drafts of answers to customers: what may be said, what each sentence rests on, what is wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Self

import strawberry

from graph.domain import answers as models
from graph.domain.case import Attribution
from graph.domain.desk import Proposal
from graph.domain.enums import AttributionSource, CatalogueKind, EventKind
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import Label, label_of
from graph.errors import InvalidInputError, NotFoundError
from graph.insight.answers import TemplateUse as UseModel
from ingest.drafting import CaseFile
from ingest.drafting.templates import DEFAULT
from schema.arguments import FirstFound, LanguageArgument
from schema.complaint import Complaint
from schema.desk.outcomes import ProposedOutcomeInput
from schema.enums import (
    AnswerElement,
    AnswerProblemKind,
    AnswerSourceKind,
    Language,
    OutcomeKind,
    Rephrasing,
)
from schema.ids import NodeKind, key_of
from schema.paging import search_size
from schema.policy import Group
from schema.request import Info
from schema.resolved import resolved
from similarity.precedents import RankedPrecedent

#: Precedents that are asked, and events that are looked through for the note of the proposal.
_PRECEDENTS, _EVENTS = 10, 500
_USUAL = Label("各类投诉", "any type")
#: Longer answers are not looked through (characters).
LONGEST = 10_000

AnsweredComplaint = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the complaint to be answered.")
]
Proposed = Annotated[
    ProposedOutcomeInput | None,
    strawberry.argument(description="The decision; left out: as it was proposed on the case."),
]
AnswerText = Annotated[str, strawberry.argument(description="The answer, up to 10,000 characters.")]


@strawberry.type(description="What a sentence of an answer rests on.")
class AnswerSource:
    kind: AnswerSourceKind = strawberry.field(description="What it is.")
    name: str = strawberry.field(description="The fact, as the file of templates calls it.")
    value: str | None = strawberry.field(description="What the sentence says of it.")
    known: strawberry.Private[Label]
    cases: strawberry.Private[tuple[str, ...]]

    @resolved(description="What the fact is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return self.known.text(info.context.language_of(language))

    @resolved(description="The precedents behind it, as far as they are within your reach.")
    async def complaints(self, info: Info, first: FirstFound = 5) -> list[Complaint]:
        size = search_size(first, default=5)
        results = await info.context.loaders.complaints().load(self.cases)
        return [Complaint.from_model(model) for model in results[:size]]

    @classmethod
    def from_model(cls, model: models.AnswerSource) -> Self:
        return cls(
            kind=model.kind,
            name=model.name,
            value=model.value,
            known=model.label,
            cases=model.complaints,
        )


@strawberry.type(description="A sentence of a draft.")
class AnswerSentence:
    element: AnswerElement = strawberry.field(description="What it is for.")
    text: str = strawberry.field(description="The sentence.")
    sources: list[AnswerSource] = strawberry.field(
        description="What it rests on, the fact that it is about first; never none."
    )

    @classmethod
    def from_model(cls, model: models.AnswerSentence) -> Self:
        return cls(
            element=model.element,
            text=model.text,
            sources=[AnswerSource.from_model(each) for each in model.sources],
        )


@strawberry.type(description="Something in an answer that is no fact, or that it lacks.")
class AnswerProblem:
    kind: AnswerProblemKind = strawberry.field(description="What it is.")
    element: AnswerElement | None = strawberry.field(description="What is missing.")
    start: int = strawberry.field(description="Offset of its first character in the text.")
    end: int = strawberry.field(description="Offset behind its last character.")
    told: strawberry.Private[Label]

    @resolved(description="What is wrong, in a sentence.")
    def message(self, info: Info, language: LanguageArgument = None) -> str:
        return self.told.text(info.context.language_of(language))

    @classmethod
    def from_model(cls, model: models.AnswerProblem) -> Self:
        return cls(
            kind=model.kind,
            element=model.element,
            start=model.start,
            end=model.end,
            told=model.message,
        )


@strawberry.type(description="A draft of the answer to a customer.")
class AnswerDraft:
    template: str = strawberry.field(description="Type, outcome and language of its template.")
    language: Language = strawberry.field(description="The language in which it is written.")
    text: str = strawberry.field(description="The whole, a paragraph a line.")
    sentences: list[AnswerSentence] = strawberry.field(
        description="The template's sentences in order; the text may be rephrased."
    )
    rephrasing: Rephrasing = strawberry.field(
        description="Whether a language model has rephrased the text."
    )
    problems: list[AnswerProblem] = strawberry.field(description="What is wrong with the text.")
    case: strawberry.Private[str]

    @classmethod
    def from_model(
        cls, case: str, model: models.AnswerDraft, problems: tuple[models.AnswerProblem, ...]
    ) -> Self:
        return cls(
            template=model.template,
            language=model.language,
            text=model.text,
            sentences=[AnswerSentence.from_model(each) for each in model.sentences],
            rephrasing=model.rephrasing,
            problems=[AnswerProblem.from_model(each) for each in problems],
            case=case,
        )


@strawberry.type(description="How much of a template's drafts was edited before they were sent.")
class TemplateUse:
    template: str = strawberry.field(description="Type, outcome and language.")
    count: int = strawberry.field(description="Answers that were made from it.")
    unchanged: int = strawberry.field(description="Those of them that were sent as drafted.")
    insisted: int = strawberry.field(
        description="Those that were sent although something was wrong with them, as was told."
    )
    median: float = strawberry.field(description="Half had at most this part edited, 0 to 1.")
    high: float = strawberry.field(description="Nine in ten had at most this part edited.")

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        chosen = info.context.language_of(language)
        type_, outcome, written = self.template.split(".")
        labels = (
            info.context.uses.vocabulary.types.get(type_, _USUAL if type_ == DEFAULT else None),
            label_of(OutcomeKind(outcome)),
            label_of(Language(written)),
        )
        return " · ".join(type_ if each is None else each.text(chosen) for each in labels)

    @classmethod
    def from_model(cls, model: UseModel) -> Self:
        return cls(
            template=model.template,
            count=model.count,
            unchanged=model.unchanged,
            insisted=model.insisted,
            median=model.median,
            high=model.high,
        )


async def answer_draft(
    info: Info, complaint: str, proposed: ProposedOutcomeInput | None, language: Language
) -> AnswerDraft:
    """The draft of an answer.

    Raises:
        NotFoundError: there is no such complaint.
        InvalidInputError: nothing was proposed.
    """
    case = await _case(info, complaint)
    drafter = info.context.uses.drafter
    facts = await _facts(info, case, proposed)
    draft = await drafter.draft(facts, language)
    return AnswerDraft.from_model(case.id, draft, await drafter.problems(draft.text, facts))


async def answer_problems(
    info: Info, complaint: str, text: str, proposed: ProposedOutcomeInput | None
) -> list[AnswerProblem]:
    """What is wrong with an answer.

    Raises:
        NotFoundError: there is no such complaint.
        InvalidInputError: nothing was proposed, or the text is too long.
    """
    if len(text) > LONGEST:
        raise InvalidInputError(
            f"text has {len(text):,} characters; at most {LONGEST:,} are taken.", path=["text"]
        )
    facts = await _facts(info, await _case(info, complaint), proposed)
    problems = await info.context.uses.drafter.problems(text, facts)
    return [AnswerProblem.from_model(each) for each in problems]


async def _case(info: Info, complaint: str) -> ComplaintRecord:
    identity = key_of(complaint, NodeKind.COMPLAINT, path=("complaint",))
    result = await info.context.loaders.complaint().load(identity)
    if result is None:
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    return result


async def _facts(
    info: Info, case: ComplaintRecord, proposed: ProposedOutcomeInput | None
) -> models.AnswerFacts:
    """What an answer to the case may rest on, as far as whoever asks may see it."""
    proposal = case.course.proposal if proposed is None else proposed.to_domain()
    if proposal is None:
        raise InvalidInputError(
            "proposed: nothing was proposed on the case, so say what was found.",
            path=["proposed"],
        )
    uses = info.context.uses
    causes = await info.context.loaders.attributions().load(case.id)
    confirmed = [each for each in causes if each.source is AttributionSource.CONFIRMED]
    file = CaseFile(
        proposal,
        product=await _label(info, CatalogueKind.PRODUCT, case.product),
        cause=await _label(info, CatalogueKind.ROOT_CAUSE, _largest(confirmed)),
        offered=await _offered(info, case, proposal),
        procedures=uses.procedures.for_case(case.type, case.products),
        precedents=await _precedents(info, case),
    )
    return uses.drafter.facts(case, file, datetime.now(UTC))


async def _label(info: Info, kind: CatalogueKind, code: str | None) -> Label | None:
    entry = await info.context.loaders.entry(kind).load(code)
    return None if entry is None else entry.label


def _largest(causes: list[Attribution]) -> str | None:
    return max(causes, key=lambda each: each.share or 0.0).cause if causes else None


async def _offered(info: Info, case: ComplaintRecord, proposal: Proposal) -> str | None:
    """The note with the proposal, while the decision is as it was proposed."""
    if proposal != case.course.proposal or Group.HISTORY not in info.context.permitted:
        return None
    events = await info.context.loaders.events(0, _EVENTS).load(case.id)
    offers = [each for each in events if each.kind is EventKind.REMEDY_PROPOSED]
    return offers[-1].note if offers else None


async def _precedents(info: Info, case: ComplaintRecord) -> Sequence[RankedPrecedent]:
    """Of a case without a text there are none."""
    if case.text is None or Group.PRECEDENTS not in info.context.permitted:
        return ()
    return await info.context.loaders.precedents(None, _PRECEDENTS).load(case.id)
