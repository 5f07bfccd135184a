"""What a cluster is about, in words of its own texts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import log
from typing import TypeVar

from similarity.shared_terms import inside, joined
from similarity.terms import phrases

#: Words that stand side by side are one term, up to so many.
LONGEST = 3
#: Terms of a cluster, and those of them that make its label.
TERMS = 10
LABEL = 3
#: A term stands in this share of a cluster's texts at least, and in two of them.
SUPPORT = 0.08
#: Characters of a text that are read: what it is about stands at its beginning.
READ = 400

Gram = tuple[str, ...]
_T = TypeVar("_T")


def terms(texts: Sequence[Sequence[str]], most: int = TERMS) -> list[tuple[str, ...]]:
    """The most telling terms of each class of texts, best first.

    Class-based TF-IDF (Grootendorst, "BERTopic", 2022): tf(t, c) * ln(1 + A / f(t)), with the
    number of a class's texts that have t over that of all its terms, f(t) the same over all
    classes, and A the mean number of terms of a class; a class's terms are those that enough of its
    texts have. A term counts once a text, so that nobody's long letter names a cluster. A term of
    several words weighs more by their square root, since it reads better; no word stands in two.
    """
    counts = [_counted(each) for each in texts]
    mean = sum(count.total() for count in counts) / max(1, len(counts))
    totals: Counter[Gram] = Counter()
    for count in counts:
        totals.update(count)
    return [_best(count, totals, mean, most) for count in counts]


def label(terms: Sequence[str]) -> str:
    """The first terms, as one line."""
    first = terms[:LABEL]
    chinese = any("\u4e00" <= character <= "\u9fff" for term in first for character in term)
    return ("、" if chinese else ", ").join(first)


def _counted(texts: Sequence[str]) -> Counter[Gram]:
    """How many texts have each term that enough of them have."""
    least = max(2, SUPPORT * len(texts))
    runs = [phrases(text[:READ]) for text in texts]
    # A term is at most as frequent as the rarest of its words: most are out before they are built.
    singles = _frequent((set(chain.from_iterable(run)) for run in runs), least)
    return _frequent((set(_grams(run, singles)) for run in runs), least)


def _frequent(texts: Iterable[Collection[_T]], least: float) -> Counter[_T]:
    counts = Counter(chain.from_iterable(texts))
    return Counter({one: number for one, number in counts.items() if number >= least})


def _grams(runs: Sequence[Sequence[str]], known: Collection[str]) -> Iterator[Gram]:
    """Known words, and those that stand side by side; no word twice in a term."""
    for run in runs:
        for start, first in enumerate(run):
            if first in known:
                yield (first,)
                for end in range(start + 1, min(start + LONGEST, len(run))):
                    if run[end] not in known or run[end] in run[start:end]:
                        break
                    yield tuple(run[start : end + 1])


def _best(
    count: Counter[Gram], totals: Mapping[Gram, int], mean: float, most: int
) -> tuple[str, ...]:
    every = count.total()
    scores = {
        gram: len(gram) ** 0.5 * number / every * log(1 + mean / totals[gram])
        for gram, number in count.items()
    }
    used: set[str] = set()
    chosen: list[str] = []
    for gram in sorted(scores, key=lambda gram: (-scores[gram], gram)):
        term = joined(gram)
        apart = used.isdisjoint(gram)
        if apart and not any(inside(term, one) or inside(one, term) for one in chosen):
            used.update(gram)
            chosen.append(term)
            if len(chosen) == most:
                break
    return tuple(chosen)
