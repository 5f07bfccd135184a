"""Communities of a graph by the Leiden algorithm.

Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
Scientific Reports 9 (2019), maximising modularity.
"""

from collections.abc import Sequence
from math import log10

import numpy as np
from numpy.typing import NDArray

from similarity.clustering.neighbourhood import Edges

SEED = 1
#: Larger gives more and smaller communities; with a fixed one few matters would be torn apart, and
#: many thrown together. Measured in docs/clusters.md.
_GROWTH = 1.5
_FEW = 100
#: A first fit takes the best of several trials of several rounds: nearer the optimum, the next fit
#: finds less to change. A refit takes one round from where it starts.
TRIALS = 3
ROUNDS = 3
#: A row without an edge is in no community.
ALONE = -1


def resolution_of(count: int) -> float:
    """1 up to a hundred texts, and 1.5 more for every ten times as many."""
    return 1.0 + _GROWTH * max(0.0, log10(max(count, 1) / _FEW))


def communities(
    edges: Edges,
    count: int,
    *,
    start: Sequence[int] | None = None,
    resolution: float | None = None,
    seed: int = SEED,
) -> NDArray[np.int64]:
    """The community of each of ``count`` rows, numbered by their first rows; ``ALONE`` for none.

    ``start``: the community that each row begins in; ``ALONE`` begins in one of its own.
    """
    result = np.full(count, ALONE, dtype=np.int64)
    if not len(edges.source):
        return result
    from graspologic_native import leiden

    named = [
        (str(one), str(other), float(weight))
        for one, other, weight in zip(
            edges.source.tolist(), edges.target.tolist(), edges.weight.tolist(), strict=True
        )
    ]
    _, results = leiden(
        named,
        starting_communities=None if start is None else _start(edges, start),
        resolution=resolution_of(count) if resolution is None else resolution,
        iterations=ROUNDS if start is None else 1,
        trials=TRIALS if start is None else 1,
        seed=seed,
    )
    numbers: dict[int, int] = {}
    for row in sorted(int(name) for name in results):
        result[row] = numbers.setdefault(results[str(row)], len(numbers))
    return result


def _start(edges: Edges, start: Sequence[int]) -> dict[str, int]:
    """Numbers without gaps for the rows that have an edge, as the library wants them."""
    numbers: dict[tuple[bool, int], int] = {}
    results: dict[str, int] = {}
    for row in np.union1d(edges.source, edges.target).tolist():
        own = start[row] == ALONE
        key = (own, row if own else start[row])
        results[str(row)] = numbers.setdefault(key, len(numbers))
    return results
