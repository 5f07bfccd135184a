"""Counts of combinations, added up over all their parts. Pure."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from graph.statistics.excess import Key

#: The code of what is not recorded: counted in everything wider, but no combination itself.
NONE = ""


def added_up(
    names: Sequence[str], columns: Sequence[Sequence[str]], counts: Sequence[int], fewest: int
) -> dict[Key, int]:
    """Every combination of at least ``fewest``, of every subset of the dimensions.

    ``columns``: a code of each dimension for every cell; ``counts``: how many each cell has.
    """
    total = int(sum(counts))
    found = {frozenset[tuple[str, str]](): total} if total >= fewest else {}
    numbers, codes = zip(*(_numbered(column) for column in columns), strict=True)
    weights = np.array(counts, dtype=np.float64)
    for size in range(1, len(names) + 1):
        for some in combinations(range(len(names)), size):
            known = np.all([numbers[place] >= 0 for place in some], axis=0)
            cells = [numbers[place][known] for place in some]
            shape = tuple(len(codes[place]) for place in some)
            if not all(shape):
                continue
            # One number a combination: adding up is then a matter of sorting.
            joined = np.ravel_multi_index(cells, shape)
            each, inverse = np.unique(joined, return_inverse=True)
            sums = np.bincount(inverse, weights[known], len(each)).astype(np.int64)
            often = sums >= fewest
            places = [part.tolist() for part in np.unravel_index(each[often], shape)]
            pairs = [
                [(names[place], codes[place][number]) for number in part]
                for place, part in zip(some, places, strict=True)
            ]
            keys = map(frozenset, zip(*pairs, strict=True))
            found.update(zip(keys, sums[often].tolist(), strict=True))
    return found


def _numbered(column: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Numbers for codes, -1 for none, and the codes by number."""
    known: dict[str, int] = {}
    rows = [-1 if code == NONE else known.setdefault(code, len(known)) for code in column]
    return np.array(rows, dtype=np.int64), list(known)
