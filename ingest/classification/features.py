"""A complaint as a row of numbers: its words, its characters, its meaning and its known facts.

Words and meaning carry different information, and each block has length 1 times its weight. The
weights, chosen by cross-validation over the CFPB's narratives, are written down in
docs/classification.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray

from similarity.terms import phrases

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

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

    A term that fewer than ``fewest`` texts have is left out; of the others the ``most`` frequent
    stay.
    """

    terms: Callable[[Example], list[str]]
    weight: float
    fewest: int
    most: int

    def counter(self, terms: Sequence[str] | None = None) -> "CountVectorizer":
        """Counts the terms that are known, or those that it is fitted to."""
        from sklearn.feature_extraction.text import CountVectorizer

        return CountVectorizer(
            analyzer=self.terms,
            min_df=self.fewest,
            max_features=self.most,
            vocabulary=terms,
            dtype=float,
        )


#: The order is that of the columns; meaning comes behind them.
BLOCKS = {
    "words": Block(words, 1.0, 2, 40_000),
    "characters": Block(characters, 0.7, 3, 40_000),
    "facts": Block(facts, 0.7, 2, 5_000),
}


@dataclass(frozen=True)
class Vocabulary:
    """The terms of one block, and how much each tells: the fewer texts have it, the more."""

    weight: float
    counter: "CountVectorizer"
    idf: NDArray[np.float64]

    @classmethod
    def learn(cls, block: Block, examples: Sequence[Example]) -> "Vocabulary":
        """Raises ValueError where no term is in enough texts."""
        from sklearn.feature_extraction.text import TfidfTransformer

        counter = block.counter()
        idf = TfidfTransformer().fit(counter.fit_transform(examples)).idf_
        return cls(block.weight, counter, idf)

    def weighted(self, examples: Sequence[Example]) -> "csr_matrix":
        """TF-IDF with the logarithm of counts (Salton and Buckley 1988), rows of length ``weight``.

        What TfidfTransformer gives, whose checks take longer than all else for one text.
        """
        rows = self.counter.transform(examples)
        values = (1 + np.log(rows.data)) * self.idf[rows.indices]
        number = np.repeat(np.arange(len(examples)), np.diff(rows.indptr))
        lengths = np.sqrt(np.bincount(number, values**2))
        rows.data = self.weight * values / lengths[number]
        return rows


@dataclass(frozen=True)
class Features:
    """Turns examples into rows; learnt once, the same for all dimensions.

    ``vocabularies``: of the blocks of which terms were learnt; ``centre``: the mean vector, taken
    off because vectors of one model all point one way.
    """

    vocabularies: Mapping[str, Vocabulary]
    centre: Vectors

    @classmethod
    def learn(cls, examples: Sequence[Example]) -> "Features":
        """Count the terms of examples, of which there must be one at least."""
        vocabularies = {}
        for name, block in BLOCKS.items():
            with suppress(ValueError):
                vocabularies[name] = Vocabulary.learn(block, examples)
        return cls(vocabularies, _rows(examples).mean(axis=0, dtype=np.float32))

    @property
    def width(self) -> int:
        terms = sum(len(v.counter.get_feature_names_out()) for v in self.vocabularies.values())
        return terms + len(self.centre)

    def matrix(self, examples: Sequence[Example]) -> "csr_matrix":
        """Shape (examples, ``width``)."""
        from scipy import sparse

        parts = [vocabulary.weighted(examples) for vocabulary in self.vocabularies.values()]
        meaning = _rows(examples) - self.centre
        norms = np.linalg.norm(meaning, axis=1, keepdims=True)
        meaning = _MEANING * meaning / np.where(norms == 0, 1, norms)
        return sparse.hstack([*parts, sparse.csr_matrix(meaning, dtype=float)], format="csr")


def _rows(examples: Sequence[Example]) -> Vectors:
    return np.asarray([example.vector for example in examples], dtype=np.float32)
