"""Which combinations hold more complaints than their parts explain. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod
from typing import TypeAlias

import numpy as np
import scipy

from graph.statistics.cells import Cells, Key
from graph.statistics.shrinkage import fitted, shrink

#: How many complaints each combination has, of all subsets of the dimensions; ``frozenset()``: all.
Counts: TypeAlias = Mapping[Key, int]
#: Dimensions that stand together as one side of a comparison.
Blocks: TypeAlias = tuple[frozenset[str], ...]

#: Combinations of fewer complaints are not looked at.
FEWEST = 3
#: Fewer complaints in all tell nothing.
LEAST = 30
#: The share of false discoveries that is taken (Benjamini & Hochberg 1995).
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Excess:
    """A combination with more complaints than expected.

    ``expected``: the most that any explanation without it allows. ``shrunk``: the ratio to it,
    drawn towards 1 as far as the number is small, with its 95 % credible interval; ``excess``:
    complaints beyond the expected by that ratio. ``probability``: of so many by chance, and
    ``corrected`` for all combinations looked at.
    """

    key: Key
    count: int
    expected: float
    shrunk: float
    low: float
    high: float
    probability: float
    corrected: float = 1.0
    #: The two sides of the explanation that allows most.
    sides: tuple[Key, Key] = (frozenset(), frozenset())

    @property
    def excess(self) -> float:
        return (self.shrunk - 1) * self.expected


def blocks_of(dimensions: Sequence[str], content: frozenset[str]) -> Iterator[Blocks]:
    """The candidates: each a set of blocks whose meeting is looked at.

    Product, type, cause and department say what it is about and are tied to each other by nature:
    they form one block, and a candidate is that in some circumstances (where, when, how). Of
    dimensions of one kind alone each is a block.
    """
    content_dimensions = [d for d in dimensions if d in content]
    others = [d for d in dimensions if d not in content]
    if not content_dimensions or not others:
        for size in range(2, len(dimensions) + 1):
            for items in combinations(dimensions, size):
                yield tuple(frozenset({each}) for each in items)
        return
    for content_subset in _subsets(content_dimensions):
        for items in _subsets(others):
            yield (frozenset(content_subset), *(frozenset({each}) for each in items))


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, len(names) + 1):
        yield from combinations(names, size)


def excesses(cells: Cells, candidates: Sequence[Blocks], first: int) -> list[Excess]:
    """The combinations above expectation, those with most excess complaints first.

    A combination that a larger one explains is left out. Of a dimension of which complaints have
    several values each value is a yes or no of its own: so the counts given both margins are
    hypergeometric as they are elsewhere, and what two values share is taken from one of them.
    """
    if cells.total < LEAST:
        return []
    counts = cells.added_up(FEWEST)
    tested = _corrected(_tested(counts, candidates))
    if not tested:
        return []
    raised = _shrunk([each for each in tested if each.corrected < LEVEL], tested)
    raised = [each for each in raised if each.excess > 0]
    # Of the same complaints the combination that says less.
    raised.sort(key=lambda each: (-round(each.excess, 9), len(each.key), sorted(each.key)))
    by_key = {each.key: each for each in tested}
    # In the terms of what is left of one, or the weakest finding would seem to be explained.
    cutoff = max((_chance(each.count, each.expected) for each in raised), default=0.0)
    explained = _Explanations(cells, counts, by_key, cutoff)
    chosen: list[Excess] = []
    for each in raised:
        if len(chosen) == first:
            break
        if not explained(each, chosen):
            chosen.append(each)
    # A wide one comes first, having more: if the narrower ones explain it, they tell more.
    for each in tuple(chosen):
        others = [other for other in chosen if other is not each]
        if explained(each, others):
            chosen = others
    return chosen


@dataclass(frozen=True, slots=True)
class _Family:
    """One candidate's combinations, and how many there could have been.

    ``size``: all meetings of block values that have at least ``FEWEST`` complaints themselves. That
    depends on the margins alone, which the test holds fixed (as in Tarone 1990).
    """

    tested: Sequence[Excess]
    size: int


def _tested(counts: Counts, candidates: Sequence[Blocks]) -> list[_Family]:
    """Each candidate's combinations with their probabilities."""
    total = counts[frozenset()]
    by_dimensions: dict[frozenset[str], list[Key]] = {}
    for key in counts:
        by_dimensions.setdefault(frozenset(name for name, _ in key), []).append(key)
    families = []
    for blocks in candidates:
        keys = by_dimensions.get(frozenset().union(*blocks), [])
        size = prod(len(by_dimensions.get(block, ())) for block in blocks)
        families.append(_Family(_probable(counts, keys, blocks, total), max(size, len(keys))))
    return families


def _probable(counts: Counts, keys: Sequence[Key], blocks: Blocks, total: int) -> list[Excess]:
    """Against the best of all explanations by which the blocks fall into two independent sides.

    Given both sides' counts, a meeting's count is hypergeometric (Fisher 1935); the binomial
    taken here is a little wider, and a thousand times faster. Rejecting every explanation needs
    the largest of the probabilities (an intersection-union test, Berger 1982).
    """
    if not keys:
        return []
    observed = np.array([counts[key] for key in keys])
    expected, probability = np.zeros(len(keys)), np.zeros(len(keys))
    splits, best = list(_splits(blocks)), np.zeros(len(keys), dtype=np.int64)
    for number, (left, right) in enumerate(splits):
        one = np.array([counts[_part(key, left)] for key in keys])
        other = np.array([counts[_part(key, right)] for key in keys])
        best = np.where(one * other / total > expected, number, best)
        expected = np.maximum(expected, one * other / total)
        few, many = np.minimum(one, other), np.maximum(one, other)
        probability = np.maximum(probability, scipy.special.bdtrc(observed - 1, few, many / total))
    return [
        Excess(key, int(n), float(e), 1.0, 0.0, 0.0, float(p), sides=_sides(key, splits[split]))
        for key, n, e, p, split in zip(keys, observed, expected, probability, best, strict=True)
    ]


