"""What alike cases let expect of each branch: indirect standardisation. Pure.

Cells are counted by branch and kind of case; the mean of a kind is that of all branches together.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

#: (branch, kind of case).
Cell: TypeAlias = tuple[str, tuple[str, str]]


@dataclass(slots=True)
class Sums:
    """Of some cases: how many have a value, the values' sum and the sum of their squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, other: "Sums") -> None:
        self.count += other.count
        self.total += other.total
        self.squares += other.squares

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """Of a single value around the mean of its kind."""
        if self.count < 2:
            return 0.0
        return (self.squares - self.total * self.total / self.count) / (self.count - 1)


@dataclass(slots=True)
class Standard:
    """A branch's own sums, and what its cases would have had at the means of their kinds.

    ``variance``: the sum of the variances of its single cases.
    """

    count: int = 0
    total: float = 0.0
    expected: float = 0.0
    variance: float = 0.0


def standardised(cells: Mapping[Cell, Sums]) -> Mapping[str, Standard]:
    """By branch; one that has no cell counts nothing."""
    kinds: dict[tuple[str, str], Sums] = defaultdict(Sums)
    for (_, kind), sums in cells.items():
        kinds[kind].add(sums)
    results: dict[str, Standard] = defaultdict(Standard)
    for (branch, kind), sums in cells.items():
        own = results[branch]
        own.count += sums.count
        own.total += sums.total
        own.expected += sums.count * kinds[kind].mean
        own.variance += sums.count * kinds[kind].variance
    return results
