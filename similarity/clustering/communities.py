"""Communities of a graph by the Leiden algorithm.

Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
Scientific Reports 9 (2019), maximising modularity.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from similarity.clustering.neighbourhood import Edges

SEED = 1
#: Larger gives more and smaller communities (measured in docs/clusters.md).
RESOLUTION = 1.0
#: Rounds, each from the result of the one before.
ROUNDS = 5
#: A row without an edge is in no community.
ALONE = -1


def communities(
    edges: Edges,
    count: int,
    *,
    start: Sequence[int] | None = None,
    resolution: float = RESOLUTION,
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
    _, found = leiden(
        named,
        starting_communities=None if start is None else _start(edges, start),
        resolution=resolution,
        iterations=ROUNDS,
        seed=seed,
    )
    numbers: dict[int, int] = {}
    for row in sorted(int(name) for name in found):
        result[row] = numbers.setdefault(found[str(row)], len(numbers))
    return result


def _start(edges: Edges, start: Sequence[int]) -> dict[str, int]:
    """Numbers without gaps for the rows that have an edge, as the library wants them."""
    numbers: dict[tuple[bool, int], int] = {}
    found: dict[str, int] = {}
    for row in np.union1d(edges.source, edges.target).tolist():
        own = start[row] == ALONE
        key = (own, row if own else start[row])
        found[str(row)] = numbers.setdefault(key, len(numbers))
    return found
