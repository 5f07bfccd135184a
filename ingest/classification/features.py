"""A complaint as a row of numbers: its words, its characters, its meaning and its known facts.

Words and meaning carry different information, and each block has length 1 times its weight. The
weights, chosen by cross-validation over the CFPB's narratives, are written down in
docs/classification.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import fsum, log, sqrt
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray

from similarity.terms import phrases

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Vectors: TypeAlias = NDArray[np.float32]

#: Longer texts say nothing new about what kind of complaint they are (characters).
LONGEST = 4_000
_HAN = regex.compile(r"\p{Script=Han}+")
_WORD = regex.compile(r"[\p{L}\p{N}'$%]+")
_CROSSED_OUT = regex.compile(r"[xX*＊×]{2,}+(?:[/.\-][xX*＊×\d]{2,}+)*")
_MEANING = 0.7


@dataclass(frozen=True, slots=True)
class Example:
    """What is known of a complaint before anyone has read it.

    ``text`` is masked; ``vector`` is of the text in one embedding space; ``facts`` are codes with
    their kind, such as ``branch:BJ-01``.
    """

    text: str = field(repr=False)
    vector: Sequence[float] | Vectors = field(repr=False)
    facts: tuple[str, ...] = ()


def words(example: Example) -> list[str]:
    """Readable words, and pairs of neighbours; none of what was masked."""
    result: list[str] = []
    for run in phrases(example.text[:LONGEST]):
        result += run
        result += [" ".join(pair) for pair in pairwise(run)]
    return result


def characters(example: Example) -> list[str]:
    """Parts of words, so that other forms and typing errors count: 3-4 letters, 2-3 of Chinese."""
    text = _CROSSED_OUT.sub(" ", example.text[:LONGEST].lower())
    result: list[str] = []
    for match in _WORD.finditer(text):
        result += _parts(match[0])
    return result


def _parts(word: str) -> Iterator[str]:
    if _HAN.search(word):
        sizes, padded = (2, 3), word
    else:
        sizes, padded = (3, 4), f" {word} "
    for size in sizes:
        for start in range(max(1, len(padded) - size + 1)):
            yield padded[start : start + size]


def facts(example: Example) -> list[str]:
    return list(example.facts)


def facts_of(branches: Sequence[str]) -> tuple[str, ...]:
    """What is known at registration and tells: the branch where it arose, with the wider ones.

    Channel and region were tried as well and told nothing more.
    """
    return tuple(f"branch:{code}" for code in branches)


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of terms: how they are found, and what they count.

    A term that fewer than ``fewest`` texts have is left out; of the others ``most`` stay.
    ``rarity``: whether a rare term counts more than a frequent one.
    """

    name: str
    terms: Callable[[Example], list[str]]
    weight: float
    fewest: int
    most: int
    rarity: bool = True


#: The order is that of the columns; meaning comes behind them.
BLOCKS = (
    Block("words", words, 1.0, 2, 40_000),
    Block("characters", characters, 0.7, 3, 40_000),
    Block("facts", facts, 0.7, 2, 5_000, rarity=False),
)


@dataclass(frozen=True)
class Vocabulary:
    """The terms of one block, and how much each tells."""

    terms: tuple[str, ...]
    worth: NDArray[np.float64]

    @cached_property
    def columns(self) -> Mapping[str, int]:
        return {term: column for column, term in enumerate(self.terms)}

    def weighted(self, results: Sequence[Sequence[str]]) -> "csr_matrix":
        """TF-IDF with the logarithm of counts, rows of length 1 (Salton and Buckley 1988)."""
        from scipy import sparse

        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for terms in results:
            counts = Counter(filter(None, (self.columns.get(term, -1) + 1 for term in terms)))
            row = [(c - 1, (1 + log(n)) * self.worth[c - 1]) for c, n in sorted(counts.items())]
            length = sqrt(fsum(value * value for _, value in row))
            columns += [column for column, _ in row]
            values += [value / length for _, value in row]
            ends.append(len(columns))
        return sparse.csr_matrix((values, columns, ends), shape=(len(results), len(self.terms)))


@dataclass(frozen=True)
class Features:
    """Turns examples into rows; learnt once, the same for all dimensions.

    ``centre``: the mean vector, taken off because vectors of one model all point one way.
    """

    vocabularies: Mapping[str, Vocabulary]
    centre: Vectors

    @classmethod
    def learn(cls, examples: Sequence[Example]) -> "Features":
        """Count the terms of examples, of which there must be one at least."""
        result = {block.name: _counted(block, examples) for block in BLOCKS}
        return cls(result, _rows(examples).mean(axis=0, dtype=np.float32))

    @property
    def width(self) -> int:
        return sum(len(v.terms) for v in self.vocabularies.values()) + len(self.centre)

    def matrix(self, examples: Sequence[Example]) -> "csr_matrix":
        """Shape (examples, ``width``)."""
        from scipy import sparse

        parts = [
            block.weight
            * self.vocabularies[block.name].weighted([block.terms(e) for e in examples])
            for block in BLOCKS
        ]
        meaning = _rows(examples) - self.centre
        norms = np.linalg.norm(meaning, axis=1, keepdims=True)
        meaning = _MEANING * meaning / np.where(norms == 0, 1, norms)
        return sparse.hstack([*parts, sparse.csr_matrix(meaning, dtype=float)], format="csr")


def _rows(examples: Sequence[Example]) -> Vectors:
    return np.asarray([example.vector for example in examples], dtype=np.float32)


def _counted(block: Block, examples: Sequence[Example]) -> Vocabulary:
    having: Counter[str] = Counter()
    for example in examples:
        having.update(set(block.terms(example)))
    kept = sorted(
        (term for term, count in having.items() if count >= block.fewest),
        key=lambda term: (-having[term], term),
    )[: block.most]
    total = len(examples)
    worth = [log((1 + total) / (1 + having[term])) + 1 if block.rarity else 1.0 for term in kept]
    return Vocabulary(tuple(kept), np.asarray(worth, dtype=float))
