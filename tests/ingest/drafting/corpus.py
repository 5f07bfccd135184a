"""Answers written by somebody who had not seen the validator, with what is wrong in each."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from graph.domain.answers import AnswerFacts, AnswerProblem, AnswerTerms
from graph.domain.desk import Proposal
from graph.domain.enums import AnswerProblemKind, OutcomeKind, RemedyKind
from graph.domain.money import Money, exponent
from ingest.drafting.validator import problems_of

FOLDER = Path(__file__).parent
KINDS = {
    "amount": AnswerProblemKind.AMOUNT,
    "percent": AnswerProblemKind.AMOUNT,
    "date": AnswerProblemKind.DATE,
    "period": AnswerProblemKind.DATE,
    "promise": AnswerProblemKind.PROMISE,
    "missing": AnswerProblemKind.MISSING,
}
#: What a remedy in words is as a kind; those with compensation are monetary.
_REMEDIES = (
    (RemedyKind.CORRECTION, ("更正", "撤销", "correction", "removal", "deletion")),
    (RemedyKind.APOLOGY, ("致歉", "apology")),
)


@dataclass(frozen=True)
class Row:
    id: str
    text: str
    facts: AnswerFacts = field(repr=False)
    #: (kind, quote) of what is wrong, as its author says.
    wrong: tuple[tuple[str, str], ...]


@dataclass
class Judged:
    """``hit`` and ``missed``: problems of the corpus by kind; ``alarms``: found and not there."""

    hit: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[Row, str, str]] = field(default_factory=list)
    alarms: list[tuple[Row, AnswerProblem]] = field(default_factory=list)
    #: Of ``missed``, those at whose place something else is told.
    otherwise: int = 0
    clean: int = 0
    clean_kept: int = 0

    @property
    def rate(self) -> float:
        found = sum(self.hit.values())
        return found / (found + len(self.missed))

    @property
    def told_at_all(self) -> float:
        found = sum(self.hit.values())
        return (found + self.otherwise) / (found + len(self.missed))


@cache
def rows(language: str) -> tuple[Row, ...]:
    lines = (FOLDER / f"{language}.jsonl").read_text("utf-8").splitlines()
    return tuple(_row(json.loads(line)) for line in lines)


def judge(corpus: Sequence[Row]) -> Judged:
    judged = Judged()
    for row in corpus:
        found = problems_of(row.text, row.facts)
        judged.clean += not row.wrong
        judged.clean_kept += not row.wrong and not found
        for kind, quote in row.wrong:
            if any(_is(row, each, kind, quote) for each in found):
                judged.hit[kind] += 1
            else:
                judged.missed.append((row, kind, quote))
                judged.otherwise += any(_touches(row, each, kind, quote) for each in found)
        for each in found:
            if not any(_touches(row, each, kind, quote) for kind, quote in row.wrong):
                judged.alarms.append((row, each))
    return judged


def _is(row: Row, found: AnswerProblem, kind: str, quote: str) -> bool:
    """Found as what it is, at its place."""
    return found.kind is KINDS[kind] and _touches(row, found, kind, quote)


def _touches(row: Row, found: AnswerProblem, kind: str, quote: str) -> bool:
    if kind == "missing" or found.element is not None:
        return kind == "missing" and found.element is not None and found.element == quote.upper()
    start = row.text.index(quote)
    return found.start < start + len(quote) and start < found.end


def _row(data: dict[str, Any]) -> Row:
    facts = data["facts"]
    paid = _money(facts["compensation"])
    outcome = "PARTLY_UPHELD" if facts["outcome"] == "SETTLED" else facts["outcome"]
    return Row(
        data["id"],
        data["text"],
        AnswerFacts(
            reference=facts["case_reference"],
            received=date.fromisoformat(facts["received"]),
            today=date.fromisoformat(facts["answered"]),
            proposal=Proposal(OutcomeKind(outcome), _remedy(facts["remedy"], paid), paid),
            offered=facts["remedy"],
            terms=AnswerTerms(
                review_days=facts["review_within_days"], telephone=facts["review_channel"]
            ),
            amount=_money(facts["disputed_amount"]),
            text=facts["narrative"],
        ),
        tuple((each["kind"], each["quote"]) for each in data["problems"]),
    )


def _remedy(words: str | None, paid: Money | None) -> RemedyKind:
    if words is None:
        return RemedyKind.NONE
    if paid is not None:
        return RemedyKind.MONETARY
    return next(
        (kind for kind, hints in _REMEDIES if any(hint in words for hint in hints)),
        RemedyKind.NON_MONETARY,
    )


def _money(data: dict[str, str] | None) -> Money | None:
    if data is None:
        return None
    minor = Decimal(data["value"]).scaleb(exponent(data["currency"]))
    return Money(int(minor), data["currency"])
