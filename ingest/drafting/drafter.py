"""From a case to what its answer may rest on, and to the draft."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from graph.domain.answers import (
    AnswerDraft,
    AnswerFacts,
    AnswerProblem,
    AnswerTerms,
    PrecedentFacts,
    ProcedureFacts,
)
from graph.domain.desk import Proposal
from graph.domain.enums import Language, OutcomeKind, Rephrasing
from graph.domain.lifecycle import Step
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import Label
from graph.errors import UnavailableError
from ingest.drafting.rephrasing import Rephraser
from ingest.drafting.templates import Templates
from ingest.drafting.validator import problems_of
from ingest.guidance import Procedure
from similarity.precedents import RankedPrecedent

#: Of fewer precedents no answer says that alike cases are decided so, nor where a quarter were not.
_FEWEST, _SHARE = 3, 0.75
#: A precedent that handlers have rated lower speaks for nothing.
_USEFUL = 0.5


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What there is of a case beside its record; ``offered``: the note with the proposal."""

    proposal: Proposal
    product: Label | None = None
    cause: Label | None = None
    offered: str | None = None
    procedures: Sequence[Procedure] = ()
    precedents: Sequence[RankedPrecedent] = ()


class Drafter:
    """Drafts answers, and tells what is wrong with one."""

    def __init__(
        self,
        templates: Templates,
        terms: AnswerTerms,
        zone: ZoneInfo,
        rephraser: Rephraser | None = None,
    ) -> None:
        self._templates = templates
        self._rephraser = rephraser
        self._terms = terms
        self._zone = zone

    def facts(self, case: ComplaintRecord, file: CaseFile, now: datetime) -> AnswerFacts:
        """All that an answer to the case may rest on."""
        occurred = case.occurred_at
        return AnswerFacts(
            reference=case.reference,
            received=case.received_at.astimezone(self._zone).date(),
            today=now.astimezone(self._zone).date(),
            occurred=None if occurred is None else occurred.astimezone(self._zone).date(),
            proposal=file.proposal,
            terms=self._terms,
            type=case.type,
            product=file.product,
            cause=file.cause,
            amount=case.amount,
            text=case.text or case.subject,
            offered=file.offered,
            procedure=procedure_facts(file.procedures),
            precedents=precedent_facts(file.precedents, file.proposal.outcome),
        )

    async def draft(self, facts: AnswerFacts, language: Language) -> AnswerDraft:
        """The template's draft; rephrased where a model is set up, and nothing is wrong with it."""
        draft = self._templates.draft(facts, language)
        if self._rephraser is None:
            return draft
        try:
            text = await self._rephraser.rephrase(draft.text, language)
        except UnavailableError:
            return replace(draft, rephrasing=Rephrasing.FAILED)
        if await self.problems(text, facts):
            return replace(draft, rephrasing=Rephrasing.REFUSED)
        return replace(draft, rephrasing=Rephrasing.DONE, rephrased=text)

    async def problems(self, text: str, facts: AnswerFacts) -> tuple[AnswerProblem, ...]:
        """What is wrong with an answer; a long one takes a moment."""
        return await asyncio.to_thread(problems_of, text, facts)


def procedure_facts(procedures: Sequence[Procedure]) -> ProcedureFacts | None:
    """The most special one; any of them may say that the customer is called afterwards."""
    if not procedures:
        return None
    calls = (a for p in procedures for a in p.advice if a.step is Step.RECORD_FEEDBACK)
    feedback = next((Label(each.zh, each.en) for each in calls), None)
    first = procedures[0]
    title = Label(first.title.zh, first.title.en) if first.narrow else None
    return ProcedureFacts(first.code, title, feedback)


def precedent_facts(
    precedents: Sequence[RankedPrecedent], outcome: OutcomeKind
) -> PrecedentFacts | None:
    """Those that were decided so; None where they do not speak with one voice."""
    useful = [
        each
        for each in precedents
        if each.usefulness.rating is None or each.usefulness.rating >= _USEFUL
    ]
    agreeing = [each for each in useful if each.resolution.outcome is outcome]
    if len(agreeing) < max(_FEWEST, _SHARE * len(useful)):
        return None
    named = tuple(each.candidate.complaint.id for each in agreeing if each.full)
    return PrecedentFacts(len(agreeing), named)
