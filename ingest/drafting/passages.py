"""A text as it is looked through: folded one character for one, its sentences and clauses."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graph.domain.placeholders import PLACEHOLDER
from ingest.chinese import simplified
from ingest.masking.folding import fold

#: One without an end is cut after so many characters.
_LONGEST = 1_000
_SENTENCE = re.compile(
    rf"[^。！？!?；;\n]{{1,{_LONGEST}}}?(?:[。！？!?；;\n]+|\.(?=\s|$)|$)|[^。！？!?；;\n]{{{_LONGEST}}}"
)
_CLAUSE = re.compile(
    r"[，,、：:—]\s?|\s(?:but|while|which|so|and(?!\s(?:\w+-)?\w+\s(?:fen|cents?)\b|\s[\d¥$€£]))\s",
    re.IGNORECASE,
)
#: A full-width comma that divides no clause.
_GROUPS = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
#: Stands for what is not looked at any more; no pattern takes it.
BLANK = "\x00"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text by its offsets."""

    start: int
    end: int


def folded(text: str) -> str:
    """Full width as ASCII, traditional characters as simplified ones; as long as ``text``."""
    return _GROUPS.sub(",", simplified(fold(text)))


def without(text: str, *parts: str) -> str:
    """The text with masks, and each of these parts, blanked out."""
    text = PLACEHOLDER.sub(lambda match: BLANK * len(match[0]), text)
    for part in filter(None, parts):
        text = text.replace(part, BLANK * len(part))
    return text


def blanked(text: str, start: int, end: int) -> str:
    return text[:start] + BLANK * (end - start) + text[end:]


def sentences(text: str) -> Iterator[Passage]:
    """Sentences with a word in them."""
    for match in _SENTENCE.finditer(text):
        if match[0].strip():
            yield Passage(match.start(), match.end())


@lru_cache(maxsize=8)
def clauses(text: str, sentence: Passage) -> tuple[Passage, ...]:
    """All clauses of a sentence; a comma between digits divides none."""
    return tuple(_clauses(text, sentence))


def _clauses(text: str, sentence: Passage) -> Iterator[Passage]:
    start = sentence.start
    for match in _CLAUSE.finditer(text, sentence.start, sentence.end):
        if text[match.start()] == "," and _in_number(text, match.start()):
            continue
        yield Passage(start, match.start())
        start = match.end()
    yield Passage(start, sentence.end)


def clause_around(text: str, sentence: Passage, at: int) -> Passage:
    """The clause of a sentence in which a place lies."""
    known = clauses(text, sentence)
    return known[min(bisect_left(known, at, key=lambda each: each.end), len(known) - 1)]


def _in_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