def _splits(blocks: Blocks) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """All ways to divide the blocks into two sides."""
    first, rest = blocks[0], blocks[1:]
    for size in range(len(rest)):
        for items in combinations(rest, size):
            left = first.union(*items)
            yield left, frozenset().union(*blocks) - left


def _sides(key: Key, split: tuple[frozenset[str], frozenset[str]]) -> tuple[Key, Key]:
    return _part(key, split[0]), _part(key, split[1])


def _part(key: Key, dimensions: frozenset[str]) -> Key:
    return frozenset(pair for pair in key if pair[0] in dimensions)


def _shrunk(items: Sequence[Excess], tested: Sequence[Excess]) -> list[Excess]:
    """Some of the tested, shrunk by what all of them tell."""
    if not items:
        return []
    mixture = fitted(*_arrays(tested), FEWEST)
    ratios, low, high = shrink(*_arrays(items), mixture)
    return [
        replace(each, shrunk=float(ratio), low=float(a), high=float(b))
        for each, ratio, a, b in zip(items, ratios, low, high, strict=True)
    ]


def _arrays(items: Sequence[Excess]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([e.count for e in items]), np.array([e.expected for e in items])


def _corrected(families: Sequence[_Family]) -> list[Excess]:
    """Adjusted probabilities of all families together.

    Weighted false discovery control (Genovese, Roeder & Wasserman 2006): each family has the same
    part of it, so that the few pairs of a cause and a branch do not pay for thousands of products
    by branch and month. Combinations that were not tested, there being too few complaints, count as
    having found nothing: they come last and need not be written down, of which there can be
    millions.
    """
    items = [family for family in families if family.size]
    tested = [each for family in items for each in family.tested]
    if not tested:
        return []
    values = np.array(
        [each.probability * family.size * len(items) for family in items for each in family.tested]
    )
    order = np.argsort(values, kind="stable")
    raw = np.minimum(1.0, values[order] / np.arange(1, len(values) + 1))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum.accumulate(raw[::-1])[::-1]
    return [
        replace(each, corrected=float(value)) for each, value in zip(tested, corrected, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Explanations:
    """Whether those already chosen leave nothing of one: what they share with it is taken away,
    and of a part of one as much more is expected as of the whole.

    A large one makes everything else look rare, and what is elsewhere frequent: what is expected
    without it counts, too.
    """

    cells: Cells
    counts: Counts
    tested: Mapping[Key, Excess]
    cutoff: float

    def __call__(self, each: Excess, chosen: Sequence[Excess]) -> bool:
        left = float(each.count)
        expected = max(each.expected, self._without(each, chosen))
        for other in chosen:
            if other.key < each.key:
                expected = max(expected, each.expected * other.shrunk)
            else:
                left -= self._shared(each, other)
        return _chance(left, expected) > self.cutoff

    def _shared(self, each: Excess, other: Excess) -> float:
        """The excess complaints that both have."""
        both = each.key | other.key
        if self._one_value_each(both):
            shared = self.tested.get(both)
            return 0.0 if shared is None else max(0.0, shared.count - shared.expected)
        # Two values of one dimension: the same complaints may have both.
        if not self._can_meet(both):
            return 0.0
        names = {name for name, _ in each.sides[0]}
        one = self.cells.count(pair for pair in both if pair[0] in names)
        beside = self.cells.count(pair for pair in both if pair[0] not in names)
        return max(0.0, self.cells.count(both) - one * beside / self.cells.total)

    def _without(self, each: Excess, chosen: Sequence[Excess]) -> float:
        """What is expected of one if the others' excess had not come."""
        one, other = (
            self.counts[side] - sum(hit.excess * self._share(hit, side) for hit in chosen)
            for side in each.sides
        )
        total = self.cells.total - sum(hit.excess for hit in chosen)
        return max(0.0, one) * max(0.0, other) / total if total > 0 else 0.0

    def _share(self, hit: Excess, side: Key) -> float:
        """How much of one lies on a side."""
        both = hit.key | side
        if self._one_value_each(both):
            return self.counts.get(both, 0) / hit.count
        return self.cells.count(both) / hit.count if self._can_meet(both) else 0.0

    @staticmethod
    def _one_value_each(key: Key) -> bool:
        return len({name for name, _ in key}) == len(key)

    def _can_meet(self, key: Key) -> bool:
        """Whether a complaint can have all of it."""
        names = [name for name, _ in key]
        return {name for name in names if names.count(name) > 1} <= self.cells.several


def _chance(count: float, expected: float) -> float:
    """P(X >= count) as Poisson, which is certain of none."""
    least = np.ceil(count)
    return 1.0 if least <= 0 else float(scipy.special.pdtrc(least - 1, expected))
