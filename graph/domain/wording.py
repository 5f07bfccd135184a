"""Places in texts: the sentence in which something stands, and texts of one wording.

Places are offsets of characters into the masked text, so that no record needs the text itself.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_STOPS = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
#: A sentence is cut to this many characters around what was found.
LONGEST_SENTENCE = 200
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


def span_of(text: str, start: int, end: int) -> Span:
    """The sentence around a place of a text, cut where it is long."""
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
