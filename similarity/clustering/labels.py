"""What a cluster is about, in words of its own texts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import log

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
READ = 1_000

Gram = tuple[str, ...]


def terms(texts: Sequence[Sequence[str]], most: int = TERMS) -> list[tuple[str, ...]]:
    """The most telling terms of each class of texts, best first.

    Class-based TF-IDF (Grootendorst, "BERTopic", 2022): tf(t, c) * ln(1 + A / f(t)), with the
    number of a class's texts that have t over that of all its terms, f(t) the same over all
    classes, and A the mean number of terms of a class. A term counts once a text, so that nobody's
    long letter names a cluster. A term of several words weighs more by their square root, since it
    reads better; no word stands in two terms.
    """
    counts = [_counted(each) for each in texts]
    totals: Counter[Gram] = Counter()
    for each in counts:
        totals.update(each)
    mean = totals.total() / max(1, len(counts))
    return [
        _best(count, len(each), totals, mean, most)
        for count, each in zip(counts, texts, strict=True)
    ]


def label(terms: Sequence[str]) -> str:
    """The first terms, as one line."""
    first = terms[:LABEL]
    chinese = any("\u4e00" <= character <= "\u9fff" for term in first for character in term)
    return ("、" if chinese else ", ").join(first)


def _counted(texts: Sequence[str]) -> Counter[Gram]:
    """How many texts have each term."""
    found: Counter[Gram] = Counter()
    for text in texts:
        found.update(set(_grams(text[:READ])))
    return found


def _grams(text: str) -> Iterator[Gram]:
    for run in phrases(text):
        for start in range(len(run)):
            for end in range(start + 1, min(len(run), start + LONGEST) + 1):
                yield run[start:end]


def _best(
    count: Counter[Gram], texts: int, totals: Mapping[Gram, int], mean: float, most: int
) -> tuple[str, ...]:
    least = max(2, SUPPORT * texts)
    every = count.total()
    scores = {
        gram: len(gram) ** 0.5 * number / every * log(1 + mean / totals[gram])
        for gram, number in count.items()
        if number >= least and len(set(gram)) == len(gram)
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
