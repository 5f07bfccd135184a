"""Words in texts: phrases that are meant, the sentence they stand in, and texts of one wording.

Places are offsets of characters into the masked text, so that no record needs the text itself.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_STOPS = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
#: Where a negation stops to reach: a clause is no longer than its sentence.
_CLAUSE = re.compile(r"[，,、：:。！？!?；;\n]|\.(?=\s|$)")
#: A sentence is cut to this many characters around what was found.
LONGEST_SENTENCE = 200
_REACH = 60
_DIGEST_BYTES = 8

_NOT_LETTER = re.compile(r"[\W\d_]+")
_SHINGLE = 4
#: Shared shingles from which two texts are of one wording.
SAME_WORDING = 0.9


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text; ``digest`` tells whether the text is still the one that was read."""

    start: int
    end: int
    digest: str

    def cut(self, text: str | None) -> str | None:
        """The passage; None when the text has changed since."""
        if text is None or digest(text) != self.digest:
            return None
        return text[self.start : self.end].strip()


def digest(text: str) -> str:
    raw = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=_DIGEST_BYTES).hexdigest()


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is looked for in texts of one language.

    ``unless``: longer phrases in which a hit does not count. A hit is negated where, within its
    clause, a negation stands before it with nothing but fillers between.
    """

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    negated: re.Pattern[str] | None

    @classmethod
    def build(
        cls,
        phrases: Sequence[str],
        *,
        unless: Sequence[str] = (),
        negations: Sequence[str] = (),
        fillers: Sequence[str] = (),
        spaced: bool,
    ) -> "Phrases":
        """``spaced``: the language puts spaces between words, so that phrases are whole words."""
        gap = r"\s+" if spaced else r"\s*"
        negated = None
        if negations:
            between = f"(?:{_any(fillers, spaced=spaced)}{gap})*" if fillers else ""
            pattern = f"(?:{_any(negations, spaced=spaced)}){gap}{between}$"
            negated = re.compile(pattern, re.IGNORECASE)
        return cls(
            re.compile(_any(phrases, spaced=spaced), re.IGNORECASE),
            # Looked for ahead, so that those which overlap are all found.
            re.compile(f"(?=({_any(unless, spaced=spaced)}))", re.IGNORECASE) if unless else None,
            negated,
        )

    def find(self, text: str) -> Span | None:
        """The sentence of the first phrase that is meant."""
        excluded = [m.span(1) for m in self.unless.finditer(text)] if self.unless else []
        for hit in self.pattern.finditer(text):
            inside = any(start <= hit.start() and hit.end() <= end for start, end in excluded)
            if not inside and not self._negates(text, hit.start()):
                return _sentence(text, *hit.span())
        return None

    def _negates(self, text: str, at: int) -> bool:
        before = text[max(0, at - _REACH) : at]
        clause = before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :]
        return self.negated is not None and self.negated.search(clause) is not None


def _any(phrases: Sequence[str], *, spaced: bool) -> str:
    # Longer ones first: an alternation takes the first that fits.
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    patterns = [_pattern(phrase) for phrase in ordered]
    joined = "|".join(patterns)
    return rf"\b(?:{joined})\b" if spaced else f"(?:{joined})"


def _pattern(phrase: str) -> str:
    words = (re.escape(word).replace("'", "['’]") for word in phrase.split())
    return r"\s+".join(words)


def _sentence(text: str, start: int, end: int) -> Span:
    first = max((m.end() for m in _STOPS.finditer(text, 0, start)), default=0)
    following = _STOPS.search(text, end)
    last = following.end() if following else len(text)
    spare = max(0, LONGEST_SENTENCE - (end - start)) // 2
    return Span(max(first, start - spare), min(last, end + spare), digest(text))


def shingles(text: str) -> frozenset[str]:
    """Runs of four letters, without digits, spaces and punctuation: amounts and dates differ."""
    letters = _NOT_LETTER.sub("", text).casefold()
    return frozenset(
        letters[at : at + _SHINGLE] for at in range(max(1, len(letters) - _SHINGLE + 1))
    )


def one_wording(texts: Sequence[str]) -> bool:
    """Whether at least half of several texts are nearly word for word the same."""
    if len(texts) < 2:
        return False
    sets = [shingles(text) for text in texts]
    largest = max(sum(_shared(one, other) >= SAME_WORDING for other in sets) for one in sets)
    return largest >= 2 and 2 * largest >= len(texts)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))
