"""Counts of combinations, added up over all their parts. Pure.

A complaint may have several values of one dimension (root causes, departments). It stands in one
cell, that of all its values, so that it counts once in each combination that it belongs to, and
once in everything wider.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A combination of codes by dimension; the same complaints whatever the order.
Key: TypeAlias = frozenset[tuple[str, str]]
#: The values of one dimension in each cell: none where nothing is recorded, which counts in
#: everything wider but is no combination itself.
Column: TypeAlias = Sequence[Sequence[str]]
_Numbers: TypeAlias = NDArray[np.int64]


class Cells:
    """Complaints by their values of each dimension: ``weights`` are how many each cell holds."""

    def __init__(
        self, names: Sequence[str], columns: Sequence[Column], weights: Sequence[int]
    ) -> None:
        self.weights = np.asarray(weights, dtype=np.int64)
        self._dimensions = {
            name: _Dimension(column) for name, column in zip(names, columns, strict=True)
        }

    @property
    def total(self) -> int:
        return int(self.weights.sum())

    @cached_property
    def several(self) -> frozenset[str]:
        """Dimensions of which a complaint can have several values."""
        return frozenset(n for n, each in self._dimensions.items() if (each.lengths > 1).any())

    def count(self, key: Iterable[tuple[str, str]]) -> int:
        """Complaints that have all of these values, also several of one dimension."""
        within = np.ones(len(self.weights), dtype=bool)
        for name, code in key:
            within &= self._dimensions[name].having(code)
        return int(self.weights[within].sum())

    def added_up(self, fewest: int) -> dict[Key, int]:
        """Every combination of at least ``fewest``, of every subset of the dimensions; a
        combination has one value of each.
        """
        sums = {frozenset[tuple[str, str]](): self.total} if self.total >= fewest else {}
        for size in range(1, len(self._dimensions) + 1):
            for names in combinations(self._dimensions, size):
                sums.update(self._summed(names, fewest))
        return sums

    def _summed(self, names: Sequence[str], fewest: int) -> Iterable[tuple[Key, int]]:
        dimensions = [self._dimensions[name] for name in names]
        shape = tuple(len(each.codes) for each in dimensions)
        if not all(shape):
            return ()
        cells: _Numbers = np.arange(len(self.weights))
        numbers: list[_Numbers] = []
        for dimension in dimensions:
            kept, values = dimension.exploded(cells)
            numbers = [*(earlier[kept] for earlier in numbers), values]
            cells = cells[kept]
        # One number a combination: adding up is then a matter of sorting.
        joined = np.ravel_multi_index(tuple(numbers), shape)
        each, inverse = np.unique(joined, return_inverse=True)
        sums = np.bincount(inverse, self.weights[cells], len(each)).astype(np.int64)
        often = sums >= fewest
        places = [part.tolist() for part in np.unravel_index(each[often], shape)]
        pairs = [
            [(name, dimension.codes[number]) for number in part]
            for name, dimension, part in zip(names, dimensions, places, strict=True)
        ]
        return zip(map(frozenset, zip(*pairs, strict=True)), sums[often].tolist(), strict=True)


class _Dimension:
    """The values of each cell, one after another, and how many each cell has."""

    def __init__(self, column: Column) -> None:
        known: dict[str, int] = {}
        # A value that is written twice is had once.
        rows = [
            [known.setdefault(code, len(known)) for code in dict.fromkeys(values)]
            for values in column
        ]
        self.codes = list(known)
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self._values = np.array([number for row in rows for number in row], dtype=np.int64)
        self._starts = np.cumsum(self.lengths) - self.lengths
        self._having: dict[str, NDArray[np.bool_]] = {}

    def exploded(self, cells: _Numbers) -> tuple[_Numbers, _Numbers]:
        """For each value of each of these cells: the cell's place among them, and the value."""
        lengths = self.lengths[cells]
        places = np.repeat(np.arange(len(cells)), lengths)
        within = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return places, self._values[self._starts[cells[places]] + within]

    def having(self, code: str) -> NDArray[np.bool_]:
        """Which cells have a value."""
        if code not in self._having:
            cells = np.repeat(np.arange(len(self.lengths)), self.lengths)
            within = np.zeros(len(self.lengths), dtype=bool)
            if code in self.codes:
                within[cells[self._values == self.codes.index(code)]] = True
            self._having[code] = within
        return self._having[code]
