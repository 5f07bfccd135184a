"""The telling words that two texts share."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import fsum

import regex

from similarity.analyzer import is_single
from similarity.stopwords import STOP_WORDS
from similarity.terms import TermWeights, phrases, search_terms

#: Shared words that stand side by side in both texts are shown together, up to so many.
LONGEST_PHRASE = 4

_HAN = regex.compile(r"\p{Script=Han}")


def shared_terms(
    query: str, other: str, weights: TermWeights, most: int = 8
) -> tuple[tuple[str, ...], float | None]:
    """The words and short phrases of ``query`` that ``other`` has, and how much of it they are.

    The second value is lexical = (sum of the weights of the different words of ``query`` that
    ``other`` has) / (sum of the weights of all its different words), 0..1: all of them count 1
    where none carries weight, and None stands for a query without any term. Of the phrases the
    heaviest (by the sum of their words' weights) come first; none is a part of another.
    """
    sought = frozenset(chain.from_iterable(phrases(query)))
    if not sought:
        return _shared_signs(query, other, most)
    worth = {word: weights.weight(word) for word in sought}
    if not any(worth.values()):
        worth = dict.fromkeys(sought, 1.0)
    shared = sought.intersection(chain.from_iterable(phrases(other)))
    lexical = fsum(worth[word] for word in shared) / fsum(worth.values())
    both = _grams(query, shared) & _grams(other, shared)
    return _heaviest(both, worth, most), lexical


def _grams(text: str, shared: frozenset[str]) -> set[tuple[str, ...]]:
    return {gram for run in phrases(text) for gram in _within(run, shared)}


def _within(run: tuple[str, ...], shared: frozenset[str]) -> Iterator[tuple[str, ...]]:
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_PHRASE) + 1):
            if run[end - 1] not in shared:
                break
            yield run[start:end]


def _heaviest(
    grams: Iterable[tuple[str, ...]], worth: Mapping[str, float], most: int
) -> tuple[str, ...]:
    weighed = [(fsum(worth[word] for word in set(gram)), gram) for gram in grams]
    used: set[str] = set()
    chosen: list[str] = []
    for weight, gram in sorted(weighed, key=lambda pair: (-pair[0], len(pair[1]), pair[1])):
        if weight > 0 and used.isdisjoint(gram):
            used.update(gram)
            chosen.append(joined(gram))
    whole = [term for term in chosen if not any(term != o and inside(term, o) for o in chosen)]
    return tuple(dict.fromkeys(whole))[:most]


def joined(gram: tuple[str, ...]) -> str:
    text = gram[0]
    for word in gram[1:]:
        spaced = not (_HAN.match(text[-1]) or _HAN.match(word))
        text += f" {word}" if spaced else word
    return text


def inside(term: str, longer: str) -> bool:
    """Whether ``term`` is a part of ``longer``; ``fee`` is none of ``feed``."""
    return term in longer if _HAN.search(term) else f" {term} " in f" {longer} "


def _shared_signs(query: str, other: str, most: int) -> tuple[tuple[str, ...], float | None]:
    """For a query without words: numbers, single characters, stop words, all counting 1."""
    sought = tuple(dict.fromkeys(search_terms(query)))
    if not sought:
        return (), None
    held = frozenset(search_terms(other))
    signs = frozenset(chain.from_iterable(held))
    shared = [t for t in sought if t in held or (is_single(t) and t in signs)]
    telling = [term for term in shared if term not in STOP_WORDS]
    return tuple(telling[:most]), len(shared) / len(sought)
