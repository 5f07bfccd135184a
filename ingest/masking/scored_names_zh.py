"""Chinese names in running text, by the evidence of their characters, words and neighbours.

Each piece of evidence adds to a score; the weights were set by reading what they find in real
complaints (docs/masking.md).
"""

import re
from collections.abc import Iterator

from ingest.masking.person_words_zh import (
    AFTER_PERSON,
    AFTER_PLACE,
    BETWEEN,
    NO_NAMES,
    PLACE_ENDS,
    ROLE_TAILS,
    ROLES,
)
from ingest.masking.reading import HIDDEN
from ingest.masking.segmenter import Words, is_known
from ingest.masking.surnames import (
    AMBIGUOUS,
    BEFORE_NAMES,
    COMMON,
    COMPOUND,
    GIVEN,
    SURNAMES,
    TELLING,
)
from ingest.masking.titles_zh import TITLE

_THRESHOLD = 5
_ROLE = 3  # evidence of a role before the name
_BEGINNING = re.compile(
    f"(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SURNAMES))}])(?=[{''.join(sorted(GIVEN))}])"
)
_ROLE_REACH = 12
_AFTER_PERSON = re.compile("|".join(AFTER_PERSON))
#: The place may have a character more than the name: 夏多|铺镇.
_AFTER_PLACE = re.compile(f".?(?:{'|'.join(AFTER_PLACE)})(?![长民支委])")


def find(folded: str, words: Words) -> Iterator[tuple[int, int]]:
    """Positions of the names, none within another."""
    scoring = _Scoring(folded, words)
    done = 0
    for match in _BEGINNING.finditer(folded):
        if match.start() < done or not scoring.may_begin(match.start()):
            continue
        end = scoring.best_end(match.start(), match.end())
        if end is not None:
            done = end
            yield match.start(), end


class _Scoring:
    """A text, its words, and where they begin."""

    def __init__(self, folded: str, words: Words) -> None:
        self._folded = folded
        self._tags = dict(zip(words.starts, words.tags, strict=False))
        self._tags[len(folded)] = ""
        self._words = dict(zip(words.starts, words.texts, strict=False))

    def may_begin(self, start: int) -> bool:
        """Whether a name may begin here: with a word, or behind a small word or a role."""
        folded = self._folded
        return (
            start in self._tags
            or folded[start - 1] in BEFORE_NAMES
            or folded[start - 2 : start] in ROLE_TAILS
        )

    def best_end(self, start: int, given_start: int) -> int | None:
        """The end with the highest score of those that reach the threshold."""
        before = self._evidence_before(start)
        best, best_end = _THRESHOLD - 1, None
        for end in (given_start + 1, given_start + 2):
            if not self._may_end(start, end):
                break
            score = self._score(start, given_start, end, before)
            if score > best:
                best, best_end = score, end
        return best_end

    def _may_end(self, start: int, end: int) -> bool:
        # 吴经理, 袁先生: the title is no part of the name (see ``titles_zh``).
        if TITLE.match(self._folded, end - 1):
            return False
        if self._folded[end - 1 : end] in GIVEN:
            return True
        # A rare character, but the segmenter takes the whole for a person it never heard of.
        word = self._words.get(start, "")
        person = self._tags.get(start, "").startswith("nr") and start + len(word) == end
        return person and not is_known(word)

    def _score(self, start: int, given_start: int, end: int, before: int) -> int:
        folded = self._folded
        name = folded[start:end]
        if name in NO_NAMES or (end - given_start == 2 and folded[start : end - 1] in NO_NAMES):
            return 0
        telling = sum(char in TELLING for char in folded[given_start:end])
        score = before + telling + (end - given_start - 1) + (1 if end in self._tags else -1)
        if given_start - start == 2:
            score += 2
        elif name[0] in COMMON and name[0] not in AMBIGUOUS:
            score += 1
        score += self._evidence_after(end)
        if name[-1] in PLACE_ENDS:
            score -= 2
        if score < _THRESHOLD - 2:
            return 0  # what the dictionary knows cannot help any more
        known = is_known(name)
        if self._tags.get(start, "").startswith("nr"):
            return score + (1 if known else 2)
        another_word = known and not (before == _ROLE and telling == end - given_start)
        return 0 if another_word else score

    def _evidence_before(self, start: int) -> int:
        folded = self._folded
        if start == 0:
            return 1
        head = folded[max(0, start - _ROLE_REACH) : start].rstrip()
        if head.endswith(BETWEEN):
            between = next(word for word in BETWEEN if head.endswith(word))
            head = head[: -len(between)]
        if head.endswith(ROLES):
            return _ROLE
        before = folded[start - 1]
        return 1 if before in BEFORE_NAMES or _divides(before) else 0

    def _evidence_after(self, end: int) -> int:
        following = self._folded[end : end + 1]
        if _divides(following):
            return 1
        if _AFTER_PERSON.match(self._folded, end):
            return 2
        return -3 if _AFTER_PLACE.match(self._folded, end) else 0


def _divides(char: str) -> bool:
    return not char.isalnum() and char != HIDDEN
