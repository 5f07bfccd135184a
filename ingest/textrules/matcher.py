"""A rule's phrases over a text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.domain.wording import Span, span_of
from ingest.textrules.lists import lists
from ingest.textrules.phrases import PhraseIndex, pattern_of
from ingest.textrules.reading import clause_at, read
from ingest.textrules.sense import (
    is_asked,
    is_denied,
    is_of_others,
    is_overcome,
    is_withdrawn,
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that are meant, at ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PhraseMatcher:
    """What a rule looks for; equal rules are equal.

    ``unless``: phrases in whose clause a hit does not count. ``by_customer``: it counts only as the
    customer's own act, and until it is taken back; a state that anybody may be in, until it is
    overcome. ``asked``: also a question whether, how or where to counts.
    """

    phrases: PhraseIndex
    unless: re.Pattern[str] | None = None
    by_customer: bool = False
    asked: bool = True

    @classmethod
    def build(
        cls,
        phrases: Sequence[str],
        *,
        unless: Sequence[str] = (),
        own: Mapping[str, Sequence[str]] | None = None,
        by_customer: bool = False,
        asked: bool = True,
    ) -> "PhraseMatcher":
        """``own``: lists of the rule file, beside the shipped ones.

        Raises:
            PhraseError: a phrase cannot be read.
        """
        known = {**lists(), **(own or {})}
        return cls(
            PhraseIndex.of([read(phrase) for phrase in phrases], known),
            re.compile(pattern_of([read(phrase) for phrase in unless], known)) if unless else None,
            by_customer,
            asked,
        )

    def hits(self, text: str) -> Iterator[Hit]:
        """The words that are meant, in the order of the text."""
        plain = read(text)
        for match in self.phrases.matches(plain):
            if self._is_meant(plain, match.start(), match.end()):
                yield Hit(match.start(), match.end())

    def find(self, text: str) -> Span | None:
        """The sentence of the first of them."""
        hit = next(self.hits(text), None)
        return None if hit is None else span_of(text, hit.start, hit.end)

    def _is_meant(self, plain: str, start: int, end: int) -> bool:
        if self.unless is not None:
            begin, stop = clause_at(plain, start)
            if self.unless.search(plain, begin, max(stop, end)):
                return False
        if is_denied(plain, start):
            return False
        if self.by_customer:
            if is_of_others(plain, start) or is_withdrawn(plain, start):
                return False
        elif is_overcome(plain, start):
            return False
        return self.asked or not is_asked(plain, start, end)
