"""Terms of a text: the index's for searching, readable ones for explaining; their weights."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from math import log

import regex

from graph.domain.placeholders import PLACEHOLDER
from similarity.analyzer import index_terms
from similarity.stopwords import STOP_WORDS

#: A term in more than this share of the complaints tells nothing about one of them,
COMMON_SHARE = 0.2
#: once the sample is large enough to know: in ten texts any word stands in a tenth of them.
SMALLEST_SAMPLE = 50

# XXXX, XX/XX/2019, xx银行: left out by the publisher.
_CROSSED_OUT = regex.compile(r"[xX*＊×]{2,}+(?:[/.\-:][xX*＊×]{2,}+)*")
_MASKED = regex.compile(rf"{PLACEHOLDER.pattern}|(?<![^\W_xX]){_CROSSED_OUT.pattern}(?![a-zA-Z])")
_BREAK = "|"  # no part of a word, and no space between two

# Han and Hiragana are written without spaces; everything else in words.
_SPACED = r"[[\p{L}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}]]"
_SPACED_MORE = r"[[\p{L}\p{M}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}]]"
_PIECE = regex.compile(
    r"(?P<chinese>\p{Script=Han}+)"
    rf"|(?P<word>{_SPACED}{_SPACED_MORE}*+(?:['’]{_SPACED_MORE}++)*+)"
    r"|(?P<space>[ \t\r\n-]+)",
    regex.VERSION1,
)
_ASCII_PIECE = re.compile(r"(?P<word>[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*)|(?P<space>[ \t\r\n-]+)")
# What usual Chinese texts are written in: normalising changes nothing of it but punctuation, which
# ends a run either way. (The wide apostrophe and hyphen are not here: they stand within words.)
_USUAL = re.compile(
    "[\x00-\x7f\u2014\u2018-\u201d\u2026\u3001\u3002\u3008-\u3011\u4e00-\u9fff"
    "\uff01-\uff06\uff08-\uff0c\uff0e\uff0f\uff1a-\uff20]*"
)
_FEWEST_LETTERS = 2


def search_terms(text: str) -> list[str]:
    """The index's terms of ``text``, in order and with repetitions, without what was masked."""
    return index_terms(_unmasked(text))


def words(text: str) -> list[str]:
    """Readable words of ``text``, in order, repeated: no stop words, numbers, single letters."""
    return list(chain.from_iterable(phrases(text)))


@lru_cache(maxsize=256)
def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of ``text`` in runs: between two runs stands punctuation or a word left out."""
    return tuple(_phrases(text))


def _phrases(text: str) -> Iterator[tuple[str, ...]]:
    unmasked = _unmasked(text)
    usual = _USUAL.fullmatch(unmasked) is not None
    return _runs(unmasked if usual else unicodedata.normalize("NFKC", unmasked))


def _unmasked(text: str) -> str:
    unmasked: str = _MASKED.sub(_BREAK, text)
    return unmasked


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    run: list[str] = []
    end = 0
    pattern = _ASCII_PIECE if text.isascii() else _PIECE
    for match in pattern.finditer(text):
        start, stop = match.span()
        if start != end and run:
            yield tuple(run)
            run.clear()
        end = stop
        kind = match.lastgroup
        if kind == "chinese":
            results = _segmented(match[0])
        elif kind == "space":
            continue
        else:
            results = [_english(match[0])]
        for word in results:
            if _tells(word):
                run.append(word)
            elif run:
                yield tuple(run)
                run.clear()
    if run:
        yield tuple(run)


def _segmented(text: str) -> list[str]:
    result: list[str] = _cutter()(text)
    return result


@lru_cache(maxsize=1)
def _cutter() -> Callable[[str], list[str]]:
    import rjieba  # it loads its dictionary

    return rjieba.cut


def _english(word: str) -> str:
    return word.lower().replace("’", "'").removesuffix("'s")


def _tells(word: str) -> bool:
    return len(word) >= _FEWEST_LETTERS and word not in STOP_WORDS and not word.isnumeric()


@dataclass(frozen=True)
class TermWeights:
    """How telling a term is, 0..1, by how few texts of a sample have it.

    idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5)), with n of N texts having t (Robertson and Zaragoza,
    "The Probabilistic Relevance Framework", 2009), divided by the idf of a term of one text; a term
    that the sample lacks counts like one of one text. Stop words, and terms of more than a fifth of
    a sample of at least 50 texts, weigh nothing. Without a sample all other terms weigh 1.
    """

    texts: int = 0
    frequencies: Mapping[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> "TermWeights":
        """Count a sample: index terms and readable words in one table, a term once a text."""
        frequencies: Counter[str] = Counter()
        count = 0
        for text in texts:
            count += 1
            frequencies.update({*search_terms(text), *chain.from_iterable(_phrases(text))})
        return cls(count, dict(frequencies))

    def weight(self, term: str) -> float:
        if term in STOP_WORDS:
            return 0.0
        having = max(1, self.frequencies.get(term, 0))
        if self.texts >= SMALLEST_SAMPLE and having > COMMON_SHARE * self.texts:
            return 0.0
        return _idf(having, self.texts) / _idf(1, self.texts) if self.texts else 1.0


def _idf(having: int, texts: int) -> float:
    return log(1 + (texts - having + 0.5) / (having + 0.5))
