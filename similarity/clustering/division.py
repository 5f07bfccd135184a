"""Divide complaints into groups by their vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.domain.clusters import FEWEST
from graph.progress import Progress, silent
from similarity.clustering.communities import ALONE, SEED, communities
from similarity.clustering.neighbourhood import centred, neighbourhood
from similarity.encoding.forward import Vectors

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Complaints that belong together, nearest their centre first.

    ``weights``: each one's cosine with the centre; ``cohesion``: their mean.
    """

    members: tuple[str, ...]
    weights: tuple[float, ...]
    cohesion: float


def divide(
    ids: Sequence[str],
    vectors: Vectors,
    centre: Vectors,
    previous: Mapping[str, str] | None = None,
    *,
    resolution: float | None = None,
    seed: int = SEED,
    progress: Progress = silent,
) -> list[Group]:
    """The groups of at least five, largest first; who is in none is unassigned.

    ``vectors``: float32 of shape (len(ids), dimension), rows of length 1, of one space with this
    ``centre``. ``previous``: the cluster that each complaint had, from which the search starts.
    """
    if not ids:
        return []
    order = np.argsort(np.array(ids))
    names = [ids[place] for place in order]
    units = centred(vectors[order], centre)
    edges = neighbourhood(units, progress=progress)
    results = communities(
        edges, len(names), start=_start(names, previous or {}), resolution=resolution, seed=seed
    )
    groups = [
        group_of(names, units, np.flatnonzero(results == number))
        for number, size in zip(
            *np.unique(results[results != ALONE], return_counts=True), strict=True
        )
        if size >= FEWEST
    ]
    return sorted(groups, key=lambda group: (-len(group.members), min(group.members)))


def _start(names: Sequence[str], previous: Mapping[str, str]) -> list[int] | None:
    known = sorted({previous[name] for name in names if name in previous})
    if not known:
        return None
    numbers = {identity: number for number, identity in enumerate(known)}
    return [numbers[previous[name]] if name in previous else ALONE for name in names]


def group_of(names: Sequence[str], units: Vectors, rows: NDArray[np.int64]) -> Group:
    """The group of some ``rows`` of ``units``; ``names`` are in order."""
    own = units[rows].astype(np.float64)
    middle = own.mean(axis=0)
    length = float(np.linalg.norm(middle))
    weights = np.round(own @ middle / (length or 1.0), _DIGITS)
    # Rows are in order of ids: equal weights stay so.
    order = np.argsort(-weights, kind="stable")
    return Group(
        tuple(names[row] for row in rows[order]),
        tuple(float(weight) for weight in weights[order]),
        round(float(weights.mean()), _DIGITS),
    )
