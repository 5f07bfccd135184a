"""Answers to customers: what may be said, what each sentence rests on, what is wrong with a text.

Pure.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from graph.domain.desk import Proposal
from graph.domain.enums import (
    AnswerElement,
    AnswerProblemKind,
    AnswerSourceKind,
    Language,
    Rephrasing,
)
from graph.domain.money import Money
from graph.domain.vocabulary import Label

#: What every answer has to say.
NEEDED = (
    AnswerElement.FOUND,
    AnswerElement.DECIDED,
    AnswerElement.REVIEW,
    AnswerElement.BY_WHEN,
)
#: Elements that stand together; each sentence of a greeting and a closing has a line of its own.
PARAGRAPHS = (
    (AnswerElement.GREETING,),
    (AnswerElement.FOUND, AnswerElement.DECIDED, AnswerElement.REMEDY),
    (AnswerElement.REVIEW, AnswerElement.BY_WHEN),
    (AnswerElement.CLOSING,),
)
_BY_LINE = frozenset({AnswerElement.GREETING, AnswerElement.CLOSING})


class PeriodUnit(StrEnum):
    """What a period is counted in; weeks are days, and years months."""

    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"
    WORKING_DAYS = "WORKING_DAYS"
    MONTHS = "MONTHS"


@dataclass(frozen=True, slots=True)
class Period:
    count: Decimal
    unit: PeriodUnit


@dataclass(frozen=True, slots=True)
class AnswerTerms:
    """What the bank itself says in its answers; None is not said.

    ``review_days``: from the request to the end of a review; ``request_days``: in which a review
    can be asked for; ``payment_days``: until money arrives. ``working``: they are working days.
    """

    review_days: int = 30
    request_days: int | None = None
    payment_days: int | None = None
    working: bool = False
    bank: str | None = None
    telephone: str | None = None
    regulator: str | None = None

    @property
    def periods(self) -> frozenset[Period]:
        """All that answers may give as a time limit."""
        unit = PeriodUnit.WORKING_DAYS if self.working else PeriodUnit.DAYS
        known = (self.review_days, self.request_days, self.payment_days)
        return frozenset(Period(Decimal(days), unit) for days in known if days is not None)


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """The standard procedure of the case; one for all types has no ``title`` here.

    ``feedback``: how the customer is called after the answer.
    """

    code: str
    title: Label | None
    feedback: Label | None = None

    @property
    def calls_back(self) -> bool:
        return self.feedback is not None


@dataclass(frozen=True, slots=True)
class PrecedentFacts:
    """Alike cases that were decided as is proposed: how many, and those that may be named."""

    agreeing: int
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFacts:
    """All that an answer may rest on; dates are days of the bank's zone, texts are masked.

    ``text``: what the customer wrote; ``offered``: what was noted with the proposal.
    """

    reference: str
    received: date
    proposal: Proposal
    terms: AnswerTerms
    today: date
    occurred: date | None = None
    type: str | None = None
    product: Label | None = None
    cause: Label | None = None
    amount: Money | None = None
    text: str | None = field(default=None, repr=False)
    offered: str | None = field(default=None, repr=False)
    procedure: ProcedureFacts | None = None
    precedents: PrecedentFacts | None = None


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """What a sentence rests on: ``name`` of a fact as templates call it, ``value`` as it is said.

    ``complaints``: the precedents behind it that may be named.
    """

    kind: AnswerSourceKind
    name: str
    label: Label
    value: str | None = None
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    element: AnswerElement
    text: str
    sources: tuple[AnswerSource, ...]


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """``template``: by which edits are counted; ``rephrased``: instead of the sentences' text."""

    template: str
    language: Language
    sentences: tuple[AnswerSentence, ...]
    rephrasing: Rephrasing = Rephrasing.OFF
    rephrased: str | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        return self.rephrased or written(self.sentences, self.language)


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """What is wrong with a text, from ``start`` to ``end``; ``element``: what is missing in it."""

    kind: AnswerProblemKind
    start: int
    end: int
    message: Label
    element: AnswerElement | None = None


def written(sentences: tuple[AnswerSentence, ...], language: Language) -> str:
    """The sentences as a letter, a paragraph a line."""
    space = "" if language is Language.ZH else " "
    paragraphs = []
    for elements in PARAGRAPHS:
        texts = [each.text for each in sentences if each.element in elements]
        if texts:
            paragraphs.append(("\n" if _BY_LINE.issuperset(elements) else space).join(texts))
    return "\n".join(paragraphs)
