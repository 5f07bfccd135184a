"""What a text promises, and which of that the decision holds."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from graph.domain.answers import AnswerFacts
from graph.domain.enums import AnswerElement, RemedyKind
from ingest.drafting.amounts import amounts
from ingest.drafting.passages import Passage, clause_around, folded

_OWN = re.compile(r"我行|本行|我们|我部|我司|\b(?:we|our|I|the\sbank)\b", re.IGNORECASE)
_ACTS = re.compile(
    r"将|会|已|可以?|予以|同意|\b(?:will|shall|'ll|have|has|am|are|is)\b", re.IGNORECASE
)
_REFUSES = re.compile(
    r"\s?(?:不|无法|难以|未|暂缓|not\b|never\b|be\sunable|no\slonger\sbe\sable)", re.IGNORECASE
)


class Given(StrEnum):
    """What a decision must hold for a promise to be a fact."""

    MONEY = "MONEY"
    AMOUNT = "AMOUNT"
    CORRECTION = "CORRECTION"
    APOLOGY = "APOLOGY"
    NON_MONETARY = "NON_MONETARY"
    ACTION = "ACTION"
    FEEDBACK = "FEEDBACK"
    OFFERED = "OFFERED"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of promise; ``general``: counts where no other kind does."""

    name: str
    given: Given
    words: re.Pattern[str]

    @property
    def general(self) -> bool:
        return self.given is Given.ACTION


@dataclass(frozen=True, slots=True)
class Promise:
    """``clause``: where it is made; ``held``: the decision holds it."""

    start: int
    end: int
    clause: Passage
    kind: Kind
    held: bool


@dataclass(frozen=True, slots=True)
class Grammar:
    """How texts promise, and how they only seem to."""

    kinds: tuple[Kind, ...]
    before: re.Pattern[str]
    after: re.Pattern[str]
    polite: re.Pattern[str]
    demand: re.Pattern[str]
    rule: re.Pattern[str]
    review: re.Pattern[str]
    told: re.Pattern[str]
    hollow: re.Pattern[str]
    elements: Mapping[AnswerElement, re.Pattern[str]]


@cache
def grammar() -> Grammar:
    """The shipped words."""
    data = tomllib.loads(files("ingest.drafting").joinpath("promises.toml").read_text("utf-8"))
    kinds = tuple(
        Kind(each["name"], Given(each["given"]), _any(*each["zh"], *_words(each["en"])))
        for each in data["promise"]
    )
    exempt = {name: _both(each) for name, each in data["exempt"].items()}
    elements = {AnswerElement(name): _both(each) for name, each in data["elements"].items()}
    return Grammar(kinds, hollow=_both(data["hollow"]), elements=elements, **exempt)


def _words(patterns: list[str]) -> Iterator[str]:
    """English patterns begin where a word does."""
    return (rf"(?<![A-Za-z])(?:{pattern})" for pattern in patterns)


def _both(each: Mapping[str, Any]) -> re.Pattern[str]:
    return _any(each["zh"], each["en"])


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def promises(
    text: str, sentence: Passage, before: Passage | None, facts: AnswerFacts
) -> list[Promise]:
    """What a sentence of a folded text promises in the bank's name, one of a kind in a clause.

    ``before``: the sentence before it.
    """
    reviewing = any(about_review(text, each) for each in (before, sentence) if each is not None)
    found: list[Promise] = []
    for kind in grammar().kinds:
        for match in kind.words.finditer(text, sentence.start, sentence.end):
            clause = clause_around(text, sentence, match.start())
            if any(p.clause == clause and (p.kind == kind or kind.general) for p in found):
                continue
            if _exempt(text, sentence, clause, match, kind):
                continue
            if reviewing and _tells(text, sentence, kind):
                continue
            held = holds(kind, text[clause.start : clause.end], facts)
            found.append(Promise(match.start(), match.end(), clause, kind, held))
    return sorted(found, key=lambda each: each.start)


def holds(kind: Kind, clause: str, facts: AnswerFacts) -> bool:
    """Whether the decision, what was noted with it, or the procedure holds what is promised."""
    remedy = facts.proposal.remedy
    if facts.offered and kind.words.search(folded(facts.offered)):
        return True
    match kind.given:
        case Given.MONEY:
            return holds_money(facts)
        case Given.AMOUNT:
            return holds_money(facts) and any(amounts(clause))
        case Given.CORRECTION:
            return remedy is RemedyKind.CORRECTION
        case Given.APOLOGY:
            return remedy is RemedyKind.APOLOGY
        case Given.NON_MONETARY:
            return remedy is RemedyKind.NON_MONETARY
        case Given.ACTION:
            return remedy in {RemedyKind.CORRECTION, RemedyKind.APOLOGY, RemedyKind.NON_MONETARY}
        case Given.FEEDBACK:
            return facts.procedure is not None and facts.procedure.calls_back
        case Given.OFFERED | Given.NEVER:
            return False


def holds_money(facts: AnswerFacts) -> bool:
    """Whether the customer is paid something."""
    paid = facts.proposal.compensation
    return facts.proposal.remedy is RemedyKind.MONETARY or (paid is not None and paid.minor > 0)


def reported(text: str, sentence: Passage, at: int, end: int) -> bool:
    """Whether a place, ``at`` to ``end``, is what the customer asked for or said."""
    last = max((m.end() for m in grammar().demand.finditer(text, sentence.start, at)), default=None)
    if last is None or _OWN.search(text, last, end):
        return False
    clause = clause_around(text, sentence, at)
    return last > clause.start or not _ACTS.search(text, clause.start, at)


def about_review(text: str, sentence: Passage) -> bool:
    return grammar().review.search(text, sentence.start, sentence.end) is not None


def _exempt(
    text: str, sentence: Passage, clause: Passage, match: re.Match[str], kind: Kind
) -> bool:
    words = grammar()
    before = text[clause.start : match.start()]
    if words.before.search(before) or words.after.search(text[match.end() : clause.end]):
        return True
    if reported(text, sentence, match.start(), match.end()):
        return True
    ruled = words.rule.search(text[sentence.start : match.start()])
    if ruled and not _OWN.search(text, sentence.start + ruled.start(), match.start()):
        return True
    if not kind.general:
        return False
    if _REFUSES.match(text, match.end()):
        return True
    return words.polite.search(text, clause.start, clause.end) is not None


def _tells(text: str, sentence: Passage, kind: Kind) -> bool:
    """Whether what is promised is to answer the review that may be asked for."""
    return (
        kind.given in {Given.ACTION, Given.FEEDBACK}
        and grammar().told.search(text, sentence.start, sentence.end) is not None
    )
