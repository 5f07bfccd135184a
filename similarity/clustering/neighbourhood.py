"""The symmetric graph of nearest neighbours, computed exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.progress import Progress, silent
from similarity.encoding.forward import Vectors

#: Neighbours that each text is joined with,
NEIGHBOURS = 15
#: and the cosine that they need, the space's centre taken away (measured on CFPB narratives).
LEAST = 0.4
#: Cosines held at once: 100 MB of float32, whatever the number of texts.
_AT_ONCE = 25_000_000
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Edges:
    """Undirected edges between rows, each once: ``source`` < ``target``, in order of both."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float64]


def centred(vectors: Vectors, centre: Vectors) -> Vectors:
    """``vectors``, shape (n, dimension), less what all texts have in common, of length 1."""
    moved: Vectors = np.subtract(vectors, np.asarray(centre, dtype=np.float32), dtype=np.float32)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    moved /= np.where(lengths > 0, lengths, 1.0)
    return moved


def neighbourhood(
    units: Vectors, *, k: int = NEIGHBOURS, least: float = LEAST, progress: Progress = silent
) -> Edges:
    """Join each row with the ``k`` others of the largest cosine, if that is at least ``least``.

    ``units``: float32 of shape (n, dimension), rows of length 1. Every pair is compared, in blocks:
    the vector index is approximate, knows the raw cosines only, and is slower (docs/clusters.md).
    """
    count = len(units)
    results: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    step = max(1, min(1024, _AT_ONCE // max(1, count)))
    for start in range(0, count, step):
        rows = np.arange(start, min(start + step, count))
        cosines = units[rows] @ units.T
        cosines[np.arange(len(rows)), rows] = -1.0
        most = min(k, count - 1)
        nearest = (
            np.argpartition(cosines, count - most, axis=1)[:, count - most :]
            if most > 0
            else np.empty((len(rows), 0), dtype=np.int64)
        )
        values = np.take_along_axis(cosines, nearest, axis=1)
        row, column = np.nonzero(values >= least)
        results.append((rows[row], nearest[row, column], values[row, column].astype(np.float64)))
        progress("compare", int(rows[-1]) + 1, count)
    return _once(results, count)


def _once(
    results: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]], count: int
) -> Edges:
    """Each pair once, whichever of the two found the other."""
    if not results:
        nothing = np.empty(0, dtype=np.int64)
        return Edges(nothing, nothing, np.empty(0))
    one, other, weight = (np.concatenate(parts) for parts in zip(*results, strict=True))
    keys = np.minimum(one, other) * count + np.maximum(one, other)
    keys, places = np.unique(keys, return_index=True)
    return Edges(keys // count, keys % count, np.round(weight[places], _DIGITS))
